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

  constructor(probe: Probe) {
    this.#probe = probe;
  }

  readonly hear = (payload: Buffer): void => {
    if (!this.#probe.hear(payload)) return;
    const nowMs = performance.now();
    this.#settle(nowMs);
    if (this.isKeeping) this.#keep();
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

  #keep(): void {
    const { tick } = this.#probe;
    if (tick === undefined) return;
    this.states.set(tick, this.#probe.bodies());
    for (const old of this.states.keys()) {
      if (this.states.size <= STATES_KEPT) break;
      this.states.delete(old);
    }
  }
}

/** The players of one match. */
export class MatchLoad {
  readonly #dialect: Dialect;
  readonly #players: Player[] = [];
  readonly #echoes: (Echo | undefined)[] = [];
  #nextMs: number[] = [];

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** @param make - Makes the player that a probe listens to, or one that decodes nothing. */
  add(isProbe: boolean, goal: Goal, make: (goal: Goal, hear?: Echo["hear"]) => Player): Player {
    let player: Player | undefined;
    const echo = isProbe
      ? new Echo(this.#dialect.probe(() => player?.sessionId))
      : undefined;
    player = make(goal, echo?.hear);
    this.#players.push(player);
    this.#echoes.push(echo);
    return player;
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
        const inputToStateMs = this.#echoes.flatMap((echo) => echo?.delays ?? []);
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
  statesAt({ tick }: Dump): (ReadonlyMap<string, Body> | undefined)[] {
    return this.#echoes.flatMap((echo) => (echo === undefined ? [] : [echo.states.get(tick)]));
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
