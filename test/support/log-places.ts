import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync } from "node:fs";
import os from "node:os";
import path from "node:path";

export const newFolder = () => mkdtempSync(path.join(os.tmpdir(), "fleetroom-logs-"));

/** Only root may mount a disk that is full after a few lines. */
export const mayMount = process.getuid?.() === 0;

/** A disk of its own, in memory. */
export class SmallDisk {
  readonly dir: string;

  constructor(kilobytes: number) {
    this.dir = newFolder();
    const size = `size=${kilobytes}k`;
    execFileSync("mount", ["-t", "tmpfs", "-o", size, "fleetroom-test", this.dir]);
  }

  grow(kilobytes: number): void {
    execFileSync("mount", ["-o", `remount,size=${kilobytes}k`, this.dir]);
  }

  remove(): void {
    execFileSync("umount", ["--lazy", this.dir]);
  }
}

/** A FIFO, and a reader that reads when it is told to. */
export class Fifo {
  readonly path: string;
  #fd: number | undefined;
  #text = "";

  constructor() {
    this.path = path.join(newFolder(), "fifo");
    execFileSync("mkfifo", [this.path]);
  }

  openReader(): void {
    this.#fd = openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
  }

  closeReader(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** @returns The whole lines that came since the last time. */
  read(): string[] {
    const piece = Buffer.alloc(65_536);
    for (let bytes = -1; bytes !== 0; ) {
      bytes = this.#readOnce(piece);
      this.#text += piece.toString("latin1", 0, bytes);
    }
    const lines = this.#text.split("\n");
    this.#text = lines.pop() ?? "";
    return lines;
  }

  #readOnce(piece: Buffer): number {
    try {
      return readSync(this.#fd ?? -1, piece);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
      throw error;
    }
  }
}
