import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { type EmfRecord, readEmfLine } from "./emf-rules.ts";

/** Records kept at most; of those beyond, the problems are kept. */
const RECORDS_MAX = 10_000;
/** Of a line that has not ended yet, characters; CloudWatch takes no longer one. */
const LINE_CHARS_MAX = 262_144;

/** Stands in for the CloudWatch agent's EMF port, TCP and UDP, and holds each line against the specification. */
export class EmfListener {
  /** One sentence for each violation. */
  readonly problems: string[] = [];
  readonly records: EmfRecord[] = [];
  readonly lines: string[] = [];
  /** Connections since the start. */
  connections = 0;
  /** Connections are taken and never read. */
  isStalled = false;
  readonly #server: Server;
  readonly #udp: UdpSocket;
  readonly #nowMs: () => number;
  readonly #sockets = new Set<Socket>();
  #waiting: { lines: number; resolve: () => void }[] = [];

  private constructor(server: Server, udp: UdpSocket, nowMs: () => number) {
    this.#server = server;
    this.#udp = udp;
    this.#nowMs = nowMs;
    server.on("connection", (socket) => this.#greet(socket));
    udp.on("message", (datagram) => this.#takeDatagram(datagram.toString("utf8")));
  }

  /** @param nowMs - Against which timestamps are held; the wall clock unless given. */
  static async open(nowMs: () => number = Date.now, port = 0): Promise<EmfListener> {
    const server = createServer();
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const udp = createSocket("udp4");
    udp.bind((server.address() as AddressInfo).port, "127.0.0.1");
    await once(udp, "listening");
    return new EmfListener(server, udp, nowMs);
  }

  /** Of TCP and UDP. */
  get port(): number {
    return this.#udp.address().port;
  }

  /** Resolves when so many lines are here. */
  async waitFor(lines: number): Promise<void> {
    if (this.lines.length >= lines) return;
    await new Promise<void>((resolve) => this.#waiting.push({ lines, resolve }));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    this.#udp.close();
    await Promise.all([once(this.#server, "close"), once(this.#udp, "close")]);
  }

  #greet(socket: Socket): void {
    this.connections++;
    this.#sockets.add(socket);
    let rest = "";
    socket.setEncoding("utf8");
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#sockets.delete(socket);
      if (rest !== "") this.problems.push("a line without its end");
    });
    if (this.isStalled) {
      socket.pause();
      return;
    }
    socket.on("data", (text: string) => {
      const [first = "", ...others] = text.split("\n");
      const lines = [rest + first, ...others];
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(line);
      if (rest.length > LINE_CHARS_MAX) {
        this.problems.push("a line without an end");
        socket.destroy();
      }
    });
  }

  #takeDatagram(text: string): void {
    for (const line of text.split("\n")) if (line !== "") this.#take(line);
  }

  #take(line: string): void {
    const { record, problems } = readEmfLine(line, this.#nowMs());
    this.problems.push(...problems);
    if (this.lines.length < RECORDS_MAX) {
      this.lines.push(line);
      if (record !== undefined) this.records.push(record);
    }
    const ready = this.#waiting.filter(({ lines }) => this.lines.length >= lines);
    this.#waiting = this.#waiting.filter((each) => !ready.includes(each));
    for (const { resolve } of ready) resolve();
  }
}
