import { describe, expect, it } from "vitest";
import {
  type GameSessionState,
  GameSessionStates,
  type Turn,
} from "../../../server/session/game-session-states.ts";

/** By which turns each state is reached from the first one. */
const WAY_TO: Readonly<Record<GameSessionState, readonly Turn[]>> = {
  opening: [],
  activating: ["room_opened"],
  active: ["room_opened", "activated"],
  vacant: ["room_opened", "activated", "emptied"],
  over: ["room_opened", "activated", "decided"],
  closing: ["room_opened", "ending"],
  ended: ["room_opened", "ending", "settled"],
};

/** State by state, what each turn leads to; any other means nothing there. */
const TABLE: Readonly<Record<GameSessionState, Partial<Record<Turn, GameSessionState>>>> = {
  opening: { room_opened: "activating", decided: "over", ending: "closing" },
  activating: { activated: "active", decided: "over", ending: "closing" },
  active: { emptied: "vacant", decided: "over", ending: "closing" },
  vacant: { expected: "active", decided: "over", ending: "closing" },
  over: { ending: "closing" },
  closing: { settled: "ended" },
  ended: {},
};
const STATES = Object.keys(TABLE) as GameSessionState[];
const TURNS: readonly Turn[] = [
  ...(["room_opened", "activated", "emptied", "expected"] as const),
  ...(["decided", "ending", "settled"] as const),
];

function inState(state: GameSessionState): GameSessionStates {
  const states = new GameSessionStates();
  for (const turn of WAY_TO[state]) expect(states.turn(turn)).toBe(true);
  expect(states.current).toBe(state);
  return states;
}

describe("a game session", () => {
  const rows = STATES.flatMap((from) =>
    TURNS.map((turn) => [from, turn, TABLE[from][turn] ?? "the same"] as const),
  );

  it.each(rows)("[GS33] that is %s and is told '%s' becomes: %s", (from, turn, to) => {
    const states = inState(from);
    expect(states.turn(turn)).toBe(to !== "the same");
    expect(states.current).toBe(to === "the same" ? from : to);
  });
});
