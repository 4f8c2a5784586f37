import { describe, expect, it } from "vitest";
import {
  type GameSessionState,
  GameSessionStates,
  type Turn,
} from "../../../server/session/game-session-states.ts";

/** By which turns each state is reached from the first one. */
const WAY_TO: Readonly<Record<GameSessionState, readonly Turn[]>> = {
  opening: [],
  active: ["opened"],
  over: ["opened", "decided"],
  closing: ["opened", "ending"],
  ended: ["opened", "ending", "settled"],
};

/** State by state, turn by turn; `-` where a turn means nothing. */
const TABLE: readonly (readonly [GameSessionState, Record<Turn, GameSessionState | "-">])[] = [
  ["opening", { opened: "active", decided: "over", ending: "closing", settled: "-" }],
  ["active", { opened: "-", decided: "over", ending: "closing", settled: "-" }],
  ["over", { opened: "-", decided: "-", ending: "closing", settled: "-" }],
  ["closing", { opened: "-", decided: "-", ending: "-", settled: "ended" }],
  ["ended", { opened: "-", decided: "-", ending: "-", settled: "-" }],
];

function inState(state: GameSessionState): GameSessionStates {
  const states = new GameSessionStates();
  for (const turn of WAY_TO[state]) expect(states.turn(turn)).toBe(true);
  expect(states.current).toBe(state);
  return states;
}

describe("a game session", () => {
  const rows = TABLE.flatMap(([from, turns]) =>
    Object.entries(turns).map(([turn, to]) => [from, turn as Turn, to] as const),
  );

  it.each(rows)("[GS33] that is %s and is told '%s' becomes: %s", (from, turn, to) => {
    const states = inState(from);
    expect(states.turn(turn)).toBe(to !== "-");
    expect(states.current).toBe(to === "-" ? from : to);
  });
});
