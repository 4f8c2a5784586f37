import { WebSocket } from "ws";
import type { Message } from "../../../emulator/server-sdk/rules/answer.ts";
import type { LineStream } from "./line.ts";

/** A WebSocket that a server process opened. */
interface Connection {
  /** 1 for the first that the service took, from all processes. */
  readonly number: number;
  readonly processId: string;
  /** Every query parameter of the upgrade. */
  readonly query: Readonly<Record<string, string>>;
  /** By the process's IdempotencyTokens: the first of the process, one with a token seen before, or one with a new one. */
  readonly kind: "first" | "reconnect" | "refresh";
  readonly openedAtMs: number;
  /** Code, reason and time of its end; 1006 without a close frame. */
  readonly closed:
    | { readonly code: number; readonly reason: string; readonly atMs: number }
    | undefined;
}

/** A server process as the service knows it. */
export interface ServerProcessState {
  readonly processId: string;
  /** All it ever opened, oldest first. */
  readonly connections: readonly Connection[];
  /** ActivateServerProcess was answered with 200. */
  readonly ready: boolean;
  readonly port: number;
  readonly logPaths: readonly string[];
  readonly sdkVersion: string;
  readonly sdkLanguage: string;
  readonly healthReports: readonly { readonly healthy: boolean; readonly atMs: number }[];
  /** TerminateServerProcess was answered with 200. */
  readonly ended: boolean;
  readonly endedAtMs: number | undefined;
}

/** A connection and what carries it. */
export interface LiveConnection extends Connection {
  closed: Connection["closed"];
  readonly socket: WebSocket;
  readonly stream: LineStream;
}

/** A message that the service sends unasked, made when it goes out. */
export interface Push {
  readonly action: string;
  readonly message: () => Message;
  readonly onSent?: () => void;
}

/** Pushes that wait for one process. */
const WAITING_PUSHES_MAX = 1_000;

export class ServerProcess implements ServerProcessState {
  readonly processId: string;
  readonly connections: LiveConnection[] = [];
  readonly healthReports: { healthy: boolean; atMs: number }[] = [];
  ready = false;
  ended = false;
  endedAtMs: number | undefined;
  port = 0;
  logPaths: readonly string[] = [];
  sdkVersion = "";
  sdkLanguage = "";
  #waiting: Push[] = [];

  constructor(processId: string) {
    this.processId = processId;
  }

  /** The newest open one, where pushes go. */
  get current(): LiveConnection | undefined {
    return this.connections.findLast(({ socket }) => socket.readyState === WebSocket.OPEN);
  }

  /**
   * Sends it, or keeps it until there is an open connection and the first heartbeat was taken: an official SDK drops
   * what comes in the breath of the answer to ActivateServerProcess.
   */
  push(push: Push): void {
    if (this.#waiting.length >= WAITING_PUSHES_MAX) throw new Error("too many pushes wait");
    this.#waiting.push(push);
    this.flush();
  }

  flush(): void {
    while (this.healthReports.length > 0 && !this.ended) {
      const { current } = this;
      const next = current && this.#waiting.shift();
      if (current === undefined || next === undefined) return;
      current.socket.send(JSON.stringify({ Action: next.action, ...next.message() }));
      next.onSent?.();
    }
  }
}
