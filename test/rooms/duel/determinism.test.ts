import fc from "fast-check";
import { expect, test } from "vitest";
import { createRandom, nextBelow } from "../../../rooms/kernel/random.ts";
import { numbersIn } from "../match.ts";
import { withEachLeafChanged } from "../mutations.ts";
import { REPLAY_HASHES } from "../replay-hashes.ts";
import { DuelMatch } from "./duel-match.ts";

/** Both seats try columns at random, sometimes out of turn, until somebody has won. */
function playRandomly(seed: number, onStep: (match: DuelMatch) => void = () => {}): DuelMatch {
  const match = new DuelMatch({ seed }).join(0, 1);
  const random = createRandom(seed);
  for (let step = 0; step < 500 && match.result === undefined; step++) {
    const column = nextBelow(random, 7);
    match.dropAs(nextBelow(random, 2), column, match.state.moveNumber - nextBelow(random, 2));
    onStep(match);
  }
  return match;
}

function hashesOf(seed: number): string[] {
  const hashes: string[] = [];
  playRandomly(seed, (match) => hashes.push(match.hash));
  return hashes;
}

test("[DT1] reaches the same state after every step from the same setup and commands", () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), (seed) => {
      expect(hashesOf(seed)).toEqual(hashesOf(seed));
    }),
    { numRuns: 30 },
  );
});

test("[SM22] always ends, with at most one winner and finite numbers", () => {
  for (let seed = 0; seed < 50; seed++) {
    const match = playRandomly(seed);
    expect(match.result?.winners.length).toBeLessThanOrEqual(1);
    for (const [path, value] of numbersIn(match.state)) {
      expect(Number.isFinite(value), path).toBe(true);
    }
  }
});

test("[DT3] ends a scripted duel in the recorded state", () => {
  expect(playRandomly(2026).hash).toBe(REPLAY_HASHES.duel);
});

test("[DT4] notices a change of any single field of the state", () => {
  for (const match of [new DuelMatch(), new DuelMatch().join(0, 1).drop(3), playRandomly(5)]) {
    const before = match.hash;
    const isSkipped = (path: string) => path === "result" && match.result === undefined;
    const leaves = withEachLeafChanged(match.state, isSkipped, (path) => {
      expect(match.hash, path).not.toBe(before);
    });
    expect(leaves).toBeGreaterThanOrEqual(48);
  }
});

test("[DT4] tells a draw from a match that runs", () => {
  const match = new DuelMatch();
  const before = match.hash;
  match.state.result = { winners: [], scores: [] };
  expect(match.hash).not.toBe(before);
});
