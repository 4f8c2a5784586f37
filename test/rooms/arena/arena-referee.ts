/** Watches an arena from step to step, and notes what no ship of the game can do. */
import type { ArenaState, Ship } from "../../../rooms/arena/state.ts";
import {
  FIRE_COOLDOWN_SECONDS,
  REWIND_SECONDS_MAX,
  SHIP_SPEED_METRES_PER_SECOND_MAX,
  SHIP_TURN_RADIANS_PER_SECOND,
  ticksLasting,
} from "../../../rooms/arena/tuning.ts";
import type { Seat } from "../../../rooms/simulation.ts";
import { numbersIn } from "../match.ts";

/** An obstacle's edge puts a ship aside by a little more than it flew. */
const MARGIN = 1.02;

export class ArenaReferee {
  /** What went beyond the limits, in words; at most a few. */
  readonly faults: string[] = [];
  fastestMetresPerSecond = 0;
  readonly #state: ArenaState;
  readonly #firedTicks = new Map<Seat, number[]>();
  #before: readonly (Readonly<Ship> | undefined)[];
  #beforeTick: number;

  constructor(state: ArenaState) {
    this.#state = state;
    this.#before = [];
    this.#beforeTick = state.tick;
    this.#remember();
  }

  get shots(): number {
    return [...this.#firedTicks.values()].reduce((sum, { length }) => sum + length, 0);
  }

  shotsOf(seat: Seat): number {
    return this.#firedTicks.get(seat)?.length ?? 0;
  }

  /** Stands a ship somewhere, which is not held against it. */
  place(seat: Seat, xMetres: number, yMetres: number): void {
    const ship = this.#state.ships[seat];
    if (ship === undefined) throw new Error(`nobody sits in seat ${seat}`);
    Object.assign(ship, { xMetres, yMetres });
    this.#remember();
  }

  /** To be called after every step. */
  look(): void {
    const ticks = this.#state.tick - this.#beforeTick;
    if (ticks !== 1) this.#note(`${ticks} steps were run at once`);
    for (const ship of this.#state.ships) {
      const before = this.#before[ship?.seat ?? -1];
      if (ship === undefined || before === undefined) continue;
      this.#judge(ship, before);
    }
    for (const { ownerSeat, rewindEighths } of this.#state.projectiles) {
      if (rewindEighths > 8 * REWIND_SECONDS_MAX * this.#state.tickRateHz) {
        this.#note(`a shot of seat ${ownerSeat} goes back by ${rewindEighths} eighths`);
      }
    }
    if (this.#state.tick % 16 === 0) this.#checkNumbers();
    this.#remember();
  }

  #judge(ship: Ship, before: Readonly<Ship>): void {
    const { tickRateHz, tick } = this.#state;
    const { seat } = ship;
    const speed = Math.hypot(ship.vxMetresPerSecond, ship.vyMetresPerSecond);
    const metres = Math.hypot(ship.xMetres - before.xMetres, ship.yMetres - before.yMetres);
    // Who has come back was not moved by his player.
    const wasMoved = before.isAlive && ship.aliveSinceTick < tick;
    const metresPerSecond = wasMoved ? metres * tickRateHz : 0;
    this.fastestMetresPerSecond = Math.max(this.fastestMetresPerSecond, metresPerSecond);
    if (Math.max(metresPerSecond, speed) > SHIP_SPEED_METRES_PER_SECOND_MAX * MARGIN) {
      this.#note(`seat ${seat} went ${metresPerSecond} m/s, at ${speed} m/s`);
    }
    if (!before.isAlive && !ship.isAlive && metres > 0) this.#note(`seat ${seat} flew destroyed`);
    const turn = Math.abs(ship.angleRadians - before.angleRadians);
    const turned = Math.min(turn, 2 * Math.PI - turn);
    if (turned > SHIP_TURN_RADIANS_PER_SECOND / tickRateHz + 1e-9) {
      this.#note(`seat ${seat} turned by ${turned}`);
    }
    if (ship.fireReadyAtTick !== before.fireReadyAtTick) this.#fired(seat);
  }

  #fired(seat: Seat): void {
    const { tick, tickRateHz } = this.#state;
    const fired = this.#firedTicks.get(seat) ?? [];
    this.#firedTicks.set(seat, fired);
    const since = tick - (fired.at(-1) ?? Number.NEGATIVE_INFINITY);
    if (since < ticksLasting(FIRE_COOLDOWN_SECONDS, tickRateHz)) {
      this.#note(`seat ${seat} fired again after ${since} ticks`);
    }
    fired.push(tick);
  }

  #checkNumbers(): void {
    for (const [path, value] of numbersIn(this.#state)) {
      if (!Number.isFinite(value)) this.#note(`${path} is ${value}`);
    }
  }

  #note(fault: string): void {
    if (this.faults.length < 10) this.faults.push(`tick ${this.#state.tick}: ${fault}`);
  }

  #remember(): void {
    this.#before = this.#state.ships.map((ship) => (ship === undefined ? undefined : { ...ship }));
    this.#beforeTick = this.#state.tick;
  }
}
