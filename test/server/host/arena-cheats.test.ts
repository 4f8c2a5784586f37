/** Cheats in the arena by the way that their bytes go: the room, its command queue, and the game. */
import { afterEach, describe, expect, it } from "vitest";
import { COMMAND } from "../../../protocol/messages.ts";
import {
  ARENA_COMMAND_BYTES,
  ArenaButton,
  type ArenaCommand,
  encodeArenaCommand,
} from "../../../rooms/arena/commands.ts";
import { arena } from "../../../rooms/arena/simulation.ts";
import type { ArenaState } from "../../../rooms/arena/state.ts";
import { SIMULATIONS } from "../../../rooms/index.ts";
import { createRandom, nextBelow, nextUint32, type Random } from "../../../rooms/kernel/random.ts";
import type { Simulation } from "../../../rooms/simulation.ts";
import { ArenaReferee } from "../../rooms/arena/arena-referee.ts";
import { closeWorlds, openWorld, type ScriptedClient } from "./match-world.ts";

const { RIGHT, FIRE } = ArenaButton;
const SECONDS = 8;

afterEach(() => closeWorlds());

/** A match in a room, judged after every step. */
async function openArena(tickRateHz: number = arena.tickRateHz) {
  let state: ArenaState | undefined;
  const used: number[] = [];
  const simulation: Simulation = {
    ...SIMULATIONS["arena"]!,
    tickRateHz,
    create(setup) {
      state = arena.create({ ...setup, gameProperties: { scoreLimit: "1000" } });
      return state;
    },
    advance(match, commands, step) {
      for (const { seat } of commands) used[seat] = (used[seat] ?? 0) + 1;
      arena.advance(match as never, commands as never, step);
    },
  };
  const world = await openWorld({ kind: "simulation", simulation });
  const referee = new ArenaReferee(state as unknown as ArenaState);
  let passed = 0;
  /** Runs one step. */
  const step = () => {
    world.clock.advance((1000 * ++passed) / tickRateHz - world.clock.nowMs());
    referee.look();
  };
  return { ...world, state: state as unknown as ArenaState, referee, used, step, tickRateHz };
}

const send = (client: ScriptedClient, command: ArenaCommand) =>
  client.sendTyped(COMMAND, encodeArenaCommand(command));

function wild(random: Random, tick: number): ArenaCommand {
  return {
    tick: tick >>> 0,
    buttons: nextBelow(random, 32),
    aimRadians: (nextBelow(random, 2001) / 1000 - 1) * 3.14,
    seenTickEighths: nextUint32(random) & 0xffff,
  };
}

describe("a player who floods", () => {
  it.each([
    [10, 30],
    [100, 30],
    [10, 128],
    [100, 10],
  ])(
    "[SM25] with %i times as many commands, at %i Hz, gets no more than its ship can",
    async (times, rate) => {
      const { join, step, state, referee, used } = await openArena(rate);
      const cheats = [(await join(1)).client, (await join(2)).client, (await join(3)).client];
      const random = createRandom(times + rate);
      let number = 0;
      for (let count = 0; count < SECONDS * rate; count++) {
        for (const cheat of cheats) {
          for (let more = 0; more < times; more++) {
            // A way that is kept for a second, so that somebody gets up to speed.
            const way = (1 << (Math.floor(count / rate) % 4)) | FIRE;
            send(cheat, { ...wild(random, ++number), buttons: way });
          }
        }
        step();
      }
      expect(referee.faults).toEqual([]);
      expect(Math.max(...used)).toBeLessThanOrEqual(state.tick);
      // The limits were reached, or nothing was tried here.
      expect(referee.fastestMetresPerSecond).toBeGreaterThan(13);
      expect(referee.shots).toBeGreaterThan(2 * SECONDS);
    },
  );

  it("[SM25] goes as far, and shoots as often, as one who plays by the rules", async () => {
    const { join, step, state, referee } = await openArena();
    const [honest, cheat] = [(await join(1)).client, (await join(2)).client];
    // Else one meets an obstacle that the other does not.
    (state.ground.obstacles as unknown[]).length = 0;
    state.ground.obstacleGrid.cellStarts.fill(0);
    for (const [seat, y] of [30, 60].entries()) referee.place(seat, 10, y);
    const start = state.ships.map((ship) => ship?.xMetres ?? 0);
    const steered = { buttons: RIGHT | FIRE, aimRadians: 1.5, seenTickEighths: 0 };
    for (let count = 1; count <= 90; count++) {
      send(honest, { tick: count, ...steered });
      for (let more = 0; more < 100; more++) send(cheat, { tick: 100 * count + more, ...steered });
      step();
    }
    const gone = state.ships.map((ship, seat) => (ship?.xMetres ?? 0) - (start[seat] ?? 0));
    expect(gone[0]).toBeGreaterThan(20);
    expect(gone[1]).toBe(gone[0]);
    expect(referee.shotsOf(1)).toBe(referee.shotsOf(0));
  });
});

describe("a player who saves up", () => {
  it("[SM25] seconds of commands and sends them at once is moved by what one second moves", async () => {
    for (const seed of [1, 2, 3]) {
      const { join, step, state, referee } = await openArena();
      const { client } = await join(1);
      const random = createRandom(seed);
      let number = 0;
      for (let burst = 0; burst < 6; burst++) {
        const silentTicks = 30 + nextBelow(random, 120);
        for (let count = 0; count < silentTicks; count++) step();
        const before = { ...state.ships[0] };
        const shotsBefore = referee.shotsOf(0);
        // One for every step in which it was silent, all the same way.
        for (let count = 0; count < silentTicks + 30; count++) {
          const command = { buttons: RIGHT | FIRE, aimRadians: 0, seenTickEighths: 0 };
          send(client, { tick: ++number, ...command });
        }
        for (let count = 0; count < 30; count++) step();
        const metres = Math.abs((state.ships[0]?.xMetres ?? 0) - (before.xMetres ?? 0));
        expect(metres).toBeLessThanOrEqual(14);
        expect(referee.shotsOf(0) - shotsBefore).toBeLessThanOrEqual(4);
      }
      expect(referee.faults).toEqual([]);
      expect(referee.shots).toBeGreaterThan(6);
      await closeWorlds();
    }
  });
});

/** How a cheat numbers its commands, from the last number it used. */
const SEQUENCES: Readonly<Record<string, (last: number, random: Random) => readonly number[]>> = {
  "repeats each number": (last) => [last, last + 1, last + 1, last + 1],
  "goes back": (last, random) => [last + 1, last - nextBelow(random, 50), 0, 1],
  "jumps ahead as far as it may": (last) => [last + 1024, last + 1023, last + 2048],
  "jumps too far": (last, random) => [last + 1025 + nextBelow(random, 1e6), last + 1],
  "turns the order round": (last) => [last + 4, last + 3, last + 2, last + 1],
  "says any number": (_last, random) => [nextUint32(random), nextUint32(random)],
};

describe("a player who plays with numbers", () => {
  it.each(Object.keys(SEQUENCES))(
    "[SM26] %s: has one command a step, and the numbers rise",
    async (name) => {
      const { join, step, state, referee, used } = await openArena();
      const { client } = await join(1);
      const random = createRandom(name.length);
      const numbers: number[] = [];
      send(client, wild(random, 5_000));
      for (let count = 0; count < SECONDS * 30; count++) {
        step();
        const last = state.ships[0]?.lastCommandTick ?? 0;
        if (last !== numbers.at(-1)) numbers.push(last);
        for (const number of SEQUENCES[name]?.(last, random) ?? [])
          send(client, wild(random, number));
      }
      expect(referee.faults).toEqual([]);
      expect(used[0]).toBeLessThanOrEqual(state.tick);
      expect(numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? 0))).toBe(true);
      const jumps = numbers.map((number, at) => number - (numbers[at - 1] ?? number));
      expect(Math.max(...jumps)).toBeLessThanOrEqual(1_024);
    },
  );

  it("[SM26] at the end of all numbers is not served again from 0", async () => {
    const { join, step, state, referee } = await openArena();
    const { client } = await join(1);
    const random = createRandom(9);
    send(client, wild(random, 0xfffffffd));
    step();
    for (const number of [0xfffffffe, 0xffffffff, 0, 1, 2, 0xffffffff, 0xfffffffe]) {
      send(client, wild(random, number));
      step();
    }
    expect(state.ships[0]?.lastCommandTick).toBe(0xffffffff);
    expect(referee.faults).toEqual([]);
  });
});

describe("bytes that are no numbers", () => {
  it("[SM27] never reach the game, and are counted", async () => {
    const { join, step, state, referee, used, telemetry } = await openArena();
    const { client } = await join(1);
    const good = encodeArenaCommand(wild(createRandom(1), 1));
    const aims = [Number.NaN, Infinity, -Infinity, 3.2, -1e30, 3.5e38];
    for (const aim of aims) {
      const bytes = good.slice();
      new DataView(bytes.buffer).setFloat32(5, aim, true);
      client.sendTyped(COMMAND, bytes);
    }
    // Every other pattern that means no number.
    for (const high of [0x7f, 0xff]) {
      for (let low = 0x80; low <= 0xff; low++) {
        client.sendTyped(COMMAND, Uint8Array.from([...good.slice(0, 5), 1, 0, low, high, 0, 0]));
      }
    }
    for (let count = 0; count < 30; count++) step();
    expect(used).toEqual([]);
    expect(telemetry.of("commandDropped")).toHaveLength(aims.length + 2 * 128);
    expect(referee.faults).toEqual([]);
    expect(state.ships[0]?.hasCommanded).toBe(false);
  });

  it("[SM27] of any kind leave a state in which all is finite and within bounds", async () => {
    const { join, step, referee } = await openArena();
    const clients = [(await join(1)).client, (await join(2)).client];
    const random = createRandom(12);
    for (let count = 0; count < SECONDS * 30; count++) {
      for (const client of clients) {
        for (let more = 0; more < 20; more++) {
          const length = nextBelow(random, 8) === 0 ? nextBelow(random, 40) : ARENA_COMMAND_BYTES;
          const bytes = Uint8Array.from({ length }, () => nextBelow(random, 256));
          // Else hardly any would be a command.
          if (length === ARENA_COMMAND_BYTES && nextBelow(random, 2) === 0) {
            bytes.set([count, count >> 8, 0, 0, nextBelow(random, 32)]);
            bytes[8] = nextBelow(random, 2) === 0 ? 0x3f : 0xbf;
          }
          client.sendTyped(COMMAND, bytes);
        }
      }
      step();
    }
    expect(referee.faults).toEqual([]);
    expect(referee.shots).toBeGreaterThan(10);
  });
});
