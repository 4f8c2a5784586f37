import type { KindMotion } from "./snapshot-motion.ts";

/** One kind of what both sides of a stream know alike: a list of entities, each as it was at the tick it was sent at. */
export class SnapshotBaseline {
  readonly motion: KindMotion;
  count = 0;
  ids = new Uint32Array(16);
  /** When it was sent last. */
  ticks = new Uint32Array(16);
  /** `row * fieldCount + field`. */
  steps: Int32Array;
  /** Steps per tick; as `steps`. */
  paces: Float64Array;
  /** Two columns for the side that keeps the list, which move along with the rest; 0 in a row that is added. */
  first = new Int32Array(16);
  second = new Uint32Array(16);

  constructor(motion: KindMotion) {
    this.motion = motion;
    this.steps = new Int32Array(16 * motion.fieldCount);
    this.paces = new Float64Array(16 * motion.fieldCount);
  }

  clear(): void {
    this.count = 0;
  }

  /** @returns The new row, whose steps are still to be set and `settle`d. */
  append(id: number, tick: number): number {
    const row = this.count;
    if (row === this.ids.length) this.#grow();
    this.count = row + 1;
    this.ids[row] = id;
    this.ticks[row] = tick;
    this.first[row] = 0;
    this.second[row] = 0;
    return row;
  }

  /** Works out the paces of a row whose steps were set. */
  settle(row: number): void {
    const { motion, steps, paces } = this;
    const from = row * motion.fieldCount;
    for (let field = 0; field < motion.fieldCount; field++) {
      paces[from + field] = motion.paceOf(field, steps, from);
    }
  }

  /**
   * Takes rows out; the others keep their order.
   * @param rows - Ascending, `count` of them.
   */
  remove(rows: Uint32Array, count: number): void {
    const { fieldCount } = this.motion;
    for (let at = 0; at < count; at++) {
      // What stands between this one and the next moves up by as many as were taken out before.
      const from = (rows[at] ?? 0) + 1;
      const to = at + 1 < count ? (rows[at + 1] ?? 0) : this.count;
      const target = from - at - 1;
      this.ids.copyWithin(target, from, to);
      this.ticks.copyWithin(target, from, to);
      this.first.copyWithin(target, from, to);
      this.second.copyWithin(target, from, to);
      this.steps.copyWithin(target * fieldCount, from * fieldCount, to * fieldCount);
      this.paces.copyWithin(target * fieldCount, from * fieldCount, to * fieldCount);
    }
    this.count -= count;
  }

  #grow(): void {
    const rows = 2 * this.ids.length;
    const { fieldCount } = this.motion;
    this.ids = withRoom(this.ids, new Uint32Array(rows));
    this.ticks = withRoom(this.ticks, new Uint32Array(rows));
    this.first = withRoom(this.first, new Int32Array(rows));
    this.second = withRoom(this.second, new Uint32Array(rows));
    this.steps = withRoom(this.steps, new Int32Array(rows * fieldCount));
    this.paces = withRoom(this.paces, new Float64Array(rows * fieldCount));
  }
}

function withRoom<Numbers extends Uint32Array | Int32Array | Float64Array>(
  from: Numbers,
  to: Numbers,
): Numbers {
  to.set(from);
  return to;
}
