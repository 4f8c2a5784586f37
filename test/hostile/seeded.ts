/** Every attack of a run follows from one number: `HOSTILE_SEED`, or the clock; it is printed. */
export function seedOf(attack: string): number {
  const given = Number(process.env["HOSTILE_SEED"]);
  const seed = Number.isInteger(given) && given > 0 ? given : Date.now() >>> 0;
  process.stderr.write(`${attack}: HOSTILE_SEED=${seed}\n`);
  return seed;
}

/** The same numbers for the same seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** 0 <= x < 1 */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, 0 <= x < end. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** Short ones more often than long ones. */
  length(max: number): number {
    return Math.floor(this.next() ** 3 * (max + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.below(256)));
  }

  /** Characters that an id may have. */
  word(chars: number): string {
    const letters = "abcdefghijkmnpqrstuvwxyz23456789";
    return Array.from({ length: chars }, () => this.pick([...letters])).join("");
  }

  /** A copy with a few bytes changed, put in, taken out or repeated, or the end cut off. */
  edited(bytes: Buffer): Buffer {
    let list = [...bytes];
    for (let edits = 1 + this.below(4); edits > 0; edits--) {
      const at = this.below(list.length + 1);
      const some = [...this.bytes(1 + this.below(8))];
      const end = at + 1 + this.below(8);
      switch (this.below(6)) {
        case 0:
          list[Math.min(at, list.length - 1)] = this.below(256);
          break;
        case 1:
          list.splice(at, 0, ...some);
          break;
        case 2:
          list.splice(at, some.length);
          break;
        case 3:
          list.splice(at, 0, ...list.slice(at, end));
          break;
        case 4:
          list = list.slice(0, at);
          break;
        default:
          list[Math.min(at, list.length - 1)] = this.pick([0, 1, 0x7f, 0x80, 0xfe, 0xff]);
      }
    }
    return Buffer.from(list);
  }
}
