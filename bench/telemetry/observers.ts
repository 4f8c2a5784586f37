import { createWriteStream } from "node:fs";
import path from "node:path";
import type { Clock } from "../../server/clock.ts";
import { fanOutTelemetry } from "../../server/telemetry/fanout.ts";
import type { ServerReading } from "../../server/telemetry/readings.ts";
import type { Telemetry } from "../../server/telemetry/telemetry.ts";
import { WinstonTelemetry } from "../../server/telemetry/winston/winston-telemetry.ts";
import type { CollectorPorts } from "./collectors.ts";

/** One part of what a fleet process has. */
export interface Observer {
  readonly name: string;
  readonly telemetry: Telemetry;
  /** What a collector reads of it. @returns Characters. */
  readonly scrape?: () => Promise<number>;
}

export interface ObserverDeps {
  readonly clock: Clock;
  readonly readings: () => ServerReading;
  /** Where log files go. */
  readonly folder: string;
  readonly ports: CollectorPorts;
}

type ObserverMaker = (deps: ObserverDeps) => Observer;

function logObserver({ clock, folder }: ObserverDeps): Observer {
  const stream = createWriteStream(path.join(folder, "server.jsonl"));
  return { name: "log", telemetry: new WinstonTelemetry({ clock, level: "info", stream }) };
}

/** Everything that a process on a fleet has, with both collectors. */
export const OBSERVER_MAKERS: readonly ObserverMaker[] = [logObserver];

/** As a server puts them together. */
export function together(observers: readonly Observer[]): Observer {
  return {
    name: "all",
    telemetry: fanOutTelemetry(...observers.map(({ telemetry }) => telemetry)),
    scrape: async () => {
      const characters = await Promise.all(observers.map((each) => each.scrape?.() ?? 0));
      return characters.reduce((sum, each) => sum + each, 0);
    },
  };
}
