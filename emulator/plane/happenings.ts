import type { Clock } from "../clock.ts";

export type HappeningKind =
  | "fleet-created"
  | "fleet-updated"
  | "fleet-deleted"
  | "fleet-event"
  | "build-created"
  | "build-updated"
  | "build-deleted"
  | "alias-updated"
  | "compute-registered"
  | "compute-deregistered"
  | "process-started"
  | "process-connected"
  | "process-disconnected"
  | "process-ready"
  | "process-reported"
  | "process-terminating"
  | "process-ending"
  | "process-ended"
  | "game-session-created"
  | "game-session-active"
  | "game-session-updated"
  | "game-session-terminating"
  | "game-session-ended"
  | "player-session-reserved"
  | "player-session-active"
  | "player-session-ended"
  | "backfill-started"
  | "backfill-ended"
  | "placement-started"
  | "placement-ended"
  | "fault";

/** One thing that happened, with the ids of what it happened to. Tokens and credentials are never in it. */
export interface Happening {
  /** 1, 2, 3 …, without a gap. */
  readonly sequence: number;
  /** Wall-clock milliseconds since 1970. */
  readonly atMs: number;
  readonly kind: HappeningKind;
  readonly fleetId?: string;
  readonly computeName?: string;
  readonly processId?: string;
  readonly gameSessionId?: string;
  readonly playerSessionId?: string;
  readonly placementId?: string;
  readonly ticketId?: string;
  /** What it came to: a status, a reason, a fleet event's code and text. */
  readonly detail?: string;
}

export type HappeningListener = (happening: Happening) => void;

/** Kept for whoever looks later; older ones are forgotten. */
const HAPPENINGS_KEPT_MAX = 2_000;

/** Everything that happens in the control plane, in order. Listeners run at once and must not throw. */
export class Happenings {
  readonly #clock: Clock;
  readonly #listeners = new Set<HappeningListener>();
  #kept: Happening[] = [];
  #sequence = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  tell(kind: HappeningKind, about: Omit<Happening, "sequence" | "atMs" | "kind"> = {}): void {
    const happening = { sequence: ++this.#sequence, atMs: this.#clock.wallMs(), kind, ...about };
    this.#kept.push(happening);
    // In one go per thousand: a shift for each would move the whole list.
    if (this.#kept.length >= 2 * HAPPENINGS_KEPT_MAX)
      this.#kept = this.#kept.slice(-HAPPENINGS_KEPT_MAX);
    for (const listener of this.#listeners) listener(happening);
  }

  /** @returns Ends it. */
  listen(listener: HappeningListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The newest ones after `sequence`, oldest first; at most 2,000. */
  since(sequence: number): readonly Happening[] {
    return this.#kept
      .slice(-HAPPENINGS_KEPT_MAX)
      .filter((happening) => happening.sequence > sequence);
  }
}
