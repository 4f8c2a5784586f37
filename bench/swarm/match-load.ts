import type { Dump } from "../match/conducted-match.ts";
import { ANGLES, type Body } from "../match/rules.ts";
import type { Dialect } from "./dialects.ts";
import type { Goal, Player } from "./player.ts";
import type { Probe } from "./probe.ts";

const INPUT_INTERVAL_MS = 50;
/** An interval is 0.5 to 1.5 of it. */
const JITTER = 0.5;
const SLOT_MS = 2;
/** Inputs of one probe that have not come back; more are forgotten, the oldest first. */
const PENDING_MAX = 64;
/** States of a probe that are kept for the one that the server dumps, which comes within half a second. */
const STATES_KEPT = 64;

/** What the players of one match saw while they played. */
export interface Played {
  readonly inputs: number;
  /** From an input's sending to the first state in which it has come back, of all probes. */
  readonly inputToStateMs: readonly number[];
}

/** What a probe knew at one tick. */
export interface Known {
  /** What its own body is called. */
  readonly ownId: string;
  readonly bodies: ReadonlyMap<string, Body>;
}

interface Pending {
  readonly angle: number;
  readonly sentMs: number;
}

/** One probe's own inputs, and what became of them. */
export class Echo {
  readonly #probe: Probe;
  readonly #pending: Pending[] = [];
  /** Milliseconds. */
  readonly delays: number[] = [];
  /** The last states by tick, while they are wanted. */
  readonly states = new Map<number, ReadonlyMap<string, Body>>();
  isKeeping = false;
  /** States that were no later than the one before. */
  repeated = 0;
  #fault: string | undefined;
  #lastTick = -1;

  constructor(probe: Probe) {
    this.#probe = probe;
  }

  get ownId(): string | undefined {
    return this.#probe.ownId;
  }

  /** What it could not decode, if anything; nothing after it is heard. */
  get fault(): string | undefined {
    return this.#fault;
  }

  readonly hear = (payload: Buffer): void => {
    if (this.#fault !== undefined) return;
    try {
      if (!this.#probe.hear(payload)) return;
    } catch (cause) {
      this.#fault = String(cause);
      return;
    }
    this.#settle(performance.now());
    const { tick } = this.#probe;
    if (tick === undefined) return;
    if (tick <= this.#lastTick) this.repeated++;
    this.#lastTick = tick;
    if (this.isKeeping) this.#keep(tick);
  };

  sent(angle: number, sentMs: number): void {
    this.#pending.push({ angle, sentMs });
    if (this.#pending.length > PENDING_MAX) this.#pending.shift();
  }

  /** An input that a later one of the same tick has overtaken is never seen, and has no delay. */
  #settle(nowMs: number): void {
    if (this.#pending.length === 0) return;
    const angle = this.#probe.ownAngle();
    const at = this.#pending.findIndex((pending) => pending.angle === angle);
    const found = this.#pending[at];
    if (found === undefined) return;
    this.delays.push(nowMs - found.sentMs);
    this.#pending.splice(0, at + 1);
  }

  #keep(tick: number): void {
    this.states.set(tick, this.#probe.bodies());
    for (const old of this.states.keys()) {
      if (this.states.size <= STATES_KEPT) break;
      this.states.delete(old);
    }
  }
}

/** What became of one who did not read for a while. */
export interface SlowEnd {
  readonly closeCode: number | undefined;
  readonly fault: string | undefined;
  readonly repeated: number;
}

/** The players of one match. */
export class MatchLoad {
  readonly #dialect: Dialect;
  readonly #tickRateHz: number;
  readonly #players: Player[] = [];
  readonly #echoes: (Echo | undefined)[] = [];
  #nextMs: number[] = [];
  /** Those from here on may be slow. */
  #slowFrom = Number.POSITIVE_INFINITY;

  constructor(dialect: Dialect, tickRateHz: number) {
    this.#dialect = dialect;
    this.#tickRateHz = tickRateHz;
  }

  /** @param make - Makes the player that a probe listens to, or one that decodes nothing. */
  add(isProbe: boolean, goal: Goal, make: (goal: Goal, hear?: Echo["hear"]) => Player): Player {
    let player: Player | undefined;
    const probe = () => this.#dialect.probe(() => player?.sessionId, this.#tickRateHz);
    const echo = isProbe ? new Echo(probe()) : undefined;
    player = make(goal, echo?.hear);
    this.#players.push(player);
    this.#echoes.push(echo);
    return player;
  }

  /** Whoever comes from here on may be slow. */
  slowFromHere(): void {
    this.#slowFrom = Math.min(this.#slowFrom, this.#players.length);
  }

  /** @param part - Of the slow ones: 0 for the first half, 1 for the second. */
  stall(part: 0 | 1, forMs: number): void {
    const slow = this.#players.slice(this.#slowFrom);
    const half = Math.ceil(slow.length / 2);
    for (const player of part === 0 ? slow.slice(0, half) : slow.slice(half)) player.stall(forMs);
  }

  slowEnds(): SlowEnd[] {
    return this.#players.slice(this.#slowFrom).map((player, nth) => {
      const echo = this.#echoes[this.#slowFrom + nth];
      const { closeCode } = player;
      return { closeCode, fault: echo?.fault, repeated: echo?.repeated ?? 0 };
    });
  }

  /** Everyone sends inputs, each in his own time. */
  play(forMs: number): Promise<Played> {
    const startMs = performance.now();
    for (const echo of this.#echoes) echo?.delays.splice(0);
    this.#nextMs = this.#players.map(() => startMs + Math.random() * INPUT_INTERVAL_MS);
    let inputs = 0;
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        const nowMs = performance.now();
        if (nowMs - startMs < forMs) {
          inputs += this.#sendDue(nowMs);
          return;
        }
        clearInterval(timer);
        const steady = this.#echoes.slice(0, this.#slowFrom);
        const inputToStateMs = steady.flatMap((echo) => echo?.delays ?? []);
        resolve({ inputs, inputToStateMs });
      }, SLOT_MS);
    });
  }

  /** Probes keep what they know, from tick to tick, until the server's own word is there. */
  keepStates(isKeeping: boolean): void {
    for (const echo of this.#echoes) {
      if (echo === undefined) continue;
      echo.isKeeping = isKeeping;
      if (isKeeping) echo.states.clear();
    }
  }

  /** What each probe knew at the tick of a dump; `undefined` where it had no state of that tick. */
  statesAt(dump: Dump): (Known | undefined)[] {
    const tick = this.#dialect.countsSnapshotTicks ? dump.snapshotTick : dump.tick;
    return this.#echoes.flatMap((echo) => {
      if (echo === undefined) return [];
      const bodies = echo.states.get(tick ?? -1);
      return [bodies && { ownId: echo.ownId ?? "", bodies }];
    });
  }

  #sendDue(nowMs: number): number {
    let sent = 0;
    for (const [index, player] of this.#players.entries()) {
      while ((this.#nextMs[index] ?? nowMs) < nowMs) {
        this.#send(index, player);
        sent++;
        const share = 1 - JITTER + 2 * JITTER * Math.random();
        this.#nextMs[index] = (this.#nextMs[index] ?? 0) + share * INPUT_INTERVAL_MS;
      }
    }
    return sent;
  }

  /** Another direction and another look each time: nothing of it can be foreseen. */
  #send(index: number, player: Player): void {
    const angle = Math.floor(Math.random() * ANGLES);
    const input = { dx: 2 * Math.random() - 1, dy: 2 * Math.random() - 1, angle };
    const message = this.#dialect.encode(input);
    this.#echoes[index]?.sent(angle, performance.now());
    player.send(message);
  }
}
