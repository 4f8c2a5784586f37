import type { ByteBudget } from "./byte-budget.ts";
import type { Cell } from "./cells.ts";
import type { Scope } from "./sight.ts";

/** Somebody whom snapshots go to. */
export interface Viewer {
  readonly seat: number;
  /**
   * Takes a whole ROOM_DATA_BYTES message, which is never written again; others are given the very same memory.
   * @returns `false` if it cannot take it now: it is then out of the stream and gets a keyframe when it can.
   */
  send(message: Uint8Array): boolean;
}

export interface EntityName {
  readonly kind: number;
  readonly id: number;
}

/** What members follow together. */
export interface Stream {
  readonly scope: Scope;
  /** Who is to be served at this tick: those who follow the stream, and those who enter it. */
  readonly roster: Member[];
  /** All that it holds as of the last delta; made once for all who enter at a tick. */
  keyframe(): Uint8Array;
  /** Whether an entity is in the stream: deltas will say when it is gone. */
  holds(entity: EntityName): boolean;
  /** Whether the last delta left an entity out for want of bytes. */
  isBehind(entity: EntityName): boolean;
}

/** One viewer, and what is known of how it is sent snapshots. */
export class Member {
  readonly viewer: Viewer;
  readonly budget: ByteBudget;
  hasLeft = false;
  /** Where its eye was last. */
  cell: Cell | undefined;
  /** What it follows; `undefined` while it is out of any stream, and needs a keyframe. */
  stream: Stream | undefined;
  /** Its own entity and where the scene has it; only as long as the scene does. */
  own: EntityName | undefined;
  ownIndex = -1;
  /** What OWN messages showed it that was in no stream of its: no delta will say that it is gone. */
  stray: EntityName | undefined;
  #tryTick = 0;
  #retryTicks = 1;

  constructor(viewer: Viewer, budget: ByteBudget) {
    this.viewer = viewer;
    this.budget = budget;
  }

  /** Whether it is worth trying again to send it anything, after it did not take the last message. */
  isReadyAt(tick: number): boolean {
    return tick >= this.#tryTick;
  }

  /** It took a keyframe. */
  enter(stream: Stream): void {
    this.stream = stream;
    this.stray = undefined;
    this.#retryTicks = 1;
  }

  /** It did not take a message at this tick. Asked again ever less often: each try of a keyframe has its price. */
  fallBehind(tick: number, retryTicksMax: number): void {
    this.stream = undefined;
    this.#tryTick = tick + this.#retryTicks;
    this.#retryTicks = Math.min(2 * this.#retryTicks, retryTicksMax);
  }
}
