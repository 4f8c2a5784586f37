/** Of a Rice code: this many ones are followed by the number as it is. */
export const RICE_ONES_MAX = 11;

/**
 * Writes bits, the first into the highest bit of the first byte. A number is written from its highest bit to its lowest.
 * The memory is used again after `reset`.
 */
export class BitWriter {
  /** 32 bits each. */
  #words = new Uint32Array(256);
  #filled = 0;
  /** Up to 31 bits that fill no word yet, the last of them lowest. */
  #rest = 0;
  #restBits = 0;

  get bits(): number {
    return this.#filled * 32 + this.#restBits;
  }

  reset(): void {
    this.#filled = 0;
    this.#rest = 0;
    this.#restBits = 0;
  }

  /** Makes room for so many bits. To be called before them: writing itself does not look. */
  reserve(bits: number): void {
    const words = this.#filled + 2 + (bits >>> 5);
    if (words <= this.#words.length) return;
    const grown = new Uint32Array(Math.max(words, 2 * this.#words.length));
    grown.set(this.#words.subarray(0, this.#filled));
    this.#words = grown;
  }

  /** @param bits - 0 to 32. @param value - Whole, below 2^bits. */
  write(value: number, bits: number): void {
    const free = 32 - this.#restBits;
    if (bits < free) {
      this.#rest = (this.#rest << bits) | value;
      this.#restBits += bits;
      return;
    }
    const over = bits - free;
    // With nothing left over from before, `free` is 32, which a shift takes for 0; but then `rest` is 0 as well.
    this.#words[this.#filled++] = (this.#rest << free) | (value >>> over);
    this.#rest = value & ((1 << over) - 1);
    this.#restBits = over;
  }

  /** So many ones, then a zero. */
  writeOnes(count: number): void {
    let left = count;
    for (; left > 16; left -= 16) this.write(0xffff, 16);
    this.write(((1 << left) - 1) << 1, left + 1);
  }

  /**
   * Rice code: the part above `k` bits as that many ones and a zero, then `k` bits. From 11 ones on: 11 ones, then all
   * `width` bits. With a `k` of `width` the bits alone.
   * @param value - Whole, below 2^width. @param width - Up to 32.
   */
  writeRice(value: number, k: number, width: number): void {
    if (k >= width) {
      this.write(value, width);
      return;
    }
    const ones = value >>> k;
    if (ones >= RICE_ONES_MAX) {
      this.write((1 << RICE_ONES_MAX) - 1, RICE_ONES_MAX);
      this.write(value, width);
    } else if (ones + k < 31) {
      this.write((((1 << ones) - 1) << (k + 1)) | (value & ((1 << k) - 1)), ones + 1 + k);
    } else {
      this.write(((1 << ones) - 1) << 1, ones + 1);
      this.write(value & (2 ** k - 1), k);
    }
  }

  /** Elias gamma code of `value + 1`: as many ones as it has bits behind the first, a zero, and those bits. */
  writeGamma(value: number): void {
    const bits = 31 - Math.clz32(value + 1);
    this.writeOnes(bits);
    this.write(value + 1 - 2 ** bits, bits);
  }

  /** @returns A copy of all so far, behind so many bytes that are still 0; the last byte is filled up with zeros. */
  take(leadingBytes: number): Uint8Array {
    const taken = new Uint8Array(leadingBytes + ((this.bits + 7) >>> 3));
    let at = leadingBytes;
    for (let index = 0; index < this.#filled; index++) {
      const word = this.#words[index] ?? 0;
      taken[at] = word >>> 24;
      taken[at + 1] = word >>> 16;
      taken[at + 2] = word >>> 8;
      taken[at + 3] = word;
      at += 4;
    }
    const rest = this.#restBits === 0 ? 0 : this.#rest << (32 - this.#restBits);
    for (let shift = 24; at < taken.length; shift -= 8) taken[at++] = rest >>> shift;
    return taken;
  }
}

/** @returns How many bits {@link BitWriter.writeRice} takes. */
export function riceBits(value: number, k: number, width: number): number {
  if (k >= width) return width;
  const ones = value >>> k;
  return ones < RICE_ONES_MAX ? ones + 1 + k : RICE_ONES_MAX + width;
}
