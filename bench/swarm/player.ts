import type { Socket } from "node:net";
// biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
import { join, preamble } from "../../test/support/adapter.mjs";
import { type Framing, tcpFraming, webSocketFraming } from "./framing.ts";
import { OPCODE_MASK, Opcode } from "./opcodes.ts";
import { CONNECT, ENGINE_PATH, OPEN, PING, PONG_FRAME } from "./socket-io.ts";
import type { StreamOpener } from "./streams-to-server.ts";

const HANDSHAKE_END = "\r\n\r\n";

/**
 * How a client comes in:
 *   tcp, play   our one-step join, over TCP or WebSocket
 *   stock       the stock SDK's three steps, by hand: POST, WebSocket, acknowledgement
 *   plain       a WebSocket, and that is all
 *   socket.io   a WebSocket of engine.io, and the default namespace
 *   silent      a TCP connection that never says anything; under TLS it makes its handshake first
 */
export type Way = "tcp" | "play" | "stock" | "plain" | "socket.io" | "silent";

export interface Goal {
  readonly port: number;
  readonly roomId: string;
  readonly way: Way;
  readonly playerSessionId: string;
  /** The server may end the connection, and is not asked why. */
  readonly mayBeEnded?: boolean;
}

/** What a client was sent since it was last asked. */
export interface Received {
  patches: number;
  messages: number;
  /** Of payloads. */
  bytes: number;
  /** All that came from the socket after the handshake. */
  wireBytes: number;
}

/** One bare client. It decodes nothing but what it has to answer. */
export class Player {
  readonly received: Received = { patches: 0, messages: 0, bytes: 0, wireBytes: 0 };
  /** Resolves with the milliseconds from the first connect to the first whole state. */
  readonly joined: Promise<number>;
  readonly closed: Promise<void>;
  readonly #goal: Goal;
  readonly #openStream: StreamOpener;
  readonly #framing: Framing;
  readonly #hearAll: ((payload: Buffer) => void) | undefined;
  #sessionId: string | undefined;
  #closeCode: number | undefined;
  readonly #startMs = performance.now();
  #socket: Socket | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #isUpgraded = false;
  #isLeaving = false;
  #hasJoined = false;
  #resolveJoined: (ms: number) => void = () => {};
  #rejectJoined: (error: Error) => void = () => {};
  #resolveClosed: () => void = () => {};
  #onAnswer: ((payload: Buffer) => void) | undefined;

  /** @param hear - Gets every payload, views of what came from the socket; nothing is decoded without it. */
  constructor(goal: Goal, openStream: StreamOpener, hear?: (payload: Buffer) => void) {
    this.#goal = goal;
    this.#hearAll = hear;
    this.#openStream = openStream;
    this.#framing = goal.way === "tcp" ? tcpFraming : webSocketFraming;
    this.joined = new Promise((resolve, reject) => {
      this.#resolveJoined = resolve;
      this.#rejectJoined = reject;
    });
    this.joined.catch(() => {});
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    if (goal.way === "stock") this.#reserve();
    else this.#connect(this.#preamble());
  }

  /** Of its reservation, where it came in three steps. */
  get sessionId(): string | undefined {
    return this.#sessionId;
  }

  /** With which the server closed the connection; 1006 if it did so without a word. */
  get closeCode(): number | undefined {
    return this.#closeCode;
  }

  /** Reads nothing for a while, answers to pings included. */
  stall(forMs: number): void {
    this.#socket?.pause();
    setTimeout(() => this.#socket?.resume(), forMs);
  }

  send(payload: Buffer): void {
    this.#socket?.write(this.#framing.wrap(payload));
  }

  /** @returns The next message of type `n`. */
  ask(payload: Buffer): Promise<Buffer> {
    return new Promise((resolve) => {
      this.#onAnswer = resolve;
      this.send(payload);
    });
  }

  leave(): void {
    this.#isLeaving = true;
    const { way } = this.#goal;
    if (way === "tcp" || way === "play" || way === "stock")
      this.send(Buffer.from([Opcode.LEAVE_ROOM]));
    else this.#socket?.destroy();
  }

  /** The TCP protocol's magic, or the WebSocket's request, with all that may be said at once. */
  #preamble(): Buffer {
    const { way, playerSessionId } = this.#goal;
    const { hello } = join("tcp", playerSessionId);
    switch (way) {
      case "tcp":
        return Buffer.concat([preamble("tcp"), tcpFraming.wrap(hello)]);
      case "silent":
        return Buffer.alloc(0);
      case "plain":
        return upgradeRequest("/");
      case "socket.io":
        return upgradeRequest(ENGINE_PATH);
      default:
        return preamble("ws");
    }
  }

  /** @param onClose - Gets what went wrong with the connection, if anything did. */
  #open(first: Buffer, onData: (chunk: Buffer) => void, onClose: (why: string) => void): Socket {
    let why = "";
    const socket = this.#openStream(this.#goal.port, () => {
      if (first.length > 0) socket.write(first);
      else this.#join();
    });
    socket.on("data", onData);
    socket.on("error", (error) => {
      why = `: ${error.message}`;
    });
    socket.on("close", () => onClose(why));
    return socket;
  }

  #reserve(): void {
    const { playerSessionId, roomId } = this.#goal;
    const body = JSON.stringify({ playerSessionId });
    const request = `POST /matchmake/joinById/${roomId} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    let answer = "";
    let isReserved = false;
    const socket = this.#open(
      Buffer.from(request),
      (chunk) => {
        answer += chunk.toString("latin1");
        const headEnd = answer.indexOf(HANDSHAKE_END);
        // The one object of the answer is flat, however the server cut it into chunks.
        const [start, end] = [answer.indexOf("{", headEnd), answer.lastIndexOf("}")];
        if (headEnd < 0 || start < 0 || end < 0 || isReserved) return;
        isReserved = true;
        socket.destroy();
        const seat = JSON.parse(answer.slice(start, end + 1)) as Record<string, string>;
        const { sessionId, processId } = seat;
        this.#sessionId = sessionId;
        if (sessionId === undefined) this.#failed(`no seat: ${answer.slice(9, 12)}`);
        else this.#connect(upgradeRequest(`/${processId}/${roomId}?sessionId=${sessionId}`));
      },
      (why) => {
        if (!isReserved) this.#failed(`the reservation was not answered${why}`);
      },
    );
  }

  #connect(first: Buffer): void {
    this.#isUpgraded = this.#goal.way === "tcp";
    this.#socket = this.#open(
      first,
      (chunk) => this.#read(chunk),
      (why) => {
        if (!this.#isLeaving) {
          this.#closeCode ??= ABNORMAL;
          this.#failed(`the connection was cut${why}`);
        }
        this.#resolveClosed();
      },
    );
  }

  #read(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (!this.#isUpgraded) {
      const end = bytes.indexOf(HANDSHAKE_END);
      this.#rest = bytes;
      if (end < 0) return;
      this.#upgraded(bytes.toString("latin1", 9, 12));
      bytes = bytes.subarray(end + HANDSHAKE_END.length);
      this.received.wireBytes += bytes.length;
    } else this.received.wireBytes += chunk.length;
    let at = 0;
    for (;;) {
      const frame = this.#framing.read(bytes, at);
      if (frame === undefined) break;
      at = frame.end;
      if (frame.reply !== undefined) this.#socket?.write(frame.reply);
      else if (frame.isClose) this.#farewell(frame.payload);
      else this.#hear(frame.payload);
    }
    this.#rest = at === bytes.length ? EMPTY : bytes.subarray(at);
  }

  #upgraded(status: string): void {
    const { way, playerSessionId } = this.#goal;
    this.#isUpgraded = true;
    if (status !== "101") this.#failed(`the upgrade was answered with ${status}`);
    else if (way === "play") this.send(join("ws", playerSessionId).hello);
    else if (way === "plain") this.#join();
  }

  /** Messages of engine.io are text, those of the match bytes; the first of these is the answer to the join. */
  #hearSocketIo(payload: Buffer): void {
    if (payload[0] === OPEN) this.send(CONNECT);
    else if (payload[0] === PING) this.#socket?.write(PONG_FRAME);
    else if (!this.#hasJoined) this.#join();
    else this.received.patches++;
  }

  #hear(payload: Buffer): void {
    this.received.bytes += payload.length;
    this.#hearAll?.(payload);
    if (this.#goal.way === "socket.io") {
      this.#hearSocketIo(payload);
      return;
    }
    switch ((payload[0] ?? 0) & OPCODE_MASK) {
      case Opcode.PATCH:
        this.received.patches++;
        return;
      case Opcode.BYTES:
        if (payload[2] === "n".charCodeAt(0)) this.#onAnswer?.(payload.subarray(3));
        else this.received.messages++;
        return;
      case Opcode.JOIN_ROOM:
        // In one step, HELLO has said it.
        if (this.#goal.way === "stock") this.send(Buffer.from([Opcode.JOIN_ROOM]));
        return;
      case Opcode.STATE:
        this.#join();
    }
  }

  #farewell(payload: Buffer): void {
    const code =
      this.#goal.way === "tcp"
        ? payload.readUInt16LE(1)
        : payload.length > 1 && payload.readUInt16BE();
    this.#closeCode = Number(code);
    if (!this.#isLeaving) this.#failed(`the server closed the connection with ${code}`);
    this.#socket?.end();
  }

  #join(): void {
    this.#hasJoined = true;
    this.#resolveJoined(performance.now() - this.#startMs);
  }

  #failed(why: string): void {
    this.#rejectJoined(new Error(`${this.#goal.way}: ${why}`));
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    if (this.#goal.mayBeEnded) return;
    Player.failures.push(`${this.#goal.way}: ${why}`);
  }

  /** Everything that went wrong and was not asked for; a run that has any is worth nothing. */
  static readonly failures: string[] = [];
}

const EMPTY = Buffer.alloc(0);
/** What WebSocket calls an end without a word. */
const ABNORMAL = 1006;

function upgradeRequest(target: string): Buffer {
  return Buffer.from(preamble("ws").toString("latin1").replace("/play", target));
}
