import { expect, test } from "vitest";
import type { ArenaState } from "../../../rooms/arena/state.ts";
import { withEachLeafChanged } from "../mutations.ts";
import { ArenaMatch } from "./arena-match.ts";
import { playBots } from "./bots.ts";

/** A match with something in every part of its state. */
function busyMatch(): ArenaMatch {
  const match = new ArenaMatch({ teams: ["red", "blue"], seatsMax: 6, seed: 9 });
  playBots(match, 300);
  expect(match.state.projectiles.length).toBeGreaterThan(0);
  return match;
}

test("[DT4] notices a change of any single field of the state", () => {
  const match = busyMatch();
  const before = match.hash;
  // The grid is made from the obstacles alone; empty seats have a test of their own.
  const isSkipped = (path: string) =>
    path === "ground.obstacleGrid" || path === "result" || isEmptySeat(match.state, path);
  const leaves = withEachLeafChanged(match.state, isSkipped, (path) => {
    expect(match.hash, path).not.toBe(before);
  });
  expect(leaves).toBeGreaterThan(150);
  expect(match.hash).toBe(before);
});

function isEmptySeat(state: ArenaState, path: string): boolean {
  const [list, seat] = path.split(".");
  if (list === "ships") return state.ships[Number(seat)] === undefined;
  return list === "departedScores" && state.departedScores[Number(seat)] === undefined;
}

test("[DT4] notices who sits, what the departed scored, shots, and the result", () => {
  const changes: ((state: ArenaState) => void)[] = [
    (state) => (state.ships[state.ships.findIndex((ship) => ship !== undefined)] = undefined),
    (state) => (state.departedScores[state.departedScores.indexOf(undefined)] = 0),
    (state) => state.projectiles.pop(),
    (state) => state.projectiles.reverse(),
    (state) => (state.ground.obstacles as unknown[]).pop(),
    (state) => (state.spawnPoints as unknown[]).pop(),
    (state) => (state.result = { winners: [], scores: [] }),
    (state) => (state.result = { winners: [1], scores: [] }),
    (state) => (state.result = { winners: [], scores: [{ seat: 0, score: 1 }] }),
  ];
  const hashes = changes.map((change) => {
    const match = busyMatch();
    change(match.state);
    return match.hash;
  });
  expect(new Set([busyMatch().hash, ...hashes]).size).toBe(changes.length + 1);
});

test("[DT4] is the same for equal states, however often it is asked", () => {
  const [one, other] = [busyMatch(), busyMatch()];
  expect([one.hash, one.hash]).toEqual([other.hash, other.hash]);
});
