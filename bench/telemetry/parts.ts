import path from "node:path";
import type { Clock } from "../../server/clock.ts";
import { EmfAgentLine } from "../../server/telemetry/emf/agent-line.ts";
import { EmfTelemetry } from "../../server/telemetry/emf/emf-telemetry.ts";
import { silentTelemetry } from "../../server/telemetry/fanout.ts";
import { LiveTelemetry } from "../../server/telemetry/live/live-telemetry.ts";
import { FileSink } from "../../server/telemetry/log-sinks/file-sink.ts";
import { PrometheusTelemetry } from "../../server/telemetry/prometheus/prometheus-telemetry.ts";
import type { ServerReading } from "../../server/telemetry/readings.ts";
import { CrashReporterTelemetry } from "../../server/telemetry/statsd/crash-reporter.ts";
import { StatsdTelemetry } from "../../server/telemetry/statsd/statsd-telemetry.ts";
import { UdpSender } from "../../server/telemetry/statsd/udp-sender.ts";
import type { Telemetry } from "../../server/telemetry/telemetry.ts";
import { WinstonTelemetry } from "../../server/telemetry/winston/winston-telemetry.ts";
import { COLLECTOR_PORTS } from "./collectors.ts";

/** One of those who watch a fleet's process. */
export interface Part {
  readonly name: string;
  readonly telemetry: Telemetry;
  /** What a collector reads of it. @returns Characters. */
  readonly scrape?: () => Promise<number>;
}

interface PartDeps {
  readonly clock: Clock;
  readonly readings: () => ServerReading;
  /** Where log files go. */
  readonly folder: string;
}

const HOST = "127.0.0.1";
const IDENTITY = {
  fleetId: "fleet-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
  computeName: "bench",
  processId: "process-bench",
};

type PartMaker = (deps: PartDeps) => Part;

function logPart({ clock, folder }: PartDeps): Part {
  const sink = new FileSink({
    clock,
    identity: IDENTITY,
    dir: path.join(folder, "00"),
    fileBytes: 10 * 1024 * 1024,
    fileMs: 24 * 3_600_000,
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

function livePart({ clock }: PartDeps): Part {
  return { name: "live picture", telemetry: new LiveTelemetry({ clock }) };
}

function prometheusPart({ readings }: PartDeps): Part {
  const telemetry = new PrometheusTelemetry({ readings, logs: () => [], version: "0.1.0" });
  return { name: "prometheus", telemetry, scrape: async () => (await telemetry.text()).length };
}

function glOtelPart(deps: PartDeps): Part {
  const telemetry = statsdOf(deps, "gl-otel", COLLECTOR_PORTS.glOtel);
  return { name: "statsd for gl-otel", telemetry };
}

function crashReporterPart({ clock }: PartDeps): Part {
  const telemetry = new CrashReporterTelemetry({
    clock,
    telemetry: silentTelemetry,
    host: HOST,
    port: COLLECTOR_PORTS.crashReporter,
    processPid: process.pid,
  });
  return { name: "crash reporter", telemetry };
}

function agentPart(deps: PartDeps): Part {
  const telemetry = statsdOf(deps, "agent", COLLECTOR_PORTS.agentStatsd);
  return { name: "statsd for the agent", telemetry };
}

function statsdOf(
  { clock, readings }: PartDeps,
  collector: "gl-otel" | "agent",
  port: number,
): Telemetry {
  return new StatsdTelemetry({
    clock,
    readings,
    sender: new UdpSender({ host: HOST, port, telemetry: silentTelemetry }),
    telemetry: silentTelemetry,
    collector,
    processPid: process.pid,
    gameLiftProcessId: IDENTITY.processId,
  });
}

function emfPart({ clock }: PartDeps): Part {
  const { fleetId, ...properties } = IDENTITY;
  const telemetry = new EmfTelemetry({
    clock,
    out: new EmfAgentLine({
      clock,
      host: HOST,
      port: COLLECTOR_PORTS.agentEmf,
      telemetry: silentTelemetry,
    }),
    fleetId,
    location: "eu-central-1",
    properties,
    logGroupName: "fleetroom",
  });
  return { name: "emf", telemetry };
}

/** What `server/observers.ts` puts together on a fleet with both collectors, each by itself. */
export const PART_MAKERS: readonly PartMaker[] = [
  logPart,
  livePart,
  prometheusPart,
  glOtelPart,
  crashReporterPart,
  agentPart,
  emfPart,
];
