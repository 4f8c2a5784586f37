import { RICE_ONES_MAX } from "./bit-writer.ts";

/** Reads what a `BitWriter` wrote. Behind the end everything is 0 and `isOver`; it never throws. */
export class BitReader {
  /** 32 bits each, and zeros behind them. */
  #words = new Uint32Array(64);
  /** In bits, as `at`. */
  #end = 0;
  #at = 0;

  /** Begins anew. @param bytes - Copied; as far as it is used, the memory is that of the time before. */
  load(bytes: Uint8Array, fromByte: number): void {
    const count = Math.max(0, bytes.length - fromByte);
    const words = (count >>> 2) + 2;
    if (this.#words.length < words) this.#words = new Uint32Array(words);
    for (let word = 0, at = fromByte; word < words; word++, at += 4) {
      this.#words[word] =
        ((bytes[at] ?? 0) << 24) |
        ((bytes[at + 1] ?? 0) << 16) |
        ((bytes[at + 2] ?? 0) << 8) |
        (bytes[at + 3] ?? 0);
    }
    this.#end = count * 8;
    this.#at = 0;
  }

  /** Whether more was read than there is. */
  get isOver(): boolean {
    return this.#at > this.#end;
  }

  get bitsLeft(): number {
    return Math.max(0, this.#end - this.#at);
  }

  /** Whether all that is left is less than a byte of zeros. */
  get isAtEnd(): boolean {
    const left = this.#end - this.#at;
    return left >= 0 && left < 8 && this.#peek() === 0;
  }

  /** @param bits - 0 to 32. */
  read(bits: number): number {
    if (bits === 0) return 0;
    const value = this.#peek() >>> (32 - bits);
    this.#at += bits;
    return value;
  }

  /** @returns How many ones come before a zero; `max + 1` if there are more than `max`. */
  readOnes(max: number): number {
    let ones = 0;
    while (ones <= max) {
      const run = Math.clz32(~this.#peek());
      if (run < 32) {
        this.#at += run + 1;
        return Math.min(ones + run, max + 1);
      }
      this.#at += 32;
      ones += 32;
    }
    return max + 1;
  }

  readRice(k: number, width: number): number {
    if (k >= width) return this.read(width);
    const next = this.#peek();
    const ones = Math.clz32(~next);
    if (ones >= RICE_ONES_MAX) {
      this.#at += RICE_ONES_MAX;
      return this.read(width);
    }
    const bits = ones + 1 + k;
    if (bits <= 32) {
      this.#at += bits;
      return (ones << k) | ((next >>> (32 - bits)) & ((1 << k) - 1));
    }
    this.#at += ones + 1;
    return ones * 2 ** k + this.read(k);
  }

  /** @returns At most `max + 1`, which says that it was more than `max`. @param max - Below 2^31. */
  readGamma(max: number): number {
    const bits = this.readOnes(31);
    if (bits > 31) return max + 1;
    return Math.min(2 ** bits + this.read(bits) - 1, max + 1);
  }

  /** The next 32 bits. */
  #peek(): number {
    const word = this.#at >>> 5;
    const shift = this.#at & 31;
    const next = this.#words[word + 1] ?? 0;
    return ((this.#words[word] ?? 0) << shift) | ((next >>> 1) >>> (31 - shift));
  }
}
