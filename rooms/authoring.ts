/**
 * What a game of one's own is written with: `fleetroom` of the npm package. Pure, for server and clients alike.
 * @module
 */
export { atan2, clamp, cos, hypot, sin, wrapAngle } from "./kernel/maths.ts";
export { createRandom, nextBelow, nextBetween, nextUint32, type Random } from "./kernel/random.ts";
export {
  buildSpatialGrid,
  type GridPoint,
  type SpatialGrid,
  visitNear,
} from "./kernel/spatial-grid.ts";
export { StateHash } from "./kernel/state-hash.ts";
export { distanceSquared, sweepAgainstDisc } from "./kernel/vector.ts";
export type {
  EntityRows,
  Interest,
  IssuedCommand,
  Replica,
  Seat,
  Simulation,
  SimulationResult,
  SimulationSetup,
  SnapshotField,
  SnapshotKind,
  SnapshotLayout,
  Snapshots,
  Step,
} from "./simulation.ts";
