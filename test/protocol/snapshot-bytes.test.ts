import { describe, expect, it } from "vitest";
import { SnapshotDecoder } from "../../protocol/snapshot-decoder.ts";
import { SnapshotEncoder } from "../../protocol/snapshot-encoder.ts";
import type { SnapshotLayout } from "../../protocol/snapshot-layout.ts";
import { SnapshotTable } from "../../protocol/snapshot-table.ts";
import { createRandom } from "../../rooms/kernel/random.ts";
import { everything, fill, payloadOf, unit } from "./snapshot-worlds.ts";

const SIDE_METRES = 1024;
const SPEED = 60;
const LAYOUT: SnapshotLayout = [
  {
    name: "player",
    fields: [
      { name: "x", step: 1 / 128, min: 0, max: SIDE_METRES, rate: "vx" },
      { name: "y", step: 1 / 128, min: 0, max: SIDE_METRES, rate: "vy" },
      { name: "vx", step: 1 / 64, min: -64, max: 64 },
      { name: "vy", step: 1 / 64, min: -64, max: 64 },
      { name: "angle", step: (2 * Math.PI) / 65_536, min: 0, max: 2 * Math.PI, wraps: true },
    ],
    place: ["x", "y"],
  },
];

/**
 * Players who all move at every tick and turn somewhere else, by chance, 20 times a second at irregular times.
 * @returns Bytes per second of the messages.
 */
function bytesPerSecond(players: number, tickRateHz: number): number {
  const random = createRandom(7);
  const table = new SnapshotTable(LAYOUT[0]!);
  const encoder = new SnapshotEncoder(LAYOUT, tickRateHz);
  const reader = new SnapshotDecoder(LAYOUT, tickRateHz);
  const all = Array.from({ length: players }, () => ({
    fields: [unit(random) * SIDE_METRES, unit(random) * SIDE_METRES, 0, 0, 0],
    turnsAt: unit(random) / 20,
  }));
  let bytes = 0;
  for (let tick = 1; tick <= 2 * tickRateHz; tick++) {
    for (const player of all) {
      if (tick / tickRateHz >= player.turnsAt) {
        player.turnsAt += (0.5 + unit(random)) / 20;
        const [way, facing] = [unit(random) * 2 * Math.PI, unit(random) * 2 * Math.PI];
        player.fields.splice(2, 3, SPEED * Math.cos(way), SPEED * Math.sin(way), facing);
      }
      for (const axis of [0, 1]) {
        const to = player.fields[axis]! + player.fields[2 + axis]! / tickRateHz;
        player.fields[axis] = Math.min(SIDE_METRES, Math.max(0, to));
      }
    }
    fill(table, Object.fromEntries(all.map(({ fields }, id) => [id, fields])));
    const message = encoder.encode(tick, [table], [everything(table)], 1e9, false)!;
    if (tick === 1) reader.read(payloadOf(encoder.keyframe()));
    else expect(reader.read(payloadOf(message))).toBeDefined();
    if (tick > 1) bytes += message.length;
  }
  return bytes / 2;
}

describe("the bytes of a match", () => {
  // What plain Colyseus sends of the same match (facts of performance, section 3): 94,800 and 204,500 bytes per second.
  it.each([
    [20, 94_800, 0.25],
    [60, 204_500, 0.13],
  ])(
    "[WC12] of 200 players at %i Hz are at most a quarter of those of plain Colyseus",
    (hz, plain, share) => {
      expect(bytesPerSecond(200, hz)).toBeLessThan(share * plain);
    },
  );
});
