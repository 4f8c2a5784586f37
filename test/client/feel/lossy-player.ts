import { ArenaSight } from "../../../client/arena/arena-sight.ts";
import { BotPilot } from "../../../client/arena/bot-pilot.ts";
import type { MatchConnection } from "../../../client/connection.ts";
import {
  encodeArenaCommand,
  SHIP_SPEED_METRES_PER_SECOND_MAX,
} from "../../../rooms/arena/prediction.ts";
import type { ArenaReplica } from "../../../rooms/arena/replica.ts";
import { Distribution } from "./distribution.ts";

/** What one player of a lossy network felt, milliseconds and metres. */
export interface LossyFigures {
  readonly transport: string;
  readonly snapshots: number;
  readonly drops: number;
  /** Why the connection ended for good; `undefined` while it is open. */
  readonly endedWith: string | undefined;
  readonly unreadable: number;
  /** From the sending of a command to the first snapshot that is made with it. */
  readonly inputToState: readonly number[];
  /** Between two snapshots. */
  readonly gaps: readonly number[];
  readonly corrections: readonly number[];
  readonly delays: readonly number[];
  /** Of others between two frames, as a share of what top speed allows in the time. */
  readonly remoteSteps: readonly number[];
  readonly pings: readonly number[];
}

const PING_INTERVAL_MS = 1_000;

/** A bot behind a page's eyes, over a real connection. */
export class LossyPlayer {
  readonly connection: MatchConnection<ArenaReplica>;
  readonly #sight: ArenaSight;
  readonly #pilot: BotPilot;
  readonly #sentMs = new Map<number, number>();
  #isNoting = false;
  #heardMs = 0;
  #frameMs = 0;
  #pingDueMs = 0;
  #others = new Map<number, { x: number; y: number }>();
  #snapshots = 0;
  #drops = 0;
  #unreadable = 0;
  #endedWith: string | undefined;
  readonly #inputToState = new Distribution();
  readonly #gaps = new Distribution();
  readonly #corrections = new Distribution();
  readonly #delays = new Distribution();
  readonly #remoteSteps = new Distribution();
  readonly #pings = new Distribution();

  constructor(connection: MatchConnection<ArenaReplica>, seed: number) {
    this.connection = connection;
    this.#pilot = new BotPilot(seed);
    this.#sight = new ArenaSight(connection.welcome, () => connection.state);
    this.#sight.stateChanged(performance.now());
    connection.takeSnapshots((payload) => this.#hear(payload));
  }

  stateChanged(): void {
    this.#sight.stateChanged(performance.now());
  }

  dropped(): void {
    this.#drops++;
  }

  reconnected(): void {
    this.#sight.reconnected();
  }

  ended(text: string): void {
    this.#endedWith = text;
  }

  begin(): void {
    this.#isNoting = true;
  }

  frame(): void {
    const nowMs = performance.now();
    const { view } = this.#sight;
    const isPlaying = this.connection.phase === "playing";
    const controls = this.#pilot.decide(view, this.connection.welcome.seat);
    const frame = this.#sight.frame(isPlaying ? controls : undefined, nowMs);
    for (const command of frame.commands) {
      if (this.connection.sendCommand(encodeArenaCommand(command))) {
        this.#sentMs.set(command.tick & 0xffff, nowMs);
      }
    }
    if (nowMs >= this.#pingDueMs) {
      this.#pingDueMs = nowMs + PING_INTERVAL_MS;
      this.connection.measurePing();
    }
    if (this.#isNoting) this.#note(frame, nowMs);
    this.#others = new Map(frame.others);
    this.#frameMs = nowMs;
  }

  figures(): LossyFigures {
    return {
      transport: this.connection.welcome.seat % 2 === 0 ? "tcp" : "ws",
      snapshots: this.#snapshots,
      drops: this.#drops,
      endedWith: this.#endedWith,
      unreadable: this.#unreadable,
      inputToState: this.#inputToState.values,
      gaps: this.#gaps.values,
      corrections: this.#corrections.values,
      delays: this.#delays.values,
      remoteSteps: this.#remoteSteps.values,
      pings: this.#pings.values,
    };
  }

  #hear(payload: Uint8Array): boolean {
    const nowMs = performance.now();
    const isRead = this.#sight.snapshot(payload, nowMs);
    if (!isRead) this.#unreadable++;
    if (this.#isNoting) {
      this.#snapshots++;
      this.#gaps.add(nowMs - this.#heardMs);
    }
    this.#heardMs = nowMs;
    const ack = this.#sight.view.ships.get(this.connection.welcome.seat)?.body?.ack;
    if (ack !== undefined) this.#settle(ack, nowMs);
    return isRead;
  }

  #settle(ack: number, nowMs: number): void {
    const sentMs = this.#sentMs.get(ack);
    if (sentMs !== undefined && this.#isNoting) this.#inputToState.add(nowMs - sentMs);
    for (const number of this.#sentMs.keys()) {
      if (((ack - number) & 0xffff) < 0x8000) this.#sentMs.delete(number);
    }
  }

  #note(frame: ReturnType<ArenaSight["frame"]>, nowMs: number): void {
    if (frame.correctedMetres !== undefined) this.#corrections.add(frame.correctedMetres);
    this.#delays.add(this.#sight.feel(nowMs).interpolationDelayMs ?? 0);
    if (this.connection.pingMs !== undefined) this.#pings.add(this.connection.pingMs);
    const reach = (SHIP_SPEED_METRES_PER_SECOND_MAX * (nowMs - this.#frameMs)) / 1000;
    for (const [seat, { x, y }] of frame.others) {
      const was = this.#others.get(seat);
      if (was !== undefined) this.#remoteSteps.add(Math.hypot(x - was.x, y - was.y) / reach);
    }
  }
}
