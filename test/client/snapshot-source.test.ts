import { describe, expect, test } from "vitest";
import type { ShipNews } from "../../client/arena/arena-news.ts";
import { ArenaReceiver } from "../../client/arena/arena-receiver.ts";
import { SnapshotSource } from "../../client/arena/snapshot-source.ts";
import { SNAPSHOT, type Welcome } from "../../protocol/messages.ts";
import { SnapshotEncoder } from "../../protocol/snapshot-encoder.ts";
import type { SnapshotLayout } from "../../protocol/snapshot-layout.ts";
import { SnapshotTable } from "../../protocol/snapshot-table.ts";
import { ArenaReplica } from "../../rooms/arena/replica.ts";
import { arenaSnapshots } from "../../rooms/arena/snapshots.ts";

const TICK_RATE_HZ = 30;
const { layout } = arenaSnapshots;
const HEAD_BYTES = 2 + SNAPSHOT.length;

type Ship = Omit<ShipNews, "seat">;
const STILL: Ship = { x: 10, y: 20, vx: 0, vy: 0, angle: 0, health: 100, ack: 0 };

/** A server that says where two ships and a shot are. */
class Teller {
  readonly #tables = layout.map((kind) => new SnapshotTable(kind));
  readonly #encoder = new SnapshotEncoder(layout, TICK_RATE_HZ);

  tell(tick: number, ships: readonly (Ship | undefined)[], shotAge?: number): Uint8Array {
    const [shipTable, shotTable] = this.#tables as [SnapshotTable, SnapshotTable];
    shipTable.begin();
    shotTable.begin();
    ships.forEach((ship, seat) => {
      if (ship === undefined) return;
      const { x, y, vx, vy, angle, health, ack } = ship;
      shipTable.values.set([x, y, vx, vy, angle, health, ack], shipTable.add(seat));
    });
    if (shotAge !== undefined) {
      const x = 50 + (40 * shotAge) / TICK_RATE_HZ;
      shotTable.values.set([x, 50, 40, 0, 1, shotAge], shotTable.add(4711));
    }
    for (const table of this.#tables) table.seal();
    const all = this.#tables.map(({ count }) => ({
      ...{ rows: Uint32Array.from({ length: count }, (_, row) => row), count, due: undefined },
    }));
    const delta = this.#encoder.encode(tick, this.#tables, all, 1e6, false);
    return (tick === 0 ? this.#encoder.keyframe() : (delta ?? new Uint8Array())).slice(HEAD_BYTES);
  }
}

describe("snapshots of an arena", () => {
  test("[FE6] say of each ship where it is at the newest tick, also of one that goes on as before", () => {
    const source = new SnapshotSource(layout, TICK_RATE_HZ);
    const teller = new Teller();
    const flying = (tick: number): Ship => ({ ...STILL, x: 30 + tick / 5, vx: 6, ack: tick });
    expect(source.read(teller.tell(0, [flying(0), STILL]))).toMatchObject({
      tick: 0,
      isWhole: true,
    });
    for (let tick = 1; tick < 20; tick++) {
      const news = source.read(teller.tell(tick, [flying(tick), { ...STILL, angle: tick / 10 }]));
      expect(news?.isWhole).toBe(false);
      expect(news?.ships.map(({ seat }) => seat)).toEqual([1]);
      expect(source.ship(0)).toMatchObject({ seat: 0, ack: tick, health: 100 });
      expect(Math.abs((source.ship(0)?.x ?? 0) - flying(tick).x)).toBeLessThan(1.5 / 128);
    }
  });

  test("[FE6] say who is gone, and of a shot when it left the gun", () => {
    const source = new SnapshotSource(layout, TICK_RATE_HZ);
    const teller = new Teller();
    source.read(teller.tell(0, [STILL, STILL]));
    const born = source.read(teller.tell(9, [STILL, undefined], 4));
    expect(born?.shipsGone).toEqual([1]);
    expect(source.ship(1)).toBeUndefined();
    expect(born?.shots).toMatchObject([{ id: 4711, ownerSeat: 1, tick: 9, bornTick: 5 }]);
    expect(source.read(teller.tell(10, [STILL]))?.shotsGone).toEqual([4711]);
  });

  test("[FE5] are as exact as their layout says, and predictions are judged by that", () => {
    const { metres, metresPerSecond, radians } = new SnapshotSource(layout, TICK_RATE_HZ).tolerance;
    expect([metres, metresPerSecond]).toEqual([2 / 128, 2 / 64]);
    expect(radians).toBeCloseTo((4 * Math.PI) / 4096, 12);
  });

  test.each<[string, unknown]>([
    ["none", 7],
    ["one of another game", [{ name: "car", fields: [], place: ["x", "y"] }]],
    ["one without shots", layout.slice(0, 1)],
    ["one without a field", [{ ...layout[0], fields: layout[0]?.fields.slice(0, 6) }, layout[1]]],
  ])("[FE10] cannot be read by a layout that is %s, and nothing throws over it", (_what, given) => {
    const welcome: Welcome = {
      ...{ game: "arena", version: 2, seat: 0, tickRateHz: TICK_RATE_HZ, tick: 0 },
      snapshots: given as SnapshotLayout,
    };
    const receiver = new ArenaReceiver(welcome, () => new ArenaReplica());
    expect(receiver.snapshot(new Teller().tell(0, [STILL]))).toBeUndefined();
    expect(receiver.stateChanged()).toBeUndefined();
    expect(receiver.ship(0)).toBeUndefined();
  });
});
