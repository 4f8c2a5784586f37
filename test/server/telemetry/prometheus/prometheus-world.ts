import { PrometheusTelemetry } from "../../../../server/telemetry/prometheus/prometheus-telemetry.ts";
import type { LogReading, ServerReading } from "../../../../server/telemetry/readings.ts";

/** A process that waits for its game session. */
export const IDLE: ServerReading = {
  connections: { strangers: 0, clients: 0 },
  traffic: { receivedBytes: 0, receivedFrames: 0, sentBytes: 0, sentFrames: 0 },
  sendQueue: { bytes: 0, largestBytes: 0 },
  phase: "idle",
  gameSession: undefined,
  match: undefined,
  isHealthy: true,
  health: { ticks: "none", eventLoop: "ok", match: "none" },
};

/** A match, every figure another. */
export const BUSY: ServerReading = {
  connections: { strangers: 3, clients: 21 },
  traffic: { receivedBytes: 1_001, receivedFrames: 102, sentBytes: 50_003, sentFrames: 504 },
  sendQueue: { bytes: 7_001, largestBytes: 4_096 },
  phase: "draining",
  gameSession: { gameSessionId: "gsess-1", state: "over", seatsHeld: 22, seatsMax: 32 },
  match: {
    tickRateHz: 20,
    ranTicks: 900,
    droppedTicks: 2,
    commandsQueued: 11,
    slowClients: 5,
    snapshots: { groups: 6, waiting: 7, keyframes: 8, ownMessages: 9, bytes: 10 },
  },
  isHealthy: false,
  health: { ticks: "stalled", eventLoop: "slow", match: "closing_stuck" },
};

export const LOGS: readonly LogReading[] = [
  { sink: "file", lines: 31, dropped: { full: 4, disk: 5, gone: 6 } },
  { sink: "stdout", lines: 37, dropped: { full: 7, disk: 8, gone: 9 } },
];

export const VERSION = "1.2.3";

export class PrometheusWorld implements Disposable {
  reading: ServerReading = IDLE;
  logs: readonly LogReading[] = [];
  /** How often each was asked. */
  readonly asked = { readings: 0, logs: 0 };
  readonly telemetry = new PrometheusTelemetry({
    readings: () => {
      this.asked.readings++;
      return this.reading;
    },
    logs: () => {
      this.asked.logs++;
      return this.logs;
    },
    version: VERSION,
  });

  [Symbol.dispose](): void {
    this.telemetry.close();
  }

  /** @returns Values by series, as the text writes them: `name{label="value"}`. */
  async samples(): Promise<Map<string, number>> {
    const lines = (await this.telemetry.text()).split("\n");
    const samples = lines.filter((line) => line !== "" && !line.startsWith("#"));
    return new Map(
      samples.map((line) => {
        const end = line.lastIndexOf(" ");
        return [line.slice(0, end), Number(line.slice(end + 1))];
      }),
    );
  }

  /** Without what the process is by itself, which changes all the time. */
  async counted(): Promise<Map<string, number>> {
    const isOwn = (series: string) =>
      !/^(process_|nodejs_|fleetroom_gc_|fleetroom_event_loop_)/.test(series);
    return new Map([...(await this.samples())].filter(([series]) => isOwn(series)));
  }
}

/** What has changed, and by how much; rounded, since sums are of fractions. */
export function moved(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Record<string, number> {
  const changes = [...after].map(([series, value]): [string, number] => [
    series,
    Math.round((value - (before.get(series) ?? Number.NaN)) * 1e9) / 1e9,
  ]);
  return Object.fromEntries(changes.filter(([, change]) => change !== 0));
}
