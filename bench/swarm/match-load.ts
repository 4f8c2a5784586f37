import type { Dump } from "../match/conducted-match.ts";
import { ANGLES, type Body } from "../match/rules.ts";
import type { Dialect } from "./dialects.ts";
import type { Goal, Player } from "./player.ts";
import type { Probe } from "./probes/probe.ts";
import { HeardMessages, type SlowEnd } from "./slow-watch.ts";

const INPUT_INTERVAL_MS = 50;
/** An interval is 0.5 to 1.5 of it. */
const JITTER = 0.5;
const SLOT_MS = 2;
/** Inputs of one probe that have not come back; more are forgotten, the oldest first. */
const PENDING_MAX = 64;
/** States of a probe that are kept for the one that the server dumps, which comes within seconds. */
const STATES_KEPT = 256;

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

/** Why a probe knew nothing of a tick, in words. */
export interface Unknown {
  readonly why: string;
  /** It heard of other ticks, and of nothing that it could not read. */
  readonly isMissed: boolean;
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
  /** Gets every payload as well. */
  alsoHears: ((payload: Buffer) => void) | undefined;
  #fault: string | undefined;

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
    this.alsoHears?.(payload);
    if (this.#fault !== undefined) return;
    try {
      if (!this.#probe.hear(payload)) return;
    } catch (cause) {
      this.#fault = String(cause);
      return;
    }
    this.#settle(performance.now());
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
  readonly #tickRateHz: number;
  readonly #players: Player[] = [];
  readonly #echoes: (Echo | undefined)[] = [];
  #nextMs: number[] = [];
  /** Of the first player, who decodes and always reads. */
  readonly #witness = new HeardMessages();
  /** Those who may be slow: the last players. */
  readonly #slow: {
    readonly player: Player;
    readonly heard: HeardMessages;
    readonly echo: Echo | undefined;
  }[] = [];

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
    this.#keepPlayer(player, echo);
    return player;
  }

  #keepPlayer(player: Player, echo: Echo | undefined): void {
    this.#players.push(player);
    this.#echoes.push(echo);
  }

  /** As {@link add}, one who may be slow. */
  addSlow(decodes: boolean, goal: Goal, make: (goal: Goal, hear?: Echo["hear"]) => Player): Player {
    const [first] = this.#echoes;
    if (first !== undefined) first.alsoHears = this.#witness.hear;
    const heard = new HeardMessages();
    // What one is sent right after the join may be his alone.
    heard.isListening = false;
    if (!decodes) {
      const player = make(goal, heard.hear);
      this.#keepPlayer(player, undefined);
      this.#slow.push({ player, heard, echo: undefined });
      return player;
    }
    const player = this.add(true, goal, make);
    const echo = this.#echoes.at(-1);
    if (echo !== undefined) echo.alsoHears = heard.hear;
    this.#slow.push({ player, heard, echo });
    return player;
  }

  /** @param part - Of the slow ones: 0 for the first half, 1 for the second. */
  stall(part: 0 | 1, forMs: number): void {
    const half = Math.ceil(this.#slow.length / 2);
    const chosen = part === 0 ? this.#slow.slice(0, half) : this.#slow.slice(half);
    for (const { player, heard } of chosen) {
      heard.isListening = true;
      player.stall(forMs);
    }
  }

  /** @throws Error if the witness was slow itself: he was not sent everything then. */
  slowEnds(): SlowEnd[] {
    if (this.#witness.wholeStates > 0) throw new Error("one who always reads was behind");
    return this.#slow.map(({ player, heard, echo }) => ({
      closeCode: player.closeCode,
      fault: echo?.fault,
      ...heard.beyond(this.#witness),
    }));
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
        const steady = this.#echoes.slice(0, this.#echoes.length - this.#slow.length);
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

  /** What each probe knew at the tick of a dump. */
  statesAt(dump: Dump): (Known | Unknown)[] {
    const tick = this.#dialect.countsSnapshotTicks ? dump.snapshotTick : dump.tick;
    return this.#echoes.flatMap((echo): (Known | Unknown)[] => {
      if (echo === undefined) return [];
      const bodies = echo.states.get(tick ?? -1);
      if (bodies !== undefined) return [{ ownId: echo.ownId ?? "", bodies }];
      const last = [...echo.states.keys()].at(-1) ?? "none";
      const why = echo.fault ?? `no state of tick ${tick}, the last is ${last}`;
      return [{ why, isMissed: echo.fault === undefined && last !== "none" }];
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
