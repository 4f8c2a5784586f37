/** Where ships were, noted after every step, and what shots meet there: by plain small pieces of time. */
import type { ArenaState, Projectile } from "../../../rooms/arena/state.ts";
import {
  PROJECTILE_LIFE_SECONDS,
  PROJECTILE_RADIUS_METRES,
  SHIP_RADIUS_METRES,
  ticksLasting,
} from "../../../rooms/arena/tuning.ts";
import type { Seat } from "../../../rooms/simulation.ts";

const TOUCH_METRES = SHIP_RADIUS_METRES + PROJECTILE_RADIUS_METRES;
/** A shot goes 6 cm in one. */
const PIECES_PER_SECOND = 640;

/** As the rule says: the round trip and 150 ms and a tick, at most 250 ms; whole eighths of a tick. */
export function believedEighths(roundTripMs: number | undefined, tickRateHz: number): number {
  const lateEighths = Math.floor((8 * tickRateHz * ((roundTripMs ?? 0) + 150)) / 1000);
  return Math.min(lateEighths + 8, 2 * tickRateHz);
}

export interface Flight {
  readonly ownerSeat: Seat;
  readonly x: number;
  readonly y: number;
  /** Metres per second. */
  readonly vx: number;
  readonly vy: number;
  readonly bornTick: number;
  /** How long before each moment of its flight the others are that it can meet. */
  readonly lateTicks: number;
}

export interface Meeting {
  readonly seat: Seat;
  /** With fraction. */
  readonly tick: number;
}

export class Tracks {
  readonly #places: { x: number; y: number }[][] = [];
  readonly #found = { x: 0, y: 0 };
  readonly #tickRateHz: number;
  readonly #sideMetres: number;

  constructor({ tickRateHz, ground }: ArenaState) {
    this.#tickRateHz = tickRateHz;
    this.#sideMetres = ground.widthMetres;
  }

  note({ tick, ships }: ArenaState): void {
    this.#places[tick] = ships.map((ship) => ({
      x: ship?.xMetres ?? -99,
      y: ship?.yMetres ?? -99,
    }));
  }

  /** Between two ticks it is on the straight way. Valid until the next call. */
  at(seat: Seat, tick: number): { x: number; y: number } {
    const before = this.#places[Math.floor(tick)]?.[seat];
    const after = this.#places[Math.ceil(tick)]?.[seat];
    if (before === undefined || after === undefined) throw new Error(`nobody noted tick ${tick}`);
    const share = tick - Math.floor(tick);
    this.#found.x = before.x * (1 - share) + after.x * share;
    this.#found.y = before.y * (1 - share) + after.y * share;
    return this.#found;
  }

  /**
   * Whom a shot meets first while it flies.
   * @param wideMetres - Added to what counts as a touch.
   */
  firstMet(flight: Flight, wideMetres = 0): Meeting | undefined {
    const lifeTicks = ticksLasting(PROJECTILE_LIFE_SECONDS, this.#tickRateHz);
    const [places = []] = this.#places;
    const pieces = Math.ceil(PIECES_PER_SECOND / this.#tickRateHz);
    for (let piece = 0; piece <= lifeTicks * pieces; piece++) {
      const tick = flight.bornTick + piece / pieces;
      const seconds = piece / pieces / this.#tickRateHz;
      const x = flight.x + flight.vx * seconds;
      const y = flight.y + flight.vy * seconds;
      if (this.#isOutside(x) || this.#isOutside(y)) return undefined;
      const reach = (TOUCH_METRES + wideMetres) ** 2;
      for (let seat = 0; seat < places.length; seat++) {
        if (seat === flight.ownerSeat) continue;
        const there = this.at(seat, tick - flight.lateTicks);
        if ((x - there.x) ** 2 + (y - there.y) ** 2 < reach) return { seat, tick };
      }
    }
    return undefined;
  }

  /** How near a shot came to any place of a ship's last so many ticks, in the step that ended at `tick`. */
  nearestMetres(shot: Projectile, seat: Seat, tick: number, ticksBack: number): number {
    let nearest = Number.POSITIVE_INFINITY;
    for (let piece = 0; piece <= 1; piece += 1 / 16) {
      const x = shot.xMetres + (shot.vxMetresPerSecond * piece) / this.#tickRateHz;
      const y = shot.yMetres + (shot.vyMetresPerSecond * piece) / this.#tickRateHz;
      for (let late = 0; late <= ticksBack; late += 1 / 8) {
        const there = this.at(seat, Math.max(0, tick - 1 + piece - late));
        nearest = Math.min(nearest, Math.hypot(x - there.x, y - there.y));
      }
    }
    return nearest;
  }

  #isOutside(coordinate: number): boolean {
    const margin = PROJECTILE_RADIUS_METRES;
    return coordinate < margin || coordinate > this.#sideMetres - margin;
  }
}
