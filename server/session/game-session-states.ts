/**
 * The life of one game session, drawn once:
 *
 *   opening --room_opened--> activating --activated--> active --emptied--> vacant
 *      |                         |                      | ^                 | |
 *      |                         |                      | +----expected-----+ |
 *      +---------decided---------+-------decided--------+-------decided-------+--> over
 *      |                         |                      |                     |     |
 *      +---------ending----------+-------ending---------+-------ending--------+-----+--> closing --settled--> ended
 *
 *   opening     the room is being made
 *   activating  there is a room, in which players may be seated already; the fleet is being told
 *   active      the game is played, or waits for its players
 *   vacant      nobody has sat for too long: closed to new players, and the fleet is asked who is still to come
 *   over        the game has a result, which players are shown
 *   closing     connections are closed, results and player sessions given away
 *   ended       nothing of it is left
 * @module
 */

import type { GameSessionState } from "../telemetry/telemetry.ts";

/** What moves a game session on. */
export type Turn =
  | "room_opened"
  | "activated"
  | "emptied"
  | "expected"
  | "decided"
  | "ending"
  | "settled";

const TRANSITIONS: Readonly<
  Record<GameSessionState, Readonly<Partial<Record<Turn, GameSessionState>>>>
> = {
  opening: { room_opened: "activating", decided: "over", ending: "closing" },
  activating: { activated: "active", decided: "over", ending: "closing" },
  active: { emptied: "vacant", decided: "over", ending: "closing" },
  vacant: { expected: "active", decided: "over", ending: "closing" },
  over: { ending: "closing" },
  closing: { settled: "ended" },
  ended: {},
};

export class GameSessionStates {
  readonly #onChanged: (from: GameSessionState | "idle", to: GameSessionState) => void;
  #current: GameSessionState = "opening";

  /** @param onChanged - Told of every turn, and of the first state at once. */
  constructor(onChanged: (from: GameSessionState | "idle", to: GameSessionState) => void) {
    this.#onChanged = onChanged;
    onChanged("idle", "opening");
  }

  get current(): GameSessionState {
    return this.#current;
  }

  /** Makes a turn. @returns false, and nothing changes, if it means nothing in this state. */
  turn(turn: Turn): boolean {
    const from = this.#current;
    const to = TRANSITIONS[from][turn];
    if (to === undefined) return false;
    this.#current = to;
    this.#onChanged(from, to);
    return true;
  }
}
