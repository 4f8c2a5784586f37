import { ByteBudget } from "./byte-budget.ts";
import type { Cell } from "./cells.ts";
import type { Group } from "./group.ts";

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

/** One viewer, and what is known of how it is sent snapshots. */
export class Member {
  readonly viewer: Viewer;
  readonly budget: ByteBudget;
  hasLeft = false;
  /** Where its eye was last. */
  cell: Cell | undefined;
  /** Whose stream it follows; `undefined` while it is out of any, and needs a keyframe. */
  group: Group | undefined;
  /** Its own entity and where the scene has it; only as long as the scene does. */
  own: EntityName | undefined;
  ownIndex = -1;
  /** What OWN messages showed it that was in no stream of its: no delta will say that it is gone. */
  stray: EntityName | undefined;
  /** Tick up to which its budget is filled. */
  filledTick = -1;
  #tryTick = 0;
  #retryTicks = 1;

  constructor(viewer: Viewer, bytesPerSecond: number) {
    this.viewer = viewer;
    this.budget = new ByteBudget(bytesPerSecond);
  }

  /** Whether it is worth trying again to send it anything, after it did not take the last message. */
  isReadyAt(tick: number): boolean {
    return tick >= this.#tryTick;
  }

  /** It took a keyframe of a group. */
  enter(group: Group): void {
    this.group = group;
    this.stray = undefined;
    this.#retryTicks = 1;
  }

  /** It did not take a message at this tick. Asked again ever less often: each try of a keyframe has its price. */
  fallBehind(tick: number, retryTicksMax: number): void {
    this.group = undefined;
    this.#tryTick = tick + this.#retryTicks;
    this.#retryTicks = Math.min(2 * this.#retryTicks, retryTicksMax);
  }
}
