import { CONNECTION_LIMITS } from "./limits.ts";

/**
 * Where snapshots wait until somebody takes them: the first may come in the same breath as the join, and each says only
 * what is new since the one before.
 */
export class SnapshotInlet {
  #take: ((payload: Uint8Array) => boolean) | undefined;
  /** `undefined` when nobody came in time. */
  #waiting: Uint8Array[] | undefined = [];

  /** @returns `false` if it cannot be read. */
  put(payload: Uint8Array): boolean {
    if (this.#take !== undefined) return this.#take(payload);
    this.#waiting?.push(payload);
    const isTooLate = (this.#waiting?.length ?? 0) > CONNECTION_LIMITS.snapshotsWaitingMax;
    if (isTooLate) this.#waiting = undefined;
    return true;
  }

  /** @returns `false` if what has waited cannot be read. @throws Error when it comes too late, or twice. */
  open(take: (payload: Uint8Array) => boolean): boolean {
    if (this.#waiting === undefined)
      throw new Error("snapshots are taken once, right after the join");
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#take = take;
    return waiting.every(take);
  }
}
