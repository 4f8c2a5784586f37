/**
 * Entities that the other side does not know, all in full. First the ids: 5 bits k, then for each how far it is from
 * the one before it plus 1 (from 0 at first), folded, as Rice code of 32 bits. In a keyframe the ages follow, ticks, in
 * the same way, each against the one before. Then one bit: 0, and every field stands there in its own bits; or 1, and
 * 5 bits k for each field come first, and every field is the Rice code of its residual against the row before.
 * @module
 */
import type { BitReader } from "./bit-reader.ts";
import { type BitWriter, riceBits } from "./bit-writer.ts";
import { RiceStatistics } from "./rice-statistics.ts";
import type { KindMotion } from "./snapshot-motion.ts";
import { foldStep, unfoldStep } from "./snapshot-residual.ts";

export const K_BITS = 5;
const LONG_BITS = 32;
const LONG_K_MAX = 31;
/** 11 ones and a number. */
const CODE_BITS_MAX = 11 + LONG_BITS;

/** Which rows of which columns are written. */
export interface RowSource {
  readonly ids: Uint32Array;
  readonly steps: Int32Array;
  /** Ticks that they were sent at; `undefined` where all are of the message's tick. */
  readonly ticks: Uint32Array | undefined;
  /** The first `count` are meant; `undefined`: the first rows themselves. */
  readonly rows: Uint32Array | undefined;
}

export class RowWriter {
  readonly #motion: KindMotion;
  readonly #statistics: RiceStatistics;
  readonly #k: Uint8Array;
  readonly #longStatistics = new RiceStatistics(1);
  readonly #longK = new Uint8Array(1);

  constructor(motion: KindMotion) {
    this.#motion = motion;
    this.#statistics = new RiceStatistics(motion.fieldCount);
    this.#k = new Uint8Array(motion.fieldCount);
  }

  /** @param tick - Of the message. */
  write(writer: BitWriter, source: RowSource, count: number, tick: number): void {
    if (count === 0) return;
    const { fieldCount } = this.#motion;
    writer.reserve((count + 1) * (fieldCount + 2) * CODE_BITS_MAX);
    this.#writeLongs(writer, count, (at, before) =>
      foldLong((idAt(source, at) - (before < 0 ? 0 : idAt(source, before) + 1)) | 0),
    );
    const { ticks } = source;
    if (ticks !== undefined) {
      const ageAt = (at: number) => tick - (ticks[rowAt(source, at)] ?? 0);
      this.#writeLongs(writer, count, (at, before) =>
        foldLong((ageAt(at) - (before < 0 ? 0 : ageAt(before))) | 0),
      );
    }
    this.#writeFields(writer, source, count);
  }

  #writeLongs(
    writer: BitWriter,
    count: number,
    folded: (at: number, before: number) => number,
  ): void {
    this.#longStatistics.reset();
    for (let at = 0; at < count; at++) this.#longStatistics.add(0, folded(at, at - 1));
    this.#longStatistics.choose(this.#longK, LONG_WIDTHS);
    const k = Math.min(this.#longK[0] ?? 0, LONG_K_MAX);
    writer.write(k, K_BITS);
    for (let at = 0; at < count; at++) writer.writeRice(folded(at, at - 1), k, LONG_BITS);
  }

  #writeFields(writer: BitWriter, source: RowSource, count: number): void {
    const { fieldCount, widths } = this.#motion;
    this.#statistics.reset();
    for (let at = 0; at < count; at++) {
      for (let field = 0; field < fieldCount; field++) {
        this.#statistics.add(field, this.#residual(source, at, field));
      }
    }
    this.#statistics.choose(this.#k, widths);
    let codedBits = fieldCount * K_BITS;
    let plainBits = 0;
    for (let field = 0; field < fieldCount; field++) {
      const width = widths[field] ?? 0;
      plainBits += count * width;
      for (let at = 0; at < count; at++) {
        codedBits += riceBits(this.#residual(source, at, field), this.#k[field] ?? 0, width);
      }
    }
    const isCoded = codedBits < plainBits;
    writer.write(isCoded ? 1 : 0, 1);
    if (isCoded) for (const k of this.#k) writer.write(k, K_BITS);
    for (let at = 0; at < count; at++) {
      const from = rowAt(source, at) * fieldCount;
      for (let field = 0; field < fieldCount; field++) {
        const width = widths[field] ?? 0;
        if (isCoded) {
          writer.writeRice(this.#residual(source, at, field), this.#k[field] ?? 0, width);
        } else writer.writeLong(source.steps[from + field] ?? 0, width);
      }
    }
  }

  #residual(source: RowSource, at: number, field: number): number {
    const { fieldCount, counts, wraps } = this.#motion;
    const { steps } = source;
    const step = steps[rowAt(source, at) * fieldCount + field] ?? 0;
    const before = at === 0 ? 0 : (steps[rowAt(source, at - 1) * fieldCount + field] ?? 0);
    return foldStep(step, before, counts[field] ?? 1, wraps[field] === 1);
  }
}

/** What {@link readRows} fills: `count` ids, their ages and `count * fieldCount` steps. */
export interface RowsRead {
  readonly ids: Uint32Array;
  readonly ages: Uint32Array;
  readonly steps: Int32Array;
}

/**
 * @param count - Above 0.
 * @returns `undefined` if the bits are no rows. Allocates nothing before it is sure that there are bits for it.
 */
export function readRows(
  reader: BitReader,
  motion: KindMotion,
  count: number,
  hasAges: boolean,
): RowsRead | undefined {
  const { fieldCount, counts, widths, wraps } = motion;
  // An id and each field take one bit at the least.
  if (count * (1 + fieldCount) > reader.bitsLeft) return undefined;
  const ids = new Uint32Array(count);
  const idK = reader.read(K_BITS);
  for (let at = 0; at < count; at++) {
    const folded = reader.readRice(idK, LONG_BITS);
    ids[at] = (at === 0 ? 0 : (ids[at - 1] ?? 0) + 1) + unfoldLong(folded);
  }
  const ages = new Uint32Array(count);
  if (hasAges) {
    const ageK = reader.read(K_BITS);
    for (let at = 0; at < count; at++) {
      ages[at] = (ages[at - 1] ?? 0) + unfoldLong(reader.readRice(ageK, LONG_BITS));
    }
  }
  const steps = new Int32Array(count * fieldCount);
  const k = reader.read(1) === 1 ? readKs(reader, motion) : undefined;
  for (let at = 0; at < steps.length; at++) {
    const field = at % fieldCount;
    const width = widths[field] ?? 0;
    const value = reader.readRice(k?.[field] ?? width, width);
    const steps_ = counts[field] ?? 1;
    if (value >= steps_) return undefined;
    const before = at < fieldCount ? 0 : (steps[at - fieldCount] ?? 0);
    steps[at] = k === undefined ? value : unfoldStep(value, before, steps_, wraps[field] === 1);
  }
  return reader.isOver ? undefined : { ids, ages, steps };
}

/** @returns For each field 5 bits; whoever wrote them may have written any. */
export function readKs(reader: BitReader, { fieldCount }: KindMotion): Uint8Array {
  return Uint8Array.from({ length: fieldCount }, () => reader.read(K_BITS));
}

const LONG_WIDTHS = Uint8Array.of(LONG_BITS);

function rowAt(source: RowSource, at: number): number {
  return source.rows === undefined ? at : (source.rows[at] ?? 0);
}

function idAt(source: RowSource, at: number): number {
  return source.ids[rowAt(source, at)] ?? 0;
}

/** @param way - Signed 32-bit. @returns Unsigned 32-bit. */
function foldLong(way: number): number {
  return ((way << 1) ^ (way >> 31)) >>> 0;
}

function unfoldLong(folded: number): number {
  return (folded >>> 1) ^ -(folded & 1);
}
