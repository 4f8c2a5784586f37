import fc from "fast-check";
import { expect, test } from "vitest";
import type { ArenaCommand } from "../../../rooms/arena/commands.ts";
import { arenaReplica } from "../../../rooms/arena/replica.ts";
import { arena } from "../../../rooms/arena/simulation.ts";
import { createRandom } from "../../../rooms/kernel/random.ts";
import type { IssuedCommand, Seat, SimulationSetup } from "../../../rooms/simulation.ts";
import { ArenaMatch } from "./arena-match.ts";
import { botCommands, playBots } from "./bots.ts";

type Happening =
  | { readonly kind: "join or leave"; readonly seat: Seat }
  | {
      readonly kind: "command";
      readonly seat: Seat;
      readonly command: ArenaCommand;
      readonly roundTripMs: number;
    }
  | { readonly kind: "step" };

const seats = fc.nat(5);
const pi = Math.fround(Math.PI);
const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof(
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("join or leave" as const), seat: seats }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("command" as const),
        seat: seats,
        command: fc.record({
          tick: fc.nat(2000),
          buttons: fc.nat(31),
          aimRadians: fc.float({ min: -pi, max: pi, noNaN: true }),
          seenTickEighths: fc.nat(0xffff),
        }),
        roundTripMs: fc.nat(1000),
      }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("step" as const) }) },
  ),
  { maxLength: 300 },
);
const setups: fc.Arbitrary<Partial<SimulationSetup>> = fc.record({
  seed: fc.nat(0xffffffff),
  tickRateHz: fc.integer({ min: 10, max: 128 }),
  teams: fc.constantFrom([], ["red", "blue"]),
  gameProperties: fc.constantFrom({}, { matchSeconds: "10", scoreLimit: "1" }),
});

/** Plays a script and returns the hash after each step. */
function hashesOf(setup: Partial<SimulationSetup>, script: readonly Happening[]): string[] {
  const match = new ArenaMatch({ ...setup, seatsMax: 6 });
  const hashes = [match.hash];
  let commands: IssuedCommand<ArenaCommand>[] = [];
  for (const happening of script) {
    if (happening.kind === "command") commands.push(happening);
    else if (happening.kind === "step") {
      match.step(commands);
      commands = [];
      hashes.push(match.hash);
    } else if (match.state.ships[happening.seat] === undefined) {
      match.joinTeam(happening.seat, setup.teams?.[happening.seat % 2] ?? "");
    } else match.leave(happening.seat);
  }
  return hashes;
}

test("[DT1] reaches the same state after every step from the same setup, joins and commands", () => {
  fc.assert(
    fc.property(setups, happenings, (setup, script) => {
      expect(hashesOf(setup, script)).toEqual(hashesOf(setup, script));
    }),
  );
});

test("[DT2] starts differently for another seed", () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.nat(0xffffffff), (one, other) => {
      const [first, second] = [new ArenaMatch({ seed: one }), new ArenaMatch({ seed: other })];
      expect(first.hash === second.hash).toBe(one === other);
    }),
  );
});

test("[DT6] goes on the same from a copy of its state: nothing is kept elsewhere", () => {
  const original = new ArenaMatch({ seed: 3 });
  playBots(original, 200);
  const copy = structuredClone(original.state);
  const random = createRandom(1);
  for (let tick = 200; tick < 400; tick++) {
    const commands = botCommands(original.state, random);
    arena.advance(copy, commands, { tick, dtSeconds: 1 / 30 });
    original.step(commands);
    expect(arena.hash(copy)).toBe(original.hash);
  }
});

test("[DT6] is not disturbed by another match, nor by being shown or hashed", () => {
  const alone = new ArenaMatch({ seed: 3 });
  const aloneHashes: string[] = [];
  playBots(alone, 200, () => aloneHashes.push(alone.hash));

  const watched = new ArenaMatch({ seed: 3 });
  const other = new ArenaMatch({ seed: 4 }).join(0, 1, 2);
  const replica = arenaReplica.create(watched.setup);
  const random = createRandom(8);
  const watchedHashes: string[] = [];
  playBots(watched, 200, () => {
    other.step(botCommands(other.state, random));
    arenaReplica.write(watched.state, replica);
    arena.standing(watched.state);
    watchedHashes.push(watched.hash, watched.hash);
  });
  expect(watchedHashes.filter((_, index) => index % 2 === 0)).toEqual(aloneHashes);
});
