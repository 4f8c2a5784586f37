/** A made-up game for the audience, all out of a seed, and viewers that decode what they are sent. */
import { expect } from "vitest";
import {
  SnapshotDecoder,
  type SnapshotEntity,
  type SnapshotNews,
} from "../../../../protocol/snapshot-decoder.ts";
import { createRandom, nextBelow, type Random } from "../../../../rooms/kernel/random.ts";
import type {
  EntityRows,
  Interest,
  SimulationSetup,
  SnapshotField,
  SnapshotLayout,
  Snapshots,
} from "../../../../rooms/simulation.ts";
import type { Viewer } from "../../../../server/host/snapshots/audience.ts";

export const SHIP = 0;
export const SHOT = 1;
const SPEED_MAX = 20;
const HISTORY_TICKS = 8;

const place = ["x", "y"] as const;
const motion = (sideMetres: number) => [
  { name: "x", step: 1 / 64, min: 0, max: sideMetres, rate: "vx" },
  { name: "y", step: 1 / 64, min: 0, max: sideMetres, rate: "vy" },
  { name: "vx", step: 1 / 16, min: -SPEED_MAX, max: SPEED_MAX },
  { name: "vy", step: 1 / 16, min: -SPEED_MAX, max: SPEED_MAX },
];

export interface Thing {
  readonly kind: number;
  readonly id: number;
  x: number;
  y: number;
  vx: number;
  vy: number;
  angle: number;
  /** Of a ship: any number below 2^24. */
  mark: number;
}

export interface Eye {
  x: number;
  y: number;
}

export function unit(random: Random): number {
  return nextBelow(random, 0x40000000) / 0x40000000;
}

/** Its seats look from where `eyes` says, and own what `owns` says. */
export class WatchedWorld implements Snapshots<undefined, undefined> {
  readonly layout: SnapshotLayout;
  readonly setup: SimulationSetup;
  readonly things: Thing[] = [];
  readonly eyes: (Eye | undefined)[] = [];
  readonly owns: (Thing | undefined)[] = [];
  readonly random: Random;
  readonly sideMetres: number;
  readonly #interest: Interest | undefined;
  readonly #own = { kind: 0, id: 0 };
  readonly #history = new Map<number, ReadonlyMap<Thing, number[]>>();
  #nextId = 1;
  tick = -1;

  constructor(seed: number, tickRateHz: number, interest: Interest | undefined, sideMetres = 200) {
    this.random = createRandom(seed >>> 0);
    this.sideMetres = sideMetres;
    this.#interest = interest;
    this.setup = {
      seed,
      tickRateHz,
      seatsMax: 256,
      gameProperties: {},
      gameSessionData: "",
      teams: [],
    };
    this.layout = [
      {
        name: "ship",
        place,
        fields: [
          ...motion(sideMetres),
          { name: "angle", step: Math.PI / 128, min: -Math.PI, max: Math.PI, wraps: true },
          { name: "mark", step: 1, min: 0, max: 2 ** 24 - 1 },
        ],
      },
      { name: "shot", place, fields: motion(sideMetres) },
    ];
  }

  interest(): Interest | undefined {
    return this.#interest;
  }

  writeRest(): void {}

  collect(_state: undefined, rows: readonly EntityRows[]): void {
    for (const thing of this.things) {
      const table = rows[thing.kind] as EntityRows;
      const from = table.add(thing.id);
      this.valuesOf(thing).forEach((value, field) => {
        table.values[from + field] = value;
      });
    }
  }

  eyeOf(_state: undefined, seat: number, eye: Eye): boolean {
    const from = this.eyes[seat];
    if (from === undefined) return false;
    eye.x = from.x;
    eye.y = from.y;
    return true;
  }

  /** One object for everybody, as a game may have it. */
  ownOf(_state: undefined, seat: number): { kind: number; id: number } | undefined {
    const own = this.owns[seat];
    if (own === undefined) return undefined;
    this.#own.kind = own.kind;
    this.#own.id = own.id;
    return this.#own;
  }

  valuesOf({ kind, x, y, vx, vy, angle, mark }: Thing): number[] {
    return kind === SHIP ? [x, y, vx, vy, angle, mark] : [x, y, vx, vy];
  }

  add(kind: number, x = this.#anywhere(), y = this.#anywhere()): Thing {
    const id = this.#nextId++;
    const mark = nextBelow(this.random, 2 ** 24);
    const thing = { kind, id, x, y, vx: 0, vy: 0, angle: 0, mark };
    this.things.push(thing);
    return thing;
  }

  remove(thing: Thing): void {
    this.things.splice(this.things.indexOf(thing), 1);
  }

  /** Gives a seat a ship, and has it look from there. */
  seat(seat: number, x?: number, y?: number): Thing {
    const ship = this.add(SHIP, x, y);
    this.owns[seat] = ship;
    this.eyes[seat] = ship;
    return ship;
  }

  /** As a thing was some ticks ago; `undefined` before it came. */
  valuesAt(thing: Thing, tick: number): number[] | undefined {
    return this.#history.get(tick)?.get(thing);
  }

  /** One tick of motion. @param turns - How likely a thing is to change its way, 0 to 1. */
  step(turns: number): void {
    for (const thing of this.things) {
      if (unit(this.random) < turns) this.turn(thing);
      thing.x = this.#inside(thing.x + thing.vx / this.setup.tickRateHz);
      thing.y = this.#inside(thing.y + thing.vy / this.setup.tickRateHz);
    }
    this.tick++;
    this.#history.set(this.tick, new Map(this.things.map((each) => [each, this.valuesOf(each)])));
    this.#history.delete(this.tick - HISTORY_TICKS);
  }

  turn(thing: Thing): void {
    const speed = () => (unit(this.random) - 0.5) * SPEED_MAX;
    thing.vx = speed();
    thing.vy = speed();
    thing.angle = (unit(this.random) - 0.5) * 2 * Math.PI;
  }

  /** Some things come, go and jump. */
  stir(): void {
    const { random, things } = this;
    if (nextBelow(random, 3) === 0) this.add(nextBelow(random, 2));
    const thing = things[nextBelow(random, Math.max(1, things.length))];
    if (thing === undefined) return;
    const dice = nextBelow(random, 12);
    if (dice < 4 && !this.owns.includes(thing)) this.remove(thing);
    if (dice === 5) [thing.x, thing.y] = [this.#anywhere(), this.#anywhere()];
  }

  #anywhere(): number {
    return unit(this.random) * this.sideMetres;
  }

  #inside(metres: number): number {
    return Math.min(Math.max(metres, 0), this.sideMetres);
  }
}

/** How far a decoder's value is from the game's, in steps of the field. */
function stepsOff({ step, min, max, wraps }: SnapshotField, value: number, seen: number): number {
  const way = Math.abs(seen - Math.min(Math.max(value, min), max));
  return (wraps === true ? Math.min(way, max - min - way) : way) / step;
}

const MESSAGE_TYPES = ["", "keyframe", "delta", "own"] as const;

interface Sent {
  readonly tick: number;
  readonly type: (typeof MESSAGE_TYPES)[number];
  readonly message: Uint8Array;
}

/** A viewer that keeps all it is sent, and decodes it. */
export class Watcher implements Viewer {
  readonly seat: number;
  readonly decoder: SnapshotDecoder | undefined;
  readonly sent: Sent[] = [];
  refusals = 0;
  canTake = true;
  news: SnapshotNews | undefined;
  readonly #world: WatchedWorld;

  /** @param isDecoding - Whether it reads messages, or keeps them alone. */
  constructor(world: WatchedWorld, seat: number, isDecoding = true) {
    this.seat = seat;
    this.#world = world;
    const { layout, setup } = world;
    this.decoder = isDecoding ? new SnapshotDecoder(layout, setup.tickRateHz) : undefined;
  }

  send(message: Uint8Array): boolean {
    if (!this.canTake) {
      this.refusals++;
      return false;
    }
    expect([...message.subarray(0, 3)]).toEqual([0x11, 0xa1, 0x73]);
    const type = MESSAGE_TYPES[message[3] ?? 0] ?? "";
    this.sent.push({ tick: this.#world.tick, type, message });
    if (this.decoder === undefined) return true;
    this.news = this.decoder.read(message.subarray(3));
    expect(this.news).toBeDefined();
    return true;
  }

  /** What it was sent at the present tick, by type. */
  get typesNow(): string[] {
    return this.sent.filter(({ tick }) => tick === this.#world.tick).map(({ type }) => type);
  }

  seen(thing: Thing): SnapshotEntity | undefined {
    return this.decoder?.entities[thing.kind]?.get(thing.id);
  }

  /** Ids of all that it sees of a kind. */
  ids(kind: number): number[] {
    return [...(this.decoder?.entities[kind]?.keys() ?? [])].sort((a, b) => a - b);
  }

  /** Whether what it sees of a thing was right in the declared precision so many ticks ago. */
  wasRight(thing: Thing, ticksAgo: number): boolean {
    const tick = this.#world.tick - ticksAgo;
    const entity = this.seen(thing);
    const values = this.#world.valuesAt(thing, tick);
    if (entity === undefined || values === undefined || entity.tick > tick) return false;
    const { fields } = this.#world.layout[thing.kind]!;
    return fields.every((field, at) => {
      const seen = this.decoder!.valueAt(thing.kind, entity, at, tick);
      const most = field.rate !== undefined && entity.tick !== tick ? 1.5 : 0.5;
      return stepsOff(field, values[at]!, seen) <= most + 1e-6;
    });
  }

  isRight(thing: Thing): boolean {
    return this.wasRight(thing, 0);
  }
}
