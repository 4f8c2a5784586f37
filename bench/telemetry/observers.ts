import { createWriteStream, mkdirSync } from "node:fs";
import path from "node:path";
import type { Clock } from "../../server/clock.ts";
import { fanOutTelemetry, silentTelemetry } from "../../server/telemetry/fanout.ts";
import type { ServerReading } from "../../server/telemetry/readings.ts";
import type { Telemetry } from "../../server/telemetry/telemetry.ts";
import { WinstonTelemetry } from "../../server/telemetry/winston/winston-telemetry.ts";

export interface Observers {
  readonly telemetry: Telemetry;
  /** What a collector reads once a minute. @returns Characters of it. */
  scrape(): Promise<number>;
  close(): Promise<void>;
}

export interface ObserverDeps {
  readonly clock: Clock;
  readonly readings: () => ServerReading;
  /** Where log files go. */
  readonly folder: string;
}

export const noObservers: Observers = {
  telemetry: silentTelemetry,
  scrape: async () => 0,
  close: async () => {},
};

/** Everything that a fleet process tells of itself, as it is with every collector. */
export async function allObservers({ clock, folder }: ObserverDeps): Promise<Observers> {
  mkdirSync(folder, { recursive: true });
  const stream = createWriteStream(path.join(folder, "server.jsonl"));
  const winston = new WinstonTelemetry({ clock, level: "info", stream });
  return {
    telemetry: fanOutTelemetry(winston),
    scrape: async () => 0,
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}
