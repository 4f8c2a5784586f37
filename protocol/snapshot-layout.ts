/**
 * What snapshots are made of: kinds of entities, and the numbers of each. A game says it (`rooms/simulation.ts` has the
 * same shapes), a client is told it with its welcome, so that both sides read the same bytes.
 * @module
 */

/** One number of an entity. */
export interface SnapshotField {
  readonly name: string;
  /** Values are whole multiples of it, counted from `min`. */
  readonly step: number;
  readonly min: number;
  readonly max: number;
  /** `max` is the same place as `min`. */
  readonly wraps?: boolean;
  /** Name of the field of the same kind that is its change per second. */
  readonly rate?: string;
  /** Its change per tick, whole steps. */
  readonly drift?: number;
}

/** Entities that are alike. */
export interface SnapshotKind {
  readonly name: string;
  /** 1 to 16. */
  readonly fields: readonly SnapshotField[];
  /** Names of the two fields that say where it is, metres. */
  readonly place: readonly [x: string, y: string];
}

/** At most 8 kinds. */
export type SnapshotLayout = readonly SnapshotKind[];
