import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arena } from "../../../rooms/arena/simulation.ts";
import { duel } from "../../../rooms/duel/simulation.ts";
import { SIMULATIONS } from "../../../rooms/index.ts";
import type { Simulation } from "../../../rooms/simulation.ts";
import type { JournalRecord } from "../../../server/host/journal-format.ts";
import { type ReplayOutcome, replay } from "../../../server/host/replay.ts";
import { anyRecord, HEADER, journalOf, piecesOf, recorded, type Turn } from "./journals.ts";

const turnsOf = (seats: number, commandBytes: number): fc.Arbitrary<Turn[]> =>
  fc.array(
    fc.record(
      {
        seat: fc.nat(seats - 1),
        act: fc.constantFrom("join", "join", "leave", "command", "command", "command", "nothing"),
        // Small bytes are commands more often than not.
        bytes: fc
          .array(fc.nat(6), { minLength: commandBytes, maxLength: commandBytes })
          .map((list) => Uint8Array.from(list)),
        roundTripMs: fc.nat(1000),
      },
      { requiredKeys: ["seat", "act", "bytes"] },
    ),
    { maxLength: 150 },
  );

const duelTurns = turnsOf(2, duel.commandBytesMax);
const wordsOf = (outcome: ReplayOutcome) => ("message" in outcome ? outcome.message : "");

/** A duel of two that runs through several hashes. */
const played = recorded(duel, [
  { seat: 0, act: "join", bytes: Uint8Array.of() },
  { seat: 1, act: "join", bytes: Uint8Array.of() },
  ...Array.from({ length: 150 }, (_, index) => ({
    seat: index % 2,
    act: "command" as const,
    bytes: Uint8Array.of(index % 10, index % 7),
  })),
]);

describe("a sound journal", () => {
  it("[JN30] replays to the hash that was recorded, whatever was played", () => {
    const matches = fc.oneof(
      duelTurns.map((turns) => ({ game: "duel", ...recorded(duel, turns) })),
      turnsOf(2, arena.commandBytesMax).map((turns) => ({
        game: "arena",
        ...recorded(arena, turns),
      })),
    );
    fc.assert(
      fc.property(matches, ({ game, records, ticks, finalHash }) => {
        const version = SIMULATIONS[game]?.version;
        const file = journalOf({ ...HEADER, game, gameVersion: version }, records);
        expect(replay(file, SIMULATIONS)).toEqual({
          outcome: "same",
          game,
          ticks,
          finalHash,
          ending: "result",
          resultId: "result-1",
        });
      }),
    );
  });

  it("[JN30] that was cut at its size limit replays up to there and says so", () => {
    const ticks = 70;
    const records = played.records.filter((record) => record.tick < ticks);
    const file = journalOf(HEADER, [...records, { type: "cut", tick: ticks }]);
    expect(replay(file, SIMULATIONS)).toMatchObject({ outcome: "same", ticks, ending: "cut" });
  });

  it("[JN31] of which something was altered is never called the same", () => {
    const whole = journalOf(HEADER, played.records);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const file = Buffer.from(whole);
        file[at] = (file[at] ?? 0) ^ mask;
        const outcome = replay(file, SIMULATIONS);
        expect(outcome.outcome).toMatch(/differs|unreadable/);
        expect(wordsOf(outcome)).not.toBe("");
      }),
      { numRuns: 300 },
    );
  });

  it("[JN31] names the tick at which an altered record stands", () => {
    const pieces = piecesOf(HEADER, played.records);
    played.records.forEach((record, index) => {
      const altered = pieces.map((piece) => Buffer.from(piece));
      const check = altered[index + 1] as Buffer;
      check.writeUInt8(check.readUInt8(check.length - 1) ^ 1, check.length - 1);
      expect(replay(Buffer.concat(altered), SIMULATIONS)).toMatchObject({
        outcome: "differs",
        firstDifferentTick: record.tick,
      });
    });
  });

  it("[JN31] names the step after which the recorded state is another", () => {
    for (const index of played.records.keys()) {
      const record = played.records[index];
      if (record?.type !== "hash" && record?.type !== "result") continue;
      const records = played.records.with(index, { ...record, hash: "0".repeat(16) });
      expect(replay(journalOf(HEADER, records), SIMULATIONS)).toMatchObject({
        outcome: "differs",
        firstDifferentTick: record.tick,
      });
    }
  });

  it("[JN31] with something appended is not the same any more", () => {
    const whole = journalOf(HEADER, played.records);
    for (const tail of [Buffer.of(0), Buffer.of(6, 0, 0, 0, 0), whole]) {
      expect(replay(Buffer.concat([whole, tail]), SIMULATIONS).outcome).not.toBe("same");
    }
  });

  it("[JN32] that was cut short says that it is cut off, or that it has no result", () => {
    const pieces = piecesOf(HEADER, played.records);
    const whole = Buffer.concat(pieces);
    const ends = new Set<number>();
    pieces.reduce((end, piece) => {
      ends.add(end + piece.length);
      return end + piece.length;
    }, 0);
    for (let length = 0; length < whole.length; length++) {
      const outcome = replay(whole.subarray(0, length), SIMULATIONS);
      if (ends.has(length)) expect(outcome).toMatchObject({ outcome: "same", ending: "open" });
      else expect(wordsOf(outcome)).toMatch(length < 4 ? /not a fleetroom journal/ : /cut off/);
    }
  });
});

const join = (seat: number, tick = 0): JournalRecord => ({ type: "join", tick, seat, team: "" });
const step = (...commands: [seat: number, ...bytes: number[]][]): JournalRecord => ({
  type: "step",
  tick: 0,
  commands: commands.map(([seat, ...bytes]) => ({ seat, bytes: Uint8Array.from(bytes) })),
});
const cut = (tick: number): JournalRecord => ({ type: "cut", tick });

describe("a journal that no match can have written, checks and all", () => {
  it.each<[string, JournalRecord[], RegExp]>([
    ["joins a seat twice", [join(0), join(0, 1)], /seat 0 joins twice/],
    ["joins a seat there is none of", [join(2)], /no seat 2/],
    ["leaves an empty seat", [{ type: "leave", tick: 0, seat: 1 }], /seat 1 leaves but is empty/],
    ["goes back in time", [join(0, 5), join(1, 4)], /tick 4 follows tick 5/],
    ["repeats a step", [join(0), step([0, 0, 0]), step([0, 0, 0])], /tick 0 follows tick 1/],
    ["leaves out a hash", [join(0), cut(65)], /tick 65 follows tick 0/],
    ["jumps to the end of time", [join(0), cut(0xffffffff)], /tick 4294967295/],
    ["hashes the end of time", [{ type: "hash", tick: 0xffffffff, hash: "0".repeat(16) }], /tick/],
    ["has commands of an empty seat", [join(0), step([1, 0, 0])], /seat 1 is none of this game/],
    ["has a command that is none", [join(0), step([0, 0, 7])], /seat 0 is none of this game/],
    ["has too long a command", [join(0), step([0, 0, 0, 0])], /seat 0 is none of this game/],
    ["has too many commands", [join(0), step([0, 0, 0], [0, 0, 1])], /too many/],
    ["has commands out of order", [join(0), join(1), step([1, 0, 0], [0, 0, 0])], /out of order/],
    ["goes on after its size limit", [join(0), cut(1), cut(2)], /follows the last one/],
    ["goes on after its result", [...played.records, cut(200)], /follows the last one/],
    ["has another hash", [{ type: "hash", tick: 0, hash: "0".repeat(16) }], /recorded 0{16}/],
  ])("[JN33] %s: says so", (_what, records, words) => {
    const outcome = replay(journalOf(HEADER, records), SIMULATIONS);
    expect(outcome.outcome).toMatch(/differs|unreadable/);
    expect(wordsOf(outcome)).toMatch(words);
  });

  it("[JN33] takes as many commands of a seat as the game does", () => {
    const patient: Simulation = { ...SIMULATIONS["duel"]!, commandsPerTickMax: 2 };
    const both = [join(0), join(1)];
    for (const [commands, outcome] of [
      [[0, 0, 1, 1], "same"],
      [[0, 0, 0], "unreadable"],
      [[0, 1, 1, 1], "unreadable"],
    ] as const) {
      const record = step(...commands.map((seat) => [seat, 0, 0] as [number, number, number]));
      const file = journalOf(HEADER, [...both, record]);
      expect(replay(file, { duel: patient }).outcome).toBe(outcome);
    }
  });

  it("[JN33] never shows a game more bytes than its longest command has", () => {
    const lenient: Simulation = { ...SIMULATIONS["duel"]!, decode: () => ({ column: 0 }) };
    for (const [bytes, outcome] of [
      [[0, 0], "same"],
      [[0, 0, 0], "differs"],
    ] as const) {
      const file = journalOf(HEADER, [join(0), step([0, ...bytes])]);
      expect(replay(file, { duel: lenient }).outcome).toBe(outcome);
    }
  });

  it.each<[string, object, string]>([
    ["an unknown game", { game: "chess" }, 'no game named "chess"'],
    ["a game named like a property of objects", { game: "constructor" }, "no game named"],
    ["another version", { gameVersion: 2 }, "duel version 2, installed is 1"],
    ["more seats than the game has", { seatsMax: 3 }, "3 seats, duel has 2 at most"],
  ])("[JN34] is of %s: says so", (_what, wrong, words) => {
    const outcome = replay(journalOf({ ...HEADER, ...wrong }, []), SIMULATIONS);
    expect(outcome).toMatchObject({
      outcome: "unreadable",
      message: expect.stringContaining(words),
    });
  });
});

describe("a hostile journal", () => {
  it("[JN35] of any records gets an answer after a bounded number of steps", () => {
    // Ticks that are near each other get further than random ones.
    const near = anyRecord.chain((record) =>
      fc.record({ tick: fc.nat(200), seat: fc.nat(3) }).map((at) => ({ ...record, ...at })),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(near, anyRecord), { maxLength: 20 }), (records) => {
        let steps = 0;
        const counting: Simulation = {
          ...SIMULATIONS["duel"]!,
          advance(state, commands, at) {
            steps++;
            duel.advance(state as never, commands as never, at);
          },
        };
        const outcome = replay(journalOf(HEADER, records as JournalRecord[]), { duel: counting });
        expect(outcome.outcome).toMatch(/same|differs|unreadable/);
        expect(steps).toBeLessThanOrEqual(records.length * 65);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, unknown]>([
    ["an error", new Error("out of its depth")],
    ["a text", "out of its depth"],
    ["nothing", undefined],
    ["an object without a name", Object.create(null)],
  ])("[JN35] at which the game throws %s is unreadable", (_what, thrown) => {
    for (const method of ["create", "join", "advance", "decode", "hash"] as const) {
      const failing: Simulation = {
        ...SIMULATIONS["duel"]!,
        [method]: () => {
          throw thrown;
        },
      };
      expect(replay(journalOf(HEADER, played.records), { duel: failing })).toMatchObject({
        outcome: "unreadable",
        message: expect.stringContaining("the game failed on this journal"),
      });
    }
  });
});
