import type { SnapshotTable } from "../../../protocol/snapshot-table.ts";

/**
 * A small number for each entity, its own for as long as it exists: what groups know of entities stands in arrays by
 * slot. Slots are given again. Entities of a tick also have an index: their row, after the rows of all kinds before.
 */
export class Slots {
  /** Tick at which the present holder of a slot came to be, by slot. */
  born = new Int32Array(64);
  /** Slots of the entities of this tick, by index. */
  at = new Uint32Array(64);
  readonly #slotsById: readonly Map<number, number>[];
  readonly #free: number[] = [];
  /** Last tick at which a slot was held, and the index of its holder then. */
  #held = new Int32Array(64);
  #indices = new Uint32Array(64);
  #count = 0;

  constructor(kindCount: number) {
    this.#slotsById = Array.from({ length: kindCount }, () => new Map());
  }

  /** @param tables - All entities that there are. */
  read(tables: readonly SnapshotTable[], tick: number): void {
    let index = 0;
    for (const [kind, { ids, count }] of tables.entries()) {
      const slots = this.#slotsById[kind] as Map<number, number>;
      const end = index + count;
      if (this.at.length < end) this.at = grown(this.at, new Uint32Array(2 * end));
      for (let row = 0; row < count; row++) {
        const id = ids[row] ?? 0;
        let slot = slots.get(id);
        if (slot === undefined) {
          slot = this.#take(tick);
          slots.set(id, slot);
        }
        this.#held[slot] = tick;
        this.#indices[slot] = index;
        this.at[index++] = slot;
      }
      if (slots.size > count) this.#giveBack(slots, tick);
    }
  }

  /** @param tick - The present one. @returns -1 if nobody holds the slot. */
  indexOf(slot: number, tick: number): number {
    return this.#held[slot] === tick ? (this.#indices[slot] ?? -1) : -1;
  }

  #take(tick: number): number {
    const slot = this.#free.pop() ?? this.#count++;
    if (slot === this.born.length) {
      this.born = grown(this.born, new Int32Array(2 * slot));
      this.#held = grown(this.#held, new Int32Array(2 * slot));
      this.#indices = grown(this.#indices, new Uint32Array(2 * slot));
    }
    this.born[slot] = tick;
    return slot;
  }

  /** Of all entities of a kind that are gone. */
  #giveBack(slots: Map<number, number>, tick: number): void {
    for (const [id, slot] of slots) {
      if (this.#held[slot] === tick) continue;
      slots.delete(id);
      this.#free.push(slot);
    }
  }
}

export function grown<Numbers extends Int32Array | Uint32Array>(
  from: Numbers,
  to: Numbers,
): Numbers {
  to.set(from);
  return to;
}
