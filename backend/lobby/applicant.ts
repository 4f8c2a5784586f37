import type { CancelTimer, Clock } from "./clock.ts";
import type { Player, Seat } from "./fleet-api.ts";
import type { RefusalCode } from "./refusals.ts";

export type Verdict =
  | { readonly outcome: "seated"; readonly seat: Seat }
  | { readonly outcome: "refused"; readonly code: RefusalCode };

export interface Application {
  readonly player: Player;
  /** Whether a game session may be made for him; otherwise he takes a seat in one that there is. */
  readonly mayOpen: boolean;
  /** How long he waits at most. */
  readonly waitMs: number;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Somebody who waits for a seat, and is answered once. */
export class Applicant {
  readonly player: Player;
  readonly mayOpen: boolean;
  readonly verdict: Promise<Verdict>;
  /** A placement is under way for him. */
  isPlacing = false;
  /** Placements that were made for him so far. */
  placements = 0;
  readonly #resolve: (verdict: Verdict) => void;
  readonly #cancelTimer: CancelTimer;
  readonly #signal: AbortSignal;
  #isAnswered = false;

  constructor({ player, mayOpen, waitMs, signal }: Application, clock: Clock) {
    this.player = player;
    this.mayOpen = mayOpen;
    const { promise, resolve } = Promise.withResolvers<Verdict>();
    this.verdict = promise;
    this.#resolve = resolve;
    this.#signal = signal;
    this.#cancelTimer = clock.after(waitMs, () => this.refuse("no_server_free"));
    signal.addEventListener("abort", this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
  }

  /** Whether he still waits. */
  get isWaiting(): boolean {
    return !this.#isAnswered;
  }

  seat(seat: Seat): void {
    this.#answer({ outcome: "seated", seat });
  }

  refuse(code: RefusalCode): void {
    this.#answer({ outcome: "refused", code });
  }

  // Nobody reads the answer: any will do.
  readonly #onAbort = (): void => this.refuse("no_server_free");

  #answer(verdict: Verdict): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#cancelTimer();
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#resolve(verdict);
  }
}
