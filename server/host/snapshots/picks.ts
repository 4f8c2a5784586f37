import type { Selection } from "../../../protocol/snapshot-encoder.ts";
import type { SnapshotTable } from "../../../protocol/snapshot-table.ts";
import type { Scene } from "./scene.ts";

interface KindPicks extends Selection {
  rows: Uint32Array;
  count: number;
  due: Uint8Array;
}

/** What one group is sent of a scene. The same memory serves one group after the other. */
export class Picks {
  readonly #kinds: readonly KindPicks[];

  constructor(kindCount: number) {
    this.#kinds = Array.from({ length: kindCount }, () => ({
      rows: new Uint32Array(64),
      count: 0,
      due: new Uint8Array(64),
    }));
  }

  /** One per kind, valid until the next `begin`. */
  get selections(): readonly Selection[] {
    return this.#kinds;
  }

  begin({ tables }: Scene): void {
    for (const [at, kind] of this.#kinds.entries()) {
      kind.count = 0;
      const { count } = tables[at] as SnapshotTable;
      if (count <= kind.rows.length) continue;
      kind.rows = new Uint32Array(2 * count);
      kind.due = new Uint8Array(2 * count);
    }
  }

  /** @param isDue - Whether it is told at this tick if it has changed. */
  pick({ kinds, starts }: Scene, index: number, isDue: boolean): void {
    const kind = kinds[index] ?? 0;
    const picks = this.#kinds[kind] as KindPicks;
    const row = index - (starts[kind] ?? 0);
    picks.rows[picks.count++] = row;
    picks.due[row] = isDue ? 1 : 0;
  }

  /** @param index - Of an entity that was picked. */
  makeDue({ kinds, starts }: Scene, index: number): void {
    const kind = kinds[index] ?? 0;
    (this.#kinds[kind] as KindPicks).due[index - (starts[kind] ?? 0)] = 1;
  }
}
