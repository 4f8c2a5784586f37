/**
 * One player's connection to a match, over the stock Colyseus SDK, in a browser or in Node.
 * @module
 */
import { Client, type Room } from "@colyseus/sdk";
import { CloseCode } from "../protocol/close-codes.ts";
import { COMMAND, DRAINING, type Draining, WELCOME, type Welcome } from "../protocol/messages.ts";
import { FAILED_TO_RECONNECT, type Refusal, refusalOf, UNREACHABLE } from "./refusal.ts";

/** The room id players know every match by. */
const MATCH = "match";

/** A join that has not led to welcome and first state by then counts as unreachable; milliseconds. */
const JOIN_TIMEOUT_MS = 10_000;

/**
 * Attempts after one drop. With the SDK's doubling pauses (0.2 s up to 5 s) they fill about 21 s, which is the
 * server's reconnection window of 20 s: later ones could only be refused.
 */
const RECONNECT_ATTEMPTS_MAX = 8;

/** Drops within {@link DROP_WINDOW_MS} after which we stop coming back: something ends each connection at once. */
const DROPS_MAX = 6;
const DROP_WINDOW_MS = 30_000;

/** What happens on a connection after the join. Every member may be left out. */
export interface ConnectionListener {
  /** After each snapshot or patch, once `state` shows it. */
  stateChanged?(): void;
  /** The socket is gone, the seat waits; attempts to return have begun. Once per drop, not per attempt. */
  dropped?(refusal: Refusal): void;
  /** Back in the same seat; the state is whole again. */
  reconnected?(): void;
  /** The server will close connections in `deadlineMs`. */
  draining?(draining: Draining): void;
  /** The connection ended for good. Called exactly once, and last. */
  ended?(refusal: Refusal): void;
}

export interface JoinOptions {
  /** Address of the game port, such as `http://127.0.0.1:7000`. */
  readonly url: string;
  readonly listener?: ConnectionListener;
  /** @defaultValue {@link JOIN_TIMEOUT_MS} */
  readonly timeoutMs?: number;
  /** Whether to come back by itself after a drop. @defaultValue `true` */
  readonly mayReconnect?: boolean;
}

/** Refusal is an answer, not an error. */
export type JoinOutcome<State> =
  | { readonly state: "joined"; readonly connection: MatchConnection<State> }
  | { readonly state: "refused"; readonly refusal: Refusal };

/** Takes the seat that a player session id entitles to. Never rejects. */
export function joinMatch<State>(
  playerSessionId: string,
  options: JoinOptions,
): Promise<JoinOutcome<State>> {
  return openConnection<State>(options, (client) =>
    client.joinById<State>(MATCH, { playerSessionId }),
  );
}

/**
 * Returns to a seat that waits for its player, as a refreshed page does. Never rejects.
 * @param token - `MatchConnection.reconnectionToken` of the lost connection.
 */
export function resumeMatch<State>(
  token: string,
  options: JoinOptions,
): Promise<JoinOutcome<State>> {
  return openConnection<State>(options, (client) => client.reconnect<State>(token));
}

async function openConnection<State>(
  options: JoinOptions,
  open: (client: Client) => Promise<Room<unknown, State>>,
): Promise<JoinOutcome<State>> {
  const giveUp = new AbortController();
  const joining = openRoom(options, open, giveUp.signal);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<JoinOutcome<State>>((resolve) => {
    timer = setTimeout(() => {
      resolve({ state: "refused", refusal: refusalOf(UNREACHABLE) });
      giveUp.abort();
    }, options.timeoutMs ?? JOIN_TIMEOUT_MS);
  });
  const outcome = await Promise.race([joining, late]);
  clearTimeout(timer);
  return outcome;
}

/** @param signal - Aborts once nobody waits any more: whatever opened, or opens later, is closed again. */
async function openRoom<State>(
  options: JoinOptions,
  open: (client: Client) => Promise<Room<unknown, State>>,
  signal: AbortSignal,
): Promise<JoinOutcome<State>> {
  try {
    const room = await open(new Client(options.url));
    const connection = new MatchConnection<State>(room, options);
    signal.addEventListener("abort", () => void connection.leave(), { once: true });
    if (signal.aborted) await connection.leave();
    const refusal = await connection.ready;
    if (refusal !== undefined) return { state: "refused", refusal };
    return { state: "joined", connection };
  } catch (error) {
    // The SDK rejects with the server's number in `code`; a failed fetch or socket has none of ours.
    return { state: "refused", refusal: refusalOf((error as { code?: unknown } | null)?.code) };
  }
}

/**
 * A seated player.
 *
 * ```
 *   (join) -> playing <-> reconnecting
 *                \____________\______-> ended
 * ```
 */
export class MatchConnection<State> {
  /** Settles once the player is welcome and the first state is here: `undefined`, or why it ended before. */
  readonly ready: Promise<Refusal | undefined>;
  #phase: "joining" | "playing" | "reconnecting" | "ended" = "joining";
  #welcome: Welcome | undefined;
  #pingMs: number | undefined;
  #hasState = false;
  #drops: number[] = [];
  #room: Room<unknown, State>;
  #listener: ConnectionListener;
  #settle: (refusal: Refusal | undefined) => void = () => {};

  /** @internal Use {@link joinMatch} or {@link resumeMatch}. */
  constructor(room: Room<unknown, State>, options: JoinOptions) {
    this.#room = room;
    this.#listener = options.listener ?? {};
    this.ready = new Promise((resolve) => {
      this.#settle = resolve;
    });
    // The SDK would give up on a connection younger than 5 s; a fresh seat is worth as much as an old one.
    room.reconnection.minUptime = 0;
    room.reconnection.enabled = options.mayReconnect ?? true;
    room.reconnection.maxRetries = RECONNECT_ATTEMPTS_MAX;
    room.onMessage(WELCOME, (welcome: Welcome) => this.#onWelcome(welcome));
    room.onMessage(DRAINING, (draining: Draining) => this.#listener.draining?.(draining));
    room.onStateChange(() => this.#onState());
    room.onDrop((code) => this.#onDrop(code));
    room.onReconnect(() => this.#onReconnect());
    room.onLeave((code) => this.#onLeave(code));
    // A socket error is followed by its close, which is handled; without a listener the SDK would throw it away too.
    room.onError(() => {});
  }

  /** The replicated state; the same object for the whole connection, changed in place by the SDK. */
  get state(): State {
    return this.#room.state;
  }

  /** What the server said when it let us in; renewed at each reconnect. */
  get welcome(): Welcome {
    if (this.#welcome === undefined) throw new Error("not welcome yet: await ready first");
    return this.#welcome;
  }

  get phase(): "joining" | "playing" | "reconnecting" | "ended" {
    return this.#phase;
  }

  /** Last measured round trip in whole milliseconds; `undefined` before the first answer. */
  get pingMs(): number | undefined {
    return this.#pingMs;
  }

  /** Gives this seat to whoever presents it to {@link resumeMatch}. Changes at each join and reconnect. */
  get reconnectionToken(): string {
    return this.#room.reconnectionToken;
  }

  /**
   * Sends one encoded command of the game, at once.
   * @returns Whether it was sent. Commands are not kept for later: they would be of a tick long gone.
   */
  sendCommand(bytes: Uint8Array): boolean {
    if (this.#phase !== "playing" || !this.#room.connection.isOpen) return false;
    this.#room.sendBytes(COMMAND, bytes);
    return true;
  }

  /** Measures the round trip; the result shows in {@link pingMs}. Call about once a second. */
  measurePing(): void {
    if (this.#phase !== "playing") return;
    this.#room.ping((ms) => {
      this.#pingMs = ms;
    });
  }

  /** Leaves for good: the seat is given up. Settles when the connection is closed; a second call does nothing. */
  async leave(): Promise<void> {
    if (this.#phase === "ended") return;
    this.#room.reconnection.enabled = false;
    if (!this.#room.connection.isOpen) {
      this.#onLeave(CloseCode.CONSENTED);
      return;
    }
    await this.#room.leave(true);
  }

  #onWelcome(welcome: Welcome): void {
    this.#welcome = welcome;
    this.#becomeReady();
  }

  #onState(): void {
    this.#hasState = true;
    this.#becomeReady();
    if (this.#phase === "playing") this.#listener.stateChanged?.();
  }

  #becomeReady(): void {
    if (this.#phase !== "joining" || !this.#hasState || this.#welcome === undefined) return;
    this.#phase = "playing";
    this.#settle(undefined);
  }

  #onDrop(code: number): void {
    // Called again for every failed attempt; only the first is news.
    if (this.#phase === "reconnecting" || this.#phase === "ended") return;
    const nowMs = performance.now();
    this.#drops = [...this.#drops.filter((at) => nowMs - at < DROP_WINDOW_MS), nowMs];
    if (this.#drops.length >= DROPS_MAX) this.#room.reconnection.enabled = false;
    if (this.#phase === "joining") return;
    this.#phase = "reconnecting";
    this.#listener.dropped?.(refusalOf(code));
  }

  #onReconnect(): void {
    if (this.#phase !== "reconnecting") return;
    this.#phase = "playing";
    this.#listener.reconnected?.();
  }

  #onLeave(code: number): void {
    if (this.#phase === "ended") return;
    const wasJoining = this.#phase === "joining";
    // The token was refused, not the player: a server that started anew, or a seat given up meanwhile.
    const isTokenRefused = this.#phase === "reconnecting" && code === CloseCode.REFUSED;
    this.#phase = "ended";
    const refusal = refusalOf(isTokenRefused ? FAILED_TO_RECONNECT : code);
    this.#settle(refusal);
    if (!wasJoining) this.#listener.ended?.(refusal);
  }
}
