import { expect, test } from "vitest";
import { arenaReplica } from "../../../rooms/arena/replica.ts";
import { createRandom } from "../../../rooms/kernel/random.ts";
import { ArenaMatch } from "./arena-match.ts";
import { botCommands } from "./bots.ts";

test("[SM14] steps 200 fighting ships, and shows them, well within a tick", () => {
  const gameProperties = { matchSeconds: "3600", scoreLimit: "1000" };
  const match = new ArenaMatch({ seatsMax: 200, gameProperties });
  const replica = arenaReplica.create(match.setup);
  for (let seat = 0; seat < 200; seat++) {
    match.join(seat);
    arenaReplica.join(replica, seat, { name: `player ${seat}`, team: "" });
  }
  const random = createRandom(1);
  const stepMs: number[] = [];
  for (let step = 0; step < 240; step++) {
    const commands = botCommands(match.state, random);
    const startMs = performance.now();
    match.step(commands);
    arenaReplica.write(match.state, replica);
    stepMs.push(performance.now() - startMs);
  }
  expect(match.state.projectiles.length).toBeGreaterThan(50);
  expect(replica.ships.size).toBe(200);
  // The median of a machine that does other things too; a tick at 30 Hz has 33 ms.
  stepMs.sort((a, b) => a - b);
  expect(stepMs[120]).toBeLessThan(5);
});

test("[SM14] holds its most, 256 ships, and bounds their shots", () => {
  const match = new ArenaMatch({ seatsMax: 256 }).clearGround();
  for (let seat = 0; seat < 256; seat++) match.join(seat);
  const random = createRandom(2);
  for (let step = 0; step < 90; step++) {
    match.step(botCommands(match.state, random));
    expect(match.state.projectiles.length).toBeLessThanOrEqual(256 * 5);
  }
});
