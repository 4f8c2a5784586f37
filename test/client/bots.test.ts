import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ShipView } from "../../client/arena/arena-view.ts";
import { BotPilot, type PilotView } from "../../client/arena/bot-pilot.ts";
import { chooseColumn } from "../../client/duel/bot-player.ts";
import { decodeArenaCommand } from "../../rooms/arena/commands.ts";
import { ArenaButton, encodeArenaCommand } from "../../rooms/arena/prediction.ts";
import type { Cell } from "../../rooms/duel/state.ts";
import { createRandom } from "../../rooms/kernel/random.ts";

interface Place {
  readonly x: number;
  readonly y: number;
}

function viewWith(places: readonly Place[], tick = 1): PilotView {
  const ships = places.map(({ x, y }, seat): [number, ShipView] => [
    seat,
    {
      ...{ seat, name: "", team: "", score: 0, isAlive: true, respawnAtTick: 0 },
      body: { seat, x, y, vx: 0, vy: 0, angle: 0, health: 100, ack: 0 },
    },
  ]);
  return {
    tick,
    phase: "playing",
    widthMetres: 100,
    heightMetres: 100,
    obstacles: [{ x: 30, y: 30, radius: 3 }],
    ships: new Map(ships),
  };
}

describe("bots", () => {
  test("[CL7] fly by commands that the server accepts, wherever everybody is", () => {
    const place = fc.record({
      x: fc.double({ min: 0, max: 100, noNaN: true }),
      y: fc.double({ min: 0, max: 100, noNaN: true }),
    });
    const places = fc.array(place, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(places, fc.nat(), fc.nat({ max: 9999 }), (ships, seed, tick) => {
        const controls = new BotPilot(seed).decide(viewWith(ships, tick), 0);
        expect(
          decodeArenaCommand(encodeArenaCommand({ ...controls, tick, seenTickEighths: 0 })),
        ).toBeDefined();
      }),
    );
  });

  test("[CL7] decide the same from the same seed and views", () => {
    const flight = (seed: number): unknown[] => {
      const pilot = new BotPilot(seed);
      return Array.from({ length: 200 }, (_, tick) =>
        pilot.decide(
          viewWith(
            [
              { x: 50, y: 50 },
              { x: 50 + tick / 10, y: 60 },
            ],
            tick,
          ),
          0,
        ),
      );
    };
    expect(flight(7)).toEqual(flight(7));
    expect(flight(7)).not.toEqual(flight(8));
  });

  test("[CL7] shoot at an enemy in reach and not at one beyond", () => {
    const shots = (distance: number): number => {
      const pilot = new BotPilot(3);
      let count = 0;
      for (let tick = 0; tick < 600; tick++) {
        const view = viewWith(
          [
            { x: 10, y: 50 },
            { x: 10 + distance, y: 50 },
          ],
          tick,
        );
        if ((pilot.decide(view, 0).buttons & ArenaButton.FIRE) !== 0) count++;
      }
      return count;
    };
    expect(shots(15)).toBeGreaterThan(100);
    expect(shots(60)).toBe(0);
  });

  test("[CL7] hold still without a ship, and when the match is over", () => {
    const pilot = new BotPilot(3);
    expect(pilot.decide(viewWith([{ x: 10, y: 50 }]), 5).buttons).toBe(0);
    const over = {
      ...viewWith([
        { x: 9, y: 9 },
        { x: 12, y: 9 },
      ]),
      phase: "over",
    };
    expect(pilot.decide(over, 0).buttons).toBe(0);
  });

  test("[CL7] take the column that wins and stop the one that loses", () => {
    const empty = new Array<Cell>(42).fill(0);
    const three = empty.with(0, 1).with(1, 1).with(2, 1);
    expect(chooseColumn(three, 1, createRandom(1))).toBe(3);
    expect(chooseColumn(three, 2, createRandom(1))).toBe(3);
  });

  test("[CL7] choose a column with room, until none has any", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 7 }),
        (seed, full) => {
          const board = Array.from({ length: 42 }, (_, cell): Cell => {
            // Alternating in blocks of two rows: no line of four anywhere.
            return full.includes(cell % 7)
              ? ((cell + Math.floor(cell / 14)) % 2) + 1 === 1
                ? 1
                : 2
              : 0;
          });
          const column = chooseColumn(board, 1, createRandom(seed));
          if (new Set(full).size === 7) expect(column).toBeUndefined();
          else expect(full).not.toContain(column);
        },
      ),
    );
  });
});
