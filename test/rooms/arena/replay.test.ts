import { expect, test } from "vitest";
import { arena } from "../../../rooms/arena/simulation.ts";
import { REPLAY_HASHES } from "../replay-hashes.ts";
import { ArenaMatch } from "./arena-match.ts";
import { playBots } from "./bots.ts";

for (const tickRateHz of [10, 30, 128] as const) {
  test(`[DT3] ends a scripted match at ${tickRateHz} Hz in the recorded state`, () => {
    const match = new ArenaMatch({ seed: 2026, tickRateHz, seatsMax: 12 });
    playBots(match, 600);
    const { scores } = arena.standing(match.state);
    expect(scores.some(({ score }) => score > 0)).toBe(true);
    expect(match.hash).toBe(REPLAY_HASHES.arena[tickRateHz]);
  });
}

test("[DT3] ends a scripted match of teams in the recorded state", () => {
  const match = new ArenaMatch({ seed: 2026, seatsMax: 40, teams: ["red", "blue"] });
  playBots(match, 600);
  expect(match.hash).toBe(REPLAY_HASHES.arenaTeams);
});
