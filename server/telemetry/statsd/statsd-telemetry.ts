import { freemem, totalmem } from "node:os";
import type { CancelTimer, Clock } from "../../clock.ts";
import { type EventInfo, type EventName, EveryEvent } from "../every-event.ts";
import type { ServerReading, TrafficReading } from "../readings.ts";
import { SampleWindow } from "../sample-window.ts";
import type { Telemetry } from "../telemetry.ts";
import { packetsOf, type StatsdType, statsdLine, tagSuffix } from "./datagrams.ts";
import { STATSD_LIMITS } from "./limits.ts";
import type { PacketSender } from "./udp-sender.ts";

const NO_TRAFFIC: TrafficReading = {
  receivedBytes: 0,
  receivedFrames: 0,
  sentBytes: 0,
  sentFrames: 0,
};

const PERCENTILES = [50, 90, 95];

interface MemoryReading {
  readonly totalBytes: number;
  readonly availableBytes: number;
  /** By this process. */
  readonly usedBytes: number;
}

export interface StatsdTelemetryOptions {
  readonly clock: Clock;
  /** Asked while the server listens, and once when it has stopped; may throw when there is nothing to read. */
  readonly readings: () => ServerReading;
  /** Closed with this telemetry. */
  readonly sender: PacketSender;
  /** Told once when lines do not fit a packet. */
  readonly telemetry: Pick<Telemetry, "vendorMessage">;
  /**
   * `gl-otel`: Amazon's collector; lines carry this process's and its game session's ids, as GameLift's dashboards want it.
   * `agent`: the CloudWatch agent; no ids, since each would be a metric that is paid for.
   */
  readonly collector: "gl-otel" | "agent";
  /** Of every metric for the agent, which makes dimensions of them: few values, and no ids but the fleet's. */
  readonly agentTags?: Readonly<Record<string, string>>;
  readonly processPid: number;
  /** `GAMELIFT_SDK_PROCESS_ID`; `""` is none. */
  readonly gameLiftProcessId: string;
  /** @defaultValue 10,000 ms */
  readonly flushIntervalMs?: number;
  /** @defaultValue 512 bytes */
  readonly packetBytesMax?: number;
  /** For tests. */
  readonly memory?: () => MemoryReading;
}

/**
 * GameLift's own metrics under GameLift's own names, from `serverListening` to `serverStopped`.
 *
 * What differs from the SDKs: `server_world_tick_time` is not sent, since the rules are not timed apart from the rest of a
 * step (Unreal's shipping builds do not send it either); nor is virtual memory, which Node does not tell and no dashboard
 * shows. Nothing is lost over TCP as far as a game can see, so lost packets are always 0.
 */
export class StatsdTelemetry extends EveryEvent {
  readonly #options: StatsdTelemetryOptions;
  readonly #flushIntervalMs: number;
  readonly #packetBytesMax: number;
  /**
   * The agent cannot tell processes apart: of a gauge it would keep what the last one said, of a distribution it keeps all,
   * so that average and maximum are those of all processes.
   */
  readonly #gaugeType: StatsdType;
  readonly #tickTime = new SampleWindow(STATSD_LIMITS.observationsMax);
  readonly #deltaTime = new SampleWindow(STATSD_LIMITS.observationsMax);
  #gameSessionId = "";
  #tags: string;
  /** As it was told last. */
  #traffic = NO_TRAFFIC;
  #state: "before" | "running" | "closed" = "before";
  #cancelFlush: CancelTimer = () => {};
  #leftOutLines = 0;

  constructor(options: StatsdTelemetryOptions) {
    super();
    this.#options = options;
    const { flushIntervalMs = STATSD_LIMITS.flushIntervalMs } = options;
    const { packetBytesMax = STATSD_LIMITS.packetBytesMax } = options;
    this.#flushIntervalMs = flushIntervalMs;
    this.#packetBytesMax = packetBytesMax;
    this.#gaugeType = options.collector === "agent" ? "h" : "g";
    this.#tags = this.#tagsNow();
  }

  /** Lines that were longer than a packet may be. */
  get leftOutLines(): number {
    return this.#leftOutLines;
  }

  override tickRan(info: EventInfo<"tickRan">): void {
    try {
      this.#tickTime.add(info.durationMs);
      // The first step has none before it.
      if (info.intervalMs > 0) this.#deltaTime.add(info.intervalMs);
    } catch {
      // An event that is none is passed over; telemetry never throws into what it watches.
    }
  }

  /** Says that the server is down, if it was ever up. A second call does nothing. */
  close(): void {
    if (this.#state === "running") this.#flush("down");
    this.#state = "closed";
    this.#cancelFlush();
    this.#options.sender.close();
  }

  protected override record<Name extends EventName>(event: Name, info: EventInfo<Name>): void {
    try {
      if (event === "serverListening") this.#start();
      else if (event === "gameSessionPlaced") {
        this.#concerns((info as EventInfo<"gameSessionPlaced">).gameSessionId);
      } else if (event === "gameSessionEnded") this.#concerns("");
      else if (event === "serverStopped") this.close();
    } catch {
      // As above.
    }
  }

  #start(): void {
    if (this.#state !== "before") return;
    this.#state = "running";
    this.#arm();
  }

  #arm(): void {
    this.#cancelFlush = this.#options.clock.after(this.#flushIntervalMs, () => {
      this.#flush("up");
      this.#arm();
    });
  }

  /** What comes from now on belongs to another game session, or to none: its lines are other series. */
  #concerns(gameSessionId: unknown): void {
    if (this.#options.collector === "agent" || typeof gameSessionId !== "string") return;
    if (gameSessionId === this.#gameSessionId) return;
    // The series that nobody continues end at 0, or they would be counted beside those that follow them.
    if (this.#state === "running") this.#flush("down");
    this.#gameSessionId = gameSessionId.slice(0, STATSD_LIMITS.sessionIdCharsMax);
    this.#tags = this.#tagsNow();
    // At once, or for one interval this server would count nowhere.
    if (this.#state === "running") this.#flush("up");
  }

  #tagsNow(): string {
    const { collector, processPid, gameLiftProcessId } = this.#options;
    if (collector === "agent") return tagSuffix(this.#options.agentTags ?? {});
    return tagSuffix({
      process_pid: String(processPid),
      gamelift_process_id: gameLiftProcessId,
      session_id: this.#gameSessionId,
    });
  }

  #flush(gauges: "up" | "down"): void {
    try {
      const { packets, leftOut } = packetsOf(this.#lines(gauges), this.#packetBytesMax);
      if (leftOut > 0) this.#leaveOut(leftOut);
      for (const packet of packets) this.#options.sender.send(packet);
    } catch {
      // A sender that breaks its promise costs this flush and nothing else.
    }
  }

  #lines(gauges: "up" | "down"): string[] {
    const lines: string[] = [];
    const isUp = gauges === "up";
    const add = (name: string, value: number, type: StatsdType) =>
      lines.push(statsdLine(name, value, type, this.#tags));
    const gauge = (name: string, value: number) => add(name, isUp ? value : 0, this.#gaugeType);
    gauge("server_up", 1);
    const reading = this.#reading();
    if (reading === undefined) return lines;
    const { connections, gameSession, traffic } = reading;
    gauge("server_players", gameSession?.seatsHeld ?? 0);
    gauge("server_max_players", gameSession?.seatsMax ?? 0);
    gauge("server_connections", connections.strangers + connections.clients);
    const before = this.#traffic;
    this.#traffic = traffic;
    add("server_bytes_in", traffic.receivedBytes - before.receivedBytes, "c");
    add("server_bytes_out", traffic.sentBytes - before.sentBytes, "c");
    add("server_packets_in", traffic.receivedFrames - before.receivedFrames, "c");
    add("server_packets_out", traffic.sentFrames - before.sentFrames, "c");
    add("server_packets_in_lost", 0, "c");
    add("server_packets_out_lost", 0, "c");
    this.#addTimer(lines, "server_tick_time", this.#tickTime);
    this.#addTimer(lines, "server_delta_time", this.#deltaTime);
    // A machine's memory does not go to 0 with the process.
    if (isUp) this.#addMemory(gauge);
    return lines;
  }

  /** `undefined` where parts of the server are not there yet, or not any more. */
  #reading(): ServerReading | undefined {
    try {
      return this.#options.readings();
    } catch {
      return undefined;
    }
  }

  #addMemory(gauge: (name: string, value: number) => void): void {
    const memory = (this.#options.memory ?? memoryOfMachine)();
    gauge("server_mem_physical_total", memory.totalBytes);
    gauge("server_mem_physical_available", memory.availableBytes);
    gauge("server_mem_physical_used", memory.usedBytes);
  }

  /** The mean and the percentiles; nothing where nothing was timed. */
  #addTimer(lines: string[], name: string, window: SampleWindow): void {
    if (window.count === 0) return;
    const sorted = window.sorted();
    lines.push(statsdLine(name, window.mean, "ms", this.#tags));
    for (const percentile of PERCENTILES) {
      const value = percentileOf(sorted, percentile / 100);
      lines.push(statsdLine(`${name}.p${percentile}`, value, "ms", this.#tags));
    }
    window.clear();
  }

  #leaveOut(lines: number): void {
    const isFirst = this.#leftOutLines === 0;
    this.#leftOutLines += lines;
    if (!isFirst) return;
    const message =
      `StatsD: ${lines} lines are longer than a packet of ${this.#packetBytesMax} bytes and are not sent. ` +
      "A larger GAMELIFT_MAX_PACKET_SIZE lets them out. This is told once";
    this.#options.telemetry.vendorMessage({ level: "warn", message });
  }
}

/**
 * @param sorted - Ascending, one value at least.
 * @returns The value below which that share of them lies; between two neighbours in proportion, as GameLift's SDKs have it.
 */
export function percentileOf(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const lower = Math.floor(place);
  const low = sorted[lower] ?? 0;
  const high = sorted[lower + 1] ?? low;
  return low + (high - low) * (place - lower);
}

function memoryOfMachine(): MemoryReading {
  return {
    totalBytes: totalmem(),
    availableBytes: freemem(),
    usedBytes: process.memoryUsage.rss(),
  };
}
