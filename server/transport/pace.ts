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
  /** Clients that get no patches for now. Each is told when the room has sent one. */
  readonly behind: Set<{ afterPatch(): void }>;
}

export type Resync = "no" | "wait" | "now" | "too_often";

/**
 * Whether a client keeps up. One whose answers lag gets no patches, and none is kept for it; when it has read all that
 * was sent before, it is owed one full state.
 */
export class Pace {
  readonly #clock: Clock;
  #withheldSinceMs: number | undefined;
  #isCaughtUp = false;
  #hasMissed = false;
  /** How often full states may be sent instead of patches; the seat's, once the client has one. */
  budget: MinuteBudget | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isWithheld(): boolean {
    return this.#withheldSinceMs !== undefined;
  }

  /** @param mayWithhold - Whether the client can do without the patches it misses. Asked when it falls behind. */
  onPulse({ lagMs, readUpToMs }: Pulse, mayWithhold: () => boolean): void {
    if (this.#withheldSinceMs !== undefined) {
      this.#isCaughtUp = readUpToMs >= this.#withheldSinceMs;
    } else if (lagMs > TRANSPORT_LIMITS.slowAfterMs && mayWithhold()) {
      this.#withheldSinceMs = this.#clock.nowMs();
    }
  }

  /** A patch was not sent. */
  missed(): void {
    this.#hasMissed = true;
  }

  /** Whether a full state is owed now, right after a patch. `now` counts it as sent. */
  resync(): Resync {
    if (!this.#isCaughtUp) return "no";
    if (this.#hasMissed) {
      const nowMs = this.#clock.nowMs();
      this.budget ??= newResyncBudget();
      const { lastMs } = this.budget;
      if (lastMs !== undefined && nowMs - lastMs < TRANSPORT_LIMITS.resyncIntervalMs) return "wait";
      if (!this.budget.take(nowMs)) return "too_often";
    }
    const isOwed = this.#hasMissed;
    this.#withheldSinceMs = undefined;
    this.#isCaughtUp = false;
    this.#hasMissed = false;
    return isOwed ? "now" : "no";
  }
}
