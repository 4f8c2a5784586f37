import type { ServerReading } from "../../../../server/telemetry/readings.ts";
import {
  StatsdTelemetry,
  type StatsdTelemetryOptions,
} from "../../../../server/telemetry/statsd/statsd-telemetry.ts";
import { everyEvent } from "../../../contract/telemetry-contract.ts";
import { readDatagram, type StatsdMetric } from "../../../support/collectors/statsd-grammar.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

export const ARN =
  "arn:aws:gamelift:us-west-2::gamesession/fleet-2222bbbb-33cc-44dd-55ee-6666ffff77aa/us-west-2/3333cccc-44dd-55ee-66ff-7777aaaa88bb";

/** A server with a game session of 200 seats, three of them held. */
export function readingOf(more: Partial<ServerReading> = {}): ServerReading {
  return {
    connections: { strangers: 2, clients: 3 },
    traffic: { receivedBytes: 0, receivedFrames: 0, sentBytes: 0, sentFrames: 0 },
    sendQueue: { bytes: 0, largestBytes: 0 },
    phase: "active",
    gameSession: { gameSessionId: ARN, state: "active", seatsHeld: 3, seatsMax: 200 },
    match: undefined,
    isHealthy: true,
    health: { ticks: "ok", eventLoop: "ok", match: "ok" },
    ...more,
  };
}

/** The adapter on stepped time, with packets that go nowhere but into `packets`. */
export class StatsdWorld {
  readonly clock = new FakeClock();
  readonly packets: Buffer[] = [];
  readonly said: string[] = [];
  readonly telemetry: StatsdTelemetry;
  readings: () => ServerReading = readingOf;
  isSenderClosed = false;
  #seen = 0;

  constructor(options: Partial<StatsdTelemetryOptions> = {}) {
    this.telemetry = new StatsdTelemetry({
      clock: this.clock,
      readings: () => this.readings(),
      sender: {
        send: (packet) => this.packets.push(packet),
        close: () => {
          this.isSenderClosed = true;
        },
      },
      telemetry: { vendorMessage: ({ message }) => this.said.push(message) },
      collector: "gl-otel",
      processPid: 4711,
      gameLiftProcessId: "process-1",
      memory: () => ({ totalBytes: 8e9, availableBytes: 6e9, usedBytes: 1e8 }),
      ...options,
    });
  }

  listening(): this {
    this.telemetry.serverListening(everyEvent.serverListening);
    return this;
  }

  placed(gameSessionId = ARN): this {
    this.telemetry.gameSessionPlaced({ ...everyEvent.gameSessionPlaced, gameSessionId });
    return this;
  }

  ticks(durationsMs: readonly number[], intervalMs = 50): this {
    for (const durationMs of durationsMs) {
      this.telemetry.tickRan({ durationMs, intervalMs, lateMs: 0, commands: 0 });
    }
    return this;
  }

  /** Metrics that went out since the last look. */
  metrics(): StatsdMetric[] {
    const read = this.packets.slice(this.#seen).map((packet) => readDatagram(packet, 65_536));
    this.#seen = this.packets.length;
    return read.flatMap(({ metrics }) => metrics);
  }

  /** As `metrics`, by name. */
  values(): Record<string, number> {
    return Object.fromEntries(this.metrics().map(({ name, value }) => [name, value]));
  }
}
