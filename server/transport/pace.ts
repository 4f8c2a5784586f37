import type { Clock } from "../clock.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import { type MinuteBudget, newResyncBudget } from "./seat-records.ts";
import type { Pulse } from "./wire.ts";

/** How a room's whole state is had, in place of patches that a client did not get. */
export interface FullState {
  /** Whether it says all that those patches said. */
  isEnough(): boolean;
  /** @returns A whole message, not to be written to. @param client - Who gets it, instead of what it stands for. */
  encode(client: object): Uint8Array;
  /** Clients from which something is withheld for now. Each is told when the room has sent a patch. */
  readonly behind: Set<{ afterPatch(): void }>;
}

export type Resync = "no" | "wait" | "now" | "too_often";

/**
 * Whether a client keeps up. One whose answers lag gets no snapshots, and no patches if it can do without; none is kept
 * for it. When it has read all that was sent before, it is owed one full state for the patches, and its snapshots begin
 * anew.
 */
export class Pace {
  readonly #clock: Clock;
  #behindSinceMs: number | undefined;
  #isWithheld = false;
  #isCaughtUp = false;
  #hasMissedPatches = false;
  #hasMissedSnapshots = false;
  /** How often full states may be sent instead of patches; the seat's, once the client has one. */
  budget: MinuteBudget | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** It gets no snapshots. */
  get isBehind(): boolean {
    return this.#behindSinceMs !== undefined;
  }

  /** It gets no patches either. */
  get isWithheld(): boolean {
    return this.#isWithheld;
  }

  /** @param mayWithhold - Whether the client can do without the patches it misses. Asked while it is behind. */
  onPulse({ lagMs, readUpToMs }: Pulse, mayWithhold: () => boolean): void {
    const isSlow = lagMs > TRANSPORT_LIMITS.slowAfterMs;
    if (isSlow && !this.#isWithheld && mayWithhold()) {
      this.#isWithheld = true;
      this.#behindSinceMs = this.#clock.nowMs();
    } else if (this.#behindSinceMs !== undefined) {
      this.#isCaughtUp = readUpToMs >= this.#behindSinceMs;
      // Who misses nothing is not asked what he is owed.
      if (this.#isCaughtUp && !this.#isWithheld && !this.#hasMissedSnapshots) this.#keepsUp();
    } else if (isSlow) {
      this.#behindSinceMs = this.#clock.nowMs();
    }
  }

  /** A patch was not sent. */
  missedPatch(): void {
    this.#hasMissedPatches = true;
  }

  /** A snapshot was not sent. */
  missedSnapshot(): void {
    this.#hasMissedSnapshots = true;
  }

  /** Whether a full state is owed now, right after a patch. `now` counts it as sent. */
  resync(): Resync {
    if (!this.#isCaughtUp) return "no";
    if (this.#hasMissedPatches || this.#hasMissedSnapshots) {
      const nowMs = this.#clock.nowMs();
      this.budget ??= newResyncBudget();
      const { lastMs } = this.budget;
      if (lastMs !== undefined && nowMs - lastMs < TRANSPORT_LIMITS.resyncIntervalMs) return "wait";
      if (!this.budget.take(nowMs)) return "too_often";
    }
    const isOwed = this.#hasMissedPatches;
    this.#keepsUp();
    return isOwed ? "now" : "no";
  }

  #keepsUp(): void {
    this.#behindSinceMs = undefined;
    this.#isWithheld = false;
    this.#isCaughtUp = false;
    this.#hasMissedPatches = false;
    this.#hasMissedSnapshots = false;
  }
}
