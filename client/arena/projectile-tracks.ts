/**
 * Where projectiles are at any moment shown, past or ahead: the server sends only birth and end of each.
 * @module
 */
import type { ProjectileReplica } from "../../rooms/arena/replica.ts";

/** Ended tracks are kept this long, longer than anything is shown in the past. */
const KEPT_TICKS = 64;

/** More than 256 ships with 5 shots each never have; a broken server cannot fill our memory. */
const TRACKS_MAX = 2048;

export interface Track {
  /** Where it was at `bornTick`, metres. */
  readonly x: number;
  readonly y: number;
  /** Metres per second. */
  readonly vx: number;
  readonly vy: number;
  readonly ownerSeat: number;
  readonly bornTick: number;
  /** First tick at which it is no more; `undefined` while it flies. */
  endTick: number | undefined;
}

export class ProjectileTracks {
  readonly #tracks = new Map<string, Track>();
  readonly #tickRateHz: number;

  constructor(tickRateHz: number) {
    this.#tickRateHz = tickRateHz;
  }

  /**
   * Takes the projectiles of one tick.
   * @returns Tracks that ended since the last call: something was hit, or the range was.
   */
  update(projectiles: ReadonlyMap<string, ProjectileReplica>, tick: number): Track[] {
    for (const [id, projectile] of projectiles) {
      if (this.#tracks.has(id) || this.#tracks.size >= TRACKS_MAX) continue;
      const { x, y, vx, vy, ownerSeat, bornTick } = projectile;
      this.#tracks.set(id, { x, y, vx, vy, ownerSeat, bornTick, endTick: undefined });
    }
    const ended: Track[] = [];
    for (const [id, track] of this.#tracks) {
      if (track.endTick === undefined && !projectiles.has(id)) {
        track.endTick = tick;
        ended.push(track);
      }
      if (track.endTick !== undefined && tick - track.endTick > KEPT_TICKS) this.#tracks.delete(id);
    }
    return ended;
  }

  /** @returns Tracks in flight at a tick, with fraction. */
  *at(tick: number, isShown: (track: Track) => boolean): Generator<Track> {
    for (const track of this.#tracks.values()) {
      if (!isShown(track) || tick < track.bornTick) continue;
      if (track.endTick === undefined || tick < track.endTick) yield track;
    }
  }

  /** Where a track is at a tick, metres. */
  position(track: Track, tick: number): { x: number; y: number } {
    const seconds = (tick - track.bornTick) / this.#tickRateHz;
    return { x: track.x + track.vx * seconds, y: track.y + track.vy * seconds };
  }

  clear(): void {
    this.#tracks.clear();
  }
}
