import type { SnapshotTable } from "../../../protocol/snapshot-table.ts";

/** Everything of a message but its entities: prefix, type, tick, and how many entities of each kind there are. */
const FRAME_BYTES = 12;
/** The number and kind of an entity, with what tells it from the one before. */
const NAME_BITS = 48;

/** How large messages about entities get, known from their layout. */
export interface MessageSizes {
  /** By kind: what an entity takes at most that enters a stream, next to nothing aside. */
  readonly enteringBytes: readonly number[];
  /** By kind: the longest OWN message. */
  readonly ownBytes: readonly number[];
  /** Room for two entities of any kind: for less no delta is made. */
  readonly deltaBytesMin: number;
}

export function messageSizes(tables: readonly SnapshotTable[]): MessageSizes {
  const enteringBytes = tables.map(({ motion }) =>
    Math.ceil((NAME_BITS + motion.widths.reduce((sum, bits) => sum + bits, 0)) / 8),
  );
  return {
    enteringBytes,
    ownBytes: enteringBytes.map((bytes) => FRAME_BYTES + bytes),
    deltaBytesMin: FRAME_BYTES + 2 * Math.max(...enteringBytes),
  };
}
