/**
 * The emulator's one port: HTTP or HTTPS on this machine alone, guarded, with the parts of the emulator behind it.
 * @module
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { EmulatorError, EmulatorErrorCode } from "../errors.ts";
import { Guard } from "./guard.ts";
import type { HttpAnswer } from "./http-exchange.ts";
import { FRONT_LIMITS, type FrontLimits } from "./limits.ts";
import { refusal } from "./refusals.ts";
import { BodyReader } from "./request-body.ts";
import {
  type FrontHandlers,
  pathMistake,
  type Refuse,
  type RequestHead,
  refuseIn,
  wayOf,
} from "./routes.ts";
import type { SelfSigned } from "./self-signed.ts";
import { refuseUpgrade, sendAnswer } from "./send-answer.ts";

export type LoopbackHost = "127.0.0.1" | "::1" | "localhost";
/** Takes over the socket of an upgrade that passed the guard. */
type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface FrontOptions {
  readonly host: LoopbackHost;
  /** 0 means any free one. */
  readonly port: number;
  /** Without it the port speaks plain HTTP. */
  readonly tls: SelfSigned | undefined;
  /** Names that a `Host` header may have beside those of this machine; without a port. */
  readonly allowHosts: readonly string[];
  readonly handlers: FrontHandlers;
  /** Upgrades to WebSocket at `/`. */
  readonly upgrade: UpgradeHandler;
  /** For request ids. */
  readonly uuid: () => string;
  /** Told of what a handler threw; its client gets a 500 that tells nothing. */
  readonly onFault: (fault: unknown) => void;
  readonly limits?: Partial<FrontLimits>;
}

export class Front {
  readonly #options: FrontOptions;
  readonly #limits: FrontLimits;
  readonly #guard: Guard;
  readonly #bodies: BodyReader;
  readonly #server: Server;
  /** Sockets of upgrades, which the HTTP server forgets. */
  readonly #upgraded = new Set<Socket>();

  private constructor(options: FrontOptions) {
    this.#options = options;
    this.#limits = { ...FRONT_LIMITS, ...options.limits };
    this.#guard = new Guard(options.tls ? "https" : "http", options.allowHosts);
    this.#bodies = new BodyReader(this.#limits);
    this.#server = serverFor(options.tls, this.#limits);
    this.#server.on("request", (request, response) => void this.#serve(request, response));
    this.#server.on("upgrade", (request, socket, head) =>
      // Of TCP, or of TLS over it.
      this.#upgrade(request, socket as Socket, head),
    );
  }

  /** @throws EmulatorError EMULATOR_PORT_TAKEN, or EMULATOR_NOT_LOOPBACK where `localhost` is another machine. */
  static async open(options: FrontOptions): Promise<Front> {
    const front = new Front(options);
    const { host, port } = options;
    try {
      front.#server.listen({ host, port, exclusive: true });
      await once(front.#server, "listening");
    } catch (cause) {
      const words = `cannot listen on ${host}, port ${port}; --port names another one, 0 any free one`;
      throw new EmulatorError(EmulatorErrorCode.EMULATOR_PORT_TAKEN, words, { cause });
    }
    if (isLoopback((front.#server.address() as AddressInfo).address)) return front;
    await front.close();
    throw new EmulatorError(
      EmulatorErrorCode.EMULATOR_NOT_LOOPBACK,
      `${host} is no address of this machine alone; --host 127.0.0.1 is`,
    );
  }

  /** Such as `http://127.0.0.1:9080`. */
  get url(): string {
    const { host, tls } = this.#options;
    const { port } = this.#server.address() as AddressInfo;
    return `${tls ? "https" : "http"}://${host === "::1" ? "[::1]" : host}:${port}`;
  }

  /** Such as `ws://127.0.0.1:9080`. */
  get webSocketUrl(): string {
    return this.url.replace("http", "ws");
  }

  /** Stops listening and ends every connection; what was written to a WebSocket still leaves. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#upgraded) socket.destroySoon();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A broken connection concerns nobody but its owner.
    request.on("error", () => {});
    response.on("error", () => {});
    const answer = await this.#answer(request);
    // Whether it was read or not: what is left of the body passes by.
    this.#bodies.discard(request);
    if (answer === "gone") return;
    try {
      await sendAnswer(answer, request, response);
    } catch (fault) {
      // Such as a header that HTTP does not allow.
      this.#options.onFault(fault);
      response.destroy();
    }
  }

  async #answer(request: IncomingMessage): Promise<HttpAnswer | "gone"> {
    const requestId = this.#options.uuid();
    const { path, query } = targetOf(request);
    const refuse = refuseIn(path, requestId);
    const denied = this.#guard.refusal(request);
    if (denied !== undefined) return refuse(403, "AccessDeniedException", denied);
    const mistake = pathMistake(path, this.#limits.pathCharactersMax);
    if (mistake !== undefined) return refusal(400, mistake);

    const way = wayOf(headOf(request, path), this.#options.handlers, requestId);
    if ("answer" in way) return way.answer;
    const head = { method: methodOf(request), path, query, headers: request.headers };
    if ("streamed" in way) {
      return this.#answerOf(() => way.streamed({ ...head, body: request }), refuse);
    }
    const body = await this.#bodies.read(request);
    if (body === "gone") return "gone";
    if (body === "too-large") {
      const words = `allowed are bodies of at most ${this.#limits.bodyBytesMax} bytes`;
      return refuse(413, "RequestEntityTooLargeException", words);
    }
    return this.#answerOf(async () => way.handler({ ...head, body }), refuse);
  }

  async #answerOf(handle: () => Promise<HttpAnswer>, refuse: Refuse): Promise<HttpAnswer> {
    try {
      return await handle();
    } catch (fault) {
      this.#options.onFault(fault);
      return refuse(500, "InternalServiceException", "The emulator failed; its output says why.");
    }
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    // As above; the handler sees a close.
    socket.on("error", () => {});
    this.#upgraded.add(socket);
    socket.once("close", () => this.#upgraded.delete(socket));
    const denied = this.#guard.refusal(request);
    if (denied !== undefined) {
      refuseUpgrade(socket, 403, denied);
    } else if (targetOf(request).path !== "/") {
      refuseUpgrade(socket, 404, "the Server SDK connects to /");
    } else {
      this.#handOver(request, socket, head);
    }
  }

  #handOver(request: IncomingMessage, socket: Socket, head: Buffer): void {
    try {
      this.#options.upgrade(request, socket, head);
    } catch (fault) {
      this.#options.onFault(fault);
      socket.destroy();
    }
  }
}

function serverFor(tls: SelfSigned | undefined, limits: FrontLimits): Server {
  const options = {
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
    // The guard answers for a missing or repeated Host.
    requireHostHeader: false,
    // Some clients offer HTTP/2 with every request, which is theirs to do without.
    shouldUpgradeCallback: ({ headers }: IncomingMessage) =>
      headers.upgrade?.toLowerCase() === "websocket",
  };
  const server = tls
    ? createSecureServer({
        ...options,
        cert: tls.certificate,
        key: tls.key,
        handshakeTimeout: limits.headersTimeoutMs,
      })
    : createServer(options);
  server.maxConnections = limits.connectionsMax;
  return server;
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}

function targetOf({ url = "" }: IncomingMessage): { path: string; query: URLSearchParams } {
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  return { path, query: new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)) };
}

function headOf(request: IncomingMessage, path: string): RequestHead {
  const { headersDistinct: headers, method = "" } = request;
  const hasBody =
    headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  return { method, path, headers, hasBody };
}

/** What HEAD asks for is what GET gives, without the body. */
function methodOf({ method = "" }: IncomingMessage): string {
  return method === "HEAD" ? "GET" : method;
}
