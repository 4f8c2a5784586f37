/**
 * The tree of the npm package: every source as JavaScript under the same name, with types for what a project imports.
 * @module
 */
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import os from "node:os";
import path from "node:path";
import packageJson from "../../package.json" with { type: "json" };

const ROOT = path.join(import.meta.dirname, "../..");
const FOLDERS = [
  "backend",
  "client",
  "emulator",
  "infra",
  "protocol",
  "rooms",
  "scripts",
  "server",
];
/** The server's builds hold them, and look for them beside the sources. */
const LICENSES = ["LICENSE", "NOTICE"];

/** What programs read of it: their version, and which packages they were tested with. */
const { name, version, license, type, dependencies } = packageJson;
const DESCRIPTION = { name, version, private: true, license, type, dependencies };

/** What serves this repository alone. */
const LEFT_OUT = [
  /(?:^|\/)tsconfig\.json$/,
  /\.md$/,
  /^emulator\/examples\//,
  /^scripts\/(?:lint|package)\//,
  /^scripts\/(?:api-model|configuration-page|dev|hash|package|replay|smoke|telemetry)\.ts$/,
  /^server\/fleet\/gamelift-server-sdk\/package\.json$/,
];

/** A file named from where the text stands, as imports and `import.meta.url` have it. */
const RELATIVE_SOURCE = /(["'])(\.{1,2}\/[^"'\n]*)\.ts\1/g;
const RELATIVE_SCRIPT = /(["'])(\.{1,2}\/[^"'\n]*)\.js\1/g;

/**
 * Writes the tree into an empty folder; what was there before is removed.
 * @throws Error in the compiler's words when the types are not right.
 */
export function writePackageTree(out: string): { files: number; sizeBytes: number } {
  rmSync(out, { recursive: true, force: true });
  for (const name of sourceNames()) {
    const target = path.join(out, name);
    mkdirSync(path.dirname(target), { recursive: true });
    if (name.endsWith(".ts")) writeFileSync(scriptName(target), scriptOf(name));
    else copyFileSync(path.join(ROOT, name), target);
  }
  writeTypes(out);
  for (const name of LICENSES) copyFileSync(path.join(ROOT, name), path.join(out, name));
  writeFileSync(path.join(out, "package.json"), `${JSON.stringify(DESCRIPTION, null, 2)}\n`);
  const written = globSync("**/*", { cwd: out, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(path.join(entry.parentPath, entry.name)).size);
  return { files: written.length, sizeBytes: written.reduce((sum, size) => sum + size, 0) };
}

/** From the root, in order. */
function sourceNames(): string[] {
  return FOLDERS.flatMap((folder) => globSync(`${folder}/**/*`, { cwd: ROOT, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .map((name) => name.replaceAll(path.sep, "/"))
    .filter((name) => !LEFT_OUT.some((pattern) => pattern.test(name)))
    .sort();
}

/**
 * What Node itself makes of the source in a clone: types become blanks, so that lines and columns stay, and stacks are
 * right without source maps. `.ts` and `.js` are equally long.
 */
function scriptOf(name: string): string {
  const script = stripTypeScriptTypes(readFileSync(path.join(ROOT, name), "utf8"));
  return script.replaceAll(RELATIVE_SOURCE, "$1$2.js$1");
}

function scriptName(file: string): string {
  return file.replace(/\.ts$/, ".js");
}

/** Of what the package exports, and of what that names; nobody can import the rest. */
function writeTypes(out: string): void {
  const made = mkdtempSync(path.join(os.tmpdir(), "fleetroom-types-"));
  try {
    compileTypes(made);
    const wanted = publicTypes();
    for (const name of wanted) {
      const text = readFileSync(path.join(made, name), "utf8");
      const declared = text.replaceAll(RELATIVE_SOURCE, "$1$2.js$1");
      mkdirSync(path.dirname(path.join(out, name)), { recursive: true });
      writeFileSync(path.join(out, name), declared);
      for (const [, , file = ""] of declared.matchAll(RELATIVE_SCRIPT)) {
        wanted.add(path.posix.join(path.posix.dirname(name), `${file}.d.ts`));
      }
    }
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** Grows while it is walked. */
function publicTypes(): Set<string> {
  const exported = Object.values(packageJson.exports).flatMap((entry) =>
    typeof entry === "string" ? [] : [entry.types.replace("./lib/", "")],
  );
  return new Set(exported);
}

function compileTypes(out: string): void {
  const compiler = path.join(ROOT, "node_modules/typescript/bin/tsc");
  const project = path.join(import.meta.dirname, "tsconfig.json");
  try {
    execFileSync(process.execPath, [compiler, "-p", project, "--outDir", out], {
      encoding: "utf8",
    });
  } catch (cause) {
    const { stdout = "" } = cause as { stdout?: string };
    throw new Error(`types cannot be made:\n${stdout}`, { cause });
  }
}
