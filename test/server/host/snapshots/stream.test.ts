import { afterEach, describe, expect, it, vi } from "vitest";
import { SnapshotEncoder } from "../../../../protocol/snapshot-encoder.ts";
import { nextBelow } from "../../../../rooms/kernel/random.ts";
import type { Interest } from "../../../../rooms/simulation.ts";
import { Audience, type Viewer } from "../../../../server/host/snapshots/audience.ts";
import { SHIP, WatchedWorld, Watcher } from "./watched-world.ts";

const TICK_RATE_HZ = 60;
const QUARTER_TICKS = 15;
const INTEREST: Interest = {
  widthMetres: 200,
  heightMetres: 200,
  cellMetres: 20,
  nearMetres: 30,
  farMetres: 50,
  farEveryTicks: 4,
};

function open(interest: Interest | undefined = INTEREST) {
  const world = new WatchedWorld(1, TICK_RATE_HZ, interest);
  const audience = new Audience({ snapshots: world, setup: world.setup, bytesPerSecond: 65_536 });
  const watch = (seat: number) => {
    const watcher = new Watcher(world, seat);
    audience.join(watcher);
    return watcher;
  };
  const step = (ticks = 1, turns = 0.3) => {
    for (let tick = 0; tick < ticks; tick++) {
      world.step(turns);
      audience.tick(undefined, world.tick);
    }
  };
  return { world, audience, watch, step };
}

/** Every stream that is encoded, once for each time. */
function watchEncoders() {
  const encode = vi.spyOn(SnapshotEncoder.prototype, "encode");
  const keyframe = vi.spyOn(SnapshotEncoder.prototype, "keyframe");
  return {
    take(): unknown[] {
      const encoders = [...encode.mock.contexts];
      encode.mockClear();
      return encoders;
    },
    get keyframes(): number {
      return new Set(keyframe.mock.results.map(({ value }) => value)).size;
    },
  };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("those who look from the same square", () => {
  it("[IM10] get the very same memory, encoded once for all of them", () => {
    const encoders = watchEncoders();
    const { world, watch, step } = open();
    for (let seat = 0; seat < 30; seat++) world.seat(seat, seat < 20 ? 50 : 150, 50);
    const watchers = Array.from({ length: 30 }, (_, seat) => watch(seat));
    const [first, last] = [watchers.slice(0, 20), watchers.slice(20)];
    step(1, 0);
    expect(encoders.take()).toHaveLength(2);
    for (let tick = 0; tick < 20; tick++) {
      for (const ship of world.things) world.turn(ship);
      for (const ship of world.things) [ship.vx, ship.vy] = [0, 0];
      step(1, 0);
      expect(encoders.take()).toHaveLength(2);
      for (const group of [first, last]) {
        const messages = new Set(group.map(({ sent }) => sent.at(-1)?.message));
        expect(messages.size).toBe(1);
      }
      expect(first[0]?.sent.at(-1)?.message).not.toBe(last[0]?.sent.at(-1)?.message);
    }
    // Those who came together were given one keyframe for each square.
    expect(encoders.keyframes).toBe(2);
  });

  it("[IM10] are sent one after the other", () => {
    const { world, audience, step } = open();
    const order: number[] = [];
    for (let seat = 0; seat < 40; seat++) {
      world.seat(seat, seat % 4 < 2 ? 50 : 150, seat % 2 === 0 ? 50 : 150);
      audience.join({ seat, send: () => order.push(seat) > 0 });
    }
    step(2);
    const squares = order.slice(40).map((seat) => seat % 4);
    expect(squares).toHaveLength(40);
    expect(squares.filter((square, at) => square !== squares[at - 1])).toHaveLength(4);
  });
});

describe("a viewer that does not take a message", () => {
  it("[IM11] is out of the stream, and comes back by a keyframe", () => {
    const { world, audience, watch, step } = open();
    for (let seat = 0; seat < 10; seat++) world.seat(seat, 50, 50);
    const [stuck, other] = [watch(0), watch(1)];
    step(30);
    for (const ticks of [1, 2, 10, 200]) {
      stuck.canTake = false;
      const { length } = stuck.sent;
      stuck.refusals = 0;
      for (let tick = 0; tick < ticks; tick++) {
        step();
        expect(audience.figures.behind).toBe(1);
      }
      expect(stuck.refusals).toBeLessThan(6 + ticks / QUARTER_TICKS);
      stuck.canTake = true;
      // Asked again after as long as it was away, a quarter of a second at most.
      step(Math.min(ticks, QUARTER_TICKS) + 1);
      expect(stuck.sent[length]?.type).toBe("keyframe");
      expect(audience.figures.behind).toBe(0);
      for (let tick = 0; tick < 20; tick++) {
        step();
        expect(stuck.ids(SHIP)).toEqual(other.ids(SHIP));
        expect(world.things.filter((thing) => !stuck.isRight(thing))).toEqual([]);
      }
    }
    expect(other.sent.filter(({ type }) => type === "keyframe")).toHaveLength(1);
  });

  it("[IM11] costs its group nothing while it is out", () => {
    const encoders = watchEncoders();
    const { world, watch, step } = open();
    world.seat(0, 50, 50);
    watch(0).canTake = false;
    step(QUARTER_TICKS * 20);
    expect(encoders.take().length).toBeLessThan(6 + 20);
  });

  it("[IM11] may leave meanwhile, and others may come and go while they are sent something", () => {
    const { world, audience, step } = open();
    for (let seat = 0; seat < 4; seat++) world.seat(seat, 50, 50);
    const sends: string[] = [];
    const late: Viewer = { seat: 3, send: () => sends.push("late") > 0 };
    const victim: Viewer = { seat: 1, send: () => sends.push("victim") > 0 };
    const killer: Viewer = {
      seat: 0,
      send: () => {
        sends.push("killer");
        audience.leave(victim);
        audience.leave(killer);
        audience.join(late);
        return false;
      },
    };
    for (const viewer of [killer, victim, victim]) audience.join(viewer);
    step();
    expect(sends).toEqual(["killer"]);
    expect(audience.figures.behind).toBe(1);
    step();
    expect(sends).toEqual(["killer", "late"]);
    audience.leave(late);
    audience.leave(late);
    step(3);
    expect(sends).toEqual(["killer", "late"]);
    expect(audience.figures).toMatchObject({ groups: 0, behind: 0, keyframes: 1 });
  });
});

describe("a stream", () => {
  it("[IM12] is silent while nothing changes, a quarter of a second at most", () => {
    const { world, watch, step } = open();
    world.seat(0, 50, 50);
    const watcher = watch(0);
    step(QUARTER_TICKS * 8 + 1, 0);
    const ticks = watcher.sent.map(({ tick }) => tick);
    expect(ticks).toEqual(Array.from({ length: 9 }, (_, quarter) => quarter * QUARTER_TICKS));
    expect(watcher.sent.slice(1).every(({ message }) => message.length <= 8)).toBe(true);
    expect(watcher.decoder?.tick).toBe(world.tick);
  });

  it("[IM12] says the present tick to a newcomer", () => {
    const { world, watch, step } = open();
    world.seat(0, 50, 50);
    watch(0);
    step(QUARTER_TICKS + 7, 0);
    const newcomer = watch(1);
    world.eyes[1] = world.eyes[0];
    step(1, 0);
    expect(newcomer.decoder?.tick).toBe(world.tick);
  });
});

describe("a square", () => {
  it("[IM13] that nobody looks from costs nothing, and keeps its stream for a second", () => {
    const encoders = watchEncoders();
    const { world, watch, step } = open();
    const eye = { x: 50, y: 50 };
    world.eyes[0] = eye;
    watch(0);
    const lookFrom = (x: number, ticks: number) => {
      eye.x = x;
      step(ticks);
      const used = encoders.take();
      expect(used).toHaveLength(ticks);
      const [encoder] = new Set(used);
      return encoder;
    };
    const first = lookFrom(50, 5);
    const second = lookFrom(100, 5);
    expect(second).not.toBe(first);
    for (let back = 0; back < 6; back++) {
      expect(lookFrom(50, TICK_RATE_HZ / 2)).toBe(first);
      expect(lookFrom(100, TICK_RATE_HZ / 2)).toBe(second);
    }
    lookFrom(100, TICK_RATE_HZ);
    expect(lookFrom(50, 1)).not.toBe(first);
  });

  it("[IM13] is one of 64 at most that nobody looks from", () => {
    const encoders = watchEncoders();
    const { world, watch, step } = open({ ...INTEREST, cellMetres: 2, farMetres: 1 });
    const eyes = Array.from({ length: 40 }, (_, seat) => {
      watch(seat);
      world.eyes[seat] = { x: 1, y: 1 + seat * 4 };
      return world.eyes[seat]!;
    });
    const moveTo = (x: number) => {
      for (const eye of eyes) eye.x = x;
      step();
      return encoders.take();
    };
    const columns = [1, 21, 41, 61].map(moveTo);
    // 120 were left, 40 by 40; the last 40 and 24 of those before are still here.
    const again = new Set(moveTo(41));
    expect(columns[2]?.filter((encoder) => again.has(encoder))).toHaveLength(40);
    const oldest = new Set(moveTo(1));
    expect(columns[0]?.filter((encoder) => oldest.has(encoder))).toHaveLength(0);
  });

  it("[IM13] and its things may be gone and back, and all is right", () => {
    const { world, watch, step } = open();
    const eye = { x: 50, y: 50 };
    world.eyes[0] = eye;
    const watcher = watch(0);
    for (let visit = 0; visit < 40; visit++) {
      eye.x = visit % 2 === 0 ? 50 : 150;
      for (let each = 0; each < 5; each++) {
        world.add(nextBelow(world.random, 2), 30 + nextBelow(world.random, 40), 50);
        if (world.things.length > 20) world.remove(world.things[nextBelow(world.random, 20)]!);
      }
      step(nextBelow(world.random, 20) + 1, 0.1);
      const near = world.things.filter(({ x, y }) => Math.hypot(x - eye.x, y - eye.y) < 30);
      expect(near.filter((thing) => !watcher.isRight(thing))).toEqual([]);
      expect(watcher.ids(SHIP).length > 0).toBe(visit % 2 === 0 && near.length > 0);
    }
  });
});
