import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BitWriter } from "../../protocol/bits/bit-writer.ts";
import { SnapshotDecoder } from "../../protocol/snapshot-decoder.ts";
import { encodeOwn, SnapshotEncoder } from "../../protocol/snapshot-encoder.ts";
import type { SnapshotLayout } from "../../protocol/snapshot-layout.ts";
import { createRandom, nextBelow, type Random } from "../../rooms/kernel/random.ts";
import { everything, payloadOf, randomLayout, World } from "./snapshot-worlds.ts";

const HZ = 30;

/** A random match: its keyframe at tick 1, what was said in the ticks after, and one entity of its own. */
function match(seed: number) {
  const random = createRandom(seed);
  const layout = randomLayout(random);
  const world = new World(layout, HZ, random, 20);
  const encoder = new SnapshotEncoder(layout, HZ);
  const payloads: Uint8Array[] = [];
  for (let tick = 1; tick < 12; tick++) {
    world.step();
    const selections = world.tables.map(everything);
    const delta = encoder.encode(tick, world.tables, selections, 1e9, false)!;
    payloads.push(payloadOf(tick === 1 ? encoder.keyframe() : delta));
  }
  const [table] = world.tables;
  payloads.push(payloadOf(encodeOwn(layout, 12, 0, table!.ids[0] ?? 0, table!)));
  return { random, layout, payloads };
}

function damaged(random: Random, payload: Uint8Array): Uint8Array {
  const copy = payload.slice();
  for (let flips = nextBelow(random, 4); flips >= 0; flips--) {
    const at = nextBelow(random, copy.length);
    copy[at] = copy[at]! ^ (1 << nextBelow(random, 8));
  }
  return copy;
}

function snapshotOf(decoder: SnapshotDecoder): unknown {
  return [decoder.tick, decoder.entities.map((each) => [...each])];
}

/** Reads what may be anything, and holds the decoder to what it promises. */
function readAnything(
  decoder: SnapshotDecoder,
  layout: SnapshotLayout,
  payload: Uint8Array,
): boolean {
  const before = snapshotOf(decoder);
  const copy = payload.slice();
  const news = decoder.read(payload);
  expect(payload).toEqual(copy);
  if (news === undefined) expect(snapshotOf(decoder)).toEqual(before);
  for (const { kind, entity } of news?.changed ?? []) {
    expect(decoder.entities[kind]!.get(entity.id)).toBe(entity);
    const { fields } = layout[kind]!;
    const isInside = (value: number, field: number) => {
      const { min, max, step } = fields[field]!;
      return value >= min - step * 1e-3 && value <= max + step * 1e-3;
    };
    expect(entity.values.every(isInside)).toBe(true);
  }
  return news !== undefined;
}

describe("a snapshot that no server of ours wrote", () => {
  it("[WC6] may be any bytes: it is read or not, and nothing is half done", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 20 }),
        (seed, junk) => {
          const { layout, payloads } = match(seed);
          const decoder = new SnapshotDecoder(layout, HZ);
          junk.forEach((bytes, at) => {
            readAnything(decoder, layout, payloads[0]!);
            // Most begin as a message does.
            if (bytes.length > 0 && at % 4 > 0) bytes[0] = at % 4;
            readAnything(decoder, layout, bytes);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("[WC6] may be a good one with bits turned over", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { layout, payloads, random } = match(seed);
        const decoder = new SnapshotDecoder(layout, HZ);
        for (const payload of payloads) {
          const isDamaged = nextBelow(random, 3) === 0;
          readAnything(decoder, layout, isDamaged ? damaged(random, payload) : payload);
        }
        // Whatever came before, a keyframe mends it.
        expect(decoder.read(payloads[0]!)?.isKeyframe).toBe(true);
        for (const payload of payloads.slice(1)) expect(decoder.read(payload)).toBeDefined();
      }),
      { numRuns: 60 },
    );
  });

  it("[WC6] is not read if any of it is missing, or anything comes behind it", () => {
    for (let seed = 0; seed < 5; seed++) {
      const { layout, payloads } = match(seed);
      const reader = (messages: number) => {
        const decoder = new SnapshotDecoder(layout, HZ);
        for (const payload of payloads.slice(0, messages)) decoder.read(payload);
        return decoder;
      };
      for (const [at, payload] of payloads.entries()) {
        const stride = 1 + (payload.length >> 5);
        for (let length = payload.length - 1; length >= 0; length -= stride) {
          expect(readAnything(reader(at), layout, payload.subarray(0, length))).toBe(false);
        }
        expect(readAnything(reader(at), layout, Uint8Array.of(...payload, 0))).toBe(false);
      }
    }
  });

  it("[WC6] ends the stream: nothing is read from then on but a keyframe", () => {
    const { layout, payloads } = match(3);
    const decoder = new SnapshotDecoder(layout, HZ);
    expect(decoder.read(payloads[1]!)).toBeUndefined();
    expect(decoder.read(payloads[0]!)).toBeDefined();
    expect(decoder.read(Uint8Array.of(9))).toBeUndefined();
    expect(decoder.read(payloads[1]!)).toBeUndefined();
    expect(decoder.read(payloads.at(-1)!)).toBeUndefined();
    expect(decoder.read(payloads[0]!)).toBeDefined();
    expect(decoder.read(payloads[1]!)).toBeDefined();
  });
});

describe("a snapshot that announces more than it has", () => {
  const layout: SnapshotLayout = [
    {
      name: "k",
      fields: Array.from({ length: 16 }, (_, at) => ({
        name: `f${at}`,
        step: 1,
        min: 0,
        max: 2 ** 24,
      })),
      place: ["f0", "f1"],
    },
  ];

  /** @param bits - What comes behind the header. */
  function payload(header: readonly number[], bits: (writer: BitWriter) => void): Uint8Array {
    const writer = new BitWriter();
    writer.reserve(1_000);
    bits(writer);
    const made = writer.take(header.length);
    made.set(header);
    return made;
  }

  const KEYFRAME = [1, 1, 0, 0, 0];
  const EMPTY = payload(KEYFRAME, (writer) => writer.writeGamma(0));

  it.each<[string, Uint8Array]>([
    ["entities in a keyframe", payload(KEYFRAME, (writer) => writer.writeGamma(65_536))],
    ["entities than there may be", payload(KEYFRAME, (writer) => writer.writeGamma(65_537))],
    ["entities than can be counted", payload(KEYFRAME, (writer) => writer.writeOnes(60))],
    [
      "additions",
      payload([2, 1], (writer) => {
        writer.write(0, 1);
        writer.writeGamma(65_536);
      }),
    ],
  ])("[WC6] %s costs no memory", (_, bytes) => {
    const decoder = new SnapshotDecoder(layout, HZ);
    expect(decoder.read(EMPTY)).toBeDefined();
    const before = process.memoryUsage().arrayBuffers;
    for (let at = 0; at < 20; at++) {
      expect(decoder.read(bytes)).toBeUndefined();
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000);
      decoder.read(EMPTY);
    }
  });

  it("[WC6] as updates of thousands of entities costs no memory either", () => {
    const decoder = new SnapshotDecoder(layout, HZ);
    const crowd = payload(KEYFRAME, (writer) => {
      writer.reserve(65_536 * 18 + 1_000);
      writer.writeGamma(65_536);
      for (let k = 0; k < 2; k++) {
        writer.write(0, 5);
        for (let at = 0; at < 65_536; at++) writer.write(0, 1);
      }
      writer.write(1, 1);
      for (let field = 0; field < 16; field++) writer.write(0, 5);
      for (let at = 0; at < 65_536 * 16; at++) writer.write(0, 1);
    });
    expect(decoder.read(crowd)?.changed).toHaveLength(65_536);
    const all = payload([2, 1], (writer) => {
      // Not fresh, nothing removed, nothing added, everything updated by codes that follow.
      writer.write(0b0_00_0_01_0, 7);
      for (let field = 0; field < 16; field++) writer.write(0, 8);
    });
    const before = process.memoryUsage().arrayBuffers;
    expect(decoder.read(all)).toBeUndefined();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(500_000);
    expect(decoder.entities[0]!.size).toBe(65_536);
  });

  it("[WC6] names no entity twice", () => {
    const twice = (tick: readonly number[], isFresh: boolean) =>
      payload(tick, (writer) => {
        // Not fresh, nothing removed.
        if (!isFresh) writer.write(0, 3);
        writer.writeGamma(1);
        writer.write(0, 5);
        // The id is 0.
        writer.write(0, 1);
        if (isFresh) writer.write(0, 6);
        writer.write(1, 1);
        for (let at = 0; at < 16 * 6; at += 24) writer.write(0, 24);
        if (!isFresh) writer.write(0, 2);
      });
    const decoder = new SnapshotDecoder(layout, HZ);
    expect(decoder.read(twice(KEYFRAME, true))?.changed).toHaveLength(1);
    expect(decoder.read(twice([2, 1], false))).toBeUndefined();
  });
});
