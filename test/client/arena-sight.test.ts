import { expect, it } from "vitest";
import { ArenaSight } from "../../client/arena/arena-sight.ts";
import type { Welcome } from "../../protocol/messages.ts";
import { ArenaButton } from "../../rooms/arena/commands.ts";
import { arena } from "../../rooms/arena/simulation.ts";
import { Audience } from "../../server/host/snapshots/audience.ts";

const SEATS = 24;

it("[FE19] a tab that nobody looks at keeps little of what it hears, and has little to show when it is looked at again", () => {
  const { tickRateHz, replica, name, version } = arena;
  const snapshots = arena.snapshots!;
  const setup = {
    ...{ seed: 3, tickRateHz, seatsMax: SEATS, gameSessionData: "", teams: ["all"] },
    gameProperties: { matchSeconds: "600" },
  };
  const state = arena.create(setup);
  const shown = replica.create(setup) as never;
  for (let seat = 0; seat < SEATS; seat++) {
    arena.join(state, seat, "all");
    replica.join(shown, seat, { name: `player ${seat}`, team: "all" });
  }
  snapshots.writeRest(state, shown);
  const welcome: Welcome = {
    ...{ game: name, version, seat: 0, tickRateHz, tick: 0 },
    snapshots: snapshots.layout,
  };
  const sight = new ArenaSight(welcome, () => shown);
  const audience = new Audience({ snapshots, setup, bytesPerSecond: 65_536 });
  let nowMs = 0;
  audience.join({
    seat: 0,
    send: (message) => sight.snapshot(message.subarray(3), nowMs),
  });
  let fired = 0;
  for (let tick = 0; tick < 60 * tickRateHz; tick++) {
    nowMs += 1000 / tickRateHz;
    const commands = Array.from({ length: SEATS }, (_none, seat) => ({
      seat,
      command: {
        ...{ tick: tick + 1, seenTickEighths: 0 },
        ...{ buttons: ArenaButton.FIRE, aimRadians: ((seat + tick / 40) % 6) - 3 },
      },
    }));
    arena.advance(state, commands, { tick, dtSeconds: 1 / tickRateHz });
    snapshots.writeRest(state, shown);
    audience.tick(state, tick + 1);
    fired = state.nextProjectileId;
  }
  expect(fired).toBeGreaterThan(4_000);
  const frame = sight.frame(undefined, nowMs);
  expect(frame.ended.length).toBeGreaterThan(0);
  expect(frame.ended.length).toBeLessThanOrEqual(128);
  expect(sight.frame(undefined, nowMs).ended).toEqual([]);
});
