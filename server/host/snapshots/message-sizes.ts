import type { SnapshotTable } from "../../../protocol/snapshot-table.ts";

/** Everything of a message but its entities: prefix, type, tick, and how many entities of each kind there are. */
const FRAME_BYTES = 12;
/** The kind and number of an entity. In a delta numbers that are close to each other take a few bits. */
const NAME_BITS = 48;
const CLOSE_NAME_BITS = 8;

/** How large messages about entities get, known from their layout. */
export interface MessageSizes {
  /** By kind: what an entity takes that enters a stream; twice that at most. */
  readonly enteringBytes: readonly number[];
  /** By kind: the longest OWN message. */
  readonly ownBytes: readonly number[];
  /**
   * Room for four entities of any kind: for less no delta is made. Two of them may be new, and of what is left for the
   * others some is needed to say which they are.
   */
  readonly deltaBytesMin: number;
}

export function messageSizes(tables: readonly SnapshotTable[]): MessageSizes {
  const bits = tables.map(({ motion }) => motion.widths.reduce((sum, width) => sum + width, 0));
  const bytesMax = bits.map((each) => Math.ceil((each + NAME_BITS) / 8));
  return {
    enteringBytes: bits.map((each, kind) =>
      Math.max(Math.ceil((each + CLOSE_NAME_BITS) / 8), (bytesMax[kind] ?? 0) / 2),
    ),
    ownBytes: bytesMax.map((each) => FRAME_BYTES + each),
    deltaBytesMin: FRAME_BYTES + 4 * Math.max(...bytesMax),
  };
}
