import { BitWriter } from "./bit-writer.ts";
import { KindEncoder, type Selection } from "./snapshot-kind-encoder.ts";
import { type SnapshotLayout, snapshotStreamFault } from "./snapshot-layout.ts";
import {
  DELTA_HEADER_BYTES,
  DELTA_TICKS_MAX,
  fillDeltaHeader,
  fillLongHeader,
  LONG_DELTA_HEADER_BYTES,
  LONG_HEADER_BYTES,
  SnapshotType,
} from "./snapshot-message.ts";
import { KindMotion } from "./snapshot-motion.ts";
import type { SnapshotTable } from "./snapshot-table.ts";

export type { Selection } from "./snapshot-kind-encoder.ts";

/** Waits longer than this are as good as this. */
const WAIT_CLASSES = 256;
const KIND_BITS = 3;
const NO_ROWS: Selection = { rows: new Uint32Array(0), count: 0, due: undefined };

/** One stream of snapshots: what its readers know, and what they are told next. */
export class SnapshotEncoder {
  readonly #kinds: readonly KindEncoder[];
  readonly #writer = new BitWriter();
  /** Of the last message, or of the first `encode`; -1 before. */
  #tick = -1;
  #lastTick = -1;
  #keyframe: Uint8Array | undefined;
  /** By kind: ids whose updates were left out by the last `encode`. */
  readonly #behind: readonly Set<number>[];
  #isShort = false;
  /** Candidates of all kinds as kind * 65536 + candidate, those that wait longest first; used under pressure alone. */
  #order = new Uint32Array(0);
  readonly #waits = new Uint32Array(WAIT_CLASSES + 1);

  /** @throws RangeError for a layout outside the limits, with a sentence. */
  constructor(layout: SnapshotLayout, tickRateHz: number) {
    const fault = snapshotStreamFault(layout, tickRateHz);
    if (fault !== undefined) throw new RangeError(fault);
    this.#kinds = layout.map((kind) => new KindEncoder(new KindMotion(kind, tickRateHz)));
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
    const hasChanges = this.#writeChanges(tick, tables, selections);
    this.#chooseUpdates(tick, (bytesMax - headerBytes) * 8);
    const hasUpdates = this.#writeUpdates(tick, tables);
    if (mayBeSilent && !hasChanges && !hasUpdates) return undefined;
    this.#keyframe = undefined;
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
    let bits = this.#writer.bits;
    let candidates = 0;
    for (const encoder of this.#kinds) {
      bits += encoder.updateBitsMax;
      candidates += encoder.candidates;
    }
    if (bits <= bitsMax || candidates === 0) {
      for (const encoder of this.#kinds) encoder.chooseAll();
      return;
    }
    let left = bitsMax - this.#writer.bits;
    for (const encoder of this.#kinds) left -= encoder.fixedBitsMax;
    this.#sortByWait(tick, candidates);
    for (let at = 0; at < candidates; at++) {
      const encoder = this.#kinds[(this.#order[at] ?? 0) >>> 16];
      const candidate = (this.#order[at] ?? 0) & 0xffff;
      const needed = encoder?.bitsOf(candidate) ?? 0;
      if (needed > left) continue;
      left -= needed;
      encoder?.choose(candidate);
    }
  }

  /** Counting sort; of equals the first of the list stays first. */
  #sortByWait(tick: number, candidates: number): void {
    if (this.#order.length < candidates) this.#order = new Uint32Array(2 * candidates);
    const starts = this.#waits.fill(0);
    const classOf = (encoder: KindEncoder, candidate: number) =>
      WAIT_CLASSES - 1 - Math.min(WAIT_CLASSES - 1, encoder.waitOf(candidate, tick));
    for (const encoder of this.#kinds) {
      for (let at = 0; at < encoder.candidates; at++) {
        const next = classOf(encoder, at) + 1;
        starts[next] = (starts[next] ?? 0) + 1;
      }
    }
    for (let at = 1; at < WAIT_CLASSES; at++)
      starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0);
    this.#kinds.forEach((encoder, kind) => {
      for (let at = 0; at < encoder.candidates; at++) {
        const wait = classOf(encoder, at);
        const place = starts[wait] ?? 0;
        starts[wait] = place + 1;
        this.#order[place] = kind * 0x10000 + at;
      }
    });
  }

  #writeUpdates(tick: number, tables: readonly SnapshotTable[]): boolean {
    if (this.#isShort) for (const ids of this.#behind) ids.clear();
    this.#isShort = false;
    let hasUpdates = false;
    for (let kind = 0; kind < this.#kinds.length; kind++) {
      const table = tables[kind];
      if (table === undefined) continue;
      const written = this.#kinds[kind]?.writeUpdates(this.#writer, table, tick, (id) => {
        this.#behind[kind]?.add(id);
        this.#isShort = true;
      });
      if (written) hasUpdates = true;
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
  const { fields } = layout[kind] ?? { fields: [] };
  const row = table.rowOf(id);
  const writer = new BitWriter();
  writer.write(kind, KIND_BITS);
  writer.write(row < 0 ? 0 : 1, 1);
  writer.writeLong(id, 32);
  if (row >= 0) {
    fields.forEach((_, field) => {
      writer.writeLong(
        table.steps[row * fields.length + field] ?? 0,
        table.motion.widths[field] ?? 0,
      );
    });
  }
  const message = writer.take(LONG_HEADER_BYTES);
  fillLongHeader(message, SnapshotType.OWN, tick);
  return message;
}
