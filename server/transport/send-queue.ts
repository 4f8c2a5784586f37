import type { Clock } from "../clock.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import type { Wire } from "./wire.ts";

/** How many bytes may wait in this process for one client; what the kernel has taken does not count. */
export interface SendQueueLimits {
  readonly bytesMax: number;
  /** So many may wait for `sendQueueSoftMs` only. */
  readonly softBytes: number;
}

/** Watches what waits for one client. One full state on its way does not count, whatever its size. */
export class SendQueue {
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #limits: SendQueueLimits;
  #fullStateBytes = 0;
  #overSinceMs: number | undefined;

  constructor(wire: Wire, clock: Clock, limits: SendQueueLimits) {
    this.#wire = wire;
    this.#clock = clock;
    this.#limits = limits;
  }

  /**
   * Whether so much waits, or has for so long, that nothing more may be queued. It need not be asked while
   * {@link Wire.queuedBytesAtMost} is within the soft limit.
   */
  isOverfull(): boolean {
    const { bytesMax, softBytes } = this.#limits;
    let bytes = this.#bytes();
    if (bytes > softBytes) {
      // What waits for the turn's end only is no sign of a slow client.
      this.#wire.flush();
      bytes = this.#bytes();
    }
    if (bytes <= softBytes) {
      this.#overSinceMs = undefined;
      return false;
    }
    const nowMs = this.#clock.nowMs();
    this.#overSinceMs ??= nowMs;
    return bytes > bytesMax || nowMs - this.#overSinceMs >= TRANSPORT_LIMITS.sendQueueSoftMs;
  }

  send(payload: Uint8Array, isFullState: boolean, sent?: (error?: Error) => void): void {
    if (!isFullState || this.#fullStateBytes > 0) {
      this.#wire.send(payload, sent);
      return;
    }
    this.#fullStateBytes = payload.byteLength;
    this.#wire.send(payload, (error) => {
      this.#fullStateBytes = 0;
      sent?.(error);
    });
  }

  #bytes(): number {
    return this.#wire.countQueuedBytes() - this.#fullStateBytes;
  }
}
