import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextBelow } from "../../../../rooms/kernel/random.ts";
import type { Interest } from "../../../../rooms/simulation.ts";
import { Audience } from "../../../../server/host/snapshots/audience.ts";
import { SHIP, SHOT, type Thing, unit, WatchedWorld, Watcher } from "./watched-world.ts";

const INTEREST: Interest = {
  widthMetres: 200,
  heightMetres: 200,
  cellMetres: 20,
  nearMetres: 30,
  farMetres: 50,
  farEveryTicks: 4,
};
/** So much that it never matters. */
const PLENTY = 1 << 26;

function open(seed: number, interest: Interest | undefined, tickRateHz = 30) {
  const world = new WatchedWorld(seed, tickRateHz, interest);
  const audience = new Audience({ snapshots: world, setup: world.setup, bytesPerSecond: PLENTY });
  const watch = (seat: number) => {
    const watcher = new Watcher(world, seat);
    audience.join(watcher);
    return watcher;
  };
  const step = (turns: number) => {
    world.step(turns);
    audience.tick(undefined, world.tick);
  };
  return { world, audience, watch, step };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The square that a viewer's eye is in. */
class Square {
  #low: Point | undefined;

  follow({ x, y }: Point): void {
    const { cellMetres, widthMetres } = INTEREST;
    if (this.#low !== undefined && this.distance({ x, y }) <= cellMetres / 10) return;
    const low = (at: number) =>
      Math.min(Math.floor(at / cellMetres) * cellMetres, widthMetres - cellMetres);
    this.#low = { x: low(x), y: low(y) };
  }

  distance({ x, y }: Point): number {
    const { cellMetres } = INTEREST;
    const way = (at: number, low: number) => Math.max(low - at, 0, at - low - cellMetres);
    return Math.hypot(way(x, this.#low?.x ?? 0), way(y, this.#low?.y ?? 0));
  }
}

/** What a viewer should see, by the rules alone. */
class Expectation {
  readonly watcher: Watcher;
  readonly #world: WatchedWorld;
  #square: Square | undefined;

  constructor(world: WatchedWorld, watcher: Watcher) {
    this.#world = world;
    this.watcher = watcher;
  }

  check(): void {
    const { watcher } = this;
    const world = this.#world;
    const eye = world.eyes[watcher.seat];
    if (eye === undefined) this.#square = undefined;
    else {
      this.#square ??= new Square();
      this.#square.follow(eye);
    }
    for (const kind of [SHIP, SHOT]) {
      const ids = new Set(world.things.filter((each) => each.kind === kind).map(({ id }) => id));
      expect(watcher.ids(kind).filter((id) => !ids.has(id))).toEqual([]);
    }
    for (const thing of world.things) this.#checkOne(thing);
  }

  #checkOne(thing: Thing): void {
    const { nearMetres, farMetres, farEveryTicks, cellMetres } = INTEREST;
    const { watcher } = this;
    const isOwn = this.#world.owns[watcher.seat] === thing;
    const isSeen = watcher.seen(thing) !== undefined;
    const quantised = { x: Math.round(thing.x * 64) / 64, y: Math.round(thing.y * 64) / 64 };
    const metres = this.#square?.distance(quantised) ?? Number.POSITIVE_INFINITY;
    const mustBeSeen = isOwn || metres < farMetres - 1e-9;
    const mayBeSeen = isOwn || metres < farMetres + cellMetres / 4 + 1e-9;
    const ticks = isOwn || metres < nearMetres - 1e-9 ? 1 : farEveryTicks;
    const isFresh = Array.from({ length: ticks }, (_, ago) => ago).some((ago) =>
      watcher.wasRight(thing, ago),
    );
    if (isSeen ? mayBeSeen && isFresh : !mustBeSeen) return;
    expect({ thing, metres, isOwn, isSeen, seen: watcher.seen(thing) }).toBeUndefined();
  }
}

/** Players look elsewhere, die, come back and lose their sight. */
function stirSeat(world: WatchedWorld, seat: number): void {
  const { random } = world;
  const own = world.owns[seat];
  const dice = nextBelow(random, 60);
  if (dice === 0) world.eyes[seat] = undefined;
  if (dice === 1) world.eyes[seat] = { x: unit(random) * 200, y: unit(random) * 200 };
  if (dice === 2) world.eyes[seat] = own;
  if (dice === 3) world.owns[seat] = world.things[nextBelow(random, world.things.length)];
  if (dice === 4 && own !== undefined) {
    if (world.things.includes(own)) world.remove(own);
    world.owns[seat] = nextBelow(random, 2) === 0 ? own : undefined;
    if (world.eyes[seat] === own) world.eyes[seat] = undefined;
  }
  if (dice === 5) world.seat(seat);
}

describe("what a viewer sees", () => {
  it("[IM1] is what is near at every tick, what is far at some, and nothing beyond", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { world, watch, step } = open(seed, INTEREST);
        for (let each = 0; each < 60; each++) world.add(nextBelow(world.random, 2));
        const expectations = Array.from({ length: 5 }, (_, seat) => {
          world.seat(seat);
          return new Expectation(world, watch(seat));
        });
        for (let tick = 0; tick < 120; tick++) {
          world.stir();
          for (let seat = 0; seat < expectations.length; seat++) stirSeat(world, seat);
          step(0.1);
          for (const expectation of expectations) expectation.check();
        }
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });

  it("[IM1] begins where things come within sight, and ends a quarter of a square behind", () => {
    const { world, watch, step } = open(1, INTEREST);
    world.eyes[0] = { x: 50, y: 50 };
    const thing = world.add(SHIP);
    const watcher = watch(0);
    const isSeenAt = (metresFromSquare: number) => {
      [thing.x, thing.y] = [60 + metresFromSquare, 50];
      step(0);
      return watcher.seen(thing) !== undefined;
    };
    const ways = [55, 50.1, 49.9, 50.1, 54.9, 55.1, 54.9, 50.1, 49.9];
    expect(ways.map(isSeenAt)).toEqual([
      ...[false, false, true, true, true],
      ...[false, false, false, true],
    ]);
  });

  it("[IM1] does not take a thing for one that was there before", () => {
    const { world, watch, step } = open(1, INTEREST);
    const eye = { x: 50, y: 50 };
    world.eyes[0] = eye;
    const former = world.add(SHIP, 50, 50);
    const watcher = watch(0);
    step(0);
    eye.x = 150;
    world.remove(former);
    step(0);
    step(0);
    const other = world.add(SHIP, 113, 50);
    step(0);
    eye.x = 50;
    step(0);
    expect(watcher.seen(other)).toBeUndefined();
    other.x = 105;
    step(0);
    expect(watcher.isRight(other)).toBe(true);
  });

  it("[IM2] has nothing in its bytes of what is hidden", () => {
    const marked = (isSeen: boolean) => {
      const { world, watch, step } = open(7, INTEREST);
      world.turn(world.seat(0, 30, 30));
      const hidden = world.add(SHIP, isSeen ? 75 : 150, 60);
      const watchers = Array.from({ length: 40 }, (_, seat) => {
        world.eyes[seat] = world.eyes[0];
        world.turn(hidden);
        // Every other tick another number, so that it is said again and again, and whole to those who come.
        hidden.mark = seat % 2 === 0 ? 0xa5c3f1 : 0x5a3c0e;
        const watcher = watch(seat);
        step(0);
        return watcher;
      });
      return watchers.some(({ sent }) =>
        sent.some(({ message }) => hasBits(message, 0xa5c3f1, 24)),
      );
    };
    expect(marked(true)).toBe(true);
    expect(marked(false)).toBe(false);
  });

  it("[IM2] is the same to the last bit whatever the hidden do", () => {
    const sentWith = (seed: number) => {
      const { world, watch, step } = open(7, INTEREST);
      world.seat(0, 30, 30);
      world.add(SHOT, 45, 30);
      const hidden = [world.add(SHIP, 170, 170), world.add(SHOT, 160, 20), world.seat(1, 20, 190)];
      const watcher = watch(0);
      const others = new WatchedWorld(seed, 30, INTEREST);
      for (let tick = 0; tick < 60; tick++) {
        for (const thing of hidden) {
          others.turn(thing);
          thing.mark = nextBelow(others.random, 1 << 24);
          thing.x = 150 + 40 * unit(others.random);
        }
        step(0);
      }
      return watcher.sent.map(
        ({ tick, message }) => `${tick} ${Buffer.from(message).toString("hex")}`,
      );
    };
    expect(sentWith(1)).toEqual(sentWith(2));
  });

  it("[IM3] changes when its eye is beyond the border of its square by a tenth, or jumps", () => {
    const { world, watch, step } = open(1, INTEREST);
    const eye = { x: 50, y: 50 };
    world.eyes[0] = eye;
    const watcher = watch(0);
    const typesAt = (x: number, y: number) => {
      [eye.x, eye.y] = [x, y];
      step(0);
      return watcher.typesNow;
    };
    expect(typesAt(50, 50)).toEqual(["keyframe"]);
    for (let tick = 0; tick < 10; tick++) {
      expect(typesAt(tick % 2 === 0 ? 61.9 : 58.1, 39.5)).not.toContain("keyframe");
    }
    expect(typesAt(62.1, 50)).toEqual(["keyframe"]);
    expect(typesAt(58.1, 50)).not.toContain("keyframe");
    expect(typesAt(190, 10)).toEqual(["keyframe"]);
    expect(typesAt(-500, Number.MAX_VALUE)).toEqual(["keyframe"]);
    expect(typesAt(1, 199)).not.toContain("keyframe");
  });

  it("[IM4] is its own alone while it has no place to look from", () => {
    const { world, watch, step } = open(3, INTEREST);
    const own = world.seat(0, 100, 100);
    world.add(SHIP, 101, 100);
    world.add(SHOT, 100, 101);
    const watcher = watch(0);
    step(0.5);
    expect([watcher.ids(SHIP).length, watcher.ids(SHOT).length]).toEqual([2, 1]);
    for (const eye of [undefined, { x: Number.NaN, y: 0 }]) {
      world.eyes[0] = eye;
      for (let tick = 0; tick < 20; tick++) {
        step(0.5);
        expect([watcher.ids(SHIP), watcher.ids(SHOT)]).toEqual([[own.id], []]);
        expect(watcher.isRight(own)).toBe(true);
        expect(watcher.typesNow).toContain("own");
      }
    }
    const other = world.add(SHIP);
    world.owns[0] = other;
    step(0.5);
    expect(watcher.ids(SHIP)).toEqual([other.id]);
    world.remove(other);
    step(0.5);
    expect(watcher.ids(SHIP)).toEqual([]);
    const { length } = watcher.sent;
    for (let tick = 0; tick < 28; tick++) step(0.5);
    expect(watcher.sent.length - length).toBe(4);
  });

  it("[IM5] is everything without an interest, whoever looks from wherever", () => {
    const { world, audience, watch, step } = open(5, undefined);
    for (let each = 0; each < 30; each++) world.add(nextBelow(world.random, 2));
    const watchers = Array.from({ length: 4 }, (_, seat) => watch(seat));
    world.seat(0, 10, 10);
    world.seat(1, 190, 190);
    for (let tick = 0; tick < 60; tick++) {
      world.stir();
      step(0.3);
      for (const watcher of watchers) {
        const seen = watcher.ids(SHIP).length + watcher.ids(SHOT).length;
        expect(seen).toBe(world.things.length);
        expect(world.things.filter((thing) => !watcher.isRight(thing))).toEqual([]);
      }
      expect(audience.figures.groups).toBe(1);
    }
  });

  it("[IM6] is not opened with an interest that cannot be", () => {
    const openWith = (wrong: Partial<Interest>) => () => open(1, { ...INTEREST, ...wrong });
    expect(openWith({ cellMetres: 0 })).toThrow(
      "interest.cellMetres is 0; give a length above 0 m",
    );
    expect(openWith({ nearMetres: Number.NaN })).toThrow("interest.nearMetres is NaN");
    expect(openWith({ widthMetres: Number.POSITIVE_INFINITY })).toThrow("interest.widthMetres");
    expect(openWith({ cellMetres: 1e-6 })).toThrow("at most 2^40 cells");
    for (const farEveryTicks of [0, 1.5, 65]) {
      expect(openWith({ farEveryTicks })).toThrow("give a whole number from 1 to 64");
    }
  });
});

/** Whether a number stands anywhere in the bits of a message, highest bit first. */
function hasBits(message: Uint8Array, number: number, bits: number): boolean {
  let window = 0;
  for (let at = 0; at < message.length * 8; at++) {
    const bit = ((message[at >>> 3] ?? 0) >>> (7 - (at & 7))) & 1;
    window = ((window << 1) | bit) & (2 ** bits - 1);
    if (at >= bits - 1 && window === number) return true;
  }
  return false;
}
