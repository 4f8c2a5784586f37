import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Program } from "./server-process.ts";

const ROOT = path.join(import.meta.dirname, "../..");

/** The server as `npm run build` makes it, moved to a folder with nothing else in it and nothing above it. */
export class BuiltServer implements Disposable {
  /** Where `dist` alone lies. */
  readonly folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-built-"));
  readonly dist = path.join(this.folder, "dist");

  /** @param rooms - A project's rooms module. */
  constructor(rooms?: string) {
    const made = path.join(this.folder, "made");
    const words = rooms === undefined ? [] : ["--rooms", rooms];
    execFileSync(process.execPath, ["scripts/build.ts", "--out", made, ...words], { cwd: ROOT });
    cpSync(made, this.dist, { recursive: true });
    rmSync(made, { recursive: true });
  }

  get program(): Program {
    return { file: path.join("dist", "server.mjs"), cwd: this.folder };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
