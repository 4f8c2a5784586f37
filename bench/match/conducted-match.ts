import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Body } from "./rules.ts";
import type { World } from "./world.ts";

/** What a match is told by file and signal, so that no server has a message for it and no client's load changes. */
export interface Order {
  readonly nth: number;
  readonly do: "run" | "stand" | "dump";
  /** Of `run`, for a server that sends nothing of its own: how much is to be sent. */
  readonly messageBytes?: number;
}

/** One thing, as its server has it. */
export interface DumpedBody {
  /** What clients know it by. */
  readonly id: string;
  readonly body: Body;
}

export interface Dump {
  /** Steps of the match: clients are told it with the state of this moment. */
  readonly tick: number;
  /** The same moment as snapshots of ours count it, which go on while the match stands. */
  readonly snapshotTick?: number;
  readonly bodies: readonly DumpedBody[];
}

export type OrderAnswer = { readonly nth: number } & (
  | { readonly did: "run" }
  /** When each step of the run began, milliseconds on the server's monotonic clock. */
  | { readonly did: "stand"; readonly beganMs: readonly number[] }
  | { readonly did: "dump"; readonly dump: Dump }
);

/** Longer than any measurement: two minutes at 128 Hz. */
const STEPS_MAX = 2 * 60 * 128;

export const answerFileOf = (orderFile: string): string => `${orderFile}.answer`;

/**
 * The reference match inside a server under test. It notes when each step begins, which costs the same on all servers,
 * and does what the benchmark asks by SIGUSR2 and a file.
 */
export class ConductedMatch<Thing extends Body> {
  readonly world: World<Thing>;
  readonly #orderFile: string;
  readonly #bodies: () => readonly DumpedBody[];
  /** The last that it was told. */
  messageBytes = 0;
  readonly #beganMs = new Float64Array(STEPS_MAX);
  #steps = 0;
  /** Number of the order to dump what the next step makes. */
  #dumpOrder: number | undefined;

  /** @param bodies - Everything that clients are told of, plain copies. */
  constructor(world: World<Thing>, orderFile: string, bodies: () => readonly DumpedBody[]) {
    this.world = world;
    this.#orderFile = orderFile;
    this.#bodies = bodies;
    process.on("SIGUSR2", () => this.#obey());
  }

  /** @param when - What is to be said with a dump. */
  step(dtSeconds: number, when?: Pick<Dump, "snapshotTick">): void {
    const { world } = this;
    if (!world.isRunning) return;
    if (this.#steps < STEPS_MAX) this.#beganMs[this.#steps++] = performance.now();
    world.step(dtSeconds);
    if (this.#dumpOrder === undefined) return;
    const dump: Dump = { tick: world.tick, ...when, bodies: this.#bodies() };
    this.#answer({ nth: this.#dumpOrder, did: "dump", dump });
    this.#dumpOrder = undefined;
  }

  #obey(): void {
    const order = JSON.parse(readFileSync(this.#orderFile, "utf8")) as Order;
    switch (order.do) {
      case "run":
        this.#steps = 0;
        this.messageBytes = order.messageBytes ?? this.messageBytes;
        this.world.isRunning = true;
        this.#answer({ nth: order.nth, did: "run" });
        return;
      case "stand":
        this.world.isRunning = false;
        this.#answer({
          nth: order.nth,
          did: "stand",
          beganMs: [...this.#beganMs.subarray(0, this.#steps)],
        });
        return;
      case "dump":
        this.#dumpOrder = order.nth;
    }
  }

  /** Whoever reads it finds it whole. */
  #answer(answer: OrderAnswer): void {
    const file = answerFileOf(this.#orderFile);
    writeFileSync(`${file}.part`, JSON.stringify(answer));
    renameSync(`${file}.part`, file);
  }
}

/** A copy, for bodies that go on moving, and may be schemas. */
export function copyOf({ x, y, vx, vy, angle }: Body): Body {
  return { x, y, vx, vy, angle };
}
