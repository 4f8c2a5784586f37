import { randomBytes } from "node:crypto";
import type { CancelTimer, Clock } from "../clock.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import type { Wire } from "./wire.ts";

interface Question {
  /** Random, so that an answer cannot come before its question; the same for all who are asked at one moment. */
  readonly nonce: number;
  readonly askedMs: number;
}

interface Beat {
  readonly wire: Wire;
  /** Oldest first. A right answer to one answers those before it, since a connection keeps the order. */
  readonly open: Question[];
  /** When the peer was last heard of: a message, or a right answer. */
  heardMs: number;
  readUpToMs: number;
  askedMs: number;
  /** When the question is due that follows its join; `Infinity` before the join and after the question. */
  firstAskMs: number;
  messagesReceived: number;
  messagesSent: number;
  lastPong: number | undefined;
  /** Whether the peer is one that answers. A WebSocket does so by itself; over TCP a bare client may not know how. */
  answers: boolean;
}

/**
 * Asks every client whether it is there and has read what it was sent, tells its wire's listener how far the answers
 * lag, and cuts connections of which nothing is heard. One timer for all, and none while there is nobody.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #beats = new Map<Wire, Beat>();
  #isStarted = false;
  /** `undefined` while nobody is watched. */
  #cancel: CancelTimer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(): void {
    this.#isStarted = true;
    this.#arm();
  }

  stop(): void {
    this.#isStarted = false;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  add(wire: Wire): void {
    const nowMs = this.#clock.nowMs();
    const { messagesReceived, messagesSent } = wire;
    this.#beats.set(wire, {
      wire,
      open: [],
      heardMs: nowMs,
      readUpToMs: nowMs,
      askedMs: nowMs,
      firstAskMs: Number.POSITIVE_INFINITY,
      messagesReceived,
      messagesSent,
      lastPong: undefined,
      answers: wire.transport === "websocket",
    });
    this.#arm();
  }

  remove(wire: Wire): void {
    this.#beats.delete(wire);
  }

  /** Who has joined is asked soon, so that his round trip is known; not at once, for nothing is to hold up a join. */
  joined(wire: Wire): void {
    const beat = this.#beats.get(wire);
    if (beat !== undefined) beat.firstAskMs = this.#clock.nowMs() + TRANSPORT_LIMITS.firstPingMs;
  }

  /** Bytes that wait for clients in this process. */
  sendQueue(): { bytes: number; largestBytes: number } {
    let bytes = 0;
    let largestBytes = 0;
    for (const { queuedBytes } of this.#beats.keys()) {
      bytes += queuedBytes;
      if (queuedBytes > largestBytes) largestBytes = queuedBytes;
    }
    return { bytes, largestBytes };
  }

  #arm(): void {
    if (!this.#isStarted || this.#cancel !== undefined || this.#beats.size === 0) return;
    this.#cancel = this.#clock.after(TRANSPORT_LIMITS.pulseMs, () => {
      this.#cancel = undefined;
      this.#arm();
      const nowMs = this.#clock.nowMs();
      const nonce = randomBytes(4).readUInt32LE();
      for (const beat of this.#beats.values()) this.#look(beat, nowMs, nonce);
    });
  }

  #look(beat: Beat, nowMs: number, nonce: number): void {
    const { wire } = beat;
    // A ping, or whatever else was to go with a message which never came.
    wire.flush();
    hear(wire, beat, nowMs);
    if (nowMs - beat.heardMs >= TRANSPORT_LIMITS.deadAfterMs) {
      wire.destroy();
      return;
    }
    const [oldest] = beat.open;
    const lagMs = oldest !== undefined && beat.answers ? nowMs - oldest.askedMs : 0;
    wire.listener.onPulse({ lagMs, readUpToMs: beat.readUpToMs });
    const sinceMs = nowMs - beat.askedMs;
    const isSending = wire.messagesSent !== beat.messagesSent || beat.open.length > 0;
    if (sinceMs >= TRANSPORT_LIMITS.pingIntervalMs) ask(wire, beat, nowMs, nonce, false);
    else if (
      (isSending && sinceMs >= TRANSPORT_LIMITS.pingIntervalSendingMs) ||
      nowMs >= beat.firstAskMs
    ) {
      ask(wire, beat, nowMs, nonce, oldest === undefined);
    }
  }
}

function hear(wire: Wire, beat: Beat, nowMs: number): void {
  if (wire.messagesReceived !== beat.messagesReceived) {
    beat.messagesReceived = wire.messagesReceived;
    beat.heardMs = nowMs;
  }
  const { lastPong } = wire;
  if (lastPong === beat.lastPong) return;
  beat.lastPong = lastPong;
  const at = beat.open.findIndex(({ nonce }) => nonce === lastPong);
  const answered = beat.open[at];
  if (answered === undefined) return;
  beat.open.splice(0, at + 1);
  beat.heardMs = nowMs;
  beat.readUpToMs = answered.askedMs;
  beat.answers = true;
}

function ask(wire: Wire, beat: Beat, nowMs: number, nonce: number, rides: boolean): void {
  beat.open.push({ nonce, askedMs: nowMs });
  // Only of one that never answers.
  if (beat.open.length > TRANSPORT_LIMITS.pingsOpenMax) beat.open.shift();
  beat.askedMs = nowMs;
  beat.firstAskMs = Number.POSITIVE_INFINITY;
  beat.messagesSent = wire.messagesSent;
  wire.ping(nonce, rides);
}
