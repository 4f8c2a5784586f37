import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { build, stop } from "esbuild";
import type { Subject } from "../subjects/subject.ts";
import { MeasuredProcess, type Starting } from "./process-set.ts";

const BENCH = path.join(import.meta.dirname, "..");

interface Told {
  readonly port: number;
  readonly roomId: string;
}

/** The peer, `bench/peers/full-card.js`, as `node` runs it from installed packages. */
export class FullCards implements AsyncDisposable {
  readonly #roomModule: string;
  readonly #told = new Map<number, Told>();

  private constructor(roomModule: string) {
    this.#roomModule = roomModule;
  }

  /** Its room is the one that ours hosts, as JavaScript. */
  static async open(): Promise<FullCards> {
    const folder = path.join(BENCH, "out");
    mkdirSync(folder, { recursive: true });
    const roomModule = path.join(folder, `bench-room-${process.pid}.mjs`);
    try {
      await build({
        entryPoints: [path.join(BENCH, "rooms/bench-room.ts")],
        outfile: roomModule,
        bundle: true,
        packages: "external",
        platform: "node",
        format: "esm",
        target: "node24",
        logLevel: "silent",
      });
    } finally {
      await stop();
    }
    return new FullCards(roomModule);
  }

  readonly startOne = (): Starting => this.#start([]);
  /** Ready when it has a room. */
  readonly startPlaying = (): Starting => this.#start(["play"]);

  /** A process that plays. */
  subject({ pid }: MeasuredProcess): Subject {
    const told = this.#told.get(pid);
    if (told === undefined) throw new Error("it did not say where it listens");
    return { pid, ...told, stop: async () => {} };
  }

  #start(words: readonly string[]): Starting {
    const program = path.join(BENCH, "peers/full-card.js");
    const started = new MeasuredProcess([program, this.#roomModule, ...words], {}, BENCH);
    const whenReady = new Promise<void>((resolve) => {
      createInterface({ input: started.stdout }).once("line", (line) => {
        this.#told.set(started.pid, JSON.parse(line) as Told);
        resolve();
      });
    });
    return { process: started, whenReady };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#roomModule, { force: true });
  }
}
