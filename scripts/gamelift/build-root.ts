/**
 * What lies in `/local/game` on an instance, file by file.
 * @module
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { SDK_VERSION } from "../../server/fleet/gamelift-server-sdk/connect-url.ts";
import type { ServerBundle } from "../build/server-bundle.ts";
import { ROOT } from "../source-files.ts";
import { LAUNCH_PATH, PORTS, SERVER_PATH } from "./launch.ts";
import { type Arch, NODE_VERSION, type NodeBinary } from "./node-binary.ts";
import { sbom } from "./sbom.ts";
import type { AgentWish, FleetSettings } from "./settings-file.ts";

const PROGRAM = 0o755;
const DATA = 0o644;
/** What only containers and machines of one's own need. */
const ELSEWHERE = /^(?:anywhere|container|prometheus-container)\./;

export interface BuildFile {
  /** Below the build root, with `/`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly mode: number;
}

export interface BuildParts {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly arch: Arch;
  readonly agent: AgentWish;
  readonly bundle: ServerBundle;
  readonly node: NodeBinary;
  readonly settings: FleetSettings;
}

/** In the order of their names. The manifest says what the others are, so it is made last. */
export function buildRoot(parts: BuildParts): readonly BuildFile[] {
  const files = [
    ...[...parts.bundle.files].map(([name, bytes]) => data(placeOf(name), bytes)),
    program("bin/node", parts.node.bytes),
    data("bin/LICENSE", parts.node.license),
    program("install.sh", readFileSync(path.join(ROOT, "infra/gamelift/install.sh"))),
    data("install.conf", text(installerSettings(parts))),
    data("fleetroom.json", text(parts.settings.text)),
    ...(parts.agent === "off" ? [] : agentFiles()),
    data("sbom.cdx.json", json(sbomOf(parts))),
  ].sort(byName);
  const sums = files.map(({ name, bytes }) => `${sha256(bytes)}  ${name}\n`).join("");
  const listed = [...files, data("SHA256SUMS", text(sums))].sort(byName);
  return [...listed, data("manifest.json", json(manifest(parts, listed)))].sort(byName);
}

/** The server's own parts lie in a folder, what it is under beside it. */
function placeOf(name: string): string {
  const isForPeople = /^(?:LICENSE|NOTICE|THIRD-PARTY-LICENSES)$/.test(name);
  return isForPeople ? name : `dist/${name}`;
}

function installerSettings({ agent, settings }: BuildParts): string {
  return [
    "# Read by install.sh.",
    `NODE_VERSION=${NODE_VERSION}`,
    `AGENT=${agent}`,
    `COLLECTORS=${settings.collectors}`,
    "",
  ].join("\n");
}

function agentFiles(): BuildFile[] {
  const folder = path.join(ROOT, "infra/cloudwatch-agent");
  return readdirSync(folder)
    .filter((name) => !ELSEWHERE.test(name))
    .map((name) => {
      const bytes = readFileSync(path.join(folder, name));
      const make = name.endsWith(".sh") ? program : data;
      return make(`cloudwatch-agent/${name}`, bytes);
    });
}

function sbomOf({ name, version, license, arch, bundle, node }: BuildParts): object {
  const { packages } = bundle;
  const brought = { version: NODE_VERSION, arch, sha256: node.sha256 };
  return sbom({ name, version, license, packages, node: brought });
}

function manifest({ name, version, arch }: BuildParts, files: readonly BuildFile[]): object {
  return {
    name,
    version,
    platform: "linux",
    arch,
    operatingSystem: "AMAZON_LINUX_2023",
    serverSdkVersion: SDK_VERSION,
    nodeVersion: NODE_VERSION,
    launchPath: LAUNCH_PATH,
    serverPath: SERVER_PATH,
    ports: `${PORTS.first}-${PORTS.last}`,
    files: files.map((file) => ({
      path: file.name,
      sizeBytes: file.bytes.length,
      sha256: sha256(file.bytes),
      mode: file.mode.toString(8),
    })),
  };
}

function program(name: string, bytes: Uint8Array): BuildFile {
  return { name, bytes, mode: PROGRAM };
}

function data(name: string, bytes: Uint8Array): BuildFile {
  return { name, bytes, mode: DATA };
}

function text(words: string): Uint8Array {
  return Buffer.from(words);
}

function json(value: object): Uint8Array {
  return text(`${JSON.stringify(value, null, 2)}\n`);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function byName(a: BuildFile, b: BuildFile): number {
  return a.name < b.name ? -1 : 1;
}
