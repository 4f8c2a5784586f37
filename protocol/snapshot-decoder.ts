import { BitReader } from "./bits/bit-reader.ts";
import { type SnapshotLayout, snapshotStreamFault } from "./snapshot-layout.ts";
import {
  type Changes,
  KindDecoder,
  readKeyframeRows,
  type SnapshotEntity,
} from "./snapshots/kind-decoder.ts";
import { SnapshotType, tickAt } from "./snapshots/message.ts";
import { KindMotion } from "./snapshots/motion.ts";
import type { RowsRead } from "./snapshots/rows.ts";

export type { SnapshotEntity } from "./snapshots/kind-decoder.ts";

/** What one message said. */
export interface SnapshotNews {
  readonly tick: number;
  /** `changed` is all that there is then. */
  readonly isKeyframe: boolean;
  readonly changed: readonly { readonly kind: number; readonly entity: SnapshotEntity }[];
  readonly removed: readonly { readonly kind: number; readonly id: number }[];
}

/** Payload bytes before the bits. */
const LONG_HEADER = 5;
const DELTA_HEADER = 2;
const LONG_DELTA_HEADER = 6;
const TICK_MAX = 0xffff_ffff;

/** Reads one stream of snapshots. */
export class SnapshotDecoder {
  readonly #kinds: readonly KindDecoder[];
  readonly #entities: readonly Map<number, SnapshotEntity>[];
  /** Of the last KEYFRAME or DELTA; `undefined` while none can be read on. */
  #streamTick: number | undefined;
  #tick: number | undefined;
  #isBroken = false;
  readonly #reader = new BitReader();

  /** @throws RangeError for a layout or rate outside the limits, with a sentence: they come from a welcome. */
  constructor(layout: SnapshotLayout, tickRateHz: number) {
    const fault = snapshotStreamFault(layout, tickRateHz);
    if (fault !== undefined) throw new RangeError(fault);
    this.#kinds = layout.map((kind, at) => new KindDecoder(at, new KindMotion(kind, tickRateHz)));
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
    const motion = this.#kinds[kind]?.motion.fields[field];
    const ticks = tick - entity.tick;
    if (motion === undefined || ticks === 0) return value;
    const perTick = motion.perTick(entity.values);
    return perTick === 0 ? value : motion.keepInside(value + ticks * perTick);
  }

  #readKeyframe(payload: Uint8Array): SnapshotNews | undefined {
    const tick = tickAt(payload, 1);
    if (tick === undefined) return undefined;
    const reader = this.#load(payload, LONG_HEADER);
    const rows: RowsRead[] = [];
    for (const { motion } of this.#kinds) {
      const ofKind = readKeyframeRows(reader, motion, tick);
      if (ofKind === undefined) return undefined;
      rows.push(ofKind);
    }
    if (!reader.isAtEnd) return undefined;
    this.#streamTick = tick;
    const changes: Changes = { changed: [], removed: [] };
    const former = this.#entities.map((entities) => [...entities.keys()]);
    for (const [kind, ofKind] of rows.entries()) {
      this.#entities[kind]?.clear();
      this.#kinds[kind]?.clear();
      this.#kinds[kind]?.append(ofKind, tick, changes);
    }
    this.#apply(changes);
    for (const [kind, ids] of former.entries()) {
      for (const id of ids) if (!this.#entities[kind]?.has(id)) changes.removed.push({ kind, id });
    }
    return { tick, isKeyframe: true, ...changes };
  }

  #readDelta(payload: Uint8Array): SnapshotNews | undefined {
    const before = this.#streamTick;
    const ticks = payload[1];
    if (before === undefined || ticks === undefined) return undefined;
    const tick = ticks === 0 ? tickAt(payload, 2) : before + ticks;
    if (tick === undefined || tick <= before || tick > TICK_MAX) return undefined;
    const reader = this.#load(payload, ticks === 0 ? LONG_DELTA_HEADER : DELTA_HEADER);
    const changes: Changes = { changed: [], removed: [] };
    if (reader.read(1) === 1) for (const kind of this.#kinds) kind.forget();
    for (const kind of this.#kinds) {
      if (!kind.readRemovals(reader, changes)) return undefined;
      if (!kind.readAdditions(reader, tick, changes)) return undefined;
    }
    for (const kind of this.#kinds) if (!kind.readUpdates(reader, tick, changes)) return undefined;
    if (!reader.isAtEnd) return undefined;
    this.#apply(changes);
    this.#streamTick = tick;
    return { tick, isKeyframe: false, ...changes };
  }

  #readOwn(payload: Uint8Array): SnapshotNews | undefined {
    const tick = tickAt(payload, 1);
    if (tick === undefined) return undefined;
    const reader = this.#load(payload, LONG_HEADER);
    const kind = reader.read(3);
    const isThere = reader.read(1) === 1;
    const id = reader.read(32);
    const motion = this.#kinds[kind]?.motion;
    if (motion === undefined) return undefined;
    const changes: Changes = { changed: [], removed: [] };
    if (isThere) {
      const values = new Float64Array(motion.fieldCount);
      for (const field of motion.fields) {
        const step = reader.read(field.width);
        if (step >= field.count) return undefined;
        values[field.index] = field.valueOf(step);
      }
      changes.changed.push({ kind, entity: { id, tick, values } });
    } else if (this.#entities[kind]?.has(id)) changes.removed.push({ kind, id });
    if (!reader.isAtEnd) return undefined;
    this.#apply(changes);
    return { tick, isKeyframe: false, ...changes };
  }

  #load(payload: Uint8Array, fromByte: number): BitReader {
    this.#reader.load(payload, fromByte);
    return this.#reader;
  }

  #apply({ changed, removed }: Changes): void {
    for (const { kind, id } of removed) this.#entities[kind]?.delete(id);
    for (const { kind, entity } of changed) this.#entities[kind]?.set(entity.id, entity);
  }
}
