/**
 * Shows one's own shots from the moment of firing, ahead of the server as the own ship is, until the server has told of
 * them; and ends them on the screen where they are seen to hit. Pure.
 * @module
 */
import {
  ArenaButton,
  FIRE_COOLDOWN_SECONDS,
  type Ground,
  PROJECTILE_LIFE_SECONDS,
  PROJECTILE_RADIUS_METRES,
  PROJECTILE_SPEED_METRES_PER_SECOND,
  SHIP_RADIUS_METRES,
  type ShipBody,
  ticksLasting,
} from "../../../rooms/arena/prediction.ts";
import { cos, sin } from "../../../rooms/kernel/maths.ts";
import type { Track } from "../projectile-tracks.ts";
import { isAfter } from "./command-numbers.ts";
import { shareToGround } from "./flight.ts";
import type { PredictedStep } from "./prediction.ts";
import { firstTouch, type Place, type SeenHit, type ShownTargets } from "./seen-hits.ts";

const MUZZLE_METRES = SHIP_RADIUS_METRES + PROJECTILE_RADIUS_METRES;

/** A shot that the server has not told of so many commands after the one that fired it was never fired. */
const TOLD_WITHIN_TICKS = 3;

/** By so many ticks a shot of the server's may be older or younger than the one that was foreseen. */
const MATCH_TICKS = 2;

/** A shot that was seen to hit and flies on at the server for so many ticks has missed, and is shown again. */
const DOUBTED_TICKS = 4;

export interface ShownShot {
  readonly x: number;
  readonly y: number;
  readonly vx: number;
  readonly vy: number;
}

interface OwnShot extends ShownShot {
  readonly number: number;
  /** Ticks until it meets a wall or an obstacle, or is spent; nothing where its muzzle is in one. */
  readonly flightTicks: number;
  /** The server's; `undefined` before it has told. */
  track: Track | undefined;
  /** Where it was shown last. */
  at: Place;
  hitTick: number | undefined;
  hitSeat: number | undefined;
  isDoubted: boolean;
}

/** The own ship's time. */
export interface OwnTime {
  /** Of the server's last word. */
  readonly newestTick: number;
  /** When the server uses a command, and which it uses at a tick. */
  tickOf(number: number): number;
  numberAt(tick: number): number;
}

export class OwnShots {
  readonly #ground: Ground;
  readonly #tickRateHz: number;
  #shots: OwnShot[] = [];
  /** First tick at which the gun may be fired again. */
  #readyTick = 0;
  readonly #cooldownTicks: number;
  #hits: SeenHit[] = [];

  constructor(tickRateHz: number, ground: Ground) {
    this.#tickRateHz = tickRateHz;
    this.#ground = ground;
    this.#cooldownTicks = ticksLasting(FIRE_COOLDOWN_SECONDS, tickRateHz);
  }

  /** A command was issued; it fires if it may, as far as one can foresee. */
  issued({ command, after }: PredictedStep, time: OwnTime): void {
    const isFiring = (command.buttons & ArenaButton.FIRE) !== 0 && after !== undefined;
    const tick = time.tickOf(command.tick);
    if (!isFiring || tick < this.#readyTick) return;
    this.#readyTick = tick + this.#cooldownTicks;
    this.#shots.push(this.#shotOf(command.tick, after));
  }

  /** The server has told of shots of this seat. */
  told(born: readonly Track[], time: OwnTime): void {
    for (const track of born) {
      this.#readyTick = Math.max(this.#readyTick, track.bornTick + this.#cooldownTicks);
      const number = time.numberAt(track.bornTick);
      const foreseen = this.#shots.find(
        (shot) => shot.track === undefined && Math.abs((shot.number - number) | 0) <= MATCH_TICKS,
      );
      if (foreseen !== undefined) foreseen.track = track;
      else this.#shots.push(this.#unforeseen(track, number));
    }
  }

  /** The server has used all commands up to this one: what it would have told of by then was not fired. */
  answered(number: number): void {
    this.#shots = this.#shots.filter(
      (shot) => shot.track !== undefined || !isAfter(number, shot.number + TOLD_WITHIN_TICKS),
    );
  }

  /** Those of the server's that are over. */
  ended(tracks: readonly Track[]): void {
    const ids = new Set(tracks.map(({ id }) => id));
    this.#shots = this.#shots.filter(({ track }) => track === undefined || !ids.has(track.id));
  }

  /**
   * Moves all shots on and sees what they hit.
   * @param ownTick - With fraction, in the own ship's time.
   */
  show(ownTick: number, time: OwnTime, targets: ShownTargets): ShownShot[] {
    const shown: ShownShot[] = [];
    this.#shots = this.#shots.filter(
      (shot) => shot.track !== undefined || ownTick - bornTickOf(shot, time) < shot.flightTicks,
    );
    for (const shot of this.#shots) {
      const flown = ownTick - bornTickOf(shot, time);
      if (flown < 0 || flown >= shot.flightTicks) continue;
      if (shot.hitTick !== undefined && time.newestTick > shot.hitTick + DOUBTED_TICKS) {
        shot.hitTick = undefined;
        shot.hitSeat = undefined;
        shot.isDoubted = true;
      }
      const at = this.#placeOf(shot, ownTick, flown);
      if (shot.hitTick === undefined && !shot.isDoubted) {
        this.#lookForHit(shot, at, ownTick, targets);
      }
      shot.at = at;
      if (shot.hitTick === undefined) shown.push({ ...at, vx: shot.vx, vy: shot.vy });
    }
    return shown;
  }

  /** What was seen to be hit since the last call. */
  takeHits(): SeenHit[] {
    return this.#hits.splice(0);
  }

  forget(): void {
    this.#shots = [];
  }

  #shotOf(number: number, body: ShipBody): OwnShot {
    const towardsX = cos(body.angleRadians);
    const towardsY = sin(body.angleRadians);
    const x = body.xMetres + towardsX * MUZZLE_METRES;
    const y = body.yMetres + towardsY * MUZZLE_METRES;
    const vx = towardsX * PROJECTILE_SPEED_METRES_PER_SECOND;
    const vy = towardsY * PROJECTILE_SPEED_METRES_PER_SECOND;
    return { ...this.#fresh({ x, y, vx, vy }), number, track: undefined };
  }

  #unforeseen(track: Track, number: number): OwnShot {
    const { vx, vy } = track;
    const flownSeconds = (track.tick - track.bornTick) / this.#tickRateHz;
    const x = track.x - vx * flownSeconds;
    const y = track.y - vy * flownSeconds;
    return { ...this.#fresh({ x, y, vx, vy }), number, track };
  }

  #fresh(muzzle: ShownShot): Omit<OwnShot, "number" | "track"> {
    const { x, y, vx, vy } = muzzle;
    const lifeSeconds = PROJECTILE_LIFE_SECONDS;
    const share = shareToGround(this.#ground, x, y, vx * lifeSeconds, vy * lifeSeconds);
    const flightTicks = Math.min(1, share) * lifeSeconds * this.#tickRateHz;
    return {
      ...muzzle,
      flightTicks,
      at: { x, y },
      hitTick: undefined,
      hitSeat: undefined,
      isDoubted: false,
    };
  }

  #hitsOn(seat: number): number {
    return this.#shots.reduce((hits, shot) => hits + (shot.hitSeat === seat ? 1 : 0), 0);
  }

  #placeOf(shot: OwnShot, ownTick: number, flown: number): Place {
    const { track } = shot;
    const seconds = (track === undefined ? flown : ownTick - track.tick) / this.#tickRateHz;
    const { x, y, vx, vy } = track ?? shot;
    return { x: x + vx * seconds, y: y + vy * seconds };
  }

  #lookForHit(shot: OwnShot, to: Place, ownTick: number, targets: ShownTargets): void {
    // A ship that has been hit often enough is as good as destroyed: what is fired after flies on.
    const touch = firstTouch(shot.at, to, targets, (seat) =>
      targets.isTarget(seat, this.#hitsOn(seat)),
    );
    if (touch === undefined) return;
    shot.hitTick = ownTick;
    shot.hitSeat = touch.seat;
    const othersTick = targets.tick;
    this.#hits.push({ number: shot.number, ...touch, ownTick, othersTick });
  }
}

function bornTickOf({ track, number }: OwnShot, time: OwnTime): number {
  return track?.bornTick ?? time.tickOf(number);
}
