/**
 * Shows what others do a little in the past. Between two reports a ship goes on as it moved at the first, and turns to
 * the second in time; after the last it goes on for a bounded time. Pure: time is an argument.
 * @module
 */
import { TIMING_LIMITS } from "../limits.ts";
import type { ArenaNews, ShipNews } from "./arena-news.ts";

export interface Pose {
  /** Metres. */
  readonly x: number;
  readonly y: number;
  /** Radians; turns the short way round. */
  readonly angle: number;
}

/** A ship as it is shown, and how it moves. */
export interface ShownPose extends Pose {
  /** Metres per second, as reported. */
  readonly vx: number;
  readonly vy: number;
}

/** Reports of one ship that are kept, and so how many ticks in the future they may be: half a second at 128 Hz. */
const REPORTS_MAX = 64;

/** A ship that is far away is reported every so many ticks; the way to its new place is spread over as many. */
const SPREAD_TICKS = 4;

/** What came too late to be turned to in time is made good for over about three times this long. */
const SETTLE_MS = 60;

/** How much faster than a ship can fly one is shown when it was somewhere else than thought. */
const CATCH_UP_FACTOR = 1.4;

/** A ship that is farther than this from where it was thought to be is placed there. */
const JUMP_METRES = 6;

const NOWHERE = { x: 0, y: 0 };

/** Where a ship was at a tick; without a body it is gone from then on. */
interface Report {
  readonly tick: number;
  readonly body: ShipNews | undefined;
}

interface Shown {
  pose: ShownPose;
  atMs: number;
  /** What is added to its place, which fades from then on. */
  offset: { readonly x: number; readonly y: number };
  offsetAtMs: number;
}

export class RemoteShips {
  readonly #tickRateHz: number;
  readonly #catchUpMetresPerSecond: number;
  /** By seat, oldest first. */
  readonly #reports = new Map<number, Report[]>();
  readonly #shown = new Map<number, Shown>();
  /** Ships of which something was told, since the last frame, that had been guessed there already. */
  readonly #guessed = new Set<number>();
  #newestTick = 0;
  #shownTick = Number.NEGATIVE_INFINITY;

  readonly #ownSeat: number;

  /**
   * @param speedMetresPerSecondMax - Of a ship.
   * @param ownSeat - Is not among the others.
   */
  constructor(tickRateHz: number, speedMetresPerSecondMax: number, ownSeat: number) {
    this.#tickRateHz = tickRateHz;
    this.#ownSeat = ownSeat;
    this.#catchUpMetresPerSecond = speedMetresPerSecondMax * CATCH_UP_FACTOR;
  }

  take(news: ArenaNews): void {
    // A tick from before the newest is another match under the same connection.
    if (news.tick < this.#newestTick) this.forget();
    this.#newestTick = news.tick;
    for (const seat of news.shipsGone) this.#add(seat, { tick: news.tick, body: undefined });
    for (const ship of news.ships) {
      if (ship.seat !== this.#ownSeat) this.#add(ship.seat, { tick: news.tick, body: ship });
    }
    if (!news.isWhole) return;
    const named = new Set(news.ships.map(({ seat }) => seat));
    for (const seat of this.#reports.keys()) {
      if (!named.has(seat)) this.#add(seat, { tick: news.tick, body: undefined });
    }
  }

  forget(): void {
    this.#reports.clear();
    this.#shown.clear();
    this.#newestTick = 0;
    this.#shownTick = Number.NEGATIVE_INFINITY;
  }

  /** The tick whose places are shown for `tick`: no later than what is known lets one guess. */
  boundedTick(tick: number): number {
    return Math.min(
      tick,
      this.#newestTick + (TIMING_LIMITS.extrapolateMs * this.#tickRateHz) / 1000,
    );
  }

  /**
   * Where every ship is shown, by seat.
   * @param tick - With fraction; never earlier than at the call before.
   */
  show(tick: number, nowMs: number): ReadonlyMap<number, ShownPose> {
    const bounded = this.boundedTick(tick);
    const poses = new Map<number, ShownPose>();
    for (const [seat, reports] of this.#reports) {
      dropOld(reports, bounded);
      if (reports.length === 0) this.#reports.delete(seat);
      const wanted = this.#placeAt(reports, bounded);
      if (wanted === undefined) this.#shown.delete(seat);
      else poses.set(seat, this.#approach(seat, wanted, nowMs));
    }
    this.#guessed.clear();
    this.#shownTick = bounded;
    return poses;
  }

  #add(seat: number, report: Report): void {
    let reports = this.#reports.get(seat);
    if (reports === undefined) {
      if (report.body === undefined) return;
      reports = [];
      this.#reports.set(seat, reports);
    }
    const last = reports.at(-1);
    // The way that leads to it has been shown in part, as it was thought to be.
    const turnTick = report.tick - Math.min(SPREAD_TICKS, report.tick - (last?.tick ?? 0));
    if (turnTick < this.#shownTick) this.#guessed.add(seat);
    if (last !== undefined && last.body === undefined && report.body === undefined) return;
    if (last !== undefined && last.tick >= report.tick) reports.pop();
    reports.push(report);
    if (reports.length > REPORTS_MAX) reports.shift();
  }

  #placeAt(reports: readonly Report[], tick: number): ShownPose | undefined {
    const laterIndex = reports.findIndex((report) => report.tick > tick);
    const later = reports[laterIndex];
    const last = reports.at(laterIndex === -1 ? -1 : laterIndex - 1);
    if (laterIndex === 0 || last?.body === undefined) return undefined;
    const from = this.#movedOn(last, last.body, tick);
    if (later?.body === undefined) return from;
    const ticks = Math.min(SPREAD_TICKS, later.tick - last.tick);
    const share = Math.max(0, 1 - (later.tick - tick) / ticks);
    const thought = this.#movedOn(last, last.body, later.tick);
    return {
      x: from.x + (later.body.x - thought.x) * share,
      y: from.y + (later.body.y - thought.y) * share,
      vx: from.vx + (later.body.vx - from.vx) * share,
      vy: from.vy + (later.body.vy - from.vy) * share,
      angle: from.angle + shortTurn(from.angle, later.body.angle) * share,
    };
  }

  #movedOn(report: Report, body: ShipNews, tick: number): ShownPose {
    const seconds = (tick - report.tick) / this.#tickRateHz;
    const { x, y, vx, vy, angle } = body;
    return { x: x + vx * seconds, y: y + vy * seconds, vx, vy, angle };
  }

  /** A ship that turns out to be elsewhere goes there by and by, and never much faster than it can fly. */
  #approach(seat: number, wanted: ShownPose, nowMs: number): ShownPose {
    const shown = this.#shown.get(seat);
    if (shown === undefined) {
      this.#shown.set(seat, { pose: wanted, atMs: nowMs, offset: NOWHERE, offsetAtMs: nowMs });
      return wanted;
    }
    const ms = nowMs - shown.atMs;
    if (this.#guessed.has(seat)) {
      const x = shown.pose.x + (wanted.vx * ms) / 1000 - wanted.x;
      const y = shown.pose.y + (wanted.vy * ms) / 1000 - wanted.y;
      shown.offset = Math.hypot(x, y) > JUMP_METRES ? NOWHERE : { x, y };
      shown.offsetAtMs = nowMs;
    }
    const left = Math.exp((shown.offsetAtMs - nowMs) / SETTLE_MS);
    const dx = wanted.x + shown.offset.x * left - shown.pose.x;
    const dy = wanted.y + shown.offset.y * left - shown.pose.y;
    const apart = Math.hypot(dx, dy);
    const reach = (this.#catchUpMetresPerSecond * ms) / 1000;
    const share = apart > reach && apart <= JUMP_METRES ? reach / apart : 1;
    shown.pose = { ...wanted, x: shown.pose.x + dx * share, y: shown.pose.y + dy * share };
    shown.atMs = nowMs;
    return shown.pose;
  }
}

/** What is later than `tick` is kept, and the one before it. */
function dropOld(reports: Report[], tick: number): void {
  const laterIndex = reports.findIndex((report) => report.tick > tick);
  const keep = laterIndex === -1 ? reports.length - 1 : laterIndex - 1;
  if (keep > 0) reports.splice(0, keep);
  const [only] = reports;
  if (reports.length === 1 && only?.body === undefined) reports.pop();
}

/** The turn from one angle to another the short way round, in radians, -π to π. */
export function shortTurn(from: number, to: number): number {
  const turn = (to - from) % (2 * Math.PI);
  if (turn > Math.PI) return turn - 2 * Math.PI;
  return turn < -Math.PI ? turn + 2 * Math.PI : turn;
}
