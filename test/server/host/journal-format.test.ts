import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  encodeHeader,
  encodeRecord,
  JOURNAL_HEADER_BYTES_MAX,
  type JournalRecord,
  JournalSeal,
} from "../../../server/host/journal-format.ts";
import { anyRecord, HEADER, journalOf, piecesOf, readAll } from "./journals.ts";

const fewRecords = fc.array(anyRecord, { maxLength: 6 });

/** How many pieces of a file end at or before an offset. */
function wholePieces(pieces: readonly Buffer[], offset: number): number {
  let end = 0;
  return pieces.findIndex((piece) => {
    end += piece.length;
    return end > offset;
  });
}

describe("a journal", () => {
  it("[JN10] reads back as it was written", () => {
    fc.assert(
      fc.property(fewRecords, (records) => {
        expect(readAll(journalOf(HEADER, records))).toEqual({
          header: HEADER,
          records,
          flaw: undefined,
        });
      }),
    );
  });

  it("[JN10] keeps the longest header there can be", () => {
    const header = {
      ...HEADER,
      gameProperties: Object.fromEntries(
        Array.from({ length: 16 }, (_, index) => [`${index}`.padEnd(32, "\0"), "\0".repeat(96)]),
      ),
      gameSessionData: "\ud800".repeat(262_144),
      teams: ["\u0001".repeat(390_000)],
    };
    expect(readAll(journalOf(header, [{ type: "cut", tick: 0 }]))).toEqual({
      header,
      records: [{ type: "cut", tick: 0 }],
      flaw: undefined,
    });
  });

  it("[JN10] keeps team names of any length that a matchmaker may give", () => {
    for (const team of ["", "ä".repeat(128), "日本".repeat(5_000)]) {
      const record: JournalRecord = { type: "join", tick: 0, seat: 0, team };
      expect(readAll(journalOf(HEADER, [record])).records).toEqual([record]);
    }
  });

  it.each<[string, JournalRecord]>([
    [
      "a command of 256 bytes",
      { type: "step", tick: 0, commands: [{ seat: 0, bytes: new Uint8Array(256) }] },
    ],
    ...[-1, 0.5, 65_535, Number.NaN].map((roundTripMs): [string, JournalRecord] => [
      `a round trip of ${roundTripMs} ms`,
      { type: "step", tick: 0, commands: [{ seat: 0, bytes: Uint8Array.of(), roundTripMs }] },
    ]),
    ["a seat above 65,535", { type: "leave", tick: 0, seat: 65_536 }],
    ["a tick of more than 32 bits", { type: "cut", tick: 2 ** 32 }],
    ["a negative tick", { type: "cut", tick: -1 }],
    [
      "a team name above 65,535 bytes",
      { type: "join", tick: 0, seat: 0, team: "x".repeat(65_536) },
    ],
    ["a hash of 15 digits", { type: "hash", tick: 0, hash: "0".repeat(15) }],
    ["a hash that is none", { type: "hash", tick: 0, hash: "no hash at all!!" }],
    ["a result without a hash", { type: "result", tick: 0, hash: "", result: {} }],
    [
      "more commands than 65,535",
      { type: "step", tick: 0, commands: Array(65_536).fill({ seat: 0, bytes: new Uint8Array() }) },
    ],
  ])("[JN11] cannot hold %s, and says so instead of writing something else", (_what, record) => {
    expect(() => encodeRecord(record)).toThrow(RangeError);
  });
});

describe("a damaged journal", () => {
  it("[JN12] is found out whichever byte was changed, and is read exactly up to there", () => {
    fc.assert(
      fc.property(
        fewRecords,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 255 }),
        (records, where, mask) => {
          const pieces = piecesOf(HEADER, records);
          const file = Buffer.concat(pieces);
          const at = Math.floor(where * file.length);
          file[at] = (file[at] ?? 0) ^ mask;
          const { records: sound, flaw } = readAll(file);
          expect(flaw).toBeDefined();
          expect(sound).toEqual(records.slice(0, Math.max(0, wholePieces(pieces, at) - 1)));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("[JN12] is found out for every byte of a short one", () => {
    const whole = journalOf(HEADER, [
      { type: "join", tick: 0, seat: 0, team: "red" },
      { type: "result", tick: 3, hash: "0123456789abcdef", result: { resultId: "r" } },
    ]);
    for (let at = 0; at < whole.length; at++) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const file = Buffer.from(whole);
        file[at] = (file[at] ?? 0) ^ mask;
        expect(readAll(file).flaw, `byte ${at}`).toBeDefined();
      }
    }
  });

  it("[JN12] is found out when records were taken out, repeated or swapped", () => {
    const records = fc.array(anyRecord, { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(records, fc.nat(4), fc.nat(2), (list, index, how) => {
        const [header = Buffer.alloc(0), ...pieces] = piecesOf(HEADER, list);
        const at = index % (pieces.length - 1);
        const [one = header, other = header] = pieces.slice(at, at + 2);
        fc.pre(!isDeepStrictEqual(list[at], list[at + 1]));
        const instead = [[other], [one, one, other], [other, one]][how] ?? [];
        pieces.splice(at, 2, ...instead);
        const { records: sound, flaw } = readAll(Buffer.concat([header, ...pieces]));
        expect(flaw?.kind).toMatch(/altered|cut_off/);
        expect(sound).toEqual(list.slice(0, sound.length));
        expect(sound.length).toBeLessThanOrEqual(at + (how === 1 ? 1 : 0));
      }),
    );
  });

  it("[JN13] that is cut anywhere is cut off, or ends after a whole record", () => {
    fc.assert(
      fc.property(fewRecords, fc.double({ min: 0, max: 1, noNaN: true }), (records, where) => {
        const pieces = piecesOf(HEADER, records);
        const file = Buffer.concat(pieces);
        const length = Math.floor(where * file.length);
        const { records: sound, flaw } = readAll(file.subarray(0, length));
        const whole = length === file.length ? pieces.length : wholePieces(pieces, length);
        const isBoundary = Buffer.concat(pieces.slice(0, whole)).length === length && whole > 0;
        expect(sound).toEqual(records.slice(0, Math.max(0, whole - 1)));
        expect(flaw?.kind).toBe(isBoundary ? undefined : length < 4 ? "not_a_journal" : "cut_off");
      }),
      { numRuns: 300 },
    );
  });
});

describe("a hostile file", () => {
  it("[JN14] of random bytes, with or without a good beginning, gets an answer", () => {
    const good = journalOf(HEADER, []);
    const beginning = fc.constantFrom(
      Buffer.alloc(0),
      Buffer.from("FLRJ\x01"),
      Buffer.from("FLRJ\x02"),
      good,
    );
    fc.assert(
      fc.property(beginning, fc.uint8Array({ minLength: 1, maxLength: 400 }), (head, tail) => {
        const { flaw } = readAll(Buffer.concat([head, tail]));
        expect(flaw?.kind).toMatch(/not_a_journal|cut_off|altered/);
        expect(flaw?.message).not.toBe("");
      }),
      { numRuns: 500 },
    );
  });

  it("[JN14] makes the reader allocate nothing by the lengths it claims", () => {
    const long = Buffer.from([0xff, 0xff, 0xff, 0xff]);
    const result = Buffer.concat([Buffer.from([5, 0, 0, 0, 0]), Buffer.alloc(8), long]);
    const step = Buffer.from([3, 0, 0, 0, 0, 0xff, 0xff]);
    const before = process.memoryUsage().arrayBuffers;
    expect(readAll(Buffer.concat([Buffer.from("FLRJ\x01"), long])).flaw?.kind).toBe(
      "not_a_journal",
    );
    for (const record of [result, step]) {
      const file = Buffer.concat([journalOf(HEADER, []), record]);
      expect(readAll(file).flaw?.kind).toBe("cut_off");
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  it.each<[string, object]>([
    ["no game", { game: undefined }],
    ["a game that is no text", { game: 3 }],
    ["version 0", { gameVersion: 0 }],
    ["a seed of more than 32 bits", { seed: 2 ** 32 }],
    ["a fractional seed", { seed: 0.5 }],
    ["9 Hz", { tickRateHz: 9 }],
    ["129 Hz", { tickRateHz: 129 }],
    ["no seats", { seatsMax: 0 }],
    ["65,536 seats", { seatsMax: 65_536 }],
    ["properties that are no texts", { gameProperties: { map: 1 } }],
    ["no properties", { gameProperties: null }],
    ["data that is no text", { gameSessionData: {} }],
    ["teams that are no list", { teams: "red" }],
    ["a team that is no text", { teams: [null] }],
  ])("[JN15] with %s in its header is no journal of a match", (_what, wrong) => {
    const { flaw } = readAll(journalOf({ ...HEADER, ...wrong }, []));
    expect(flaw).toMatchObject({
      kind: "not_a_journal",
      message: expect.stringContaining("header"),
    });
  });

  it.each([["[]"], ["null"], ["1"], ["{"], [""]])("[JN15] with the header %j is none", (json) => {
    const head = encodeHeader(HEADER).subarray(0, 9);
    head.writeUInt32LE(json.length, 5);
    const file = new JournalSeal().seal(Buffer.concat([head, Buffer.from(json)]));
    expect(readAll(file).flaw?.kind).toBe("not_a_journal");
  });

  it("[JN15] of another format or with an oversized header says so", () => {
    const other = journalOf(HEADER, []);
    other.writeUInt8(9, 4);
    expect(readAll(other).flaw?.message).toContain("format 9");
    const { length } = encodeHeader({ ...HEADER, gameSessionData: "" });
    for (const [over, kind] of [
      [0, undefined],
      [1, "not_a_journal"],
    ] as const) {
      const room = JOURNAL_HEADER_BYTES_MAX - (length - 9) + over;
      const file = journalOf({ ...HEADER, gameSessionData: "x".repeat(room) }, []);
      expect(readAll(file).flaw?.kind).toBe(kind);
    }
  });
});
