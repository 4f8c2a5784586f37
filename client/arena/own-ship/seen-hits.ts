import { PROJECTILE_RADIUS_METRES, SHIP_RADIUS_METRES } from "../../../rooms/arena/prediction.ts";
import { sweepAgainstDisc } from "../../../rooms/kernel/vector.ts";
import type { Pose } from "../remote-ships.ts";

const TOUCH_METRES = SHIP_RADIUS_METRES + PROJECTILE_RADIUS_METRES;

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** A shot touched a ship on the screen. */
export interface SeenHit {
  /** Of the command that fired the shot. */
  readonly number: number;
  readonly seat: number;
  readonly x: number;
  readonly y: number;
  /** When, in the own ship's time and in that of the others. */
  readonly ownTick: number;
  readonly othersTick: number;
}

/** Where the others are shown now, and where they were a frame ago. */
export interface ShownTargets {
  readonly tick: number;
  readonly poses: ReadonlyMap<number, Pose>;
  readonly posesBefore: ReadonlyMap<number, Pose>;
  /** @param hits - Of own shots that were seen and that the server has not told of yet. */
  isTarget(seat: number, hits: number): boolean;
}

/**
 * What a shot touches first on its way between two frames, with the ships on theirs.
 * @returns The ship, and where the shot was then; `undefined` if it touches none.
 */
export function firstTouch(
  from: Place,
  to: Place,
  { poses, posesBefore }: ShownTargets,
  isTarget: (seat: number) => boolean,
): (Place & { readonly seat: number }) | undefined {
  let first = Number.POSITIVE_INFINITY;
  let struck: number | undefined;
  for (const [seat, pose] of poses) {
    if (!isTarget(seat)) continue;
    const before = posesBefore.get(seat) ?? pose;
    const dx = to.x - from.x - (pose.x - before.x);
    const dy = to.y - from.y - (pose.y - before.y);
    const share = sweepAgainstDisc(from.x, from.y, dx, dy, before.x, before.y, TOUCH_METRES);
    if (share >= first) continue;
    first = share;
    struck = seat;
  }
  if (struck === undefined) return undefined;
  const x = from.x + (to.x - from.x) * first;
  const y = from.y + (to.y - from.y) * first;
  return { seat: struck, x, y };
}
