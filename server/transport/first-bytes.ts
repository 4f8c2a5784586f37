import type { Duplex } from "node:stream";
import { PREAMBLE } from "../../protocol/frame.ts";
import type { CancelTimer, Clock } from "../clock.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import { upgradeRequest } from "./upgrade-request.ts";
import type { UpgradeRequest } from "./web-socket-handshake.ts";

/** Who takes a connection once its language is known; each gets it whole, with what was read put back. */
export interface Languages {
  /** HTTP, and with it WebSocket. Also whatever is no language of ours: it gets a 400. */
  onHttp(stream: Duplex): void;
  /**
   * A request to become a WebSocket that came whole and can be read in one way only, and what came after it. Without
   * it, that is HTTP like any other.
   */
  onUpgrade?(request: UpgradeRequest, stream: Duplex, rest: Buffer): void;
  /** Our own frames; the preamble has been read. */
  onFrames(stream: Duplex): void;
  /** TLS. Without it a handshake is no language of ours. */
  onHandshake?(stream: Duplex): void;
}

/** What a TLS record begins with while a handshake is made. */
const HANDSHAKE_RECORD = 0x16;

/**
 * Looks at the first bytes of every connection on the one port. A connection has `helloTimeoutMs` from its first
 * moment to say all that it has to say to be let in; a byte now and then does not make it longer.
 */
export class FirstBytes {
  readonly #clock: Clock;
  readonly #waitingMax: number;
  readonly #deadlines = new Map<Duplex, CancelTimer>();
  /** The connection that a secure stream was made of; it has the deadline. */
  readonly #under = new WeakMap<Duplex, Duplex>();

  /** @param waitingMax - Connections that wait here at once; beyond them each new one ends the oldest. */
  constructor(clock: Clock, waitingMax: number) {
    this.#clock = clock;
    this.#waitingMax = waitingMax;
  }

  /** @param onSpeaks - Its first byte came. */
  sort(stream: Duplex, languages: Languages, onSpeaks: () => void): void {
    if (this.#deadlines.size >= this.#waitingMax) this.#dropOldest();
    stream.on("error", () => stream.destroy());
    const { helloTimeoutMs } = TRANSPORT_LIMITS;
    const cancel = this.#clock.after(helloTimeoutMs, () => stream.destroy());
    this.#deadlines.set(stream, cancel);
    stream.once("close", () => this.lift(stream));
    this.#read(stream, languages, Buffer.alloc(0), onSpeaks);
  }

  /** Looks at what is said inside a connection that became secure; its time goes on. */
  sortSecure(stream: Duplex, connection: Duplex, languages: Languages): void {
    stream.on("error", () => stream.destroy());
    this.#under.set(stream, connection);
    this.#read(stream, languages, Buffer.alloc(0));
  }

  /** The connection has said what it had to say; from now on its time is somebody else's affair. */
  lift(stream: Duplex): void {
    const connection = this.#under.get(stream) ?? stream;
    this.#deadlines.get(connection)?.();
    this.#deadlines.delete(connection);
  }

  /** An honest client has long said what it wants by the time it is the oldest of so many. */
  #dropOldest(): void {
    for (const stream of this.#deadlines.keys()) {
      stream.destroy();
      this.lift(stream);
      return;
    }
  }

  #read(stream: Duplex, languages: Languages, before: Buffer, onSpeaks?: () => void): void {
    stream.once("readable", () => {
      const chunk = stream.read() as Buffer | null;
      if (chunk === null) return void stream.destroy();
      onSpeaks?.();
      const seen = before.length === 0 ? chunk : Buffer.concat([before, chunk]);
      if (seen[0] === HANDSHAKE_RECORD && languages.onHandshake !== undefined) {
        stream.unshift(seen);
        languages.onHandshake(stream);
      } else if (seen[0] !== PREAMBLE[0]) {
        meetHttp(stream, seen, languages);
      } else if (!PREAMBLE.every((byte, at) => at >= seen.length || seen[at] === byte)) {
        stream.destroy();
      } else if (seen.length < PREAMBLE.length) {
        this.#read(stream, languages, seen);
      } else {
        if (seen.length > PREAMBLE.length) stream.unshift(seen.subarray(PREAMBLE.length));
        languages.onFrames(stream);
      }
    });
  }
}

function meetHttp(stream: Duplex, seen: Buffer, languages: Languages): void {
  const upgrade = languages.onUpgrade && upgradeRequest(seen);
  if (upgrade !== undefined) {
    languages.onUpgrade?.(upgrade, stream, seen.subarray(upgrade.headBytes));
    return;
  }
  stream.unshift(seen);
  languages.onHttp(stream);
}
