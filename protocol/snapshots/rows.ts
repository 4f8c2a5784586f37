/**
 * Entities that the other side does not know, all in full. First the ids: 5 bits k, then for each how far it is from
 * the one before it plus 1 (from 0 at first), folded, as Rice code of 32 bits. In a keyframe the ages follow, ticks, in
 * the same way, each against the one before. Then one bit: 0, and fields stand there in their own bits; or 1, and 5 bits
 * k for each field come first, and fields are the Rice codes of their residuals against the row before. Either way all of
 * one field come before those of the next.
 * @module
 */
import type { BitReader } from "../bits/bit-reader.ts";
import { type BitWriter, riceBits } from "../bits/bit-writer.ts";
import { K_BITS, noCodes, type RiceCodes } from "../bits/rice-codes.ts";
import { RiceStatistics } from "../bits/rice-statistics.ts";
import type { KindMotion } from "./motion.ts";
import { foldStep, foldWay, unfoldStep, unfoldWay } from "./residual.ts";

const LONG_BITS = 32;
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
  readonly #codes: RiceCodes;
  readonly #longStatistics = new RiceStatistics(Uint8Array.of(LONG_BITS));
  readonly #longCodes = noCodes(1);

  constructor(motion: KindMotion) {
    this.#motion = motion;
    this.#statistics = new RiceStatistics(motion.widths);
    this.#codes = noCodes(motion.fieldCount);
  }

  /** @param tick - Of the message. */
  write(writer: BitWriter, source: RowSource, count: number, tick: number): void {
    if (count === 0) return;
    const { fieldCount } = this.#motion;
    writer.reserve((count + 1) * (fieldCount + 2) * CODE_BITS_MAX);
    this.#writeLongs(
      writer,
      count,
      (at, before) =>
        foldWay((idAt(source, at) - (before < 0 ? 0 : idAt(source, before) + 1)) | 0) >>> 0,
    );
    const { ticks } = source;
    if (ticks !== undefined) {
      const ageAt = (at: number) => tick - (ticks[rowAt(source, at)] ?? 0);
      this.#writeLongs(
        writer,
        count,
        (at, before) => foldWay((ageAt(at) - (before < 0 ? 0 : ageAt(before))) | 0) >>> 0,
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
    this.#longStatistics.choose(this.#longCodes, false);
    const k = this.#longCodes.k[0] ?? 0;
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
    this.#statistics.choose(this.#codes, false);
    const { k } = this.#codes;
    let codedBits = fieldCount * K_BITS;
    let plainBits = 0;
    for (let field = 0; field < fieldCount; field++) {
      const width = widths[field] ?? 0;
      plainBits += count * width;
      for (let at = 0; at < count; at++) {
        codedBits += riceBits(this.#residual(source, at, field), k[field] ?? 0, width);
      }
    }
    const isCoded = codedBits < plainBits;
    writer.write(isCoded ? 1 : 0, 1);
    if (isCoded) for (const each of k) writer.write(each, K_BITS);
    for (let field = 0; field < fieldCount; field++) {
      const width = widths[field] ?? 0;
      for (let at = 0; at < count; at++) {
        if (isCoded) {
          writer.writeRice(this.#residual(source, at, field), k[field] ?? 0, width);
        } else writer.write(source.steps[rowAt(source, at) * fieldCount + field] ?? 0, width);
      }
    }
  }

  #residual(source: RowSource, at: number, field: number): number {
    const { fieldCount, fields } = this.#motion;
    const { steps } = source;
    const step = steps[rowAt(source, at) * fieldCount + field] ?? 0;
    const before = at === 0 ? 0 : (steps[rowAt(source, at - 1) * fieldCount + field] ?? 0);
    const { count = 1, wraps = false } = fields[field] ?? {};
    return foldStep(step, before, count, wraps);
  }
}

/** What {@link readRows} fills: `count` ids, their ages and `count * fieldCount` steps. */
export interface RowsRead {
  readonly ids: Uint32Array;
  readonly ages: Uint32Array;
  readonly steps: Int32Array;
}

const NO_ROWS: RowsRead = {
  ids: new Uint32Array(0),
  ages: new Uint32Array(0),
  steps: new Int32Array(0),
};

/**
 * @param count - Nothing is read of none.
 * @returns `undefined` if the bits are no rows. Allocates nothing before it is sure that there are bits for it.
 */
export function readRows(
  reader: BitReader,
  motion: KindMotion,
  count: number,
  hasAges: boolean,
): RowsRead | undefined {
  const { fieldCount, fields } = motion;
  if (count === 0) return NO_ROWS;
  // An id and each field take one bit at the least.
  if (count * (1 + fieldCount) > reader.bitsLeft) return undefined;
  const ids = new Uint32Array(count);
  const idK = reader.read(K_BITS);
  for (let at = 0; at < count; at++) {
    const folded = reader.readRice(idK, LONG_BITS);
    ids[at] = (at === 0 ? 0 : (ids[at - 1] ?? 0) + 1) + unfoldWay(folded);
  }
  const ages = new Uint32Array(count);
  if (hasAges) {
    const ageK = reader.read(K_BITS);
    for (let at = 0; at < count; at++) {
      ages[at] = (ages[at - 1] ?? 0) + unfoldWay(reader.readRice(ageK, LONG_BITS));
    }
  }
  const steps = new Int32Array(count * fieldCount);
  const k = reader.read(1) === 1 ? readKs(reader, motion) : undefined;
  for (const { index, width, count: stepCount, wraps } of fields) {
    let before = 0;
    for (let at = index; at < steps.length; at += fieldCount) {
      const residual = reader.readRice(k?.[index] ?? width, width);
      if (residual >= stepCount) return undefined;
      before = k === undefined ? residual : unfoldStep(residual, before, stepCount, wraps);
      steps[at] = before;
    }
  }
  return { ids, ages, steps };
}

/** For each field 5 bits; whoever wrote them may have written any. */
function readKs(reader: BitReader, { fieldCount }: KindMotion): Uint8Array {
  return Uint8Array.from({ length: fieldCount }, () => reader.read(K_BITS));
}

function rowAt(source: RowSource, at: number): number {
  return source.rows === undefined ? at : (source.rows[at] ?? 0);
}

function idAt(source: RowSource, at: number): number {
  return source.ids[rowAt(source, at)] ?? 0;
}
