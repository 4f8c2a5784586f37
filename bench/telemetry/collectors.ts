import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** Where a server sends what it tells, all on 127.0.0.1. */
export interface CollectorPorts {
  /** Amazon's collector for GameLift metrics, and its crash reporter. */
  readonly glOtel: number;
  readonly crashReporter: number;
  /** The CloudWatch agent: StatsD, and embedded metric format over TCP. */
  readonly agentStatsd: number;
  readonly agentEmf: number;
}

/** The documented ones, which a server is told of by no setting. */
export const USUAL_PORTS: CollectorPorts = {
  glOtel: 8125,
  crashReporter: 8126,
  agentStatsd: 8135,
  agentEmf: 25_888,
};

/** Free ones. */
export const ANY_PORTS: CollectorPorts = {
  glOtel: 0,
  crashReporter: 0,
  agentStatsd: 0,
  agentEmf: 0,
};

/** What was heard since the start. */
export interface Heard {
  glOtelDatagrams: number;
  agentDatagrams: number;
  emfLines: number;
  crashReporterRequests: number;
}

/** Both collectors of a machine, in this process: they read everything and keep nothing. */
export class Collectors implements AsyncDisposable {
  readonly ports: CollectorPorts;
  readonly heard: Heard;
  readonly #close: () => Promise<void>;

  private constructor(ports: CollectorPorts, heard: Heard, close: () => Promise<void>) {
    this.ports = ports;
    this.heard = heard;
    this.#close = close;
  }

  /** @throws Error when one of the ports is taken. */
  static async listen(ports: CollectorPorts): Promise<Collectors> {
    const heard: Heard = {
      glOtelDatagrams: 0,
      agentDatagrams: 0,
      emfLines: 0,
      crashReporterRequests: 0,
    };
    const stack = new AsyncDisposableStack();
    try {
      const open = {
        glOtel: await datagrams(stack, ports.glOtel, () => heard.glOtelDatagrams++),
        agentStatsd: await datagrams(stack, ports.agentStatsd, () => heard.agentDatagrams++),
        agentEmf: await streams(stack, ports.agentEmf, (chunk) => {
          for (const byte of chunk) if (byte === LINE_FEED) heard.emfLines++;
        }),
        crashReporter: await streams(stack, ports.crashReporter, (_chunk, socket) => {
          heard.crashReporterRequests++;
          socket.end(OK);
        }),
      };
      return new Collectors(open, heard, () => stack.disposeAsync());
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
): Promise<number> {
  const socket = createSocket("udp4", onDatagram);
  stack.defer(() => new Promise((resolve) => socket.close(() => resolve())));
  socket.bind(port, "127.0.0.1");
  await once(socket, "listening");
  return socket.address().port;
}

async function streams(
  stack: AsyncDisposableStack,
  port: number,
  onData: (chunk: Buffer, socket: Socket) => void,
): Promise<number> {
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
  return (server.address() as { port: number }).port;
}
