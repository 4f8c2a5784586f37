/**
 * The way of one tab through matches: resume a seat or ask the lobby for one, play, come back for the next match.
 * @module
 */
import { CloseCode } from "../../protocol/close-codes.ts";
import type { Draining } from "../../protocol/messages.ts";
import {
  type ConnectionListener,
  joinMatch,
  type MatchConnection,
  resumeMatch,
} from "../connection.ts";
import { askLobby } from "../lobby.ts";
import { type Refusal, refusalOf, UNREACHABLE } from "../refusal.ts";
import type { SeatMemory } from "./seat-memory.ts";
import { askSurroundings } from "./servers.ts";

/** How long results are shown before the next match opens. */
const RESULTS_MS = 10_000;
/** Between attempts to get into the next match, and how many. */
const REJOIN_PAUSE_MS = 2_000;
/** From the end of a connection to the first attempt: the next match opens as the last one closes. */
const FIRST_REJOIN_PAUSE_MS = 500;
const REJOINS_MAX = 20;

/** Tries of a refreshed tab to get its seat back, before it takes a new one. */
const RESUMES_MAX = 2;
const RESUME_PAUSE_MS = 300;

/**
 * ```
 * joining -> playing <-> reconnecting
 *    |          |  \________|
 *    v          v           v
 * refused     over ------> left        over rejoins by itself; refused and left wait for the player
 * ```
 */
export type FlowState =
  | { readonly state: "joining" }
  | { readonly state: "playing" }
  | { readonly state: "reconnecting"; readonly sinceMs: number }
  | { readonly state: "refused"; readonly refusal: Refusal }
  | { readonly state: "left"; readonly refusal: Refusal }
  | {
      readonly state: "over";
      readonly refusal: Refusal;
      readonly rejoinAtMs: number;
      /** The server still shows the result; it closes the connection when the next match opens. */
      readonly isSeated: boolean;
    };

export interface FlowListener {
  /** After each change of `MatchFlow.state`. */
  flowChanged(): void;
  /** Seated; the connection stays the same over reconnects. */
  seated(connection: MatchConnection<unknown>): void;
  /** Back in the seat after a drop. */
  reseated(): void;
  /** After each snapshot or patch. */
  stateChanged(): void;
}

/** Reasons that pass when the server is back or the next match opens. */
const PASSING: ReadonlySet<number> = new Set([
  CloseCode.MATCH_OVER,
  CloseCode.MATCH_ABORTED,
  CloseCode.SERVER_DRAINED,
]);

export class MatchFlow {
  readonly game: string;
  readonly #memory: SeatMemory;
  readonly #listener: FlowListener;
  #state: FlowState = { state: "joining" };
  #connection: MatchConnection<unknown> | undefined;
  #url = "";
  #playerToken = "";
  #botsPath: string | undefined;
  #drainDeadlineAtMs: number | undefined;
  #rejoins = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Raised by everything that makes attempts under way worthless. */
  #attempt = 0;

  constructor(game: string, memory: SeatMemory, listener: FlowListener) {
    this.game = game;
    this.#memory = memory;
    this.#listener = listener;
  }

  get state(): FlowState {
    return this.#state;
  }

  get connection(): MatchConnection<unknown> | undefined {
    return this.#connection;
  }

  /** Where bots can be ordered; `undefined` where nobody runs any. */
  get botsPath(): string | undefined {
    return this.#botsPath;
  }

  /** When the server, being told to stop, closes the connection; `performance.now()` time. */
  get drainDeadlineAtMs(): number | undefined {
    return this.#drainDeadlineAtMs;
  }

  /** Joins, or joins again. */
  start(): void {
    this.#rejoins = 0;
    this.#begin();
  }

  /** Gives the seat up and stops. */
  stop(): void {
    this.#attempt++;
    clearTimeout(this.#timer);
    void this.#connection?.leave();
    this.#connection = undefined;
  }

  /** The page goes away: whoever loads it again in this tab is to get the seat back. */
  keepSeat(): void {
    const connection = this.#connection;
    const isSeated = connection !== undefined && connection.phase !== "ended";
    const token = isSeated ? connection.reconnectionToken : "";
    this.#memory.keep({ url: this.#url, token, playerToken: this.#playerToken });
  }

  /** The state says that the match is over, while the connection is still there. */
  matchOver(): void {
    if (this.#state.state === "over") return;
    this.#change({
      state: "over",
      refusal: refusalOf(CloseCode.MATCH_OVER),
      rejoinAtMs: performance.now() + RESULTS_MS,
      isSeated: true,
    });
  }

  #begin(): void {
    this.#attempt++;
    clearTimeout(this.#timer);
    this.#drainDeadlineAtMs = undefined;
    if (this.#state.state !== "over") this.#change({ state: "joining" });
    void this.#join(this.#attempt);
  }

  async #join(attempt: number): Promise<void> {
    const refusal = await this.#tryToJoin(attempt);
    if (refusal === undefined || attempt !== this.#attempt) return;
    const isRejoin = this.#state.state === "over" && this.#rejoins < REJOINS_MAX;
    if (isRejoin) this.#rejoinLater(refusal, performance.now() + REJOIN_PAUSE_MS);
    else this.#change({ state: "refused", refusal });
  }

  /** @returns Why there is no seat; `undefined` when there is, or when nobody wants it any more. */
  async #tryToJoin(attempt: number): Promise<Refusal | undefined> {
    const surroundings = await askSurroundings();
    if (surroundings === undefined) return refusalOf(UNREACHABLE);
    this.#botsPath = surroundings.botsPath;
    const listener = this.#connectionListener(attempt);
    const resumed = await this.#resume(listener);
    if (resumed !== undefined) return this.#sit(resumed, attempt);
    const playerToken = this.#playerToken || undefined;
    const asked = await askLobby(surroundings.lobbyUrl, { game: this.game, playerToken });
    if (asked.state === "refused") return asked.refusal;
    const { url, playerSessionId } = asked.seat;
    this.#url = url;
    this.#playerToken = asked.seat.playerToken;
    const outcome = await joinMatch<unknown>(playerSessionId, { url, listener });
    if (outcome.state === "refused") return outcome.refusal;
    return this.#sit(outcome.connection, attempt);
  }

  /** Back into the seat from before the refresh of this tab. */
  async #resume(listener: ConnectionListener): Promise<MatchConnection<unknown> | undefined> {
    const kept = this.#memory.take();
    if (kept === undefined) return undefined;
    const { url, token } = kept;
    this.#url = url;
    this.#playerToken = kept.playerToken;
    if (token === "") return undefined;
    for (let tried = 0; tried < RESUMES_MAX; tried++) {
      const outcome = await resumeMatch<unknown>(token, { url, listener });
      if (outcome.state === "joined") return outcome.connection;
      // The server may not have noticed yet that the page before this one is gone.
      await new Promise((resolve) => setTimeout(resolve, RESUME_PAUSE_MS));
    }
    return undefined;
  }

  #sit(connection: MatchConnection<unknown>, attempt: number): undefined {
    if (attempt !== this.#attempt) {
      void connection.leave();
      return;
    }
    this.#connection = connection;
    this.#rejoins = 0;
    this.#listener.seated(connection);
    this.#change({ state: "playing" });
  }

  #connectionListener(attempt: number): ConnectionListener {
    const ifCurrent = (act: () => void): void => {
      if (attempt === this.#attempt) act();
    };
    return {
      stateChanged: () => ifCurrent(() => this.#listener.stateChanged()),
      dropped: () =>
        ifCurrent(() => this.#change({ state: "reconnecting", sinceMs: performance.now() })),
      reconnected: () => ifCurrent(() => this.#onReconnected()),
      draining: (draining) => ifCurrent(() => this.#onDraining(draining)),
      ended: (refusal) => ifCurrent(() => this.#onEnded(refusal)),
    };
  }

  #onReconnected(): void {
    this.#listener.reseated();
    this.#change({ state: "playing" });
  }

  #onDraining(draining: Draining): void {
    this.#drainDeadlineAtMs = performance.now() + draining.deadlineMs;
    this.#listener.flowChanged();
  }

  #onEnded(refusal: Refusal): void {
    this.#connection = undefined;
    const nowMs = performance.now();
    if (this.#state.state === "over") {
      this.#rejoinLater(refusal, Math.max(this.#state.rejoinAtMs, nowMs + FIRST_REJOIN_PAUSE_MS));
    } else if (PASSING.has(refusal.code)) this.#rejoinLater(refusal, nowMs + REJOIN_PAUSE_MS);
    else this.#change({ state: "left", refusal });
  }

  #rejoinLater(refusal: Refusal, rejoinAtMs: number): void {
    this.#rejoins++;
    this.#timer = setTimeout(() => this.#begin(), rejoinAtMs - performance.now());
    this.#change({ state: "over", refusal, rejoinAtMs, isSeated: false });
  }

  #change(state: FlowState): void {
    this.#state = state;
    this.#listener.flowChanged();
  }
}
