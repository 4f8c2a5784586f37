/** Of a Rice code: this many ones are followed by the number as it is. */
export const RICE_ONES_MAX = 11;

/**
 * Writes bits, the first into the highest bit of the first byte. A number is written from its highest bit to its lowest.
 * The memory is used again after `reset`.
 */
export class BitWriter {
  #bytes = new Uint8Array(1024);
  /** Whole bytes so far. */
  #filled = 0;
  /** Up to 7 bits that fill no byte yet, lowest last. */
  #rest = 0;
  #restBits = 0;

  get bits(): number {
    return this.#filled * 8 + this.#restBits;
  }

  reset(): void {
    this.#filled = 0;
    this.#rest = 0;
    this.#restBits = 0;
  }

  /** Makes room for so many bits. To be called before them: writing itself does not look. */
  reserve(bits: number): void {
    const bytes = this.#filled + 1 + ((bits + 7) >> 3);
    if (bytes <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(bytes, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#filled));
    this.#bytes = grown;
  }

  /** @param bits - 0 to 24. @param value - Whole, below 2^bits. */
  write(value: number, bits: number): void {
    let rest = (this.#rest << bits) | value;
    let restBits = this.#restBits + bits;
    while (restBits >= 8) {
      restBits -= 8;
      this.#bytes[this.#filled++] = rest >>> restBits;
    }
    rest &= (1 << restBits) - 1;
    this.#rest = rest;
    this.#restBits = restBits;
  }

  /** @param bits - 0 to 32. @param value - Whole, below 2^bits. */
  writeLong(value: number, bits: number): void {
    if (bits > 16) this.write(value >>> 16, bits - 16);
    this.write(bits > 16 ? value & 0xffff : value, Math.min(bits, 16));
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
      this.writeLong(value, width);
      return;
    }
    const ones = value >>> k;
    if (ones >= RICE_ONES_MAX) {
      this.write((1 << RICE_ONES_MAX) - 1, RICE_ONES_MAX);
      this.writeLong(value, width);
      return;
    }
    this.write(((1 << ones) - 1) << 1, ones + 1);
    if (k > 0) this.writeLong((value & (2 ** k - 1)) >>> 0, k);
  }

  /** Elias gamma code of `value + 1`: as many ones as it has bits behind the first, a zero, and those bits. */
  writeGamma(value: number): void {
    const bits = 31 - Math.clz32(value + 1);
    this.writeOnes(bits);
    this.writeLong(value + 1 - 2 ** bits, bits);
  }

  /** @returns A copy of all so far, behind so many bytes that are still 0; the last byte is filled up with zeros. */
  take(leadingBytes: number): Uint8Array {
    const isUneven = this.#restBits > 0;
    const taken = new Uint8Array(leadingBytes + this.#filled + (isUneven ? 1 : 0));
    taken.set(this.#bytes.subarray(0, this.#filled), leadingBytes);
    if (isUneven) taken[taken.length - 1] = this.#rest << (8 - this.#restBits);
    return taken;
  }
}

/** @returns How many bits {@link BitWriter.writeRice} takes. */
export function riceBits(value: number, k: number, width: number): number {
  if (k >= width) return width;
  const ones = value >>> k;
  return ones < RICE_ONES_MAX ? ones + 1 + k : RICE_ONES_MAX + width;
}
