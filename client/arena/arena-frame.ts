import type { ArenaCommand } from "../../rooms/arena/prediction.ts";
import type { ShownShot } from "./own-ship/own-shots.ts";
import type { SeenHit } from "./own-ship/seen-hits.ts";
import type { Pose, ShownPose } from "./remote-ships.ts";

/** A shot of somebody else. */
export interface ShownOthersShot extends ShownShot {
  readonly ownerSeat: number;
}

/** What is shown in one frame. */
export interface ArenaFrame {
  /** To be sent at once, in order. */
  readonly commands: readonly ArenaCommand[];
  /** `undefined` while there is no own ship. */
  readonly own: Pose | undefined;
  /** By how many metres the own ship was moved by the server's answer; `undefined` without one. */
  readonly correctedMetres: number | undefined;
  /** The tick, with fraction, of which the others are shown, and that at which the own ship will be where it is shown. */
  readonly shownTick: number | undefined;
  readonly ownTick: number | undefined;
  /** By seat. */
  readonly others: ReadonlyMap<number, ShownPose>;
  readonly ownShots: readonly ShownShot[];
  readonly othersShots: readonly ShownOthersShot[];
  /** Of the own shots, since the frame before. */
  readonly hits: readonly SeenHit[];
  /** Others' shots that are over, and where, since the frame before. */
  readonly ended: readonly ShownOthersShot[];
}
