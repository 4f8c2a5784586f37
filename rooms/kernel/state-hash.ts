/**
 * A 64-bit hash over a game's state, to notice that two runs differ. Not for security: collisions can be made.
 * @module
 */

const floatBits = new Float64Array(1);
const floatWords = new Uint32Array(floatBits.buffer);

/** Two 32-bit lanes that take every word differently, together 64 bits. Order of additions matters. */
export class StateHash {
  #low = 0x811c9dc5;
  #high = 0xcbf29ce4;

  /** Adds a whole number, modulo 2^32; for booleans and enumerations as well. */
  addUint32(value: number): void {
    const word = Math.imul(value, 0xcc9e2d51);
    const turned = Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    const low = this.#low ^ turned;
    this.#low = (Math.imul((low << 13) | (low >>> 19), 5) + 0xe6546b64) | 0;
    const high = Math.imul(this.#high ^ value, 0x9e3779b1);
    this.#high = high ^ (high >>> 15);
  }

  /** Adds the bits of a number. Minus zero counts as zero and every NaN as one: they mean the same to a game. */
  addFloat64(value: number): void {
    floatBits[0] = value + 0;
    const isNotANumber = Number.isNaN(value);
    this.addUint32(isNotANumber ? 0 : (floatWords[0] ?? 0));
    this.addUint32(isNotANumber ? 0x7ff80000 : (floatWords[1] ?? 0));
  }

  addBoolean(value: boolean): void {
    this.addUint32(value ? 1 : 0);
  }

  /** Adds the length and the UTF-16 units of a text. */
  addText(value: string): void {
    this.addUint32(value.length);
    for (let index = 0; index < value.length; index++) this.addUint32(value.charCodeAt(index));
  }

  /** @returns 16 lower-case hex digits; more may be added afterwards. */
  digest(): string {
    return hexOf(finish(this.#high ^ this.#low)) + hexOf(finish(this.#low));
  }
}

/** Spreads the last word over all bits. */
function finish(lane: number): number {
  let mixed = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function hexOf(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
