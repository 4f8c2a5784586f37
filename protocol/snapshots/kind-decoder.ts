import type { BitReader } from "../bits/bit-reader.ts";
import { ENTITIES_MAX } from "../snapshot-layout.ts";
import { SnapshotBaseline } from "./baseline.ts";
import type { KindMotion } from "./motion.ts";
import { type RowsRead, readRows } from "./rows.ts";
import { readSubset } from "./subset.ts";
import { UpdateReader } from "./update-reader.ts";

/** One entity at one tick. Never changed: a later message brings another. */
export interface SnapshotEntity {
  readonly id: number;
  readonly tick: number;
  /** As of that tick, in the order of the layout. */
  readonly values: Float64Array;
}

/** What a message says, gathered while it is read. */
export interface Changes {
  readonly changed: { kind: number; entity: SnapshotEntity }[];
  readonly removed: { kind: number; id: number }[];
}

/** One kind of one stream, the reader's side. What it returns says whether the bits could be read. */
export class KindDecoder {
  readonly motion: KindMotion;
  readonly #kind: number;
  readonly #baseline: SnapshotBaseline;
  readonly #updates: UpdateReader;
  /** Of the baseline. */
  readonly #ids = new Set<number>();
  #rows = new Uint32Array(16);
  /** Of the list that updates are of: without what the same message added. */
  #length = 0;

  /** @param kind - Its place in the layout. */
  constructor(kind: number, motion: KindMotion) {
    this.motion = motion;
    this.#kind = kind;
    this.#baseline = new SnapshotBaseline(motion);
    this.#updates = new UpdateReader(this.#baseline);
  }

  /** The writer knows no more of its readers than what a keyframe says. */
  forget(): void {
    this.#updates.forget();
  }

  readRemovals(reader: BitReader, { removed }: Changes): boolean {
    const { ids, count } = this.#baseline;
    if (this.#rows.length < count) this.#rows = new Uint32Array(ids.length);
    const removals = readSubset(reader, this.#rows, count);
    if (removals < 0) return false;
    for (let at = 0; at < removals; at++) {
      const id = ids[this.#rows[at] ?? 0] ?? 0;
      this.#ids.delete(id);
      removed.push({ kind: this.#kind, id });
    }
    this.#baseline.remove(this.#rows, removals);
    this.#length = this.#baseline.count;
    return true;
  }

  readAdditions(reader: BitReader, tick: number, changes: Changes): boolean {
    const countMax = ENTITIES_MAX - this.#baseline.count;
    const count = reader.readGamma(countMax);
    if (count === 0) return true;
    const rows = count > countMax ? undefined : readRows(reader, this.motion, count, false);
    return rows !== undefined && this.append(rows, tick, changes);
  }

  readUpdates(reader: BitReader, tick: number, { changed }: Changes): boolean {
    const rows = this.#rows;
    const count = readSubset(reader, rows, this.#length);
    if (count <= 0) return count === 0;
    if (!this.#updates.readCodes(reader) || !this.#updates.read(reader, rows, count, tick)) {
      return false;
    }
    for (let at = 0; at < count; at++) {
      changed.push({ kind: this.#kind, entity: this.#entityAt(rows[at] ?? 0) });
    }
    return true;
  }

  clear(): void {
    this.#baseline.clear();
    this.#ids.clear();
    this.#updates.forget();
  }

  /** @returns Whether none of them was there before. */
  append(rows: RowsRead, tick: number, { changed }: Changes): boolean {
    const { fieldCount } = this.motion;
    for (let at = 0; at < rows.ids.length; at++) {
      const id = rows.ids[at] ?? 0;
      if (this.#ids.has(id)) return false;
      this.#ids.add(id);
      const told = tick - (rows.ages[at] ?? 0);
      const row = this.#baseline.append(id, told, rows.steps, at * fieldCount);
      changed.push({ kind: this.#kind, entity: this.#entityAt(row) });
    }
    return true;
  }

  #entityAt(row: number): SnapshotEntity {
    const { steps, ids, ticks } = this.#baseline;
    const { fieldCount, fields } = this.motion;
    const values = new Float64Array(fieldCount);
    const from = row * fieldCount;
    for (let field = 0; field < fieldCount; field++) {
      values[field] = fields[field]?.valueOf(steps[from + field] ?? 0) ?? 0;
    }
    return { id: ids[row] ?? 0, tick: ticks[row] ?? 0, values };
  }
}

/** @returns All of a kind that a keyframe has; `undefined` if the bits say no such thing. */
export function readKeyframeRows(
  reader: BitReader,
  motion: KindMotion,
  tick: number,
): RowsRead | undefined {
  const count = reader.readGamma(ENTITIES_MAX);
  if (count > ENTITIES_MAX) return undefined;
  const rows = readRows(reader, motion, count, true);
  const isSound =
    rows !== undefined &&
    new Set(rows.ids).size === rows.ids.length &&
    rows.ages.every((age) => age <= tick);
  return isSound ? rows : undefined;
}
