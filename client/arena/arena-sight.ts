/**
 * An arena as one player sees and plays it: the own ship ahead of the server, the others a little behind, commands out of
 * what is held down. Pure: time is an argument, and whoever owns it brings the messages and sends the commands.
 * @module
 */
import type { Welcome } from "../../protocol/messages.ts";
import {
  type ArenaCommand,
  type ArenaControls,
  PROJECTILE_DAMAGE,
  SHIP_SPEED_METRES_PER_SECOND_MAX,
  type ShipBody,
  toTickEighths,
} from "../../rooms/arena/prediction.ts";
import type { ArenaReplica } from "../../rooms/arena/replica.ts";
import { ArrivalClock } from "../timing/arrival-clock.ts";
import { CorrectionMeter, type Feel } from "../timing/feel-meter.ts";
import { Playout } from "../timing/playout.ts";
import type { ArenaFrame, ShownOthersShot } from "./arena-frame.ts";
import type { ArenaNews, ShipNews } from "./arena-news.ts";
import { ArenaReceiver } from "./arena-receiver.ts";
import type { ArenaView } from "./arena-view.ts";
import { OwnShots } from "./own-ship/own-shots.ts";
import { ShipPrediction } from "./own-ship/prediction.ts";
import { ProjectileTracks, type Track } from "./projectile-tracks.ts";
import { type Pose, RemoteShips, type ShownPose } from "./remote-ships.ts";

const NOBODY: ReadonlyMap<number, ShownPose> = new Map();
/** Shots that wait to be shown ending, and own ones to be taken in: a browser calls no frame of a tab that nobody looks at. */
const WAITING_MAX = 128;
const NO_SHOTS = { ownShots: [], othersShots: [] };

export class ArenaSight {
  readonly #seat: number;
  readonly #receiver: ArenaReceiver;
  readonly #clock: ArrivalClock;
  readonly #playout: Playout;
  readonly #ships: RemoteShips;
  readonly #tracks: ProjectileTracks;
  readonly #prediction: ShipPrediction;
  readonly #ownShots: OwnShots;
  readonly #corrections = new CorrectionMeter();
  /** Of the own ship; several may come between two frames, and the last counts. */
  #word: { readonly tick: number; readonly ship: ShipNews | undefined } | undefined;
  #others = NOBODY;
  readonly #ended: Track[] = [];
  /** Own shots that the server has told of since the last frame. */
  readonly #ownBorn: Track[] = [];

  /** @param state - Of the connection; the first is here already. */
  constructor(welcome: Welcome, state: () => ArenaReplica) {
    const { seat, tickRateHz } = welcome;
    this.#seat = seat;
    this.#receiver = new ArenaReceiver(welcome, state);
    const { ground, tolerance } = this.#receiver;
    this.#clock = new ArrivalClock(tickRateHz);
    this.#playout = new Playout(this.#clock, tickRateHz);
    this.#ships = new RemoteShips(tickRateHz, SHIP_SPEED_METRES_PER_SECOND_MAX, seat);
    this.#tracks = new ProjectileTracks(tickRateHz);
    this.#ownShots = new OwnShots(tickRateHz, ground);
    this.#prediction = new ShipPrediction({
      ...{ tickRateHz, ground, tolerance },
      joinTick: welcome.tick,
    });
  }

  get view(): ArenaView {
    return this.#receiver.view;
  }

  feel(nowMs: number): Feel {
    return {
      correctionMetresP50: this.#corrections.quantile(0.5, nowMs),
      correctionMetresP99: this.#corrections.quantile(0.99, nowMs),
      interpolationDelayMs: this.#playout.shownDelayMs(nowMs),
      jitterMs: this.#clock.jitterMs,
    };
  }

  stateChanged(nowMs: number): void {
    const news = this.#receiver.stateChanged();
    if (news !== undefined) this.#take(news, nowMs);
  }

  /** @returns `false` for what cannot be read: nothing after it can either. */
  snapshot(payload: Uint8Array, nowMs: number): boolean {
    const news = this.#receiver.snapshot(payload);
    if (news !== undefined) this.#take(news, nowMs);
    return news !== undefined;
  }

  /** Back in the seat: what was on its way when the connection dropped is lost. */
  reconnected(): void {
    this.#prediction.reconnected();
    this.#ownShots.forget();
    this.#clock.reset();
  }

  /**
   * Moves everything on; call once per frame.
   * @param controls - What the player holds down now; `undefined` where nothing may be sent.
   */
  frame(controls: ArenaControls | undefined, nowMs: number): ArenaFrame {
    const correctedMetres = this.#hearOwn(nowMs);
    const isOver = this.view.phase === "over";
    const tick = this.#shownTick(isOver, nowMs);
    const posesBefore = this.#others;
    this.#others = tick === undefined ? NOBODY : this.#ships.show(tick, nowMs);
    const mayPlay = controls !== undefined && !isOver;
    const commands = mayPlay ? this.#issue(controls, tick, nowMs) : [];
    const hasShots = tick !== undefined && !isOver;
    const shots = hasShots ? this.#showShots(tick, posesBefore, nowMs) : NO_SHOTS;
    return {
      ...{ commands, correctedMetres, ...shots },
      own: this.#prediction.pose(nowMs),
      ...{ shownTick: tick, ownTick: this.#prediction.tickAt(nowMs) },
      others: this.#others,
      hits: this.#ownShots.takeHits(),
      ended: this.#ended
        .splice(0)
        .map((track) => this.#shownAt(track, track.endTick ?? track.tick)),
    };
  }

  #take(news: ArenaNews, nowMs: number): void {
    this.#clock.arrived(news.tick, nowMs);
    this.#ships.take(news);
    this.#word = { tick: news.tick, ship: this.#receiver.ship(this.#seat) };
    const { born, ended } = this.#tracks.take(news);
    addLatest(
      this.#ownBorn,
      born.filter((track) => this.#isOwn(track)),
    );
    this.#ownShots.ended(ended);
    addLatest(
      this.#ended,
      ended.filter((track) => !this.#isOwn(track)),
    );
  }

  /** Snapshot and own message of one tick may come one after the other; the ship is corrected once. */
  #hearOwn(nowMs: number): number | undefined {
    const word = this.#word;
    if (word === undefined) return undefined;
    this.#word = undefined;
    const { tick, ship } = word;
    if (ship === undefined) {
      this.#prediction.destroyed();
      return undefined;
    }
    const metres = this.#prediction.answer({ tick, ack: ship.ack, body: bodyOf(ship) }, nowMs);
    if (metres !== undefined) this.#corrections.add(metres, nowMs);
    this.#ownShots.answered(this.#prediction.numberAt(tick));
    this.#ownShots.told(this.#ownBorn.splice(0), this.#prediction);
    return metres;
  }

  /** Once the match is over nothing moves any more, whatever it was about to do. */
  #shownTick(isOver: boolean, nowMs: number): number | undefined {
    const tick = this.#playout.advance(nowMs);
    if (tick === undefined) return undefined;
    return Math.max(0, isOver ? Math.min(tick, this.view.tick) : this.#ships.boundedTick(tick));
  }

  #issue(controls: ArenaControls, tick: number | undefined, nowMs: number): ArenaCommand[] {
    const steps = this.#prediction.issue(controls, nowMs);
    for (const step of steps) this.#ownShots.issued(step, this.#prediction);
    const newest = tick ?? this.view.tick;
    // Of several that are due at once the last is of this moment.
    return steps.map(({ command }, index) => ({
      ...command,
      seenTickEighths: toTickEighths(Math.max(0, newest - (steps.length - 1 - index))),
    }));
  }

  #showShots(
    tick: number,
    posesBefore: ReadonlyMap<number, Pose>,
    nowMs: number,
  ): Pick<ArenaFrame, "ownShots" | "othersShots"> {
    const ownTick = this.#prediction.tickAt(nowMs) ?? tick;
    const targets = {
      ...{ tick, posesBefore },
      poses: this.#others,
      isTarget: (seat: number, hits: number) => this.#isEnemy(seat) && this.#survives(seat, hits),
    };
    const othersShots: ShownOthersShot[] = [];
    for (const track of this.#tracks.at(tick, (one) => !this.#isOwn(one))) {
      othersShots.push(this.#shownAt(track, tick));
    }
    return { ownShots: this.#ownShots.show(ownTick, this.#prediction, targets), othersShots };
  }

  #shownAt(track: Track, tick: number): ShownOthersShot {
    const { vx, vy, ownerSeat } = track;
    return { ...this.#tracks.position(track, tick), vx, vy, ownerSeat };
  }

  #isOwn({ ownerSeat }: Track): boolean {
    return ownerSeat === this.#seat;
  }

  #survives(seat: number, hits: number): boolean {
    const health = this.#receiver.ship(seat)?.health ?? 0;
    return health > hits * PROJECTILE_DAMAGE;
  }

  #isEnemy(seat: number): boolean {
    const { ships } = this.view;
    const team = ships.get(seat)?.team;
    return team === "" || team !== ships.get(this.#seat)?.team;
  }
}

/** The oldest give way. */
function addLatest(waiting: Track[], more: readonly Track[]): void {
  waiting.push(...more);
  if (waiting.length > WAITING_MAX) waiting.splice(0, waiting.length - WAITING_MAX);
}

function bodyOf({ x, y, vx, vy, angle }: ShipNews): ShipBody {
  return {
    xMetres: x,
    yMetres: y,
    vxMetresPerSecond: vx,
    vyMetresPerSecond: vy,
    angleRadians: angle,
  };
}
