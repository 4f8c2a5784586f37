/**
 * One player's connection to a match by the one-step join, in a browser or in Node. The stock Colyseus SDK decodes.
 * @module
 */
import { Room } from "@colyseus/sdk";
import { CloseCode } from "../protocol/close-codes.ts";
import { CredentialKind } from "../protocol/control.ts";
import {
  COMMAND,
  DRAINING,
  type Draining,
  SNAPSHOT,
  WELCOME,
  type Welcome,
} from "../protocol/messages.ts";
import { CONNECTION_LIMITS } from "./limits.ts";
import { OneStepTransport, type Ticket } from "./one-step-transport.ts";
import {
  BAD_ADDRESS,
  FAILED_TO_RECONNECT,
  NOT_IN_A_BROWSER,
  type Refusal,
  refusalOf,
  UNREACHABLE,
} from "./refusal.ts";
import { SnapshotInlet } from "./snapshot-inlet.ts";
import { PingMeter } from "./timing/ping-meter.ts";
import { readAddress } from "./wire/address.ts";
import { hasTcp, TcpWire } from "./wire/tcp-wire.ts";
import { WebSocketWire } from "./wire/web-socket-wire.ts";
import type { Wire, WireListener } from "./wire/wire.ts";

/** The room id players know every match by. */
const MATCH = "match";

/** What a HELLO has room for; what is longer, or no text, admits nobody. */
const CREDENTIAL = /^[\x20-\x7e]{1,256}$/;

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
  /**
   * Address of the game port. `ws://`, `wss://`, `http://` and `https://` make a WebSocket; `tcp://host:port` and
   * `tls://host:port` a byte stream, which a browser cannot open.
   */
  readonly url: string;
  readonly listener?: ConnectionListener;
  /** What the game's makers call this client; a game may refuse versions. Up to 64 characters. */
  readonly clientVersion?: string;
  /** Which schema of the game's state this client was built for; a game may refuse others. Up to 64 characters. */
  readonly schemaVersion?: string;
  /** Certificates in PEM, trusted instead of Node's own; `tls://` only. */
  readonly tlsTrusted?: string;
  /** @defaultValue `CONNECTION_LIMITS.joinTimeoutMs` */
  readonly timeoutMs?: number;
  /**
   * Whether the join waits for the game's welcome, which every Simulation sends and a Colyseus room does not; without it the
   * first state is enough. @defaultValue `true`
   */
  readonly awaitsWelcome?: boolean;
  /** Whether to come back by itself after a drop. @defaultValue `true` */
  readonly mayReconnect?: boolean;
}

/** Refusal is an answer, not an error. */
export type JoinOutcome<State> =
  | { readonly state: "joined"; readonly connection: MatchConnection<State> }
  | { readonly state: "refused"; readonly refusal: Refusal };

/**
 * Takes the seat that a player session id entitles to.
 * @throws RangeError when `clientVersion` or `schemaVersion` is too long, and for nothing else.
 */
export function joinMatch<State>(
  playerSessionId: string,
  options: JoinOptions,
): Promise<JoinOutcome<State>> {
  const { PLAYER_SESSION } = CredentialKind;
  return openConnection({ kind: PLAYER_SESSION, credential: playerSessionId }, options);
}

/**
 * Returns to a seat that waits for its player, as a refreshed page does.
 * @param token - `MatchConnection.reconnectionToken` of the lost connection.
 * @throws RangeError when `clientVersion` or `schemaVersion` is too long, and for nothing else.
 */
export function resumeMatch<State>(
  token: string,
  options: JoinOptions,
): Promise<JoinOutcome<State>> {
  // The SDK puts the room's id in front of a token.
  const credential = token.slice(token.indexOf(":") + 1);
  return openConnection({ kind: CredentialKind.TOKEN, credential }, options);
}

async function openConnection<State>(
  ticket: Ticket,
  options: JoinOptions,
): Promise<JoinOutcome<State>> {
  const dial = dialing(options);
  if (typeof dial === "number") return refused(dial);
  if (!CREDENTIAL.test(ticket.credential)) return refused(CloseCode.REFUSED);
  const connection = new MatchConnection<State>(ticket, dial, options);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Refusal>((resolve) => {
    const { timeoutMs = CONNECTION_LIMITS.joinTimeoutMs } = options;
    timer = setTimeout(() => {
      resolve(refusalOf(UNREACHABLE));
      void connection.leave();
    }, timeoutMs);
  });
  const refusal = await Promise.race([connection.ready, late]);
  clearTimeout(timer);
  return refusal === undefined ? { state: "joined", connection } : { state: "refused", refusal };
}

function refused<State>(code: number): JoinOutcome<State> {
  return { state: "refused", refusal: refusalOf(code) };
}

/** @returns How to open a wire to that address, or the code of why there is no way. */
function dialing({ url, tlsTrusted }: JoinOptions): ((listener: WireListener) => Wire) | number {
  const address = readAddress(url);
  if (address === undefined) return BAD_ADDRESS;
  if (address.transport === "websocket") {
    return (listener) => new WebSocketWire(address.url, listener);
  }
  if (!hasTcp()) return NOT_IN_A_BROWSER;
  return (listener) => new TcpWire(address, tlsTrusted, listener);
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
  /** Settles once the player is welcome, where that is awaited, and the first state is here: `undefined`, or why it ended before. */
  readonly ready: Promise<Refusal | undefined>;
  #phase: "joining" | "playing" | "reconnecting" | "ended" = "joining";
  #welcome: Welcome | undefined;
  #hasState = false;
  #drops: number[] = [];
  readonly #room = new Room<unknown, State>(MATCH);
  readonly #transport: OneStepTransport;
  readonly #listener: ConnectionListener;
  readonly #awaitsWelcome: boolean;
  readonly #pings = new PingMeter();
  readonly #snapshots = new SnapshotInlet();
  #settle: (refusal: Refusal | undefined) => void = () => {};

  /** @internal Use {@link joinMatch} or {@link resumeMatch}. */
  constructor(ticket: Ticket, dial: (listener: WireListener) => Wire, options: JoinOptions) {
    this.#listener = options.listener ?? {};
    this.#awaitsWelcome = options.awaitsWelcome ?? true;
    this.ready = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const room = this.#room;
    room.roomId = MATCH;
    // The SDK would give up on a connection younger than 5 s; a fresh seat is worth as much as an old one.
    room.reconnection.minUptime = 0;
    room.reconnection.enabled = options.mayReconnect ?? true;
    room.reconnection.maxRetries = CONNECTION_LIMITS.returnsMax;
    room.onMessage(WELCOME, (welcome: Welcome) => this.#onWelcome(welcome));
    room.onMessage(DRAINING, (draining: Draining) => {
      this.#tell(({ draining: hear }) => hear?.(draining));
    });
    room.onMessage(SNAPSHOT, (payload: Uint8Array) => this.#onSnapshot(payload));
    room.onStateChange(() => this.#onState());
    room.onDrop((code) => this.#onDrop(code));
    room.onReconnect(() => this.#onReconnect());
    room.onLeave((code) => this.#onLeave(code));
    // What a room says before it refuses; its close code follows.
    room.onError(() => {});
    this.#transport = new OneStepTransport(ticket, {
      dial,
      clientVersion: options.clientVersion ?? "",
      schemaVersion: options.schemaVersion ?? "",
      ended: (code) => this.#onLeave(code),
    });
    this.#transport.carry(room);
  }

  /** The replicated state; the same object for the whole connection, changed in place by the SDK. */
  get state(): State {
    return this.#room.state;
  }

  /** Whether the server has said {@link welcome}: of a Colyseus room it never does. */
  get isWelcome(): boolean {
    return this.#welcome !== undefined;
  }

  /** What the server said when it let us in; renewed at each reconnect. @throws Error while it has not said so. */
  get welcome(): Welcome {
    if (this.#welcome === undefined) throw new Error("not welcome yet: await ready first");
    return this.#welcome;
  }

  get phase(): "joining" | "playing" | "reconnecting" | "ended" {
    return this.#phase;
  }

  /**
   * Last measured round trip in whole milliseconds, or how long the next one takes already if that is more; `undefined`
   * before the first answer.
   */
  get pingMs(): number | undefined {
    const ms = this.#pings.pingMs(performance.now());
    return ms === undefined ? undefined : Math.round(ms);
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
    if (this.#phase !== "playing" || !this.#transport.isOpen) return false;
    this.#room.sendBytes(COMMAND, bytes);
    return true;
  }

  /**
   * Measures the round trip, by a byte that the server answers at once over either transport; the result shows in
   * {@link pingMs}. Call about once a second: while an answer is awaited nothing is asked.
   */
  measurePing(): void {
    if (this.#phase !== "playing" || !this.#transport.isOpen) return;
    if (!this.#pings.mayAsk(performance.now())) return;
    this.#room.ping(() => this.#pings.answered(performance.now()));
  }

  /**
   * Has each snapshot handed to whoever shows the match, from the first on; a reconnect begins with one that needs none
   * before it. To be called once, soon after the join: until then few are kept.
   * @param take - Is given bytes to keep. `false` says that they cannot be read, which ends the connection.
   * @throws Error when it comes too late.
   */
  takeSnapshots(take: (payload: Uint8Array) => boolean): void {
    if (!this.#snapshots.open(take)) this.#endUnreadable();
  }

  /** Leaves for good: the seat is given up. Settles when the connection is closed; a second call does nothing. */
  async leave(): Promise<void> {
    if (this.#phase === "ended") return;
    this.#room.reconnection.enabled = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (this.#transport.isOpen) {
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, CONNECTION_LIMITS.leaveTimeoutMs);
      });
      await Promise.race([this.#room.leave(true), late]);
    }
    clearTimeout(timer);
    // Nobody answered, or nobody is there: what the SDK still has in mind must not take the seat again.
    this.#transport.retire();
    this.#onLeave(CloseCode.CONSENTED);
  }

  #onWelcome(welcome: Welcome): void {
    this.#welcome = welcome;
    this.#becomeReady();
  }

  #onSnapshot(payload: Uint8Array): void {
    if (this.#phase === "ended") return;
    this.#tell(() => {
      if (!this.#snapshots.put(payload)) this.#endUnreadable();
    });
  }

  #endUnreadable(): void {
    this.#room.reconnection.enabled = false;
    this.#transport.refuse();
  }

  #onState(): void {
    this.#hasState = true;
    this.#becomeReady();
    if (this.#phase === "playing") this.#tell((listener) => listener.stateChanged?.());
  }

  #becomeReady(): void {
    if (this.#phase !== "joining" || !this.#hasState) return;
    if (this.#awaitsWelcome && !this.isWelcome) return;
    this.#phase = "playing";
    this.#settle(undefined);
  }

  #onDrop(code: number): void {
    // Called again for every failed attempt; only the first is news.
    if (this.#phase === "reconnecting" || this.#phase === "ended") return;
    const nowMs = performance.now();
    this.#drops = [
      ...this.#drops.filter((at) => nowMs - at < CONNECTION_LIMITS.dropWindowMs),
      nowMs,
    ];
    if (this.#drops.length >= CONNECTION_LIMITS.dropsMax) this.#room.reconnection.enabled = false;
    if (this.#phase === "joining") return;
    this.#phase = "reconnecting";
    this.#pings.lost();
    this.#tell((listener) => listener.dropped?.(refusalOf(code)));
  }

  #onReconnect(): void {
    if (this.#phase !== "reconnecting") return;
    this.#phase = "playing";
    this.#tell((listener) => listener.reconnected?.());
  }

  #onLeave(code: number): void {
    if (this.#phase === "ended") return;
    const wasJoining = this.#phase === "joining";
    // The token was refused, not the player: a server that started anew, or a seat given up meanwhile.
    const isTokenRefused = this.#phase === "reconnecting" && code === CloseCode.REFUSED;
    this.#phase = "ended";
    const refusal = refusalOf(isTokenRefused ? FAILED_TO_RECONNECT : code);
    this.#settle(refusal);
    if (!wasJoining) this.#tell((listener) => listener.ended?.(refusal));
  }

  /** A listener's fault is reported as such, and not taken for a message that cannot be decoded. */
  #tell(about: (listener: ConnectionListener) => void): void {
    try {
      about(this.#listener);
    } catch (fault) {
      queueMicrotask(() => {
        throw fault;
      });
    }
  }
}
