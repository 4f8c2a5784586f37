import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { readDatagram, type StatsdMetric } from "./statsd-grammar.ts";

/** Packets kept at most; of those beyond, the problems are kept. */
const PACKETS_MAX = 10_000;
/** Ids, which the CloudWatch agent would make metrics of. */
const ID_TAGS = ["process_pid", "gamelift_process_id", "session_id"];

export interface StatsdListenerOptions {
  /** `gl-otel`: 512 bytes at most, and every metric says whose it is. `agent`: 64 KiB, and none does. */
  readonly mode: "gl-otel" | "agent";
  /** In place of 512 bytes, where the process was told another size. */
  readonly bytesMax?: number;
  readonly port?: number;
}

/** Stands in for whoever listens for StatsD on this machine, and holds each datagram against what is documented. */
export class StatsdListener {
  /** One sentence for each violation. */
  readonly problems: string[] = [];
  readonly metrics: StatsdMetric[] = [];
  readonly packets: Buffer[] = [];
  readonly #socket: Socket;
  readonly #options: StatsdListenerOptions;
  #waiting: { packets: number; resolve: () => void }[] = [];

  private constructor(socket: Socket, options: StatsdListenerOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("message", (packet) => this.#take(packet));
  }

  static async open(options: StatsdListenerOptions): Promise<StatsdListener> {
    const socket = createSocket("udp4");
    socket.bind(options.port ?? 0, "127.0.0.1");
    await once(socket, "listening");
    return new StatsdListener(socket, options);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** What came last under that name. */
  last(name: string): StatsdMetric | undefined {
    return this.metrics.findLast((metric) => metric.name === name);
  }

  /** All counts of that name together. */
  total(name: string): number {
    const counts = this.metrics.filter((metric) => metric.name === name && metric.type === "c");
    return counts.reduce((sum, { value }) => sum + value, 0);
  }

  /** Resolves when so many packets are here. */
  async waitFor(packets: number): Promise<void> {
    if (this.packets.length >= packets) return;
    await new Promise<void>((resolve) => this.#waiting.push({ packets, resolve }));
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, "close");
  }

  #take(packet: Buffer): void {
    const { mode, bytesMax = mode === "gl-otel" ? 512 : 65_536 } = this.#options;
    const { metrics, problems } = readDatagram(packet, bytesMax);
    this.problems.push(...problems, ...metrics.flatMap((metric) => this.#misTagged(metric)));
    if (this.packets.length < PACKETS_MAX) {
      this.packets.push(packet);
      this.metrics.push(...metrics);
    }
    const ready = this.#waiting.filter(({ packets }) => this.packets.length >= packets);
    this.#waiting = this.#waiting.filter((each) => !ready.includes(each));
    for (const { resolve } of ready) resolve();
  }

  #misTagged({ name, tags }: StatsdMetric): string[] {
    if (this.#options.mode === "gl-otel") {
      return tags["process_pid"] === undefined ? [`no process_pid: ${name}`] : [];
    }
    return ID_TAGS.filter((tag) => tag in tags).map((tag) => `${tag} with the agent: ${name}`);
  }
}
