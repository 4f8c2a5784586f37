/** Made-up layouts and worlds, all out of a seed, and a stream of snapshots of one of them with many readers. */
import { expect } from "vitest";
import { SnapshotDecoder, type SnapshotEntity } from "../../protocol/snapshot-decoder.ts";
import { type Selection, SnapshotEncoder } from "../../protocol/snapshot-encoder.ts";
import type { SnapshotField, SnapshotLayout } from "../../protocol/snapshot-layout.ts";
import { SnapshotTable } from "../../protocol/snapshot-table.ts";
import { createRandom, nextBelow, type Random } from "../../rooms/kernel/random.ts";

const PREFIX_BYTES = 3;

export function unit(random: Random): number {
  return nextBelow(random, 0x40000000) / 0x40000000;
}

function between(random: Random, low: number, high: number): number {
  return low + nextBelow(random, high - low + 1);
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[nextBelow(random, items.length)] as Item;
}

export function randomLayout(random: Random): SnapshotLayout {
  return Array.from({ length: between(random, 1, 4) }, (_, kind) => {
    const count = between(random, 2, nextBelow(random, 6) === 0 ? 16 : 7);
    const plain = between(random, 1, count);
    const fields = Array.from({ length: count }, (__, at) => randomField(random, at, plain));
    return { name: `kind${kind}`, fields, place: [fields[0]!.name, fields[1]!.name] as const };
  });
}

/** Fields from `plain` on may have a rate, which is one of those before. */
function randomField(random: Random, at: number, plain: number): SnapshotField {
  const step = pick(random, [1, 1 / 128, 1 / 64, 0.1, 0.01, 1 / 3, 7.3, 1e-5, unit(random) + 1e-3]);
  const steps = pick(random, [1, 2, 3, 7, 100, 255.5, 256, 1000.25, 65_536, 2 ** 24, 4321]);
  const min = pick(random, [0, -1, -step * steps * 0.5, step * 17.5, -Math.PI, 1000]);
  const wraps = steps >= 2 && nextBelow(random, 3) === 0;
  const field = { name: `f${at}`, step, min, max: min + step * steps, wraps };
  if (at >= plain) return { ...field, rate: `f${nextBelow(random, plain)}` };
  return nextBelow(random, 4) === 0 ? { ...field, drift: between(random, -3, 3) } : field;
}

interface Thing {
  id: number;
  readonly values: number[];
  /** How it behaves: whether it moves by its rates, jumps, stands or goes mad. */
  mood: number;
}

/** What entities there are, and how they change from tick to tick. */
export class World {
  readonly layout: SnapshotLayout;
  readonly tickRateHz: number;
  readonly tables: readonly SnapshotTable[];
  readonly things: Thing[][];
  readonly #random: Random;
  readonly #largest: number;

  constructor(layout: SnapshotLayout, tickRateHz: number, random: Random, largest: number) {
    this.layout = layout;
    this.tickRateHz = tickRateHz;
    this.#random = random;
    this.#largest = largest;
    this.tables = layout.map((kind) => new SnapshotTable(kind));
    this.things = layout.map(() => []);
  }

  step(): void {
    const random = this.#random;
    this.layout.forEach((_, kind) => {
      const things = this.things[kind]!;
      const goes = nextBelow(random, 4) === 0 ? nextBelow(random, 4) : 0;
      for (let at = 0; at < goes && things.length > 0; at++) {
        things.splice(nextBelow(random, things.length), 1);
      }
      if (nextBelow(random, 300) === 0) things.length = 0;
      const comes = things.length === 0 ? nextBelow(random, this.#largest + 1) : goes;
      for (let at = 0; at < comes; at++) this.#add(kind);
      if (nextBelow(random, 50) === 0) things.sort((a, b) => a.id - b.id);
      for (const thing of things) this.#move(kind, thing);
    });
    this.#collect();
  }

  #add(kind: number): void {
    const random = this.#random;
    const things = this.things[kind]!;
    // Few ids, so that those of the departed come back at once.
    const id =
      nextBelow(random, 10) === 0 ? 0xffff_fff0 + nextBelow(random, 16) : nextBelow(random, 80);
    if (things.some((each) => each.id === id)) return;
    const values = this.layout[kind]!.fields.map((field) => this.#anywhere(field));
    things.splice(nextBelow(random, things.length + 1), 0, { id, values, mood: 0 });
  }

  #anywhere({ min, max }: SnapshotField): number {
    const random = this.#random;
    if (nextBelow(random, 40) === 0) {
      return pick(random, [Number.NaN, Infinity, -Infinity, 1e300, -1e300, 0, -0, max, min - 1e9]);
    }
    const outside = nextBelow(random, 10) === 0 ? 3 : 1;
    return min + (max - min) * (unit(random) - 0.5) * outside + (max - min) / 2;
  }

  #move(kind: number, thing: Thing): void {
    const random = this.#random;
    if (nextBelow(random, 8) === 0) thing.mood = nextBelow(random, 5);
    const { fields } = this.layout[kind]!;
    fields.forEach((field, at) => {
      const value = thing.values[at]!;
      const rate = fields.findIndex(({ name }) => name === field.rate);
      if (thing.mood === 4 && nextBelow(random, 3) === 0) {
        thing.values[at] = this.#anywhere(field);
      } else if (rate >= 0 && thing.mood > 0) {
        thing.values[at] = value + thing.values[rate]! / this.tickRateHz;
      } else if (field.drift !== undefined && thing.mood > 1) {
        thing.values[at] = value + field.drift * field.step;
      } else if (thing.mood === 3) {
        thing.values[at] = value + (unit(random) - 0.5) * field.step * 5;
      }
    });
  }

  #collect(): void {
    this.tables.forEach((table, kind) => {
      table.begin();
      for (const { id, values } of this.things[kind]!) {
        const from = table.add(id);
        values.forEach((value, field) => {
          table.values[from + field] = value;
        });
      }
      table.seal();
    });
  }
}

/** What a value is once it is where the field allows it to be. */
function inRange({ min, max, wraps }: SnapshotField, value: number): number {
  if (!Number.isFinite(value)) return min;
  if (wraps !== true) return Math.min(max, Math.max(min, value));
  const offset = (value - min) % (max - min);
  return min + (offset < 0 ? offset + max - min : offset);
}

function distance(field: SnapshotField, a: number, b: number): number {
  const way = Math.abs(a - b);
  return field.wraps === true ? Math.min(way, field.max - field.min - way) : way;
}

export function payloadOf(message: Uint8Array): Uint8Array {
  expect([...message.subarray(0, PREFIX_BYTES)]).toEqual([0x11, 0xa1, 0x73]);
  return message.subarray(PREFIX_BYTES);
}

/** What two decoders see differently: every id, tick and value to the last bit. */
function differenceOf(a: SnapshotDecoder, b: SnapshotDecoder): string | undefined {
  if (a.tick !== b.tick) return `ticks ${a.tick} and ${b.tick}`;
  for (const [kind, entities] of a.entities.entries()) {
    const others = b.entities[kind];
    if (others?.size !== entities.size) return `${entities.size} and ${others?.size} of ${kind}`;
    for (const [id, entity] of entities) {
      const other = others.get(id);
      const isSame =
        entity.tick === other?.tick &&
        entity.values.every((value, field) => Object.is(value, other.values[field]));
      if (!isSame) return `${id} of ${kind}: ${show(entity)} and ${show(other)}`;
    }
  }
  return undefined;
}

function show(entity: SnapshotEntity | undefined): string {
  return entity === undefined ? "none" : `${entity.tick} ${entity.values.join(" ")}`;
}

/** One stream of a world: random selections and due masks, readers that enter at any time. */
export class Stream {
  readonly encoder: SnapshotEncoder;
  readonly readers: SnapshotDecoder[] = [];
  readonly world: World;
  /** By kind and id: whether it is as exact at this tick as promised. */
  readonly #exact: Map<number, boolean>[];
  readonly #random: Random;
  readonly #isPartial: boolean;

  constructor(world: World, random: Random, isPartial: boolean) {
    this.world = world;
    this.#random = random;
    this.#isPartial = isPartial;
    this.encoder = new SnapshotEncoder(world.layout, world.tickRateHz);
    this.#exact = world.layout.map(() => new Map());
  }

  /** Says one tick to all readers, and lets one more in now and then. */
  tick(tick: number, bytesMax: number, mayBeSilent: boolean): void {
    const former = this.#exact.map((entities) => new Set(entities.keys()));
    const selections = this.world.tables.map((table, kind) => this.#select(table, kind));
    const { tables } = this.world;
    const message = this.encoder.encode(tick, tables, selections, bytesMax, mayBeSilent);
    this.#noteExact(selections);
    expect(message === undefined && !mayBeSilent).toBe(false);
    const isSame = this.#exact.every((entities, kind) => {
      return former[kind]!.size === new Set([...former[kind]!, ...entities.keys()]).size;
    });
    for (const reader of message === undefined ? [] : this.readers) {
      const news = reader.read(payloadOf(message!));
      expect(news).toMatchObject({ tick, isKeyframe: false });
      const hasUpdates = isSame && news!.changed.length > 0;
      if (hasUpdates && news!.removed.length === 0) {
        expect(message!.length).toBeLessThanOrEqual(bytesMax);
      }
    }
    if (this.readers.length < 6 && nextBelow(this.#random, 10) === 0) this.#enter();
  }

  #enter(): void {
    const reader = new SnapshotDecoder(this.world.layout, this.world.tickRateHz);
    const keyframe = this.encoder.keyframe();
    expect(reader.read(payloadOf(keyframe))?.isKeyframe).toBe(true);
    expect(this.encoder.keyframe()).toBe(keyframe);
    this.readers.push(reader);
  }

  #select(table: SnapshotTable, kind: number): Selection {
    const random = this.#random;
    const rows = Array.from({ length: table.count }, (_, row) => row).filter((row) => {
      if (!this.#isPartial) return true;
      const was = this.#exact[kind]!.has(table.ids[row]!);
      return nextBelow(random, 10) === 0 ? !was : was;
    });
    const due =
      this.#isPartial && nextBelow(random, 2) === 0
        ? Uint8Array.from({ length: table.count }, () => nextBelow(random, 2))
        : undefined;
    return { rows: Uint32Array.from(rows), count: rows.length, due };
  }

  #noteExact(selections: readonly Selection[]): void {
    selections.forEach(({ rows, due }, kind) => {
      const table = this.world.tables[kind]!;
      this.#exact[kind]!.clear();
      for (const row of rows) {
        const id = table.ids[row]!;
        const isDue = due === undefined || due[row] === 1;
        this.#exact[kind]!.set(id, isDue && !this.encoder.isBehind(kind, id));
      }
    });
  }

  /** Holds the first reader against the world, and the others against it. */
  check(tick: number): void {
    const [first, ...others] = this.readers;
    if (first === undefined) return;
    this.world.layout.forEach((_, kind) => {
      const exact = this.#exact[kind]!;
      expect([...first.entities[kind]!.keys()].filter((id) => !exact.has(id))).toEqual([]);
      expect(first.entities[kind]!.size).toBe(exact.size);
      for (const thing of this.world.things[kind]!) {
        if (exact.get(thing.id) === true) this.#checkThing(first, kind, thing, tick);
      }
    });
    for (const other of others) expect(differenceOf(first, other)).toBeUndefined();
  }

  #checkThing(reader: SnapshotDecoder, kind: number, { id, values }: Thing, tick: number): void {
    const entity = reader.entities[kind]!.get(id)!;
    this.world.layout[kind]!.fields.forEach((field, at) => {
      const value = values[at]!;
      // So far out that a turn more or less is within the double's own rounding.
      if (field.wraps === true && Math.abs(value) > field.step * 1e9) return;
      const seen = reader.valueAt(kind, entity, at, tick);
      const off = distance(field, seen, inRange(field, value)) / field.step;
      const most = field.rate !== undefined && entity.tick !== tick ? 1.5 : 0.5;
      const isInside = seen >= field.min - 1e-9 && seen <= field.max + 1e-9;
      if (off <= most + 1e-6 && isInside) return;
      expect({ kind, id, field, seen, value, tick, entity, off }).toBeNull();
    });
  }
}

export function randomStream(seed: number, isPartial: boolean): { stream: Stream; random: Random } {
  const random = createRandom(seed >>> 0);
  const layout = randomLayout(random);
  const world = new World(layout, between(random, 10, 128), random, between(random, 0, 40));
  return { stream: new Stream(world, random, isPartial), random };
}

/** Puts entities into a table, by id. */
export function fill(table: SnapshotTable, entities: Readonly<Record<number, number[]>>): void {
  table.begin();
  for (const [id, values] of Object.entries(entities)) {
    const from = table.add(Number(id));
    values.forEach((value, field) => {
      table.values[from + field] = value;
    });
  }
  table.seal();
}

export function everything(table: SnapshotTable): Selection {
  const rows = Uint32Array.from({ length: table.count }, (_, row) => row);
  return { rows, count: table.count, due: undefined };
}
