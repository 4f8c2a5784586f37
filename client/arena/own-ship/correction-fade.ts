import type { ShipBody } from "../../../rooms/arena/prediction.ts";
import { type Pose, shortTurn } from "../remote-ships.ts";

/** A correction is shown over about three times this long, so that nobody sees a jerk. */
const FADE_MS = 80;

/** A correction larger than this is shown at once: the ship was placed anew. */
const SNAP_METRES = 4;

/** What is added to where the own ship is, for the eye alone, after a correction; it fades to nothing. */
export class CorrectionFade {
  #offset = { x: 0, y: 0, angle: 0 };
  #atMs = 0;

  /**
   * The ship is elsewhere from now on.
   * @param shown - Where it was shown.
   */
  begin(shown: Pose, corrected: ShipBody, nowMs: number): void {
    const x = shown.x - corrected.xMetres;
    const y = shown.y - corrected.yMetres;
    const isPlacedAnew = x * x + y * y > SNAP_METRES * SNAP_METRES;
    const angle = shortTurn(corrected.angleRadians, shown.angle);
    this.#offset = isPlacedAnew ? { x: 0, y: 0, angle: 0 } : { x, y, angle };
    this.#atMs = nowMs;
  }

  end(): void {
    this.#offset = { x: 0, y: 0, angle: 0 };
  }

  /** Where a ship is shown. */
  poseOf(body: ShipBody, nowMs: number): Pose {
    const left = Math.exp(-Math.max(0, nowMs - this.#atMs) / FADE_MS);
    return {
      x: body.xMetres + this.#offset.x * left,
      y: body.yMetres + this.#offset.y * left,
      angle: body.angleRadians + this.#offset.angle * left,
    };
  }
}
