/**
 * The Node that a build brings along: a fleet's machines have none. It comes from npm's package for the platform, in one
 * version, checked twice: the package against the hash that npm published, the program against its own.
 * @module
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

export const ARCHES = ["x64", "arm64"] as const;
export type Arch = (typeof ARCHES)[number];

export const NODE_VERSION = "24.21.0";

interface Pinned {
  /** Of the package, as npm writes it. */
  readonly integrity: string;
  /** Of `bin/node` in it, in hex. */
  readonly sha256: string;
}

/** Written down when the version was chosen; both change with it. */
const PINNED: Readonly<Record<Arch, Pinned>> = {
  x64: {
    integrity:
      "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
    sha256: "7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c",
  },
  arm64: {
    integrity:
      "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
    sha256: "0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584",
  },
};

const DOWNLOAD_MS = 300_000;
const OUTPUT_BYTES_MAX = 1_000_000;

export interface NodeBinary {
  readonly bytes: Buffer;
  readonly sha256: string;
  /** Node's licence, with those of what is in it. */
  readonly license: Buffer;
}

const run = promisify(execFile);

/** @throws Error with what to do: npm or the registry cannot be reached, or what came is not what was pinned. */
export async function nodeBinary(arch: Arch): Promise<NodeBinary> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-node-"));
  try {
    const name = `node-linux-${arch}@${NODE_VERSION}`;
    const packed = path.join(folder, await download(name, folder));
    mustBe(`${name} from npm`, PINNED[arch].integrity, integrityOf(readFileSync(packed)));
    await run("tar", ["-xzf", packed, "-C", folder, "package/bin/node", "package/LICENSE"]);
    const bytes = readFileSync(path.join(folder, "package/bin/node"));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    mustBe(`bin/node of ${name}`, PINNED[arch].sha256, sha256);
    return { bytes, sha256, license: readFileSync(path.join(folder, "package/LICENSE")) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** npm's cache has it already where `npm ci` brought the same Node for this machine. */
async function download(name: string, folder: string): Promise<string> {
  try {
    const words = ["pack", name, "--json", "--prefer-offline", "--pack-destination", folder];
    const { stdout } = await run("npm", words, {
      timeout: DOWNLOAD_MS,
      maxBuffer: OUTPUT_BYTES_MAX,
    });
    const [answer] = JSON.parse(stdout) as { filename: string }[];
    if (answer === undefined) throw new Error("npm named no file");
    return answer.filename;
  } catch (cause) {
    const advice = "is npm there, and can its registry be reached?";
    throw new Error(`npm could not give ${name}: ${advice}\n${wordsOf(cause)}`, { cause });
  }
}

function wordsOf(cause: unknown): string {
  const { stderr, message } = cause as { stderr?: string; message?: string };
  return (stderr || message || String(cause)).trim();
}

function integrityOf(bytes: Buffer): string {
  return `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
}

function mustBe(what: string, pinned: string, found: string): void {
  if (found === pinned) return;
  throw new Error(
    `${what} is not the one that was chosen: its hash is ${found} instead of ${pinned}. Nothing was built. ` +
      "If the version was changed on purpose, write both hashes into node-binary.ts",
  );
}
