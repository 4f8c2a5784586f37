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
} from "../../rooms/arena/prediction.ts";
import { type Pose, shortTurn } from "./interpolation.ts";

/** A command before it is sent: what its player sees of the others is of that moment. */
type UnsentCommand = Omit<ArenaCommand, "seenTickEighths">;

/** Commands without an answer that are kept, and sent at most: 4 s at 30 Hz. Beyond it the server has stalled. */
export const UNANSWERED_MAX = 128;

/** Commands made up for at once after a slow frame; time beyond is dropped, a sleeping tab does not catch up. */
const STEPS_PER_FRAME_MAX = 8;

/** A correction is shown over about three times this long, so that nobody sees a jerk. */
const SMOOTHING_MS = 80;

/** A correction larger than this is shown at once: the ship was placed anew. */
const SNAP_METRES = 4;

export class ShipPrediction {
  readonly #tickMs: number;
  readonly #ground: Ground;
  #unanswered: UnsentCommand[] = [];
  /** Where the ship is after every command issued; `undefined` before the first answer and while it is destroyed. */
  #body: ShipBody | undefined;
  #nextTick = 1;
  #lastAck = -1;
  /** Local time up to which commands were issued. */
  #issuedUntilMs: number | undefined;
  #held: ArenaControls = { buttons: 0, aimRadians: 0 };
  /** What is still added to the predicted pose so that a correction does not jump; fades to nothing. */
  #offset = { x: 0, y: 0, angle: 0 };
  #offsetAtMs = 0;

  constructor(tickRateHz: number, ground: Ground) {
    this.#tickMs = 1000 / tickRateHz;
    this.#ground = ground;
  }

  /** Commands issued and not yet used by the server: how many ticks the own ship is shown ahead of it. */
  get ticksAhead(): number {
    return this.#unanswered.length;
  }

  /**
   * Issues the commands that are due, one per tick of the match.
   * @param controls - What the player holds down now; in force until the next call.
   * @returns In order, to be sent at once; usually none or one.
   */
  issue(controls: ArenaControls, nowMs: number): UnsentCommand[] {
    this.#held = controls;
    this.#issuedUntilMs ??= nowMs - this.#tickMs;
    const due = Math.floor((nowMs - this.#issuedUntilMs) / this.#tickMs);
    if (due > STEPS_PER_FRAME_MAX) this.#issuedUntilMs = nowMs - this.#tickMs;
    const commands: UnsentCommand[] = [];
    for (let count = Math.min(due, STEPS_PER_FRAME_MAX); count > 0; count--) {
      if (due <= STEPS_PER_FRAME_MAX) this.#issuedUntilMs += this.#tickMs;
      if (this.#unanswered.length >= UNANSWERED_MAX) continue;
      commands.push(this.#command(controls));
    }
    if (due > STEPS_PER_FRAME_MAX) this.#issuedUntilMs = nowMs;
    return commands;
  }

  /**
   * Takes the server's word: where the ship was after command `ack`. Later commands are applied again on top of it.
   * @param server - `undefined` while the ship is destroyed.
   */
  answer(server: ShipBody | undefined, ack: number, nowMs: number): void {
    this.#settleCommands(ack);
    if (server === undefined) {
      this.#body = undefined;
      return;
    }
    const shown = this.pose(nowMs);
    const body = { ...server };
    for (const command of this.#unanswered) this.#step(body, command, this.#tickMs);
    this.#body = body;
    this.#offset = { x: 0, y: 0, angle: 0 };
    if (shown !== undefined) this.#smooth(shown, nowMs);
  }

  /** Where the own ship is shown, ahead of the server; `undefined` while there is none. */
  pose(nowMs: number): Pose | undefined {
    if (this.#body === undefined) return undefined;
    const body = { ...this.#body };
    const sinceMs = Math.min(this.#tickMs, nowMs - (this.#issuedUntilMs ?? nowMs));
    if (sinceMs > 0) this.#step(body, this.#held, sinceMs);
    const left = Math.exp(-Math.max(0, nowMs - this.#offsetAtMs) / SMOOTHING_MS);
    return {
      x: body.xMetres + this.#offset.x * left,
      y: body.yMetres + this.#offset.y * left,
      angle: body.angleRadians + this.#offset.angle * left,
    };
  }

  /** Forgets what the lost connection may have swallowed. Numbers go on, so that none is used twice. */
  reconnected(): void {
    this.#unanswered = [];
    this.#issuedUntilMs = undefined;
  }

  #command(controls: ArenaControls): UnsentCommand {
    const command = { ...controls, tick: this.#nextTick };
    this.#nextTick = (this.#nextTick + 1) >>> 0;
    this.#unanswered.push(command);
    if (this.#body !== undefined) this.#step(this.#body, command, this.#tickMs);
    return command;
  }

  #settleCommands(ack: number): void {
    const isStuck = ack === this.#lastAck && this.#unanswered.length >= UNANSWERED_MAX;
    // The server lives but uses none of ours: they were lost on the way. Begin again from where it stands.
    if (isStuck) {
      this.#unanswered = [];
      this.#nextTick = (ack + 1) >>> 0;
    }
    this.#lastAck = ack;
    this.#unanswered = this.#unanswered.filter((command) => isAfter(command.tick, ack));
    // A refreshed tab continues the numbers of the one before it.
    if (!isAfter(this.#nextTick, ack)) this.#nextTick = (ack + 1) >>> 0;
  }

  #smooth(shown: Pose, nowMs: number): void {
    const corrected = this.pose(nowMs);
    if (corrected === undefined) return;
    const x = shown.x - corrected.x;
    const y = shown.y - corrected.y;
    if (x * x + y * y > SNAP_METRES * SNAP_METRES) return;
    this.#offset = { x, y, angle: shortTurn(corrected.angle, shown.angle) };
    this.#offsetAtMs = nowMs;
  }

  #step(body: ShipBody, controls: ArenaControls, ms: number): void {
    stepShip(body, controls, this.#ground, ms / 1000);
  }
}

/** Whether one unsigned 32-bit number comes after another, the wrap at 2^32 included. */
function isAfter(tick: number, other: number): boolean {
  return ((tick - other) | 0) > 0;
}
