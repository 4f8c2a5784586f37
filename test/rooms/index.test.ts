import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SIMULATION_NAMES, SIMULATIONS } from "../../rooms/index.ts";
import { Match } from "./match.ts";

test("[SM17] offers the arena and the duel", () => {
  expect(SIMULATION_NAMES).toEqual(["arena", "duel"]);
});

describe.each(Object.entries(SIMULATIONS))("%s", (key, game) => {
  test("[SM17] keeps to the limits of the simulation interface", () => {
    expect(game.name).toBe(key);
    expect(game.name).toMatch(/^[a-z]+$/);
    expect(game.version).toBeGreaterThanOrEqual(1);
    expect(game.tickRateHz).toBeGreaterThanOrEqual(10);
    expect(game.tickRateHz).toBeLessThanOrEqual(128);
    expect(game.seatsMax).toBeGreaterThanOrEqual(1);
    expect(game.commandBytesMax).toBeGreaterThanOrEqual(1);
    expect(game.commandBytesMax).toBeLessThanOrEqual(255);
    expect(game.commandsPerTickMax).toBe(1);
  });

  test("[SM1] decodes any bytes without throwing and without changing them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: game.commandBytesMax }), (bytes) => {
        const before = [...bytes];
        game.decode(bytes);
        expect([...bytes]).toEqual(before);
      }),
    );
  });

  test("[SM17] makes a match of any setup a host may give", () => {
    const text = fc.string({ maxLength: 96 });
    const setups = fc.record({
      seed: fc.nat(0xffffffff),
      tickRateHz: fc.integer({ min: 10, max: 128 }),
      seatsMax: fc.integer({ min: 1, max: game.seatsMax }),
      gameProperties: fc.oneof(
        fc.dictionary(fc.string({ maxLength: 32 }), text, { maxKeys: 16 }),
        fc.record({ matchSeconds: text, scoreLimit: text }),
      ),
      gameSessionData: text,
      teams: fc.constantFrom([], ["red"], ["red", "blue"], ["a", "b", "c"]),
    });
    fc.assert(
      fc.property(setups, (setup) => {
        const match = new Match(game, setup);
        for (let seat = 0; seat < setup.seatsMax; seat++) match.join(seat);
        match.steps(3);
        expect(match.hash).toMatch(/^[0-9a-f]{16}$/);
        const standing = game.standing(match.state);
        expect(standing.winners).toEqual([]);
        expect(standing.scores).toHaveLength(setup.seatsMax);
      }),
      { numRuns: 40 },
    );
  });
});
