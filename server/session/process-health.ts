import type { CancelTimer, Clock } from "../clock.ts";
import type {
  GameSessionState,
  HealthChange,
  HealthParts,
  Telemetry,
} from "../telemetry/telemetry.ts";
import { SESSION_LIMITS } from "./limits.ts";
import type { TickProgress } from "./match-room.ts";

/** How late the event loop's turns come. */
export interface LoopDelay {
  /**
   * Median since the last call, milliseconds; 0 when nothing was measured.
   * @param goesOn - Whether to measure from now to the next call.
   */
  takeMedianMs(goesOn: boolean): number;
}

/** A match as its process's health sees it. */
interface WatchedMatch {
  readonly gameSessionId: string;
  readonly state: GameSessionState;
  /** `undefined` for a room that has no tick loop of ours. */
  tickProgress(): TickProgress | undefined;
}

export interface HealthVerdict {
  /** False only once a fault has lasted. */
  readonly isHealthy: boolean;
  readonly parts: HealthParts;
}

type Part = keyof HealthParts;

const CHANGES: Readonly<Record<string, HealthChange>> = {
  behind: "ticks_behind",
  stalled: "ticks_stalled",
  slow: "event_loop_slow",
  opening_stuck: "match_opening_stuck",
  closing_stuck: "match_closing_stuck",
};

/**
 * Whether this process is still fit to host. The fleet's heartbeat asks every 60 s, and three answers of false end the
 * process with its players, so false is said only of faults that are local, last, and are cured by nothing else: a match
 * that does not tick or drops most of its steps, an event loop that is always late, a match stuck in opening or closing.
 * The control plane, the network and slow clients are no part of it. The event loop is measured from the first look that
 * sees a match to the first that sees none: to measure an idle one would be most of what its process does.
 *
 *   well --a fault in seven looks in a row, 10 s apart--> unwell --a look without one--> well
 *
 * One long step, however long, is one look: whatever it made late is made up for or dropped by the next.
 */
export class ProcessHealth {
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #loopDelay: LoopDelay;
  readonly #match: () => WatchedMatch | undefined;
  #isHealthy = true;
  #parts: HealthParts = { ticks: "none", eventLoop: "ok", match: "none" };
  /** Looks in a row that saw a fault, by part. */
  readonly #badLooks: Record<Part, number> = { ticks: 0, eventLoop: 0, match: 0 };
  /** Since when, in monotonic milliseconds, looks have seen the match in its state. */
  #seen: { gameSessionId: string; state: WatchedMatch["state"]; sinceMs: number } | undefined;
  #ticksBefore: { gameSessionId: string; progress: TickProgress } | undefined;
  readonly #openingMsMax: number;
  #cancel: CancelTimer = () => {};

  constructor(deps: {
    clock: Clock;
    telemetry: Telemetry;
    loopDelay: LoopDelay;
    /** Longest time that a room may take to be made, milliseconds. */
    openingMsMax: number;
    /** The match there is now. */
    match: () => WatchedMatch | undefined;
  }) {
    this.#clock = deps.clock;
    this.#telemetry = deps.telemetry;
    this.#loopDelay = deps.loopDelay;
    this.#openingMsMax = deps.openingMsMax;
    this.#match = deps.match;
  }

  verdict(): HealthVerdict {
    return { isHealthy: this.#isHealthy, parts: this.#parts };
  }

  /** Looks every 10 s from now on, until it is closed. Called once. */
  start(): void {
    this.#cancel = this.#clock.after(SESSION_LIMITS.healthLookMs, () => {
      this.start();
      this.#look();
    });
  }

  close(): void {
    this.#cancel();
  }

  #look(): void {
    const match = this.#match();
    const delayMs = this.#loopDelay.takeMedianMs(match !== undefined);
    this.#parts = {
      ticks: this.#ticksOf(match),
      eventLoop: delayMs < SESSION_LIMITS.loopDelayMsMax ? "ok" : "slow",
      match: this.#stateOf(match),
    };
    let reason: HealthChange = "recovered";
    for (const part of ["match", "eventLoop", "ticks"] as const) {
      const change = CHANGES[this.#parts[part]];
      this.#badLooks[part] = change === undefined ? 0 : this.#badLooks[part] + 1;
      if (change !== undefined && this.#badLooks[part] >= SESSION_LIMITS.healthBadLooksMin) {
        reason = change;
      }
    }
    const isHealthy = reason === "recovered";
    if (isHealthy === this.#isHealthy) return;
    this.#isHealthy = isHealthy;
    this.#telemetry.healthChanged({ isHealthy, reason });
  }

  #ticksOf(match: WatchedMatch | undefined): HealthParts["ticks"] {
    // The loop of a match that closes may be stopped.
    const isPlayed = match?.state !== "closing" && match?.state !== "ended";
    const progress = isPlayed ? match?.tickProgress() : undefined;
    const before = this.#ticksBefore;
    if (match === undefined || progress === undefined || progress.state === "idle") return "none";
    const { gameSessionId } = match;
    this.#ticksBefore = { gameSessionId, progress };
    if (before?.gameSessionId !== gameSessionId) return "ok";
    const ran = progress.ranTicks - before.progress.ranTicks;
    const dropped = progress.droppedTicks - before.progress.droppedTicks;
    if (ran === 0) return "stalled";
    return dropped < SESSION_LIMITS.droppedShareMax * (ran + dropped) ? "ok" : "behind";
  }

  #stateOf(match: WatchedMatch | undefined): HealthParts["match"] {
    if (match === undefined) {
      this.#seen = undefined;
      return "none";
    }
    const { gameSessionId, state } = match;
    const nowMs = this.#clock.nowMs();
    if (this.#seen?.gameSessionId !== gameSessionId || this.#seen.state !== state) {
      this.#seen = { gameSessionId, state, sinceMs: nowMs };
    }
    const forMs = nowMs - this.#seen.sinceMs;
    if (state === "opening" && forMs >= this.#openingMsMax) return "opening_stuck";
    if (state === "closing" && forMs >= SESSION_LIMITS.closingMsMax) return "closing_stuck";
    return "ok";
  }
}
