import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SnapshotDecoder } from "../../protocol/snapshot-decoder.ts";
import { encodeOwn, SnapshotEncoder } from "../../protocol/snapshot-encoder.ts";
import { type SnapshotLayout, snapshotLayoutFault } from "../../protocol/snapshot-layout.ts";
import { SnapshotTable } from "../../protocol/snapshot-table.ts";
import { fill, payloadOf } from "./snapshot-worlds.ts";

const X = { name: "x", step: 0.1, min: 0, max: 10 };
const Y = { ...X, name: "y" };
const KIND = { name: "ship", fields: [X, Y], place: ["x", "y"] };
const fields = (...each: object[]) => [{ ...KIND, fields: each }];
const withX = (over: object) => fields({ ...X, ...over }, Y);

/** What a value is once it has been to a client; by way of OWN, which sends every field as it is. */
function sent(field: object, value: number): number {
  const layout = fields(X, Y, { name: "z", ...field }) as unknown as SnapshotLayout;
  const table = new SnapshotTable(layout[0]!);
  fill(table, { 1: [0, 0, value] });
  const news = new SnapshotDecoder(layout, 20).read(payloadOf(encodeOwn(layout, 1, 0, 1, table)));
  return news!.changed[0]!.entity.values[2]!;
}

describe("the layout of snapshots", () => {
  it.each<[string, unknown, string]>([
    ["is no list", {}, "a list of kinds"],
    ["has no kind", [], "1 to 8 kinds, not 0"],
    ["has too many kinds", Array.from({ length: 9 }, () => KIND), "1 to 8 kinds, not 9"],
    ["has a kind that is none", [null], "is an object"],
    ["has a kind without a name", [{ ...KIND, name: "" }], "1 to 32 letters and digits"],
    ["has a kind of a long name", [{ ...KIND, name: "a".repeat(33) }], "1 to 32 letters"],
    ["has two kinds of one name", [KIND, KIND], "Two kinds"],
    ["has a kind without fields", fields(), "1 to 16 fields"],
    ["has a kind with too many fields", fields(...Array.from({ length: 17 }, () => X)), "1 to 16"],
    ["has a field that is none", [{ ...KIND, fields: [X, 5] }], "a field is an object"],
    ["has a field of another name", withX({ name: "x-1" }), "letters and digits"],
    ["has two fields of one name", fields(X, X), "two fields called x"],
    ["has no step", withX({ step: 0 }), "the step of x"],
    ["has a step that is no number", withX({ step: "1" }), "the step of x"],
    ["has no end", withX({ max: Number.POSITIVE_INFINITY }), "min and max of x"],
    ["has an end before its beginning", withX({ max: -1 }), "1 to 2^24 steps above min"],
    ["has less than one step", withX({ step: 11 }), "1 to 2^24 steps above min"],
    ["has too many steps", withX({ step: 1e-7 }), "1 to 2^24 steps above min"],
    ["has a circle of one step", withX({ step: 10, wraps: true }), "2 to 2^24 steps above min"],
    ["is too far from 0", withX({ min: 2 ** 40, max: 2 ** 40 + 10 }), "2^40 steps from 0"],
    ["wraps by halves", withX({ wraps: 1 }), "wraps of x"],
    ["has a rate that is no field", withX({ rate: "vx" }), "the rate of x is the name of a field"],
    ["has a rate that is no name", withX({ rate: 5 }), "the rate of x is the name of a field"],
    ["is its own rate", withX({ rate: "x" }), "has no rate itself"],
    ["has a rate with a rate", fields({ ...X, rate: "y" }, { ...Y, rate: "x" }), "no rate itself"],
    ["has a rate and a drift", withX({ rate: "y", drift: 1 }), "not both"],
    ["drifts by half steps", withX({ drift: 0.5 }), "the drift of x is a whole number"],
    ["drifts without end", withX({ drift: 2 ** 25 }), "the drift of x is a whole number"],
    ["has no place", [{ ...KIND, place: undefined }], "place names two of its fields"],
    ["has a place of one field", [{ ...KIND, place: ["x", "x"] }], "place names two"],
    ["has a place that is no field", [{ ...KIND, place: ["x", "z"] }], "place names two"],
  ])("[WC7] is refused with a sentence where it %s", (_, layout, words) => {
    expect(snapshotLayoutFault(layout)).toContain(words);
    const wrong = layout as SnapshotLayout;
    expect(() => new SnapshotEncoder(wrong, 20)).toThrow(RangeError);
    expect(() => new SnapshotDecoder(wrong, 20)).toThrow(words);
  });

  it("[WC7] is good at its limits", () => {
    const most = Array.from({ length: 16 }, (_, at) => ({
      name: `f${at}`.padEnd(32, "x"),
      step: 1,
      min: -(2 ** 23),
      max: 2 ** 23,
      ...(at > 0 ? { rate: "f0".padEnd(32, "x") } : { drift: -(2 ** 24) }),
    }));
    const place = [most[0]!.name, most[1]!.name];
    const layout = Array.from({ length: 8 }, (_, at) => ({ name: `k${at}`, fields: most, place }));
    expect(snapshotLayoutFault(layout)).toBeUndefined();
    expect(snapshotLayoutFault(withX({ step: 10 }))).toBeUndefined();
    expect(snapshotLayoutFault(withX({ step: 5, wraps: true }))).toBeUndefined();
  });

  it.each([9, 129, 20.5, Number.NaN, "20"])("[WC7] has no match of %s ticks per second", (hz) => {
    const layout = [KIND] as unknown as SnapshotLayout;
    expect(() => new SnapshotDecoder(layout, hz as number)).toThrow("10 to 128");
    expect(() => new SnapshotEncoder(layout, hz as number)).toThrow("10 to 128");
  });

  it("[WC7] may be anything and is then refused or good, without any other error", () => {
    const part = fc.oneof(
      fc.anything(),
      fc.constantFrom("x", "y", 0, 1, -1, 1e300, Number.MIN_VALUE, Number.NaN, true, null),
    );
    const field = fc.record(
      { name: part, step: part, min: part, max: part, wraps: part, rate: part, drift: part },
      { requiredKeys: [] },
    );
    const kind = fc.record(
      {
        name: part,
        fields: fc.array(fc.oneof(field, fc.constantFrom(X, Y)), { maxLength: 4 }),
        place: fc.oneof(part, fc.constant(["x", "y"])),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.array(kind)), (layout) => {
        const fault = snapshotLayoutFault(layout);
        const make = () => new SnapshotDecoder(layout as SnapshotLayout, 20);
        if (fault === undefined) make();
        else expect(make).toThrow(new RangeError(fault));
      }),
      { numRuns: 500 },
    );
  });
});

describe("a value of a snapshot", () => {
  const height = { step: 0.25, min: -1, max: 2 };
  const turn = { step: 0.25, min: -1, max: 2, wraps: true };

  it.each([
    [height, 0.3, 0.25],
    [height, -5, -1],
    [height, 7, 2],
    [height, Number.NaN, -1],
    [height, Number.POSITIVE_INFINITY, -1],
    [turn, 0.3, 0.25],
    [turn, 2, -1],
    [turn, 1.9, -1],
    [turn, 2.5, -0.5],
    [turn, -1.5, 1.5],
    [turn, Number.NaN, -1],
    // 10 is no multiple of 3: four steps of 2.5 reach it.
    [{ step: 3, min: 0, max: 10 }, 10, 10],
    [{ step: 3, min: 0, max: 10 }, 5.2, 5],
    [{ step: 0.1, min: 0, max: 0.3 }, 0.3, 0.1 * 3],
  ])("[WC8] of %o that is %d comes as %d", (field, value, comes) => {
    expect(sent(field, value)).toBeCloseTo(comes, 12);
  });
});

describe("the table of a kind", () => {
  const table = new SnapshotTable(KIND as unknown as SnapshotLayout[number]);

  it("[WC9] finds an entity by its id", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 0xffff_ffff }), { maxLength: 200 }), (ids) => {
        table.begin();
        for (const id of ids) table.add(id);
        table.seal();
        expect(table.count).toBe(ids.length);
        expect(ids.map((id) => table.rowOf(id))).toEqual(ids.map((_, row) => row));
        const absent = ids.map((id) => id ^ 1).filter((id) => !ids.includes(id >>> 0));
        expect(absent.every((id) => table.rowOf(id >>> 0) === -1)).toBe(true);
      }),
    );
  });

  it("[WC9] refuses two entities of one id", () => {
    const encoder = new SnapshotEncoder([KIND] as unknown as SnapshotLayout, 20);
    table.begin();
    for (const id of [4, 5, 4]) table.add(id);
    table.seal();
    const all = { rows: Uint32Array.of(0, 1, 2), count: 3, due: undefined };
    expect(() => encoder.encode(1, [table], [all], 1e9, true)).toThrow("kind ship have the id 4");
  });

  it("[WC9] refuses more than 65,536 entities", () => {
    table.begin();
    for (let id = 0; id < 65_536; id++) table.add(id);
    expect(() => table.add(65_536)).toThrow("more than 65536 entities of kind ship");
  });
});
