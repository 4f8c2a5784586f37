import type { KindMotion } from "./motion.ts";

const FIRST_ROOM = 16;

/** One kind of what both sides of a stream know alike: a list of entities, each as it was at the tick it was told at. */
export class SnapshotBaseline {
  readonly motion: KindMotion;
  count = 0;
  ids = new Uint32Array(FIRST_ROOM);
  /** When it was told last. */
  ticks = new Uint32Array(FIRST_ROOM);
  /** `row * fieldCount + field`. */
  steps: Int32Array;
  /** Of fields with a rate, steps per tick; as `steps`. */
  paces: Float64Array;
  /** Of fields without: how far it was from where it had drifted when it was told last, steps; as `steps`. */
  ways: Int32Array;
  /** For the encoder alone: where the entity is in the table, and since which tick an update of it waits, 0 if none. */
  tableRows = new Uint32Array(FIRST_ROOM);
  waitsSince = new Uint32Array(FIRST_ROOM);

  constructor(motion: KindMotion) {
    this.motion = motion;
    this.steps = new Int32Array(FIRST_ROOM * motion.fieldCount);
    this.paces = new Float64Array(FIRST_ROOM * motion.fieldCount);
    this.ways = new Int32Array(FIRST_ROOM * motion.fieldCount);
  }

  clear(): void {
    this.count = 0;
  }

  /** A reader that came in between knows none. */
  forgetWays(): void {
    this.ways.fill(0, 0, this.count * this.motion.fieldCount);
  }

  /** @param steps - Those of the entity begin at `from`. @returns The row that was added. */
  append(id: number, tick: number, steps: Int32Array, from: number): number {
    const row = this.count;
    if (row === this.ids.length) this.#grow();
    this.count = row + 1;
    this.ids[row] = id;
    this.ticks[row] = tick;
    this.waitsSince[row] = 0;
    const known = row * this.motion.fieldCount;
    for (const { index } of this.motion.fields) {
      this.steps[known + index] = steps[from + index] ?? 0;
      this.ways[known + index] = 0;
    }
    for (const field of this.motion.fields) {
      if (field.rate < 0) continue;
      this.paces[known + field.index] = field.paceAt(steps[from + field.rate] ?? 0);
    }
    return row;
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
      for (const column of [this.ids, this.ticks, this.tableRows, this.waitsSince]) {
        column.copyWithin(target, from, to);
      }
      for (const column of [this.steps, this.paces, this.ways]) {
        column.copyWithin(target * fieldCount, from * fieldCount, to * fieldCount);
      }
    }
    this.count -= count;
  }

  #grow(): void {
    const rows = 2 * this.ids.length;
    const numbers = rows * this.motion.fieldCount;
    this.ids = withRoom(this.ids, new Uint32Array(rows));
    this.ticks = withRoom(this.ticks, new Uint32Array(rows));
    this.tableRows = withRoom(this.tableRows, new Uint32Array(rows));
    this.waitsSince = withRoom(this.waitsSince, new Uint32Array(rows));
    this.steps = withRoom(this.steps, new Int32Array(numbers));
    this.paces = withRoom(this.paces, new Float64Array(numbers));
    this.ways = withRoom(this.ways, new Int32Array(numbers));
  }
}

function withRoom<Numbers extends Uint32Array | Int32Array | Float64Array>(
  from: Numbers,
  to: Numbers,
): Numbers {
  to.set(from);
  return to;
}
