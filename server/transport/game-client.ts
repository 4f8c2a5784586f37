import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import { WebSocketClient } from "@colyseus/ws-transport";
import type { WebSocket } from "ws";
import { CloseCode, closeName } from "../../protocol/close-codes.ts";
import type { Clock } from "../clock.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import type { Wire } from "./wire.ts";

const OPEN = 1;
const CLOSED = 3;
/** Colyseus makes tokens of 9 characters; ours have 22, which is 128 bits. */
const TOKEN_CHARS = 22;

/** Colyseus opcodes that a client may send; the unreliable input channel is WebTransport's alone. */
const OPCODES = new Set([10, 12, 13, 17, 18, 19, 21]);
const OPCODE_MASK = 0x1f;

export interface GameClientEvents {
  /** Calls `read`, which hands one message to the room, and lets its throw through. */
  reading(read: () => void): void;
  /** The room's code threw while it read this client's message. */
  onMessageFault(cause: unknown): void;
  /** The connection is over; called once. */
  onEnd(closeCode: number): void;
}

/**
 * A connection as a Colyseus room sees it, over any wire. The room talks to an event emitter in between, so that a
 * connection can be ended for the room at once, without waiting for its peer, and so that a throw has one victim.
 */
export class GameClient extends WebSocketClient {
  readonly #wire: Wire;
  readonly #events: GameClientEvents;
  readonly #roomSide: EventEmitter;
  readonly #clock: Clock;
  #token = "";
  #secondStartMs = Number.NEGATIVE_INFINITY;
  #messagesInSecond = 0;
  #isEnded = false;

  constructor(sessionId: string, wire: Wire, clock: Clock, events: GameClientEvents) {
    const roomSide = new EventEmitter();
    super(sessionId, roomSide as unknown as WebSocket);
    this.#wire = wire;
    this.#clock = clock;
    this.#events = events;
    this.#roomSide = roomSide;
    wire.listener = {
      onMessage: (message) => this.#receive(message),
      onControlFrame: () => this.#count(),
      onClose: (code) => this.#finish(code),
    };
  }

  override get readyState(): 0 | 1 | 2 | 3 {
    return this.#isEnded ? CLOSED : this.#wire.readyState;
  }

  // @ts-expect-error -- an accessor over the base's plain field, which it only ever assigns.
  override get reconnectionToken(): string {
    return this.#token;
  }

  /** Colyseus assigns a short token at every join, and copies ours to the client that was replaced. */
  override set reconnectionToken(token: string) {
    this.#token = token.length >= TOKEN_CHARS ? token : randomBytes(16).toString("base64url");
  }

  override raw(
    data: Uint8Array | Buffer,
    _options?: unknown,
    sent?: (error?: Error) => void,
  ): void {
    if (this.readyState !== OPEN) return;
    if (this.#wire.queuedBytes > TRANSPORT_LIMITS.sendQueueBytesMax) {
      this.end(CloseCode.TOO_SLOW);
      return;
    }
    this.#wire.send(data, sent);
  }

  override leave(code: number = CloseCode.CONSENTED, reason: string = closeName(code)): void {
    this.#wire.close(code, String(reason));
  }

  /** Closes the connection and tells the room now; the peer has `closeTimeoutMs` to answer. */
  end(code: number): void {
    this.leave(code);
    this.#finish(code);
  }

  #receive(message: Buffer): void {
    this.#count();
    if (this.#isEnded) return;
    if (!OPCODES.has((message[0] ?? 0) & OPCODE_MASK)) {
      this.end(CloseCode.MALFORMED);
      return;
    }
    try {
      this.#events.reading(() => this.#roomSide.emit("message", message));
    } catch (cause) {
      this.#events.onMessageFault(cause);
      this.end(CloseCode.MESSAGE_FAILED);
    }
  }

  /** Ends a client that sends more than it may. */
  #count(): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#secondStartMs >= 1000) {
      this.#secondStartMs = nowMs;
      this.#messagesInSecond = 0;
    }
    if (++this.#messagesInSecond > TRANSPORT_LIMITS.messagesPerSecondMax) {
      this.end(CloseCode.TOO_MANY_MESSAGES);
    }
  }

  #finish(code: number): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#roomSide.emit("close", code);
    this.#events.onEnd(code);
  }
}
