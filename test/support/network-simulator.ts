/**
 * A link in virtual time, ordered and reliable as TCP is: what is lost on it comes later and holds back all that follows.
 * Nothing runs by itself; whoever steps time says what time it is.
 * @module
 */
import { createRandom, nextBetween, type Random } from "../../rooms/kernel/random.ts";

/** What one direction does to messages. Everything left out does nothing. */
export interface Weather {
  /** From one end to the other, in the middle of the jitter. */
  readonly delayMs?: number;
  /** Each message takes so much more or less, every amount as likely, as far as order lets it. */
  readonly jitterMs?: number;
  /** Beside it the delay goes up and down by so much, in waves. */
  readonly swayMs?: number;
  readonly swayPeriodMs?: number;
  /** What is sent faster waits at the sender. */
  readonly bytesPerSecond?: number;
  /** Share of messages that are lost once, 0 to 1. */
  readonly lossShare?: number;
  /** After so long a lost one comes after all: the round trip in which the sender learns of it. */
  readonly resendMs?: number;
  /** On average; nothing arrives during a stall, everything held back at its end. */
  readonly stallsPerMinute?: number;
  readonly stallMs?: number;
}

interface Travelling {
  readonly message: Uint8Array;
  readonly arrivesMs: number;
}

/** One direction. */
export class OneWay {
  readonly #weather: Required<Weather>;
  readonly #random: Random;
  #travelling: Travelling[] = [];
  /** Until then the line is busy with what was sent before. */
  #lineFreeMs = 0;
  #lastArrivalMs = 0;
  #stall = { fromMs: Number.POSITIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY };
  readonly #swayPhase: number;
  #isCut = false;

  constructor(weather: Weather, random: Random) {
    this.#weather = { ...CLEAR, ...weather };
    this.#random = random;
    this.#swayPhase = nextBetween(random, 0, 1);
    this.#planStall(0);
  }

  /** When the next message arrives; `Infinity` while nothing is on its way. */
  get nextMs(): number {
    return this.#travelling[0]?.arrivesMs ?? Number.POSITIVE_INFINITY;
  }

  /** How long what is sent now would wait for the line. */
  queuedMs(nowMs: number): number {
    return Math.max(0, this.#lineFreeMs - nowMs);
  }

  /** @param message - Kept as it is. @returns `false` on a line that is cut: nobody will ever have it. */
  send(message: Uint8Array, nowMs: number): boolean {
    if (this.#isCut) return false;
    const { bytesPerSecond, delayMs, jitterMs, lossShare, resendMs } = this.#weather;
    this.#lineFreeMs = Math.max(nowMs, this.#lineFreeMs) + (message.length / bytesPerSecond) * 1000;
    const onTheWayMs =
      delayMs + this.#swayAt(nowMs) + nextBetween(this.#random, -jitterMs, jitterMs);
    let arrivesMs = this.#lineFreeMs + Math.max(0, onTheWayMs);
    while (nextBetween(this.#random, 0, 1) < lossShare) arrivesMs += resendMs;
    arrivesMs = this.#afterStall(Math.max(arrivesMs, this.#lastArrivalMs));
    this.#lastArrivalMs = arrivesMs;
    this.#travelling.push({ message, arrivesMs });
    return true;
  }

  /** @returns What has arrived by now and was not received before, in the order of sending. */
  receive(nowMs: number): Uint8Array[] {
    const late = this.#travelling.findIndex(({ arrivesMs }) => arrivesMs > nowMs);
    const arrived = this.#travelling.splice(0, late === -1 ? this.#travelling.length : late);
    return arrived.map(({ message }) => message);
  }

  /** Nothing arrives from now on for so long, also of what is on its way. */
  stall(nowMs: number, forMs: number): void {
    const untilMs = nowMs + forMs;
    this.#travelling = this.#travelling.map(({ message, arrivesMs }) => ({
      message,
      arrivesMs: Math.max(arrivesMs, untilMs),
    }));
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, untilMs);
  }

  /** What is on its way is lost, and all that is sent until {@link mend}. */
  cut(): void {
    this.#isCut = true;
    this.#travelling = [];
  }

  /** Another connection over the same network. */
  mend(nowMs: number): void {
    this.#isCut = false;
    this.#lineFreeMs = nowMs;
    this.#lastArrivalMs = nowMs;
  }

  #swayAt(nowMs: number): number {
    const { swayMs, swayPeriodMs } = this.#weather;
    return swayMs * Math.sin(2 * Math.PI * (nowMs / swayPeriodMs + this.#swayPhase));
  }

  #afterStall(arrivesMs: number): number {
    while (arrivesMs >= this.#stall.untilMs) this.#planStall(this.#stall.untilMs);
    return arrivesMs >= this.#stall.fromMs ? this.#stall.untilMs : arrivesMs;
  }

  #planStall(afterMs: number): void {
    const { stallsPerMinute, stallMs } = this.#weather;
    if (stallsPerMinute === 0) return;
    // Uniform from nothing to twice the mean: stalls do not come by the clock.
    const pauseMs = nextBetween(this.#random, 0, 120_000 / stallsPerMinute);
    this.#stall = { fromMs: afterMs + pauseMs, untilMs: afterMs + pauseMs + stallMs };
  }
}

const CLEAR: Required<Weather> = {
  delayMs: 0,
  jitterMs: 0,
  swayMs: 0,
  swayPeriodMs: 1_000,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  lossShare: 0,
  resendMs: 0,
  stallsPerMinute: 0,
  stallMs: 0,
};

/** Both directions between a client and a server. The same seed and the same sendings give the same arrivals. */
export class SimulatedLink {
  /** Client to server. */
  readonly up: OneWay;
  /** Server to client. */
  readonly down: OneWay;

  /** @param seed - Unsigned 32-bit. */
  constructor(weather: { readonly up: Weather; readonly down: Weather }, seed: number) {
    // Apart, so that what one side sends does not change what happens to the other's.
    this.up = new OneWay(weather.up, createRandom(seed));
    this.down = new OneWay(weather.down, createRandom(seed ^ 0x5bd1e995));
  }

  get nextMs(): number {
    return Math.min(this.up.nextMs, this.down.nextMs);
  }

  stall(nowMs: number, forMs: number): void {
    this.up.stall(nowMs, forMs);
    this.down.stall(nowMs, forMs);
  }

  cut(): void {
    this.up.cut();
    this.down.cut();
  }

  mend(nowMs: number): void {
    this.up.mend(nowMs);
    this.down.mend(nowMs);
  }
}

/** The same weather both ways: half of a round trip each. */
export function roundTrip(
  roundTripMs: number,
  jitterMs: number,
  more: Weather = {},
): {
  readonly up: Weather;
  readonly down: Weather;
} {
  const way = { delayMs: roundTripMs / 2, jitterMs: jitterMs / 2, ...more };
  return { up: way, down: way };
}
