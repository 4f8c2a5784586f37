import { randomBytes } from "node:crypto";
import type { CancelTimer, Clock } from "../clock.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import type { Wire } from "./wire.ts";

interface Beat {
  /** Of the last ping; random, so that an answer cannot come before its question. */
  nonce: number;
  /** Pings since the last good answer. */
  unanswered: number;
}

/** Asks every client whether it is there, and cuts those that do not answer. One timer for all. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #beats = new Map<Wire, Beat>();
  #cancel: CancelTimer = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(): void {
    this.#cancel();
    this.#cancel = this.#clock.after(TRANSPORT_LIMITS.pingIntervalMs, () => {
      this.start();
      for (const [wire, beat] of this.#beats) this.#ask(wire, beat);
    });
  }

  stop(): void {
    this.#cancel();
  }

  add(wire: Wire): void {
    this.#beats.set(wire, { nonce: 0, unanswered: 0 });
  }

  remove(wire: Wire): void {
    this.#beats.delete(wire);
  }

  /** Every wire there is. */
  wires(): Iterable<Wire> {
    return this.#beats.keys();
  }

  #ask(wire: Wire, beat: Beat): void {
    if (beat.unanswered > 0 && wire.lastPong === beat.nonce) beat.unanswered = 0;
    if (beat.unanswered >= TRANSPORT_LIMITS.pingsUnansweredMax) {
      wire.destroy();
      return;
    }
    beat.nonce = randomBytes(4).readUInt32LE();
    beat.unanswered++;
    wire.ping(beat.nonce);
  }
}
