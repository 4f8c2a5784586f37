import { ENTITIES_MAX, type SnapshotKind } from "./snapshot-layout.ts";
import { KindMotion } from "./snapshots/motion.ts";

/** The entities of one kind at one tick, as whole steps. Filled once per tick, read by every encoder. */
export class SnapshotTable {
  /** Field by field as the layout names them; filled by the game at the place that `add` gave. */
  values: Float64Array;
  ids = new Uint32Array(16);
  /** Whole steps, `row * fields + field`; valid from `seal` to the next `begin`. */
  steps: Int32Array;
  /** Of a rate that plays no part in what steps a value is. */
  readonly motion: KindMotion;
  readonly #kind: SnapshotKind;
  #count = 0;
  /** Open addressing: row + 1 at the place of its id, 0 where nothing is. */
  #places = new Int32Array(64);
  #hasPlaces = false;

  /** @param kind - Of a layout without fault. */
  constructor(kind: SnapshotKind) {
    this.#kind = kind;
    this.motion = new KindMotion(kind, 1);
    this.values = new Float64Array(16 * kind.fields.length);
    this.steps = new Int32Array(16 * kind.fields.length);
  }

  get count(): number {
    return this.#count;
  }

  /** Forgets all rows. */
  begin(): void {
    this.#count = 0;
    this.#hasPlaces = false;
  }

  /**
   * @param id - Unsigned 32-bit; no other row has it.
   * @returns Where in `values` its fields begin.
   * @throws RangeError beyond 65,536 rows.
   */
  add(id: number): number {
    const row = this.#count;
    if (row === this.ids.length) this.#grow();
    this.ids[row] = id;
    this.#count = row + 1;
    return row * this.motion.fieldCount;
  }

  /** Makes whole steps of all values. */
  seal(): void {
    const { values, steps } = this;
    const { fieldCount, fields } = this.motion;
    const end = this.#count * fieldCount;
    for (const field of fields) {
      for (let at = field.index; at < end; at += fieldCount) {
        steps[at] = field.stepOf(values[at] ?? 0);
      }
    }
  }

  /**
   * @returns -1 if it is not there.
   * @throws RangeError when two rows have the same id.
   */
  rowOf(id: number): number {
    if (!this.#hasPlaces) this.#findPlaces();
    const places = this.#places;
    const mask = places.length - 1;
    for (let place = placeOf(id, mask); ; place = (place + 1) & mask) {
      const row = (places[place] ?? 0) - 1;
      if (row < 0 || this.ids[row] === id) return row;
    }
  }

  #findPlaces(): void {
    const { ids } = this;
    if (this.#places.length < 2 * this.#count) this.#places = new Int32Array(4 * ids.length);
    else this.#places.fill(0);
    const places = this.#places;
    const mask = places.length - 1;
    for (let row = 0; row < this.#count; row++) {
      const id = ids[row] ?? 0;
      let place = placeOf(id, mask);
      for (let other = places[place] ?? 0; other > 0; other = places[place] ?? 0) {
        if (ids[other - 1] === id) {
          throw new RangeError(`two entities of kind ${this.#kind.name} have the id ${id}`);
        }
        place = (place + 1) & mask;
      }
      places[place] = row + 1;
    }
    this.#hasPlaces = true;
  }

  #grow(): void {
    const rows = 2 * this.ids.length;
    if (rows > ENTITIES_MAX) {
      throw new RangeError(`more than ${ENTITIES_MAX} entities of kind ${this.#kind.name}`);
    }
    const { fieldCount } = this.motion;
    const ids = new Uint32Array(rows);
    ids.set(this.ids);
    this.ids = ids;
    const values = new Float64Array(rows * fieldCount);
    values.set(this.values);
    this.values = values;
    const steps = new Int32Array(rows * fieldCount);
    this.steps = steps;
  }
}

/** @param mask - A power of two, less one. */
function placeOf(id: number, mask: number): number {
  const mixed = Math.imul(id, 0x9e3779b1);
  return ((mixed >>> 16) ^ mixed) & mask;
}
