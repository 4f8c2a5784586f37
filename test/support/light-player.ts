import net from "node:net";
import { type Framing, tcpFraming, webSocketFraming } from "../../bench/swarm/framing.ts";
import {
  command,
  decoder,
  type Event,
  type Greeting,
  join,
  leave,
  preamble,
  reconnect,
  type Transport,
  // biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
} from "./adapter.mjs";
import { snapshotIn } from "./watched-game.ts";

/** Where a player connects to, and from. */
export interface Way {
  readonly port: number;
  readonly transport: Transport;
  /** 127.x.y.z; the system's choice when it is left out. */
  readonly localAddress?: string;
  /** Told of states and patches. Decoding costs so much that hundreds of players in one thread cannot do it for long. */
  readonly onState?: (event: Event) => void;
  /** How many he decodes and tells of; all when it is left out. */
  readonly statesMax?: number;
}

const SEAT = 2;
const WELCOME = 0x0a;
const WHOLE_STATE = 0x0e;
const PATCH = 0x0f;
const NOBODY_ANSWERED = 1006;
const HEADERS_END = "\r\n\r\n";

/** A player of whom there may be hundreds in one thread: reads everything, answers what must be answered. */
export class LightPlayer {
  readonly socket: net.Socket;
  /** In the match. */
  seat = -1;
  /** The newest that he was given. */
  token = "";
  /** States, patches and snapshots. */
  frameCount = 0;
  /** What his connection was ended with; `undefined` while it is open and where there was no word. */
  code: number | undefined;
  isClosed = false;
  readonly closed: Promise<void>;
  readonly #way: Way;
  readonly #framing: Framing;
  readonly #greeting: Greeting;
  readonly #decided = Promise.withResolvers<number | undefined>();
  readonly #decode: ReturnType<typeof decoder> | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #isUpgraded: boolean;
  #commands = 0;

  private constructor(way: Way, greeting: Greeting) {
    const { port, transport, localAddress, onState } = way;
    this.#way = way;
    this.#greeting = greeting;
    this.#framing = transport === "tcp" ? tcpFraming : webSocketFraming;
    this.#isUpgraded = transport === "tcp";
    // Single payloads are what it takes from a WebSocket library.
    this.#decode = onState && decoder("ws");
    const from = localAddress === undefined ? {} : { localAddress };
    this.socket = net.connect({ port, host: "127.0.0.1", noDelay: true, ...from });
    this.socket.on("error", () => {});
    this.socket.on("data", (bytes) => this.#read(bytes));
    this.closed = new Promise((resolve) => {
      this.socket.once("close", () => {
        this.isClosed = true;
        this.#decided.resolve(this.code ?? NOBODY_ANSWERED);
        resolve();
      });
    });
    this.socket.write(Buffer.concat([preamble(transport), this.#framing.wrap(greeting.hello)]));
  }

  /** @returns A player who has the state, or the code that refused him: 1006 where there was no word. */
  static join(way: Way, playerSessionId: string): Promise<LightPlayer | number> {
    return LightPlayer.#in(new LightPlayer(way, join(way.transport, playerSessionId)));
  }

  /** To the seat that a token is for. @param patienceMs - After so long he hangs up, which is 1006. */
  static return(way: Way, token: string, patienceMs?: number): Promise<LightPlayer | number> {
    return LightPlayer.#in(new LightPlayer(way, reconnect(way.transport, token)), patienceMs);
  }

  static async #in(player: LightPlayer, patienceMs = 30_000): Promise<LightPlayer | number> {
    const patience = setTimeout(() => player.socket.destroy(), patienceMs);
    const code = await player.#decided.promise;
    clearTimeout(patience);
    return code ?? player;
  }

  /** One more command of the arena: he flies on. */
  steer(): void {
    const buttons = 1 + (this.#commands & 3);
    this.#send(command(++this.#commands, { buttons, aimRadians: this.seat % 3 }));
  }

  /** Gives the seat up; resolves when the connection has ended. */
  async leave(): Promise<void> {
    this.#send(leave());
    await this.closed;
  }

  /** Gone without a word: the seat waits. */
  drop(): void {
    this.socket.resetAndDestroy();
  }

  #send(payload: Buffer): void {
    if (this.socket.writable) this.socket.write(this.#framing.wrap(payload));
  }

  #read(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = bytes;
    if (!this.#isUpgraded) {
      const end = bytes.indexOf(HEADERS_END);
      if (end < 0) return;
      this.#isUpgraded = true;
      bytes = bytes.subarray(end + HEADERS_END.length);
    }
    let at = 0;
    for (;;) {
      const frame = this.#framing.read(bytes, at);
      if (frame === undefined) break;
      at = frame.end;
      if (frame.reply !== undefined) this.socket.write(frame.reply);
      else if (frame.isClose) this.#ended(frame.payload);
      else this.#hear(frame.payload);
    }
    this.#rest = bytes.subarray(at);
  }

  #hear(payload: Buffer): void {
    const kind = payload[0];
    if (kind === SEAT) this.seat = payload.readUInt16LE(2);
    if (kind === WELCOME) {
      this.token = payload.toString("latin1", 2, 2 + (payload[1] ?? 0));
      for (const [, reply] of this.#greeting.answers) this.#send(Buffer.from(reply, "hex"));
    }
    const isOfMatch = kind === WHOLE_STATE || kind === PATCH || snapshotIn(payload) !== undefined;
    if (isOfMatch) this.frameCount++;
    if (this.frameCount <= (this.#way.statesMax ?? Number.POSITIVE_INFINITY)) {
      for (const event of this.#decode?.push(payload) ?? []) {
        if (event.tick !== undefined) this.#way.onState?.(event);
      }
    }
    if (kind === WHOLE_STATE) this.#decided.resolve(undefined);
  }

  #ended(payload: Buffer): void {
    if (this.#way.transport === "tcp") this.code = payload.readUInt16LE(1);
    else this.code = payload.length < 2 ? undefined : payload.readUInt16BE();
    this.socket.end();
  }
}
