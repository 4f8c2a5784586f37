/**
 * What is measured, as it is run for players: ours as `npm run build` makes it, of peers' sources the JavaScript that a
 * compiler makes of them, with their packages as npm installs them. Node would compile types in each process, and keep
 * some 40 MB for it.
 * @module
 */
import path from "node:path";
import { buildSync } from "esbuild";
import { BuiltServer } from "../../test/support/built-server.ts";

const ROOT = path.join(import.meta.dirname, "../..");
/** Below the packages, so that peers find theirs. */
const PEERS = path.join(ROOT, "bench/out/peers");

let built: BuiltServer | undefined;
const peers = new Map<string, string>();

/** @returns Our server with the rooms of the benchmark; the folder and the file to start there. Made once, gone with this process. */
export function ourProgram(): { file: string; cwd: string } {
  if (built === undefined) {
    const made = new BuiltServer(path.join(ROOT, "bench/rooms/rooms.ts"));
    process.once("exit", () => made[Symbol.dispose]());
    built = made;
  }
  return built.program;
}

/** @param file - Of `bench/peers`. @returns The file to start. */
export function peerProgram(file: string): string {
  const known = peers.get(file);
  if (known !== undefined) return known;
  const outfile = path.join(PEERS, file.replace(/\.ts$/, ".mjs"));
  buildSync({
    entryPoints: [path.join(ROOT, "bench/peers", file)],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node24",
    logLevel: "error",
  });
  peers.set(file, outfile);
  return outfile;
}
