import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import { WebSocketClient } from "@colyseus/ws-transport";
import type { RawData, WebSocket } from "ws";
import { CLOSE_CODES, CloseCode } from "../../protocol/close-codes.ts";
import type { Clock } from "../clock.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import { webSocketFrame } from "./web-socket-frame.ts";

const OPEN = 1;
const CLOSED = 3;
/** What a close frame has room for (RFC 6455, section 5.5), less the code. */
const REASON_BYTES_MAX = 123;
/** Colyseus makes tokens of 9 characters; ours have 22, which is 128 bits. */
const TOKEN_CHARS = 22;

/** Colyseus opcodes that a WebSocket client may send; the unreliable input channel is WebTransport's alone. */
const OPCODES = new Set([10, 12, 13, 17, 18, 19, 21]);
const OPCODE_MASK = 0x1f;

export interface GameClientEvents {
  /** The room's code threw while it read this client's message. */
  onMessageFault(cause: unknown): void;
  /** The connection is over; called once. */
  onEnd(closeCode: number): void;
}

/**
 * A WebSocket connection as a Colyseus room sees it. The room talks to an event emitter in between, so that a
 * connection can be ended for the room at once, without waiting for its peer, and so that a throw has one victim.
 */
export class GameClient extends WebSocketClient {
  readonly #socket: WebSocket;
  readonly #events: GameClientEvents;
  readonly #roomSide: EventEmitter;
  readonly #clock: Clock;
  #token = "";
  #secondStartMs = Number.NEGATIVE_INFINITY;
  #messagesInSecond = 0;
  #isEnded = false;

  constructor(sessionId: string, socket: WebSocket, clock: Clock, events: GameClientEvents) {
    const roomSide = new EventEmitter();
    super(sessionId, roomSide as unknown as WebSocket);
    this.#socket = socket;
    this.#clock = clock;
    this.#events = events;
    this.#roomSide = roomSide;
    socket.on("message", (data: RawData) => this.#receive(data as Buffer));
    // The socket answers a ping by itself; it costs no less than a message.
    for (const control of ["ping", "pong"]) socket.on(control, () => this.#count());
    socket.on("close", (code: number) => this.#finish(code));
    // "close" follows, with the code that says what it was.
    socket.on("error", () => {});
  }

  override get readyState(): 0 | 1 | 2 | 3 {
    return this.#isEnded ? CLOSED : this.#socket.readyState;
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
    const stream = streamOf(this.#socket);
    if (stream.writableLength > TRANSPORT_LIMITS.sendQueueBytesMax) {
      this.end(CloseCode.TOO_SLOW);
      return;
    }
    stream.write(sharedFrame(data), (error) => sent?.(error ?? undefined));
  }

  override leave(code: number = CloseCode.CONSENTED, reason: string = nameOf(code)): void {
    if (this.#socket.readyState === OPEN) this.#socket.close(code, closeReason(String(reason)));
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
      this.#roomSide.emit("message", message);
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

function nameOf(code: number): string {
  return (CLOSE_CODES as Record<number, { name: string } | undefined>)[code]?.name ?? "";
}

/** Whole characters of a room's words, as many as a close frame takes; ws throws on more. */
function closeReason(words: string): Buffer {
  const bytes = Buffer.alloc(REASON_BYTES_MAX);
  return bytes.subarray(0, new TextEncoder().encodeInto(words, bytes).written);
}

/** The stream under a WebSocket. ws keeps it private, and without compression writes to it in the order of the calls. */
function streamOf(socket: WebSocket): Duplex {
  return (socket as unknown as { _socket: Duplex })._socket;
}

let lastPayload: Uint8Array | undefined;
let lastFrame: Buffer = Buffer.alloc(0);
let lastBody = lastFrame;

/**
 * Frames a payload once for all clients it goes to. Memory may be encoded into again at any moment, so a payload is
 * known by what it holds, too; to compare costs less than another frame.
 */
function sharedFrame(payload: Uint8Array): Buffer {
  if (payload === lastPayload && lastBody.equals(payload)) return lastFrame;
  lastPayload = payload;
  lastFrame = webSocketFrame(payload);
  lastBody = lastFrame.subarray(lastFrame.length - payload.byteLength);
  return lastFrame;
}
