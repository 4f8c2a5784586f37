/**
 * `npm run build [-- --rooms MODULE] [--out FOLDER]`: the server in one folder that needs nothing but Node beside it,
 * started with `node dist/server.mjs`. `--rooms` puts the rooms of a project into it, in place of the server's own.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { bundleServer } from "./build/server-bundle.ts";
import { ROOT } from "./source-files.ts";

const USAGE =
  "usage: npm run build   (--rooms MODULE for a project's rooms, --out FOLDER instead of dist)";
/** Every build has it, so that a folder which has it may be emptied. */
const ENTRY = "server.mjs";
/** What build:gamelift puts beside it: not of this build, and not for it to remove. */
const FOR_FLEETS = /^gamelift$|\.zip$/;

const { values: options } = readOptions();
const out = path.resolve(options.out ?? path.join(ROOT, "dist"));
const rooms = options.rooms === undefined ? undefined : path.resolve(options.rooms);
if (rooms !== undefined && !existsSync(rooms)) fail(`there is no ${rooms}`);
const present = existsSync(out) ? readdirSync(out).filter((name) => !FOR_FLEETS.test(name)) : [];
if (present.length > 0 && !present.includes(ENTRY)) {
  fail(`${out} is no folder of a build, and not empty: choose another with --out`);
}
try {
  const { files } = await bundleServer(rooms);
  for (const name of present) rmSync(path.join(out, name), { recursive: true, force: true });
  for (const [name, bytes] of files) {
    const file = path.join(out, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  const kilobytes = (isWanted: (name: string) => boolean) =>
    [...files].reduce((sum, [name, { length }]) => sum + (isWanted(name) ? length : 0), 0) >> 10;
  const isMap = (name: string) => name.endsWith(".map");
  console.log(
    `${path.relative(process.cwd(), out)}: ${files.size} files, ${kilobytes((name) => !isMap(name))} KB and ${kilobytes(isMap)} KB of source maps`,
  );
  console.log(`start it with: node ${path.relative(process.cwd(), path.join(out, ENTRY))}`);
} catch (error) {
  fail(`cannot build: ${(error as Error).message}`);
}

function readOptions() {
  try {
    return parseArgs({ options: { rooms: { type: "string" }, out: { type: "string" } } });
  } catch (error) {
    return fail(`${(error as Error).message}\n${USAGE}`);
  }
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
