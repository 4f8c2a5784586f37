import type { Duplex } from "node:stream";
import { PREAMBLE } from "../../protocol/frame.ts";
import type { CancelTimer, Clock } from "../clock.ts";
import { type BytesReader, putBack, readDirectly } from "./direct-reads.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import { upgradeRequest } from "./upgrade-request.ts";
import type { UpgradeRequest } from "./web-socket-handshake.ts";

/**
 * Who takes a connection once its language is known. What was read of it is put back, or given as `rest`: that is the
 * taker's to write into, and only until it returns.
 */
export interface Languages {
  /** HTTP, and with it WebSocket. Also whatever is no language of ours: it gets a 400. */
  onHttp(stream: Duplex): void;
  /**
   * A request to become a WebSocket that came whole and can be read in one way only, and what came after it. Without
   * it, that is HTTP like any other.
   */
  onUpgrade?(request: UpgradeRequest, stream: Duplex, rest: Buffer): void;
  /** Our own frames; the preamble has been read. */
  onFrames(stream: Duplex, rest: Buffer): void;
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
    new Opening(stream, languages, onSpeaks).read();
  }

  /** Looks at what is said inside a connection that became secure; its time goes on. */
  sortSecure(stream: Duplex, connection: Duplex, languages: Languages): void {
    stream.on("error", () => stream.destroy());
    this.#under.set(stream, connection);
    new Opening(stream, languages).read();
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
}

const NO_BYTES: Buffer = Buffer.alloc(0);

/** One connection until its language is known. */
class Opening implements BytesReader {
  readonly #stream: Duplex;
  readonly #languages: Languages;
  #onSpeaks: (() => void) | undefined;
  /** Of the preamble, as long as it is not whole. */
  #before: Buffer = NO_BYTES;
  #isSorted = false;

  constructor(stream: Duplex, languages: Languages, onSpeaks?: () => void) {
    this.#stream = stream;
    this.#languages = languages;
    this.#onSpeaks = onSpeaks;
  }

  read(): void {
    if (readDirectly(this.#stream, this)) this.#stream.once("end", this.#left);
    else this.#stream.once("readable", () => this.#readStream());
  }

  take(memory: Buffer, bytes: number): void {
    // Whoever was refused is heard no more.
    if (this.#isSorted) return;
    this.#isSorted = this.#look(memory.subarray(0, bytes));
    if (this.#isSorted) this.#stream.off("end", this.#left);
  }

  readonly #left = (): void => {
    this.#stream.destroy();
  };

  #readStream(): void {
    const chunk = this.#stream.read() as Buffer | null;
    if (chunk === null) this.#left();
    else if (!this.#look(chunk)) this.#stream.once("readable", () => this.#readStream());
  }

  /** @returns Whether somebody has taken the connection, or it was cut. */
  #look(chunk: Buffer): boolean {
    this.#onSpeaks?.();
    this.#onSpeaks = undefined;
    const seen = this.#before.length === 0 ? chunk : Buffer.concat([this.#before, chunk]);
    if (seen[0] === HANDSHAKE_RECORD && this.#languages.onHandshake !== undefined) {
      putBack(this.#stream, seen);
      this.#languages.onHandshake(this.#stream);
    } else if (seen[0] !== PREAMBLE[0]) {
      this.#meetHttp(seen);
    } else if (!PREAMBLE.every((byte, at) => at >= seen.length || seen[at] === byte)) {
      this.#stream.destroy();
    } else if (seen.length < PREAMBLE.length) {
      this.#before = Buffer.from(seen);
      return false;
    } else {
      this.#languages.onFrames(this.#stream, seen.subarray(PREAMBLE.length));
    }
    return true;
  }

  #meetHttp(seen: Buffer): void {
    const upgrade = this.#languages.onUpgrade && upgradeRequest(seen);
    if (upgrade !== undefined) {
      this.#languages.onUpgrade?.(upgrade, this.#stream, seen.subarray(upgrade.headBytes));
      return;
    }
    putBack(this.#stream, seen);
    this.#languages.onHttp(this.#stream);
  }
}
