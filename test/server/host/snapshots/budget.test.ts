import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextBelow } from "../../../../rooms/kernel/random.ts";
import type { Interest } from "../../../../rooms/simulation.ts";
import { Audience } from "../../../../server/host/snapshots/audience.ts";
import { ByteBudget } from "../../../../server/host/snapshots/byte-budget.ts";
import { Cells } from "../../../../server/host/snapshots/cells.ts";
import { Picks } from "../../../../server/host/snapshots/picks.ts";
import { Scene } from "../../../../server/host/snapshots/scene.ts";
import { Sight } from "../../../../server/host/snapshots/sight.ts";
import { SHIP, SHOT, type Thing, unit, WatchedWorld, Watcher } from "./watched-world.ts";

const INTEREST: Interest = {
  widthMetres: 200,
  heightMetres: 200,
  cellMetres: 20,
  nearMetres: 30,
  farMetres: 50,
  farEveryTicks: 4,
};
const BURST_SECONDS = 0.25;
const SHOT_SECONDS = 1.2;

/** Ships in one cell, which fire. */
class Battle {
  readonly world: WatchedWorld;
  readonly audience: Audience;
  readonly watchers: Watcher[] = [];
  readonly #shots: { readonly shot: Thing; readonly tick: number }[] = [];

  constructor(seed: number, tickRateHz: number, bytesPerSecond: number, ships: number) {
    this.world = new WatchedWorld(seed, tickRateHz, INTEREST);
    const { setup } = this.world;
    this.audience = new Audience({ snapshots: this.world, setup, bytesPerSecond });
    for (let seat = 0; seat < ships; seat++) this.world.seat(seat, this.#near(90), this.#near(90));
  }

  watch(seat: number, isDecoding: boolean): Watcher {
    const watcher = new Watcher(this.world, seat, isDecoding);
    this.audience.join(watcher);
    this.watchers.push(watcher);
    return watcher;
  }

  /** @param shotsPerSecond - Of all ships together. */
  step(turns: number, shotsPerSecond: number): void {
    const { world } = this;
    const { tickRateHz } = world.setup;
    const shots = shotsPerSecond / tickRateHz;
    for (let each = 0; each < shots; each++) {
      const shot = world.add(SHOT, this.#near(90), this.#near(90));
      world.turn(shot);
      this.#shots.push({ shot, tick: world.tick });
    }
    while (world.tick - (this.#shots[0]?.tick ?? world.tick) >= SHOT_SECONDS * tickRateHz) {
      world.remove(this.#shots.shift()!.shot);
    }
    for (const ship of world.things) {
      if (ship.kind === SHIP && unit(world.random) < turns) world.turn(ship);
    }
    for (const ship of world.owns) if (ship !== undefined) this.#hold(ship);
    world.step(0);
    this.audience.tick(undefined, world.tick);
  }

  /** Turns a ship back at the border of its cell. */
  #hold(ship: Thing): void {
    const low = ship.x < 80 ? 0 : 80;
    if (ship.x < low + 1 || ship.x > low + 19) ship.vx = (low + 10 - ship.x) / 3;
    if (ship.y < low + 1 || ship.y > low + 19) ship.vy = (low + 10 - ship.y) / 3;
  }

  #near(metres: number): number {
    return metres + (unit(this.world.random) - 0.5) * 18;
  }
}

/** The most that any window had above the budget; keyframes beside the largest one are within it. */
function excessOf({ sent }: Watcher, bytesPerSecond: number, tickRateHz: number): number {
  let excess = Number.NEGATIVE_INFINITY;
  for (let from = 0; from < sent.length; from++) {
    let bytes = 0;
    let keyframe = 0;
    for (let to = from; to < sent.length; to++) {
      const { message, type, tick } = sent[to]!;
      bytes += message.length;
      if (type === "keyframe") keyframe = Math.max(keyframe, message.length);
      const seconds = (tick - sent[from]!.tick) / tickRateHz;
      excess = Math.max(excess, bytes - keyframe - bytesPerSecond * (seconds + BURST_SECONDS));
    }
  }
  return excess;
}

const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

describe("the byte budget of a client", () => {
  it("[IM7] holds for whatever is spent and owed", () => {
    const step = fc.record({ spends: fc.nat(3000), owes: fc.nat(20_000), isOwing: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.nat(2000), (steps, perTick) => {
        const perSecond = 10 * perTick;
        const budget = new ByteBudget(perSecond, 10, -1);
        const spent = steps.map(({ spends, owes, isOwing }, tick) => {
          budget.refill(tick);
          const bytes = Math.min(spends, budget.bytesMax);
          budget.spend(bytes);
          const owed = isOwing && budget.mayOwe ? owes : 0;
          if (owed > 0) budget.owe(owed);
          return { bytes, owed };
        });
        for (let from = 0; from < spent.length; from++) {
          let [bytes, owedMax] = [0, 0];
          for (let to = from; to < spent.length; to++) {
            bytes += spent[to]!.bytes + spent[to]!.owed;
            owedMax = Math.max(owedMax, spent[to]!.owed);
            const most = perSecond * ((to - from) / 10 + BURST_SECONDS) + owedMax;
            expect(bytes).toBeLessThanOrEqual(most + 1e-6);
          }
        }
      }),
    );
  });

  it("[IM7] holds in every window when everybody fires, joins in waves, jumps and stalls", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.constantFrom(2048, 8192, 65_536),
        fc.constantFrom(10, 30, 128),
        (seed, bytesPerSecond, tickRateHz) => {
          const battle = new Battle(seed, tickRateHz, bytesPerSecond, 60);
          const { world, audience } = battle;
          for (let tick = 0; tick < 120; tick++) {
            if (tick % 40 === 0) {
              for (let each = 0; each < 8; each++) {
                battle.watch(nextBelow(world.random, 60), each === 0);
              }
            }
            const seat = nextBelow(world.random, 60);
            const own = world.owns[seat]!;
            const dice = nextBelow(world.random, 10);
            if (dice < 3) [own.x, own.y] = dice === 0 ? [10, 10] : [90, 90];
            const watcher = battle.watchers[nextBelow(world.random, battle.watchers.length)]!;
            if (dice === 3) watcher.canTake = !watcher.canTake;
            if (dice === 4) audience.leave(watcher);
            if (dice === 5) audience.join(watcher);
            battle.step(0.3, 200);
          }
          const excess = battle.watchers.map((each) => excessOf(each, bytesPerSecond, tickRateHz));
          expect(Math.max(...excess)).toBeLessThanOrEqual(1e-6);
        },
      ),
      { numRuns: 6, endOnFailure: true },
    );
  });

  it("[IM7] holds for one that leaves and joins again all the time", () => {
    const battle = new Battle(2, 30, 4096, 60);
    const watcher = battle.watch(0, true);
    for (let tick = 0; tick < 120; tick++) {
      battle.step(1, 0);
      battle.audience.leave(watcher);
      battle.audience.join(watcher);
    }
    expect(excessOf(watcher, 4096, 30)).toBeLessThanOrEqual(1e-6);
    expect(watcher.sent.filter(({ type }) => type === "keyframe").length).toBeGreaterThan(5);
  });

  it("[IM7] holds for 200 ships and a thousand shots in one cell, and is used", () => {
    const battle = new Battle(1, 30, 16_384, 200);
    for (let seat = 0; seat < 200; seat++) battle.watch(seat, seat < 2);
    for (let tick = 0; tick < 90; tick++) battle.step(1, 830);
    expect(battle.world.things.length).toBeGreaterThan(1150);
    for (const watcher of battle.watchers) {
      expect(excessOf(watcher, 16_384, 30)).toBeLessThanOrEqual(1e-6);
      const recent = watcher.sent.filter(({ tick }) => tick >= 60);
      const bytes = recent.reduce((sum, { message }) => sum + message.length, 0);
      expect(bytes).toBeGreaterThan(0.9 * 16_384);
    }
  });

  it("[IM7] holds when most of what there is goes at once, again and again", () => {
    const battle = new Battle(6, 30, 2048, 60);
    const { world } = battle;
    const watcher = battle.watch(0, true);
    for (let round = 0; round < 3; round++) {
      for (let each = 0; each < 1500; each++) world.add(SHOT, 90, 90);
      // A newcomer is shown them all at once.
      battle.watch(1 + round, true);
      for (let tick = 0; tick < 90; tick++) battle.step(1, 0);
      for (const thing of [...world.things]) {
        if (thing.kind === SHOT && unit(world.random) < 0.6) world.remove(thing);
      }
      for (let tick = 0; tick < 6; tick++) battle.step(1, 0);
    }
    for (const each of battle.watchers) expect(excessOf(each, 2048, 30)).toBeLessThanOrEqual(1e-6);
    expect(watcher.sent.filter(({ type }) => type === "keyframe").length).toBeGreaterThan(1);
    for (const ship of world.things) [ship.vx, ship.vy] = [0, 0];
    for (let tick = 0; tick < 600; tick++) battle.step(0, 0);
    for (const each of battle.watchers) {
      expect(world.things.filter((thing) => !each.isRight(thing))).toEqual([]);
    }
  });

  it("[IM3] keeps who owes a keyframe in the square beside his, and shows him nothing of one elsewhere", () => {
    const typesAfter = (x: number) => {
      const battle = new Battle(7, 30, 2048, 200);
      const watcher = battle.watch(0, true);
      const eye = { x: 90, y: 90 };
      battle.world.eyes[0] = eye;
      for (let tick = 0; tick < 3; tick++) battle.step(1, 0);
      eye.x = x;
      const { length } = watcher.sent;
      for (let tick = 0; tick < 6; tick++) battle.step(1, 0);
      const types = watcher.sent.slice(length).map(({ type }) => type);
      for (let tick = 0; tick < 120; tick++) battle.step(1, 0);
      expect(watcher.sent.filter(({ type }) => type === "keyframe")).toHaveLength(2);
      return new Set(types);
    };
    expect(typesAfter(110)).toEqual(new Set(["delta", "own"]));
    expect(typesAfter(130)).toEqual(new Set(["own"]));
  });
});

describe("under pressure", () => {
  it("[IM8] ticks share a message where the budget has not enough for one each", () => {
    const battle = new Battle(8, 128, 2048, 20);
    const watcher = battle.watch(0, true);
    for (let tick = 0; tick < 600; tick++) battle.step(1, 0);
    const deltas = watcher.sent.filter(({ tick, type }) => tick > 128 && type === "delta");
    expect(mean(deltas.map(({ message }) => message.length))).toBeGreaterThan(30);
    const ages = battle.world.things.map((ship) => battle.world.tick - watcher.seen(ship)!.tick);
    expect(Math.max(...ages)).toBeLessThan(100);
    expect(battle.world.tick - watcher.seen(battle.world.owns[0]!)!.tick).toBeLessThan(8);
  });

  it("[IM8] everything is updated less often, evenly, one's own at every tick; then all is right again", () => {
    const battle = new Battle(3, 30, 8192, 200);
    const { world } = battle;
    const watchers = Array.from({ length: 3 }, (_, seat) => battle.watch(seat, true));
    const gaps = new Map<Thing, number>();
    for (let tick = 0; tick < 240; tick++) {
      battle.step(1, 0);
      for (const watcher of watchers) {
        expect(watcher.isRight(world.owns[watcher.seat]!)).toBe(true);
        expect(watcher.ids(SHIP)).toHaveLength(200);
        if (tick < 90) continue;
        for (const ship of world.things.slice(3)) {
          const gap = tick - watcher.seen(ship)!.tick;
          gaps.set(ship, Math.max(gap, gaps.get(ship) ?? 0));
        }
      }
    }
    const largest = [...gaps.values()];
    expect(Math.min(...largest)).toBeGreaterThan(3);
    expect(Math.max(...largest)).toBeLessThanOrEqual(1.3 * mean(largest) + 1);
    for (let tick = 0; tick < 60; tick++) battle.step(0.01, 0);
    for (let tick = 0; tick < 60; tick++) {
      battle.step(0.01, 0);
      for (const watcher of watchers) {
        expect(world.things.filter((thing) => !watcher.isRight(thing))).toEqual([]);
      }
    }
  });

  it.each([
    [30, 2048, 200, 4.5],
    [60, 4096, 200, 2],
    [128, 2048, 60, 1.5],
    [128, 8192, 200, 1.2],
  ])(
    "[IM8] at %i Hz and %i bytes a second each of %i ships has its turn, whatever is fired",
    (rate, bytesPerSecond, ships, secondsMax) => {
      const battle = new Battle(6, rate, bytesPerSecond, ships);
      const { world } = battle;
      const watcher = battle.watch(0, true);
      battle.watch(1, false);
      for (let tick = 0; tick < rate; tick++) battle.step(1, 4 * ships);
      const others = world.things.filter(({ kind }) => kind === SHIP).slice(1);
      const gaps = others.map(() => 0);
      for (let tick = 0; tick < 10 * rate; tick++) {
        battle.step(1, 4 * ships);
        others.forEach((ship, at) => {
          gaps[at] = Math.max(gaps[at]!, (world.tick - watcher.seen(ship)!.tick) / rate);
        });
      }
      expect(Math.max(...gaps)).toBeLessThan(secondsMax);
      expect(Math.max(...gaps)).toBeLessThan(1.3 * mean(gaps));
    },
  );

  it("[IM8] one's own is right also where it is as it was before it changed", () => {
    const battle = new Battle(9, 30, 8192, 200);
    const watcher = battle.watch(0, true);
    const own = battle.world.owns[0]!;
    let owns = 0;
    for (let tick = 0; tick < 300; tick++) {
      // It stands still but for this: there and back, then nothing for a while.
      [own.vx, own.vy] = [0, 0];
      if (tick % 10 < 2) own.mark ^= 1;
      for (const ship of battle.world.things.slice(1)) battle.world.turn(ship);
      battle.step(0, 0);
      owns += watcher.typesNow.filter((type) => type === "own").length;
      expect(watcher.isRight(own)).toBe(true);
    }
    expect(owns).toBeGreaterThan(10);
  });

  it("[IM8] what is new comes in turn, and is there when it passes", () => {
    const battle = new Battle(4, 30, 4096, 20);
    const watcher = battle.watch(0, true);
    for (let tick = 0; tick < 30; tick++) battle.step(0.5, 0);
    const late: Thing[] = Array.from({ length: 300 }, () => battle.world.add(SHIP, 90, 90));
    const seenTicks = new Map<Thing, number>();
    for (let tick = 0; tick < 150; tick++) {
      battle.step(1, 0);
      for (const thing of late) {
        if (watcher.seen(thing) !== undefined && !seenTicks.has(thing)) seenTicks.set(thing, tick);
      }
    }
    expect(seenTicks.size).toBe(300);
    const ticks = late.map((thing) => seenTicks.get(thing)!);
    expect(Math.max(...ticks)).toBeGreaterThan(15);
    // Meanwhile those that were there before were updated as well.
    expect(watcher.sent.filter(({ type }) => type === "keyframe")).toHaveLength(1);
  });

  it("[IM8] what is new takes no more than the room it has, wherever it is", () => {
    const world = new WatchedWorld(1, 30, INTEREST);
    for (let each = 0; each < 80; each++)
      world.add(SHIP, 80 + (each % 8), 61 + 10 * Math.floor(each / 8));
    const cell = new Cells(INTEREST).at(100, 100, undefined);
    const scene = new Scene(world, INTEREST);
    const sight = new Sight(cell, INTEREST);
    const picks = new Picks(2);
    for (let tick = 0; tick < 5; tick++) {
      scene.read(undefined, tick);
      sight.look(scene, picks, 150, [10, 10]);
      expect(picks.selections[SHIP]?.count).toBe(15 * (tick + 1));
    }
  });

  it("[IM9] a newcomer's keyframe leaves its group three quarters of its rate", () => {
    const battle = new Battle(5, 30, 5000, 200);
    const old = battle.watch(0, false);
    const bytesOf = (from: number, to: number) =>
      old.sent
        .filter(({ tick, type }) => tick >= from && tick < to && type !== "keyframe")
        .reduce((sum, { message }) => sum + message.length, 0);
    for (let tick = 0; tick < 120; tick++) battle.step(1, 830);
    for (let wave = 0; wave < 4; wave++) {
      for (let each = 0; each < 5; each++) battle.watch(1 + each, false);
      for (let tick = 0; tick < 15; tick++) battle.step(1, 830);
    }
    const keyframe = battle.watchers.at(-1)!.sent[0]!;
    expect(keyframe.type).toBe("keyframe");
    expect(keyframe.message.length).toBeGreaterThan(2 * BURST_SECONDS * 5000);
    const before = bytesOf(60, 120) / 60;
    for (let from = 120; from < 180; from += 5) {
      expect(bytesOf(from, from + 5) / 5).toBeGreaterThan(0.65 * before);
    }
  });
});
