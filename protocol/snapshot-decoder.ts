import { BitReader } from "./bit-reader.ts";
import { SnapshotBaseline } from "./snapshot-baseline.ts";
import { ENTITIES_MAX, type SnapshotLayout, snapshotStreamFault } from "./snapshot-layout.ts";
import { SnapshotType, tickAt } from "./snapshot-message.ts";
import { KindMotion } from "./snapshot-motion.ts";
import { unfoldStep } from "./snapshot-residual.ts";
import { type RowsRead, readKs, readRows } from "./snapshot-rows.ts";
import { readSubset } from "./snapshot-subset.ts";

/** One entity at one tick. Never changed: a later message brings another. */
export interface SnapshotEntity {
  readonly id: number;
  readonly tick: number;
  /** As of that tick, in the order of the layout. */
  readonly values: Float64Array;
}

/** What one message said. */
export interface SnapshotNews {
  readonly tick: number;
  /** `changed` is all that there is then. */
  readonly isKeyframe: boolean;
  readonly changed: readonly { readonly kind: number; readonly entity: SnapshotEntity }[];
  readonly removed: readonly { readonly kind: number; readonly id: number }[];
}

interface Changes {
  readonly changed: { kind: number; entity: SnapshotEntity }[];
  readonly removed: { kind: number; id: number }[];
}

/** Payload bytes before the bits. */
const LONG_HEADER = 5;
const DELTA_HEADER = 2;
const LONG_DELTA_HEADER = 6;
const TICK_MAX = 0xffff_ffff;

/** Reads one stream of snapshots. */
export class SnapshotDecoder {
  readonly #baselines: readonly SnapshotBaseline[];
  readonly #entities: readonly Map<number, SnapshotEntity>[];
  /** Of the last KEYFRAME or DELTA; `undefined` while none can be read on. */
  #streamTick: number | undefined;
  #tick: number | undefined;
  #isBroken = false;
  #rows = new Uint32Array(16);

  /** @throws RangeError for a layout or rate outside the limits, with a sentence: they come from a welcome. */
  constructor(layout: SnapshotLayout, tickRateHz: number) {
    const fault = snapshotStreamFault(layout, tickRateHz);
    if (fault !== undefined) throw new RangeError(fault);
    this.#baselines = layout.map((kind) => new SnapshotBaseline(new KindMotion(kind, tickRateHz)));
    this.#entities = layout.map(() => new Map());
  }

  /** Of the last message that was read. */
  get tick(): number | undefined {
    return this.#tick;
  }

  /** By kind and id, each as it was said last. */
  get entities(): readonly ReadonlyMap<number, SnapshotEntity>[] {
    return this.#entities;
  }

  /**
   * Reads one message.
   * @param payload - What comes behind the type; untrusted, borrowed.
   * @returns `undefined` if it cannot be read, and from then on for everything but a keyframe: what it would have said
   *   is missing for good. `entities` stay as they were then.
   */
  read(payload: Uint8Array): SnapshotNews | undefined {
    const type = payload[0];
    if (this.#isBroken && type !== SnapshotType.KEYFRAME) return undefined;
    const news =
      type === SnapshotType.KEYFRAME
        ? this.#readKeyframe(payload)
        : type === SnapshotType.DELTA
          ? this.#readDelta(payload)
          : type === SnapshotType.OWN
            ? this.#readOwn(payload)
            : undefined;
    this.#isBroken = news === undefined;
    if (news !== undefined) this.#tick = news.tick;
    return news;
  }

  /**
   * @param entity - Of `entities` or of news.
   * @param tick - Any, also between two whole ones.
   * @returns What a field is by then, going on by its rate or drift; within `min` and `max`.
   */
  valueAt(kind: number, entity: SnapshotEntity, field: number, tick: number): number {
    const value = entity.values[field] ?? 0;
    const motion = this.#baselines[kind]?.motion;
    const ticks = tick - entity.tick;
    if (motion === undefined || ticks === 0) return value;
    const rate = motion.rates[field] ?? -1;
    const perTick =
      rate < 0
        ? (motion.drifts[field] ?? 0) * (motion.units[field] ?? 0)
        : (entity.values[rate] ?? 0) / motion.tickRateHz;
    return perTick === 0 ? value : motion.keepInside(field, value + ticks * perTick);
  }

  #readKeyframe(payload: Uint8Array): SnapshotNews | undefined {
    const tick = tickAt(payload, 1);
    if (tick === undefined) return undefined;
    const reader = new BitReader(payload, LONG_HEADER);
    const kinds: (RowsRead | undefined)[] = [];
    for (const { motion } of this.#baselines) {
      const count = reader.readGamma(ENTITIES_MAX);
      if (count > ENTITIES_MAX) return undefined;
      const rows = count === 0 ? undefined : readRows(reader, motion, count, true);
      if (count > 0 && (rows === undefined || !isSound(rows, tick))) return undefined;
      kinds.push(rows);
    }
    if (!reader.isAtEnd) return undefined;
    this.#streamTick = tick;
    const changes: Changes = { changed: [], removed: [] };
    const former = this.#entities.map((entities) => [...entities.keys()]);
    kinds.forEach((rows, kind) => {
      this.#entities[kind]?.clear();
      this.#baselines[kind]?.clear();
      if (rows !== undefined) this.#append(kind, rows, tick, changes);
    });
    this.#apply(changes);
    former.forEach((ids, kind) => {
      for (const id of ids) if (!this.#entities[kind]?.has(id)) changes.removed.push({ kind, id });
    });
    return { tick, isKeyframe: true, ...changes };
  }

  #readDelta(payload: Uint8Array): SnapshotNews | undefined {
    const before = this.#streamTick;
    const ticks = payload[1];
    if (before === undefined || ticks === undefined) return undefined;
    // A delta that fails has changed the baseline already.
    this.#streamTick = undefined;
    const tick = ticks === 0 ? tickAt(payload, 2) : before + ticks;
    if (tick === undefined || tick < before || tick > TICK_MAX) return undefined;
    const reader = new BitReader(payload, ticks === 0 ? LONG_DELTA_HEADER : DELTA_HEADER);
    const changes: Changes = { changed: [], removed: [] };
    const lengths: number[] = [];
    for (let kind = 0; kind < this.#baselines.length; kind++) {
      const length = this.#readRemovals(reader, kind, changes);
      if (length < 0 || !this.#readAdditions(reader, kind, tick, changes)) return undefined;
      lengths.push(length);
    }
    for (const [kind, length] of lengths.entries()) {
      if (!this.#readUpdates(reader, kind, length, tick, changes)) return undefined;
    }
    if (!reader.isAtEnd) return undefined;
    this.#apply(changes);
    this.#streamTick = tick;
    return { tick, isKeyframe: false, ...changes };
  }

  /** @returns How many are left; -1 if the bits cannot be read. */
  #readRemovals(reader: BitReader, kind: number, { removed }: Changes): number {
    const baseline = this.#baselines[kind];
    if (baseline === undefined) return -1;
    const rows = this.#rowsFor(baseline.count);
    const count = readSubset(reader, rows, baseline.count);
    for (let at = 0; at < count; at++) {
      removed.push({ kind, id: baseline.ids[rows[at] ?? 0] ?? 0 });
    }
    if (count > 0) baseline.remove(rows, count);
    return count < 0 ? -1 : baseline.count;
  }

  #readAdditions(reader: BitReader, kind: number, tick: number, changes: Changes): boolean {
    const baseline = this.#baselines[kind];
    const entities = this.#entities[kind];
    if (baseline === undefined || entities === undefined) return false;
    const countMax = ENTITIES_MAX - baseline.count;
    const count = reader.readGamma(countMax);
    if (count > countMax) return false;
    if (count === 0) return true;
    const rows = readRows(reader, baseline.motion, count, false);
    if (rows === undefined || !isSound(rows, tick)) return false;
    this.#append(kind, rows, tick, changes);
    return true;
  }

  #append(kind: number, rows: RowsRead, tick: number, { changed }: Changes): void {
    const baseline = this.#baselines[kind];
    if (baseline === undefined) return;
    const { fieldCount } = baseline.motion;
    for (let at = 0; at < rows.ids.length; at++) {
      const row = baseline.append(rows.ids[at] ?? 0, tick - (rows.ages[at] ?? 0));
      for (let field = 0; field < fieldCount; field++) {
        baseline.steps[row * fieldCount + field] = rows.steps[at * fieldCount + field] ?? 0;
      }
      baseline.settle(row);
      changed.push({ kind, entity: entityOf(baseline, row) });
    }
  }

  #readUpdates(
    reader: BitReader,
    kind: number,
    length: number,
    tick: number,
    { changed }: Changes,
  ): boolean {
    const baseline = this.#baselines[kind];
    if (baseline === undefined) return false;
    const rows = this.#rowsFor(length);
    const count = readSubset(reader, rows, length);
    if (count <= 0) return count === 0;
    const k = readKs(reader, baseline.motion);
    for (let at = 0; at < count; at++) {
      const row = rows[at] ?? 0;
      if (!readUpdate(reader, baseline, row, k, tick)) return false;
      changed.push({ kind, entity: entityOf(baseline, row) });
    }
    return true;
  }

  #readOwn(payload: Uint8Array): SnapshotNews | undefined {
    const tick = tickAt(payload, 1);
    if (tick === undefined) return undefined;
    const reader = new BitReader(payload, LONG_HEADER);
    const kind = reader.read(3);
    const isThere = reader.read(1) === 1;
    const id = reader.read(32);
    const motion = this.#baselines[kind]?.motion;
    if (motion === undefined) return undefined;
    const changes: Changes = { changed: [], removed: [] };
    if (isThere) {
      const values = new Float64Array(motion.fieldCount);
      for (let field = 0; field < motion.fieldCount; field++) {
        const step = reader.read(motion.widths[field] ?? 0);
        if (step >= (motion.counts[field] ?? 0)) return undefined;
        values[field] = motion.valueOf(field, step);
      }
      changes.changed.push({ kind, entity: { id, tick, values } });
    } else if (this.#entities[kind]?.has(id)) changes.removed.push({ kind, id });
    if (!reader.isAtEnd) return undefined;
    this.#apply(changes);
    return { tick, isKeyframe: false, ...changes };
  }

  #apply({ changed, removed }: Changes): void {
    for (const { kind, id } of removed) this.#entities[kind]?.delete(id);
    for (const { kind, entity } of changed) this.#entities[kind]?.set(entity.id, entity);
  }

  /** Room for so many rows. */
  #rowsFor(count: number): Uint32Array {
    if (this.#rows.length < count) this.#rows = new Uint32Array(2 * count);
    return this.#rows;
  }
}

/** @returns Whether the update could be read. */
function readUpdate(
  reader: BitReader,
  baseline: SnapshotBaseline,
  row: number,
  k: Uint8Array,
  tick: number,
): boolean {
  const { motion, steps, paces } = baseline;
  const { fieldCount, order, counts, widths, wraps } = motion;
  const from = row * fieldCount;
  const ticks = tick - (baseline.ticks[row] ?? 0);
  for (let place = 0; place < fieldCount; place++) {
    const field = order[place] ?? 0;
    const known = from + field;
    const count = counts[field] ?? 1;
    const residual = reader.readRice(k[field] ?? 0, widths[field] ?? 0);
    if (residual >= count) return false;
    const pace = motion.paceOf(field, steps, from);
    const at = (steps[known] ?? 0) + (ticks - 1) * (paces[known] ?? 0) + pace;
    const predicted = motion.nearestStep(field, at);
    steps[known] = unfoldStep(residual, predicted, count, wraps[field] === 1);
  }
  baseline.ticks[row] = tick;
  baseline.settle(row);
  return !reader.isOver;
}

function entityOf(baseline: SnapshotBaseline, row: number): SnapshotEntity {
  const { motion, steps } = baseline;
  const { fieldCount } = motion;
  const values = new Float64Array(fieldCount);
  for (let field = 0; field < fieldCount; field++) {
    values[field] = motion.valueOf(field, steps[row * fieldCount + field] ?? 0);
  }
  return { id: baseline.ids[row] ?? 0, tick: baseline.ticks[row] ?? 0, values };
}

/** Whether no id comes twice and no age is above the tick. */
function isSound({ ids, ages }: RowsRead, tick: number): boolean {
  return new Set(ids).size === ids.length && ages.every((age) => age <= tick);
}
