/**
 * `npm run build:gamelift`: everything that an EC2 fleet of Amazon GameLift needs to run the server, in one zip: the
 * bundled server with the rooms, its own Node, the installer, licences, an SBOM and a manifest. The same inputs make the
 * same bytes. docs/GAMELIFT.md says what is in it.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { bundleServer } from "./build/server-bundle.ts";
import { type BuildFile, buildRoot } from "./gamelift/build-root.ts";
import { ARCHES, NODE_VERSION, nodeBinary } from "./gamelift/node-binary.ts";
import { AGENT_WISHES, fleetSettings } from "./gamelift/settings-file.ts";
import { megabytes, Steps } from "./gamelift/steps.ts";
import { writeZip } from "./gamelift/zip.ts";
import { IS_PACKAGE, ROOT } from "./source-files.ts";

const USAGE = `usage: npm run build:gamelift -- [flags]
  --rooms MODULE     a project's rooms, in place of the server's own
  --room NAME        which of them is hosted where a game session names none
  --settings FILE    settings of the servers, as in fleetroom.json; they win over the build's own
  --arch x64|arm64   of the fleet's instances (x64)
  --agent WISH       required: the fleet fails without the CloudWatch agent; optional: it says so and goes on; off (optional)
  --out FOLDER       in place of dist`;

try {
  await build(readOptions());
} catch (error) {
  console.error(`cannot build: ${(error as Error).message}`);
  process.exit(1);
}

type Options = ReturnType<typeof readOptions>;

async function build({ rooms, room, settings: settingsFile, arch, agent, out }: Options) {
  const steps = new Steps(4);
  const settings = fleetSettings(agent, settingsFile, room);
  const { name, version, license } = packageJson();
  const bundle = await steps.take(
    rooms === undefined ? "bundles the server" : `bundles the server with ${path.basename(rooms)}`,
    () => bundleServer(rooms),
    ({ files, packages }) => `${files.size} files, code of ${packages.length} packages`,
  );
  const node = await steps.take(
    `gets Node ${NODE_VERSION} for linux-${arch} from npm, and checks its hash`,
    () => nodeBinary(arch),
    ({ bytes }) => megabytes(bytes.length),
  );
  const parts = { name, version, license, arch, agent, bundle, node, settings };
  const folder = path.join(out, "gamelift", `linux-${arch}`);
  const files = await steps.take(
    `writes ${shown(folder)}`,
    () => written(folder, buildRoot(parts)),
    (each) => `${each.length} files, ${megabytes(sum(each))}`,
  );
  const zip = path.join(out, `${name}-${version}-linux-${arch}.zip`);
  const { sizeBytes, sha256 } = await steps.take(
    `packs ${shown(zip)}`,
    () => writeZip(zip, files),
    (packed) => megabytes(packed.sizeBytes),
  );
  console.log(`\n${shown(zip)}: ${megabytes(sizeBytes)}, ${files.length} files, SHA-256 ${sha256}`);
  const verify = IS_PACKAGE ? "npx fleetroom verify" : "npm run verify:gamelift";
  console.log(`Try it as a fleet would start it: ${verify}`);
}

function written(folder: string, files: readonly BuildFile[]): readonly BuildFile[] {
  rmSync(folder, { recursive: true, force: true });
  for (const { name, bytes, mode } of files) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes, { mode });
  }
  return files;
}

function packageJson(): { name: string; version: string; license: string } {
  return JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
}

function readOptions() {
  const { values } = parsed();
  const mistakes: string[] = [];
  const oneOf = <Word extends string>(flag: string, words: readonly Word[], first: Word): Word => {
    const given = (values as Record<string, string | undefined>)[flag];
    if (given === undefined) return first;
    const found = words.find((word) => word === given);
    if (found === undefined) mistakes.push(`--${flag} ${given}: allowed is ${words.join(", ")}`);
    return found ?? first;
  };
  const file = (flag: "rooms" | "settings"): string | undefined => {
    const given = values[flag];
    if (given === undefined) return undefined;
    if (!existsSync(given)) mistakes.push(`--${flag} ${given}: there is no such file`);
    return path.resolve(given);
  };
  const options = {
    rooms: file("rooms"),
    settings: file("settings"),
    room: values.room,
    arch: oneOf("arch", ARCHES, "x64"),
    agent: oneOf("agent", AGENT_WISHES, "optional"),
    out: path.resolve(values.out ?? path.join(ROOT, "dist")),
  };
  if (mistakes.length === 0) return options;
  console.error(`${mistakes.join("\n")}\n${USAGE}`);
  process.exit(1);
}

function parsed() {
  const text = { type: "string" } as const;
  const options = { rooms: text, room: text, settings: text, arch: text, agent: text, out: text };
  try {
    const read = parseArgs({ options: { ...options, help: { type: "boolean" } } });
    if (read.values.help !== true) return read;
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(1);
  }
}

function shown(file: string): string {
  return path.relative(process.cwd(), file) || ".";
}

function sum(files: readonly BuildFile[]): number {
  return files.reduce((total, { bytes }) => total + bytes.length, 0);
}
