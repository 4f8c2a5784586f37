import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** Where a server with both collectors sends what it tells, all on 127.0.0.1. */
export const COLLECTOR_PORTS = {
  /** Amazon's collector for GameLift metrics, and its crash reporter. */
  glOtel: 8_125,
  crashReporter: 8_126,
  /** The CloudWatch agent: StatsD, and embedded metric format over TCP. */
  agentStatsd: 8_135,
  agentEmf: 25_888,
} as const;

/** What was heard since the start. */
export interface Heard {
  glOtelDatagrams: number;
  agentDatagrams: number;
  emfLines: number;
  crashReporterRequests: number;
}

/** Both collectors of a machine, in this process: they read everything and keep nothing. */
export class Collectors implements AsyncDisposable {
  readonly heard: Heard;
  readonly #close: () => Promise<void>;

  private constructor(heard: Heard, close: () => Promise<void>) {
    this.heard = heard;
    this.#close = close;
  }

  /** @throws Error when one of the ports is taken. */
  static async listen(): Promise<Collectors> {
    const ports = COLLECTOR_PORTS;
    const heard: Heard = {
      glOtelDatagrams: 0,
      agentDatagrams: 0,
      emfLines: 0,
      crashReporterRequests: 0,
    };
    const stack = new AsyncDisposableStack();
    try {
      await datagrams(stack, ports.glOtel, () => heard.glOtelDatagrams++);
      await datagrams(stack, ports.agentStatsd, () => heard.agentDatagrams++);
      await streams(stack, ports.agentEmf, (chunk) => {
        for (const byte of chunk) if (byte === LINE_FEED) heard.emfLines++;
      });
      await streams(stack, ports.crashReporter, (_chunk, socket) => {
        heard.crashReporterRequests++;
        socket.end(OK);
      });
      return new Collectors(heard, () => stack.disposeAsync());
    } catch (error) {
      await stack.disposeAsync();
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

const LINE_FEED = 10;
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

async function datagrams(
  stack: AsyncDisposableStack,
  port: number,
  onDatagram: () => void,
): Promise<void> {
  const socket = createSocket("udp4", onDatagram);
  stack.defer(() => new Promise((resolve) => socket.close(() => resolve())));
  socket.bind(port, "127.0.0.1");
  await once(socket, "listening");
}

async function streams(
  stack: AsyncDisposableStack,
  port: number,
  onData: (chunk: Buffer, socket: Socket) => void,
): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("data", (chunk: Buffer) => onData(chunk, socket));
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  stack.defer(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  });
}

/** @param heard - `undefined`: other programs have the ports. */
export function heardText(heard: Heard | undefined): string {
  if (heard === undefined) return "Nobody heard it: other programs have the collectors' ports.";
  return `The collectors heard ${heard.glOtelDatagrams} and ${heard.agentDatagrams} StatsD datagrams and ${heard.emfLines} EMF lines.`;
}

/** What was heard since an earlier moment. */
export function heardSince(before: Heard, now: Heard): Heard {
  return {
    glOtelDatagrams: now.glOtelDatagrams - before.glOtelDatagrams,
    agentDatagrams: now.agentDatagrams - before.agentDatagrams,
    emfLines: now.emfLines - before.emfLines,
    crashReporterRequests: now.crashReporterRequests - before.crashReporterRequests,
  };
}
