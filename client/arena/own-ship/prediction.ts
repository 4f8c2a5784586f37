/**
 * Moves one's own ship at once, with the server's own rules, and makes good for it when the server's answer differs.
 * Pure: time is an argument.
 * @module
 */
import {
  type ArenaCommand,
  type ArenaControls,
  type Ground,
  type ShipBody,
  stepShip,
} from "../../../rooms/arena/prediction.ts";
import type { Pose } from "../remote-ships.ts";
import { ackInFull, isAfter, numberAfter } from "./command-numbers.ts";
import { CorrectionFade } from "./correction-fade.ts";
import { MissedSteps } from "./missed-steps.ts";
import { isConfirmed, type OwnWord, type WordTolerance } from "./own-word.ts";

/** Commands without an answer that are kept, and sent at most: 4 s at 30 Hz. Beyond it the server has stalled. */
export const UNANSWERED_MAX = 128;

/** Commands made up for at once after a slow frame; time beyond is dropped, a sleeping tab does not catch up. */
const STEPS_PER_FRAME_MAX = 8;

/** A command before it is sent: what its player sees of the others is of that moment. */
type UnsentCommand = Omit<ArenaCommand, "seenTickEighths">;

/** A command, and where the ship is thought to be after it. */
export interface PredictedStep {
  readonly command: UnsentCommand;
  after: ShipBody | undefined;
}

export class ShipPrediction {
  readonly #tickMs: number;
  readonly #ground: Ground;
  readonly #tolerance: WordTolerance;
  readonly #joinTick: number;
  #unanswered: PredictedStep[] = [];
  /** Where the ship was after the last command that was answered. */
  #base: ShipBody | undefined;
  /** Where it is after every command issued; `undefined` before the first answer and while it is destroyed. */
  #body: ShipBody | undefined;
  /** Last word's tick, and all of the number of which it said the low bits. */
  #word: { readonly tick: number; readonly ack: number } | undefined;
  #nextNumber: number;
  readonly #missedSteps = new MissedSteps();
  /** Of the unanswered ones, the oldest: their steps were made without them, and they will not be used. */
  #missed = 0;
  /** Local time up to which commands were issued. */
  #issuedUntilMs: number | undefined;
  #held: ArenaControls = { buttons: 0, aimRadians: 0 };
  readonly #fade = new CorrectionFade();

  /** @param joinTick - Of the welcome: commands are numbered from there. */
  constructor(deps: {
    tickRateHz: number;
    ground: Ground;
    tolerance: WordTolerance;
    joinTick: number;
  }) {
    this.#tickMs = 1000 / deps.tickRateHz;
    this.#ground = deps.ground;
    this.#tolerance = deps.tolerance;
    this.#joinTick = deps.joinTick;
    this.#nextNumber = numberAfter(deps.joinTick);
  }

  /** Commands issued and not yet used by the server. */
  get ticksAhead(): number {
    return this.#unanswered.length;
  }

  /**
   * Issues the commands that are due, one per tick of the match; none before the server's first word.
   * @param controls - What the player holds down now; in force until the next call.
   * @returns In order, to be sent at once; usually none or one.
   */
  issue(controls: ArenaControls, nowMs: number): PredictedStep[] {
    this.#held = controls;
    if (this.#word === undefined) return [];
    this.#issuedUntilMs ??= nowMs - this.#tickMs;
    const due = Math.floor((nowMs - this.#issuedUntilMs) / this.#tickMs + 1e-6);
    const isLate = due > STEPS_PER_FRAME_MAX;
    if (isLate) this.#missedSteps.slept(due);
    this.#issuedUntilMs = isLate ? nowMs : this.#issuedUntilMs + due * this.#tickMs;
    const steps: PredictedStep[] = [];
    for (let count = Math.min(due, STEPS_PER_FRAME_MAX); count > 0; count--) {
      const step = this.#issueOne(controls);
      if (step !== undefined) steps.push(step);
    }
    return steps;
  }

  /**
   * Takes the server's word. Where it differs from what was predicted for then, later commands are applied again on top.
   * @returns By how many metres the ship was moved by it; `undefined` where there was nothing to compare.
   */
  answer(word: OwnWord, nowMs: number): number | undefined {
    const ack = ackInFull(
      word.ack,
      this.#word === undefined ? undefined : this.#nextNumber,
      this.#joinTick,
    );
    const predicted = this.#settle(word.tick, ack);
    this.#word = { tick: word.tick, ack };
    if (word.body === undefined) {
      this.destroyed();
      return undefined;
    }
    if (
      predicted !== undefined &&
      this.#body !== undefined &&
      isConfirmed(predicted, word.body, this.#tolerance)
    ) {
      this.#base = predicted;
      return 0;
    }
    return this.#correct(word.body, nowMs);
  }

  /** There is no ship until the next word of one. Commands go on: they steer it from its first moment. */
  destroyed(): void {
    this.#base = undefined;
    this.#body = undefined;
    for (const step of this.#unanswered) step.after = undefined;
  }

  /** Where the own ship is shown, ahead of the server; `undefined` while there is none. */
  pose(nowMs: number): Pose | undefined {
    const body = this.#bodyAt(nowMs);
    return body && this.#fade.poseOf(body, nowMs);
  }

  /** The tick, with fraction, at which the server will have the own ship where it is shown; `undefined` before its first word. */
  tickAt(nowMs: number): number | undefined {
    if (this.#word === undefined) return undefined;
    const ticksAhead = this.#unanswered.length - this.#missed;
    return this.#word.tick + ticksAhead + this.#sinceIssueMs(nowMs) / this.#tickMs;
  }

  /** Of the server's last word; 0 before the first. */
  get newestTick(): number {
    return this.#word?.tick ?? 0;
  }

  /** The tick at which the server will use a command, or has used it. */
  tickOf(number: number): number {
    return this.newestTick + ((number - this.#newestNumber) | 0);
  }

  /** The command that the server used at a tick, or will use. */
  numberAt(tick: number): number {
    return (this.#newestNumber + tick - this.newestTick) >>> 0;
  }

  /** Of the command that was meant for the last step told of. */
  get #newestNumber(): number {
    return (this.#word?.ack ?? 0) + this.#missed;
  }

  /** Forgets what the lost connection may have swallowed. Numbers go on, so that none is used twice. */
  reconnected(): void {
    this.#unanswered = [];
    this.#missedSteps.forget();
    this.#missed = 0;
    this.#issuedUntilMs = undefined;
  }

  #issueOne(controls: ArenaControls): PredictedStep | undefined {
    if (this.#unanswered.length >= UNANSWERED_MAX) {
      if (this.#body !== undefined) return undefined;
      // Nothing is answered while the ship is destroyed.
      this.#unanswered.shift();
    }
    const command = { ...controls, tick: this.#nextNumber };
    this.#nextNumber = numberAfter(this.#nextNumber);
    if (this.#body !== undefined) this.#step(this.#body, command, this.#tickMs);
    const step = { command, after: this.#body && { ...this.#body } };
    this.#unanswered.push(step);
    return step;
  }

  /** @returns Where the ship was thought to be at that tick. */
  #settle(tick: number, ack: number): ShipBody | undefined {
    const isUsed = ack !== this.#word?.ack;
    const isStuck = !isUsed && this.#unanswered.length >= UNANSWERED_MAX;
    // The server lives but uses none of ours: they were lost on the way. Begin again from where it stands.
    if (isStuck) {
      this.#unanswered = [];
      this.#nextNumber = numberAfter(ack);
    }
    const later = this.#unanswered.findIndex(({ command }) => isAfter(command.tick, ack));
    const answered = this.#unanswered.splice(0, later === -1 ? this.#unanswered.length : later);
    // A refreshed tab continues the numbers of the one before it.
    const isContinued = this.#word === undefined && ack !== 0;
    if (isContinued || !isAfter(this.#nextNumber, ack)) this.#nextNumber = numberAfter(ack);
    const missed = this.#missedSteps.told(tick, ack, isUsed);
    this.#missed = Math.min(missed, this.#unanswered.length);
    if (answered.length > 0) return answered.at(-1)?.after;
    return this.#missed > 0 ? this.#unanswered[this.#missed - 1]?.after : this.#base;
  }

  #correct(server: ShipBody, nowMs: number): number | undefined {
    const before = this.#bodyAt(nowMs);
    const shown = this.pose(nowMs);
    this.#base = { ...server };
    const body = { ...server };
    for (const step of this.#unanswered.slice(this.#missed)) {
      this.#step(body, step.command, this.#tickMs);
      step.after = { ...body };
    }
    this.#body = body;
    this.#fade.end();
    const after = this.#bodyAt(nowMs);
    if (before === undefined || shown === undefined || after === undefined) return undefined;
    this.#fade.begin(shown, after, nowMs);
    return Math.hypot(after.xMetres - before.xMetres, after.yMetres - before.yMetres);
  }

  /** Without what is added for the eye. */
  #bodyAt(nowMs: number): ShipBody | undefined {
    if (this.#body === undefined) return undefined;
    const body = { ...this.#body };
    const sinceMs = this.#sinceIssueMs(nowMs);
    if (sinceMs > 0) this.#step(body, this.#held, sinceMs);
    return body;
  }

  /** Time since the last command that was due, a tick at most. */
  #sinceIssueMs(nowMs: number): number {
    return Math.max(0, Math.min(this.#tickMs, nowMs - (this.#issuedUntilMs ?? nowMs)));
  }

  #step(body: ShipBody, controls: ArenaControls, ms: number): void {
    stepShip(body, controls, this.#ground, ms / 1000);
  }
}
