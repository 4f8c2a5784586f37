/**
 * The network before the service: every byte of every connection passes here, below TLS and HTTP, so that a fault
 * looks to the other side as a real one does.
 * @module
 */
import net from "node:net";
import { Duplex } from "node:stream";
import type { Clock } from "../../../server/clock.ts";

export interface Slices {
  /** In one segment, 1 or more. */
  readonly bytes: number;
  /** Between two segments. */
  readonly everyMs: number;
}

/** Listens on 127.0.0.1 and hands out its connections. */
export class Line {
  /** Takes bytes and connections, carries nothing either way. A connection that lost a byte so stays dead. */
  isBlackHole = false;
  /** How answers are cut, unless they go out whole. */
  slices: Slices | undefined;
  /** TCP connections taken so far. */
  connectionCount = 0;
  /** Bytes that came and were lost. */
  lostByteCount = 0;
  port = 0;
  readonly clock: Clock;
  /** A connection or bytes came that nobody above hears of. */
  readonly onChange: () => void;
  readonly #onStream: (stream: LineStream) => void;
  readonly #streams = new Set<LineStream>();
  #server: net.Server | undefined;

  constructor(options: {
    clock: Clock;
    onStream: (stream: LineStream) => void;
    onChange: () => void;
  }) {
    this.clock = options.clock;
    this.onChange = options.onChange;
    this.#onStream = options.onStream;
  }

  get streams(): readonly LineStream[] {
    return [...this.#streams];
  }

  /** Listens, on the same port as before if there was one; nothing when it does already. */
  async listen(): Promise<void> {
    if (this.#server !== undefined) return;
    // Half-open, because a black hole does not answer a FIN either.
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.connectionCount++;
      const stream = new LineStream(socket, this);
      this.#streams.add(stream);
      socket.once("close", () => this.#streams.delete(stream));
      this.#onStream(stream);
      this.onChange();
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.port, "127.0.0.1", resolve);
    });
    this.#server = server;
    this.port = (server.address() as net.AddressInfo).port;
  }

  /** Refuses new connections from here on; open ones stay. */
  stopListening(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  close(): void {
    this.stopListening();
    for (const stream of this.#streams) stream.reset();
  }
}

/** One TCP connection, as good as its line. */
export class LineStream extends Duplex {
  readonly #socket: net.Socket;
  readonly #line: Line;
  /** A byte was lost, so nothing after it can arrive: TCP has no gaps. */
  #isDead = false;

  constructor(socket: net.Socket, line: Line) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#line = line;
    socket.on("data", (chunk) => {
      if (this.#loses()) {
        line.lostByteCount += chunk.length;
        line.onChange();
      } else if (!this.push(chunk)) socket.pause();
    });
    socket.on("end", () => {
      if (!this.#loses()) this.push(null);
    });
    // A reset tells the other side all there is to tell; "close" follows.
    socket.on("error", () => {});
    socket.on("close", () => this.destroy());
    this.on("error", () => {});
  }

  /** Carries nothing from here on and stays open, as a peer that went away without a word. */
  die(): void {
    this.#isDead = true;
    this.#socket.resume();
  }

  /** Ends it with a TCP RST. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Ends it with a TCP FIN and no word in any protocol above. */
  fin(): void {
    this.die();
    this.#socket.end();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#loses()) done();
    else if (this.#line.slices === undefined) this.#socket.write(chunk, () => done());
    else this.#drip(chunk, done);
  }

  override _final(done: () => void): void {
    if (this.#loses()) done();
    else this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // To the other side a dead connection stays open until somebody cuts it.
    if (!this.#loses()) this.#socket.destroy();
    done(error);
  }

  #loses(): boolean {
    if (this.#line.isBlackHole && !this.#isDead) this.die();
    return this.#isDead;
  }

  #drip(chunk: Buffer, done: () => void): void {
    const { slices, clock } = this.#line;
    if (chunk.length === 0 || this.#socket.destroyed || this.#loses()) {
      done();
      return;
    }
    const bytes = slices?.bytes ?? chunk.length;
    this.#socket.write(chunk.subarray(0, bytes));
    clock.after(slices?.everyMs ?? 0, () => this.#drip(chunk.subarray(bytes), done));
  }
}
