import path from "node:path";
import type { Clock } from "../../server/clock.ts";
import { fanOutTelemetry } from "../../server/telemetry/fanout.ts";
import { LiveTelemetry } from "../../server/telemetry/live/live-telemetry.ts";
import { FileSink } from "../../server/telemetry/log-sinks/file-sink.ts";
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

const IDENTITY = {
  fleetId: "fleet-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
  computeName: "bench",
  processId: "process-bench",
};

type ObserverMaker = (deps: ObserverDeps) => Observer;

function logObserver({ clock, folder }: ObserverDeps): Observer {
  const sink = new FileSink({
    clock,
    identity: IDENTITY,
    dir: path.join(folder, "00"),
    fileBytesMax: 10 * 1024 * 1024,
    fileHours: 24,
    filesMax: 4,
  });
  const telemetry = new WinstonTelemetry({
    clock,
    level: "info",
    sinks: [sink],
    identity: IDENTITY,
  });
  return { name: "log file", telemetry };
}

function liveObserver({ clock }: ObserverDeps): Observer {
  return { name: "live picture", telemetry: new LiveTelemetry({ clock }) };
}

/** Everything that a process on a fleet has, with both collectors. */
export const OBSERVER_MAKERS: readonly ObserverMaker[] = [logObserver, liveObserver];

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
