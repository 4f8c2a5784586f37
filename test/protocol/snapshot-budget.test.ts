import { describe, expect, it } from "vitest";
import { SnapshotDecoder } from "../../protocol/snapshot-decoder.ts";
import { SnapshotEncoder } from "../../protocol/snapshot-encoder.ts";
import type { SnapshotKind } from "../../protocol/snapshot-layout.ts";
import { SnapshotTable } from "../../protocol/snapshot-table.ts";
import { createRandom } from "../../rooms/kernel/random.ts";
import { everything, fill, payloadOf, unit } from "./snapshot-worlds.ts";

const SHIP: SnapshotKind = {
  name: "ship",
  fields: [
    { name: "x", step: 1 / 128, min: 0, max: 100 },
    { name: "y", step: 1 / 128, min: 0, max: 100 },
  ],
  place: ["x", "y"],
};
const LAYOUT = [SHIP, { ...SHIP, name: "rock" }];
const SHIPS = 150;
const BYTES_MAX = 100;

/** Two kinds of which everything jumps about at every tick. */
function crowd() {
  const random = createRandom(5);
  const tables = LAYOUT.map((kind) => new SnapshotTable(kind));
  const encoder = new SnapshotEncoder(LAYOUT, 20);
  const reader = new SnapshotDecoder(LAYOUT, 20);
  const entities: Record<number, number[]>[] = [{}, {}];
  let tick = 0;
  const say = (bytesMax: number, jump = true) => {
    for (let id = 0; jump && id < SHIPS; id++) {
      entities[id % 2]![id] = [unit(random) * 100, unit(random) * 100];
    }
    tables.forEach((table, kind) => {
      fill(table, entities[kind]!);
    });
    const message = encoder.encode(++tick, tables, tables.map(everything), bytesMax, false)!;
    if (tick === 1) reader.read(payloadOf(encoder.keyframe()));
    else expect(reader.read(payloadOf(message))).toBeDefined();
    return message;
  };
  say(1e9);
  const toldAt = () => reader.entities.flatMap((each) => [...each.values()].map((one) => one.tick));
  return { say, encoder, reader, toldAt, entities, tick: () => tick };
}

describe("the bytes of a snapshot", () => {
  it("[WC3] are never more than allowed, and are made use of", () => {
    const { say } = crowd();
    const lengths = Array.from({ length: 60 }, () => say(BYTES_MAX).length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(BYTES_MAX);
    expect(Math.min(...lengths)).toBeGreaterThan(0.6 * BYTES_MAX);
  });

  it("[WC3] go to those first that waited longest, so that everything is told equally often", () => {
    const { say, toldAt, tick } = crowd();
    for (let at = 0; at < 60; at++) {
      say(BYTES_MAX);
      if (at < 20) continue;
      const ages = toldAt().map((told) => tick() - told);
      // About one in ten fits.
      expect(Math.max(...ages)).toBeLessThan(14);
    }
  });

  it("[WC3] that lack are told entity by entity until they come", () => {
    const { say, encoder, toldAt, tick } = crowd();
    say(BYTES_MAX);
    expect(encoder.isShort).toBe(true);
    const behind = Array.from({ length: SHIPS }, (_, id) => encoder.isBehind(id % 2, id));
    expect(behind.filter((each) => !each)).toHaveLength(
      toldAt().filter((told) => told === tick()).length,
    );
    say(1e9);
    expect(encoder.isShort).toBe(false);
    expect(encoder.isBehind(0, 0)).toBe(false);
    expect(toldAt().every((told) => told === tick())).toBe(true);
  });

  it("[WC3] that lacked are made up for when nothing moves any more", () => {
    const { say, reader, entities, encoder } = crowd();
    say(BYTES_MAX);
    for (let at = 0; at < 15; at++) say(BYTES_MAX, false);
    expect(encoder.isShort).toBe(false);
    for (const [kind, each] of reader.entities.entries()) {
      for (const { id, values } of each.values()) {
        expect(Math.abs(values[0]! - entities[kind]![id]![0]!)).toBeLessThanOrEqual(1 / 256);
      }
    }
  });

  it("[WC3] are spent on what comes and goes in any case", () => {
    const { say, reader, entities } = crowd();
    for (let id = 0; id < SHIPS; id += 2) delete entities[0]![id];
    for (let id = 1000; id < 1100; id++) entities[0]![id] = [1, 1];
    say(10, false);
    expect([...reader.entities[0]!.keys()]).toEqual(
      Array.from({ length: 100 }, (_, at) => 1000 + at),
    );
    expect(reader.entities[1]!.size).toBe(SHIPS / 2);
  });
});
