import { BitWriter } from "./bits/bit-writer.ts";
import { type SnapshotLayout, snapshotStreamFault } from "./snapshot-layout.ts";
import type { SnapshotTable } from "./snapshot-table.ts";
import { KindEncoder, type Selection } from "./snapshots/kind-encoder.ts";
import {
  DELTA_HEADER_BYTES,
  DELTA_TICKS_MAX,
  fillDeltaHeader,
  fillLongHeader,
  LONG_DELTA_HEADER_BYTES,
  LONG_HEADER_BYTES,
  SnapshotType,
} from "./snapshots/message.ts";
import { KindMotion } from "./snapshots/motion.ts";
import type { UpdateEncoder } from "./snapshots/updates.ts";
import { WaitOrder } from "./snapshots/wait-order.ts";

export type { Selection } from "./snapshots/kind-encoder.ts";

const KIND_BITS = 3;
/** Where there is less than so many times the room that it takes to say which of all are updated, few are. */
const FEW_ROOM = 5;
const NO_ROWS: Selection = { rows: new Uint32Array(0), count: 0, due: undefined };

/** One stream of snapshots: what its readers know, and what they are told next. */
export class SnapshotEncoder {
  readonly #kinds: readonly KindEncoder[];
  /** Of the kinds. */
  readonly #updates: readonly UpdateEncoder[];
  readonly #writer = new BitWriter();
  /** Of the last message, or of the first `encode`; -1 before. */
  #tick = -1;
  #lastTick = -1;
  #keyframe: Uint8Array | undefined;
  /** Whether there may be readers that know nothing but the last keyframe. */
  #isFresh = true;
  /** By kind: ids whose updates were left out by the last `encode`. */
  readonly #behind: readonly Set<number>[];
  #isShort = false;
  readonly #waitOrder = new WaitOrder();

  /** @throws RangeError for a layout outside the limits, with a sentence. */
  constructor(layout: SnapshotLayout, tickRateHz: number) {
    const fault = snapshotStreamFault(layout, tickRateHz);
    if (fault !== undefined) throw new RangeError(fault);
    this.#kinds = layout.map((kind) => new KindEncoder(new KindMotion(kind, tickRateHz)));
    this.#updates = this.#kinds.map(({ updates }) => updates);
    this.#behind = layout.map(() => new Set());
  }

  /** Whether the last `encode` left any update unsaid for want of bytes. */
  get isShort(): boolean {
    return this.#isShort;
  }

  /** Whether the last `encode` left an update of that entity unsaid for want of bytes. */
  isBehind(kind: number, id: number): boolean {
    return this.#isShort && this.#behind[kind]?.has(id) === true;
  }

  /**
   * Says what changed since the last call.
   * @param tick - Unsigned 32-bit, above that of the last call.
   * @param tables - One per kind, sealed.
   * @param selections - One per kind.
   * @param bytesMax - Of the message. Updates that do not fit wait, those that waited longest go first; removals and
   *   additions are always said, so that it may be longer by them.
   * @param mayBeSilent - Whether nothing may be said where there is nothing to say.
   * @returns A whole message in fresh memory that is never written again; `undefined` if nothing is said.
   */
  encode(
    tick: number,
    tables: readonly SnapshotTable[],
    selections: readonly Selection[],
    bytesMax: number,
    mayBeSilent: boolean,
  ): Uint8Array | undefined {
    if (tick <= this.#lastTick) throw new RangeError("a snapshot's tick is above the last one's");
    this.#lastTick = tick;
    if (this.#tick < 0) this.#tick = tick;
    const ticks = tick - this.#tick;
    const isLong = ticks > DELTA_TICKS_MAX || ticks === 0;
    const headerBytes = isLong ? LONG_DELTA_HEADER_BYTES : DELTA_HEADER_BYTES;
    this.#writer.reset();
    this.#writer.write(this.#isFresh ? 1 : 0, 1);
    if (this.#isFresh) for (const updates of this.#updates) updates.forget();
    const hasChanges = this.#writeChanges(tick, tables, selections);
    this.#chooseUpdates(tick, (bytesMax - headerBytes) * 8);
    const hasUpdates = this.#writeUpdates(tick, tables);
    if (mayBeSilent && !hasChanges && !hasUpdates) return undefined;
    this.#keyframe = undefined;
    this.#isFresh = false;
    this.#tick = tick;
    const message = this.#writer.take(headerBytes);
    fillDeltaHeader(message, isLong ? 0 : ticks, tick);
    return message;
  }

  #writeChanges(
    tick: number,
    tables: readonly SnapshotTable[],
    selections: readonly Selection[],
  ): boolean {
    let hasChanges = false;
    for (let kind = 0; kind < this.#kinds.length; kind++) {
      const table = tables[kind];
      const encoder = this.#kinds[kind];
      if (table === undefined || encoder === undefined) throw new RangeError("a table per kind");
      const selection = selections[kind] ?? NO_ROWS;
      encoder.match(table, selection);
      if (encoder.writeChanges(this.#writer, table, selection, tick)) hasChanges = true;
    }
    return hasChanges;
  }

  #chooseUpdates(tick: number, bitsMax: number): void {
    const room = bitsMax - this.#writer.bits;
    let left = room;
    let most = 0;
    for (const updates of this.#updates) {
      left -= updates.fixedBitsMax;
      most += updates.ownBitsMax;
    }
    // To measure exactly takes its time, and is seldom needed.
    if (most <= left || this.#measure() <= left) {
      for (const updates of this.#updates) updates.chooseAll();
    } else if (room > FEW_ROOM * (room - left)) {
      this.#waitOrder.choose(this.#updates, tick, left, false);
    } else {
      // To say which of all would take what there is for the updates themselves.
      left = room;
      for (const updates of this.#updates) left -= updates.fixedBitsMaxOfFew;
      this.#waitOrder.choose(this.#updates, tick, left, true);
    }
  }

  #measure(): number {
    let bits = 0;
    for (const updates of this.#updates) bits += updates.measure();
    return bits;
  }

  #writeUpdates(tick: number, tables: readonly SnapshotTable[]): boolean {
    let hasUpdates = false;
    this.#isShort = false;
    for (let kind = 0; kind < this.#updates.length; kind++) {
      const table = tables[kind];
      const behind = this.#behind[kind];
      if (table === undefined || behind === undefined) continue;
      behind.clear();
      if (this.#updates[kind]?.write(this.#writer, table, tick, behind)) hasUpdates = true;
      if (behind.size > 0) this.#isShort = true;
    }
    return hasUpdates;
  }

  /**
   * All that readers of the stream know after the last message: with it another can go on with them.
   * @returns A whole message; the same memory until the next message, and never written again.
   * @throws RangeError before the first `encode`.
   */
  keyframe(): Uint8Array {
    if (this.#tick < 0) throw new RangeError("a keyframe is of what was encoded before");
    if (this.#keyframe !== undefined) return this.#keyframe;
    const writer = this.#writer;
    writer.reset();
    for (const encoder of this.#kinds) encoder.writeKeyframe(writer, this.#tick);
    const message = writer.take(LONG_HEADER_BYTES);
    fillLongHeader(message, SnapshotType.KEYFRAME, this.#tick);
    this.#keyframe = message;
    this.#isFresh = true;
    return message;
  }
}

/**
 * Says how one entity is, whatever a stream may have said of it.
 * @param layout - Without fault.
 * @param table - Of that kind, sealed. Where it has no such entity, that is said.
 * @returns A whole message in fresh memory.
 */
export function encodeOwn(
  layout: SnapshotLayout,
  tick: number,
  kind: number,
  id: number,
  table: SnapshotTable,
): Uint8Array {
  if (layout[kind] === undefined) throw new RangeError("a kind of the layout");
  const { fieldCount, fields } = table.motion;
  const row = table.rowOf(id);
  const writer = new BitWriter();
  writer.write(kind, KIND_BITS);
  writer.write(row < 0 ? 0 : 1, 1);
  writer.write(id, 32);
  if (row >= 0) {
    for (const { index, width } of fields) {
      writer.write(table.steps[row * fieldCount + index] ?? 0, width);
    }
  }
  const message = writer.take(LONG_HEADER_BYTES);
  fillLongHeader(message, SnapshotType.OWN, tick);
  return message;
}
