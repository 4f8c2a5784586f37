/**
 * Where projectiles are at any moment shown, past or ahead: the server says only where each was once, and its end.
 * @module
 */
import type { ArenaNews, ShotNews } from "./arena-news.ts";

/** Ended tracks are kept this long, longer than anything is shown in the past. */
const KEPT_TICKS = 64;

/** More than 256 ships with 5 shots each never have; a broken server cannot fill our memory. */
const TRACKS_MAX = 2048;

export interface Track extends ShotNews {
  /** First tick at which it was known. */
  readonly seenTick: number;
  /** First tick at which it is no more; `undefined` while it flies. */
  endTick: number | undefined;
}

/** What of the tracks is new. */
interface TrackChanges {
  readonly born: readonly Track[];
  /** Something was hit, or the range was. */
  readonly ended: readonly Track[];
}

export class ProjectileTracks {
  readonly #tracks = new Map<number, Track>();
  readonly #tickRateHz: number;

  constructor(tickRateHz: number) {
    this.#tickRateHz = tickRateHz;
  }

  take({ tick, isWhole, shots, shotsGone }: ArenaNews): TrackChanges {
    const born: Track[] = [];
    for (const shot of shots) {
      const known = this.#tracks.get(shot.id);
      const isFlying = known !== undefined && known.endTick === undefined;
      if (isFlying ? known.tick === shot.tick : this.#tracks.size >= TRACKS_MAX) continue;
      const seenTick = isFlying ? known.seenTick : shot.tick;
      const track = { ...shot, seenTick, endTick: undefined };
      this.#tracks.set(shot.id, track);
      if (!isFlying) born.push(track);
    }
    const ended = isWhole ? this.#endOthers(shots, tick) : this.#end(shotsGone, tick);
    for (const [id, { endTick }] of this.#tracks) {
      if (endTick !== undefined && tick - endTick > KEPT_TICKS) this.#tracks.delete(id);
    }
    return { born, ended };
  }

  /** @returns Tracks in flight at a tick, with fraction. */
  *at(tick: number, isShown: (track: Track) => boolean): Generator<Track> {
    for (const track of this.#tracks.values()) {
      if (!isShown(track) || tick < track.seenTick) continue;
      if (track.endTick === undefined || tick < track.endTick) yield track;
    }
  }

  /** Where a track is at a tick, metres. */
  position(track: ShotNews, tick: number): { x: number; y: number } {
    const seconds = (tick - track.tick) / this.#tickRateHz;
    return { x: track.x + track.vx * seconds, y: track.y + track.vy * seconds };
  }

  #endOthers(shots: readonly ShotNews[], tick: number): Track[] {
    const named = new Set(shots.map(({ id }) => id));
    return this.#end(
      [...this.#tracks.keys()].filter((id) => !named.has(id)),
      tick,
    );
  }

  #end(ids: readonly number[], tick: number): Track[] {
    const ended: Track[] = [];
    for (const id of ids) {
      const track = this.#tracks.get(id);
      if (track === undefined || track.endTick !== undefined) continue;
      track.endTick = tick;
      ended.push(track);
    }
    return ended;
  }
}
