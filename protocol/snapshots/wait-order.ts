import type { UpdateEncoder } from "./updates.ts";

/** Waits longer than this are as good as this. */
const CLASSES = 256;

/** Updates of all kinds, those that wait longest first; of equals the first of the list. */
export class WaitOrder {
  /** The kind, and from the lower 16 bits on up the update. */
  #updates = new Uint32Array(0);
  readonly #starts = new Uint32Array(CLASSES + 1);

  /**
   * Chooses as many as fit.
   * @param bits - For updates' own bits.
   * @param areFew - Whether each one's name is among those.
   */
  choose(kinds: readonly UpdateEncoder[], tick: number, bits: number, areFew: boolean): void {
    const count = this.#sort(kinds, tick);
    let left = bits;
    for (let at = 0; at < count; at++) {
      const packed = this.#updates[at] ?? 0;
      const updates = kinds[packed >>> 16];
      const naming = areFew ? (updates?.namingBitsMax ?? 0) : 0;
      const needed = naming + (updates?.bitsOf(packed & 0xffff) ?? 0);
      if (needed > left) continue;
      left -= needed;
      updates?.choose(packed & 0xffff);
    }
  }

  /** Counting sort. @returns How many there are. */
  #sort(kinds: readonly UpdateEncoder[], tick: number): number {
    const starts = this.#starts.fill(0);
    let count = 0;
    for (const updates of kinds) {
      count += updates.count;
      for (let at = 0; at < updates.count; at++) {
        const next = classOf(updates.waitOf(at, tick)) + 1;
        starts[next] = (starts[next] ?? 0) + 1;
      }
    }
    if (this.#updates.length < count) this.#updates = new Uint32Array(2 * count);
    for (let at = 1; at < CLASSES; at++) starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0);
    for (const [kind, updates] of kinds.entries()) {
      for (let at = 0; at < updates.count; at++) {
        const waits = classOf(updates.waitOf(at, tick));
        const place = starts[waits] ?? 0;
        starts[waits] = place + 1;
        this.#updates[place] = kind * 0x10000 + at;
      }
    }
    return count;
  }
}

/** Longest first. */
function classOf(waitTicks: number): number {
  return CLASSES - 1 - Math.min(CLASSES - 1, waitTicks);
}
