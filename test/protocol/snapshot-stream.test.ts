import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SnapshotDecoder } from "../../protocol/snapshot-decoder.ts";
import { encodeOwn, SnapshotEncoder } from "../../protocol/snapshot-encoder.ts";
import type { SnapshotLayout } from "../../protocol/snapshot-layout.ts";
import { SnapshotTable } from "../../protocol/snapshot-table.ts";
import { nextBelow } from "../../rooms/kernel/random.ts";
import { everything, fill, payloadOf, randomStream } from "./snapshot-worlds.ts";

const LAYOUT: SnapshotLayout = [
  {
    name: "ship",
    fields: [
      { name: "x", step: 1 / 128, min: 0, max: 100, rate: "vx" },
      { name: "y", step: 1 / 128, min: 0, max: 100 },
      { name: "vx", step: 1 / 64, min: -16, max: 16 },
      { name: "ack", step: 1, min: 0, max: 65_536, wraps: true, drift: 1 },
    ],
    place: ["x", "y"],
  },
];
const HZ = 20;

/** Ships by id, and a stream of all of them that one reader has followed from tick 100. */
function follow(ships: Record<number, number[]>) {
  const table = new SnapshotTable(LAYOUT[0]!);
  const encoder = new SnapshotEncoder(LAYOUT, HZ);
  const reader = new SnapshotDecoder(LAYOUT, HZ);
  const say = (tick: number, bytesMax = 1e9, mayBeSilent = true) => {
    fill(table, ships);
    return encoder.encode(tick, [table], [everything(table)], bytesMax, mayBeSilent);
  };
  say(100);
  reader.read(payloadOf(encoder.keyframe()));
  return { table, encoder, reader, say, ships };
}

describe("a stream of snapshots", () => {
  it.each([
    ["of everything", false],
    ["of what is selected", true],
  ])("[WC1] %s gives all its readers the same, within the declared precision", (_, isPartial) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { stream, random } = randomStream(seed, isPartial);
        for (let tick = nextBelow(random, 1000), step = 0; step < 100; step++) {
          tick += nextBelow(random, 20) === 0 ? nextBelow(random, 400) + 1 : 1;
          stream.world.step();
          const bytesMax = nextBelow(random, 3) === 0 ? nextBelow(random, 200) : 1e9;
          stream.tick(tick, bytesMax, nextBelow(random, 2) === 0);
          stream.check(tick);
        }
      }),
      { numRuns: 20 },
    );
  });

  it("[WC2] is silent while everything goes on by its rates and drifts", () => {
    const { reader, say, ships } = follow({ 7: [10, 50, 2.5, 65_530] });
    for (let tick = 101; tick < 150; tick++) {
      ships[7] = [10 + 2.5 * ((tick - 100) / HZ), 50, 2.5, (65_530 + tick - 100) % 65_536];
      expect(say(tick)).toBeUndefined();
      const entity = reader.entities[0]!.get(7)!;
      expect(reader.valueAt(0, entity, 0, tick)).toBeCloseTo(ships[7][0]!, 9);
      expect(reader.valueAt(0, entity, 3, tick)).toBe(ships[7][3]);
    }
    ships[7]![1] = 50.2;
    const message = say(150);
    expect(reader.read(payloadOf(message!))).toMatchObject({
      tick: 150,
      removed: [],
      changed: [{ kind: 0, entity: { id: 7, tick: 150 } }],
    });
    ships[7] = [ships[7]![0]! + 2.5 / HZ, 50.2, 2.5, ships[7]![3]! + 1];
    expect(say(151, 1e9, false)).toHaveLength(6);
  });

  it("[WC2] says that an id is gone in one tick, and that it is back in the next", () => {
    const { reader, say, ships } = follow({ 7: [10, 50, 0, 0], 8: [20, 50, 0, 0] });
    delete ships[7];
    expect(reader.read(payloadOf(say(101)!))?.removed).toEqual([{ kind: 0, id: 7 }]);
    expect([...reader.entities[0]!.keys()]).toEqual([8]);
    ships[7] = [90, 90, 0, 0];
    const back = reader.read(payloadOf(say(102)!));
    expect(back?.changed.map(({ entity }) => [entity.id, ...entity.values])).toContainEqual([
      7, 90, 90, 0, 0,
    ]);
  });

  it("[WC2] goes on after any number of ticks", () => {
    const { reader, say } = follow({ 7: [10, 50, 0, 0] });
    for (const tick of [355, 611, 0xffff_0000]) {
      expect(reader.read(payloadOf(say(tick, 1e9, false)!))?.tick).toBe(tick);
    }
    expect(() => say(0xffff_0000)).toThrow(RangeError);
  });

  it("[WC4] tells by a keyframe what is no longer there", () => {
    const { encoder, reader, say, ships } = follow({ 7: [10, 50, 0, 0], 8: [20, 50, 0, 0] });
    delete ships[7];
    say(101);
    const news = reader.read(payloadOf(encoder.keyframe()));
    expect(news).toMatchObject({ tick: 101, isKeyframe: true, removed: [{ kind: 0, id: 7 }] });
    expect(news?.changed.map(({ entity }) => entity.id)).toEqual([8]);
    expect(() => new SnapshotEncoder(LAYOUT, HZ).keyframe()).toThrow(RangeError);
  });

  it("[WC3] makes up for what it left out, although that has come back and another is gone", () => {
    const { reader, say, ships } = follow({
      6: [1, 1, 0, 0],
      7: [10, 50, 0, 0],
      8: [20, 50, 0, 0],
    });
    ships[6] = [1, 1, 0, 1];
    ships[7] = [10, 50, 0, 1];
    ships[8] = [40, 50, 0, 1];
    expect(reader.read(payloadOf(say(101, 10, false)!))?.changed).toEqual([]);
    delete ships[6];
    ships[7] = [10, 50, 0, 2];
    ships[8] = [20, 50, 0, 2];
    const news = reader.read(payloadOf(say(102)!));
    expect(news?.changed.map(({ entity }) => entity.id)).toEqual([8]);
  });

  it("[WC5] is not moved by what a client is told of its own entity", () => {
    const { table, reader, say, ships } = follow({ 7: [10, 50, 0, 0], 8: [20, 50, 0, 0] });
    ships[7] = [30, 50, 0, 1];
    ships[8] = [40, 50, 0, 1];
    expect(reader.read(payloadOf(say(101, 10, false)!))?.changed).toEqual([]);
    const own = reader.read(payloadOf(encodeOwn(LAYOUT, 101, 0, 7, table)));
    expect(own).toMatchObject({ tick: 101, isKeyframe: false, changed: [{ kind: 0 }] });
    expect([...reader.entities[0]!.get(7)!.values]).toEqual([30, 50, 0, 1]);
    expect(reader.entities[0]!.get(8)!.values[0]).toBe(20);
    // It is told again, although it goes on from where the stream has it.
    ships[7] = [10, 50, 0, 2];
    const next = reader.read(payloadOf(say(102)!));
    expect(next?.changed.map(({ entity }) => [entity.id, entity.values[0]])).toEqual([
      [7, 10],
      [8, 40],
    ]);
  });

  it("[WC5] tells a client without a stream how its own entity is, and that it is gone", () => {
    const { table } = follow({ 7: [10, 50, -3, 9] });
    const reader = new SnapshotDecoder(LAYOUT, HZ);
    reader.read(payloadOf(encodeOwn(LAYOUT, 5, 0, 7, table)));
    expect([...reader.entities[0]!.get(7)!.values]).toEqual([10, 50, -3, 9]);
    expect(reader.tick).toBe(5);
    fill(table, {});
    const news = reader.read(payloadOf(encodeOwn(LAYOUT, 6, 0, 7, table)));
    expect(news?.removed).toEqual([{ kind: 0, id: 7 }]);
    expect(reader.entities[0]!.size).toBe(0);
  });
});
