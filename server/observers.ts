/**
 * Everything that watches the server, as its configuration asks for it.
 * @module
 */
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import path from "node:path";
import type { Clock } from "./clock.ts";
import type { ServerConfig } from "./config.ts";
import { isLoopback } from "./config-telemetry.ts";
import { type ProcessIdentity, processIdentity } from "./process-identity.ts";
import { processOrdinal } from "./process-ordinal.ts";
import { AGENT_PORTS, METRICS_LOG_GROUP } from "./telemetry/catalogue/cloudwatch.ts";
import { EmfAgentLine } from "./telemetry/emf/agent-line.ts";
import { type EmfOut, EmfTelemetry } from "./telemetry/emf/emf-telemetry.ts";
import type { EventInfo } from "./telemetry/every-event.ts";
import { fanOutTelemetry } from "./telemetry/fanout.ts";
import { LiveTelemetry } from "./telemetry/live/live-telemetry.ts";
import { FileSink } from "./telemetry/log-sinks/file-sink.ts";
import { LateSink } from "./telemetry/log-sinks/late-sink.ts";
import type { LogSink } from "./telemetry/log-sinks/log-sink.ts";
import { StdoutSink } from "./telemetry/log-sinks/stdout-sink.ts";
import { PrometheusTelemetry } from "./telemetry/prometheus/prometheus-telemetry.ts";
import { NO_READING, type ServerReading } from "./telemetry/readings.ts";
import { CrashReporterTelemetry } from "./telemetry/statsd/crash-reporter.ts";
import { gameLiftSettings } from "./telemetry/statsd/gamelift-settings.ts";
import { StatsdTelemetry } from "./telemetry/statsd/statsd-telemetry.ts";
import { UdpSender } from "./telemetry/statsd/udp-sender.ts";
import { TargetsFile } from "./telemetry/targets/targets-file.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";
import { WinstonTelemetry } from "./telemetry/winston/winston-telemetry.ts";

const THIS_MACHINE = "127.0.0.1";

/** What is known once the ports are open. */
interface Opened extends Omit<EventInfo<"serverListening">, "room"> {
  readonly reading: () => ServerReading;
  /** `usual` is what this process hosts where nobody names another. */
  readonly games: { readonly usual: string };
}

export class Observers {
  readonly telemetry: Telemetry;
  readonly #config: ServerConfig;
  readonly #clock: Clock;
  readonly #identity: ProcessIdentity;
  readonly #stdout: StdoutSink;
  readonly #sinks: readonly LogSink[];
  readonly #prometheus: PrometheusTelemetry;
  readonly #live: LiveTelemetry;
  /** What is to be out before the process ends. */
  readonly #closings: (() => Promise<void>)[] = [];
  #opened: Opened | undefined;
  #targets: TargetsFile | undefined;

  /** @param version - Of this program. */
  constructor(config: ServerConfig, clock: Clock, version: string) {
    this.#config = config;
    this.#clock = clock;
    this.#identity = processIdentity(config.secrets.fleetEnvironment, textOf);
    this.#stdout = new StdoutSink({
      clock,
      identity: { ...this.#identity },
      onFault: this.#onLogFault,
    });
    this.#sinks = this.#openSinks();
    const secrets = secretsOf(config);
    this.#live = new LiveTelemetry({ clock });
    this.#prometheus = new PrometheusTelemetry({
      version,
      readings: this.#reading,
      logs: () => this.#sinks.map((sink) => sink.losses),
    });
    this.telemetry = fanOutTelemetry(
      new WinstonTelemetry({
        clock,
        level: config.logLevel,
        sinks: this.#sinks,
        identity: { ...this.#identity },
        playerIds: config.telemetry.logs.playerIds,
        secrets: () => secrets,
      }),
      this.#prometheus,
      this.#live,
      ...this.#openCollectors(),
    );
  }

  /** For the admin port. */
  get admin() {
    return {
      metrics: { contentType: this.#prometheus.contentType, text: () => this.#prometheus.text() },
      live: () => this.#live.snapshot(this.#reading()),
    };
  }

  /** The ports are open: tells so, and shows the way to those who look for it. */
  opened(opened: Opened): void {
    this.#opened = opened;
    const { reading: _reading, games, ...told } = opened;
    this.telemetry.serverListening({ ...told, room: games.usual });
    // For a person who started it; whoever else did reads the line above.
    if (process.stderr.isTTY) {
      process.stderr.write(`live view: http://${THIS_MACHINE}:${opened.adminPort}/\n`);
    }
    const { targetsDir: dir, admin } = this.#config.telemetry;
    if (dir === "") return;
    this.#targets = new TargetsFile({
      dir,
      // Where others may come from elsewhere, each process may be in a container of its own.
      isShared: !isLoopback(admin.host),
      target: `${addressOf(admin.host)}:${opened.adminPort}`,
      labels: this.#labels(),
      clock: this.#clock,
      telemetry: this.telemetry,
    });
    void this.#targets.open();
  }

  /** Nobody is to look here any more. */
  async leave(): Promise<void> {
    await this.#targets?.close();
  }

  /** After `serverStopped`: resolves once what was told is out, within a second. */
  async settled(): Promise<void> {
    // Once more: a process that could not start never left.
    await Promise.all([this.leave(), ...this.#closings.map((close) => close())]);
    this.#prometheus.close();
  }

  readonly #reading = (): ServerReading => this.#opened?.reading() ?? NO_READING;

  readonly #onLogFault = (message: string) =>
    this.telemetry.vendorMessage({ level: "warn", message });

  #labels(): Readonly<Record<string, string>> {
    return { ...this.#place, Ordinal: this.#ordinal };
  }

  /** What is known of it. */
  get #place(): Readonly<Record<string, string>> {
    const { fleetId, location } = this.#identity;
    const labels = { FleetId: fleetId, Location: location };
    return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ""));
  }

  get #ordinal(): string {
    return processOrdinal(this.#config.ports, this.#opened?.port ?? 0);
  }

  #openSinks(): LogSink[] {
    const { dir, stdout, fileBytes, fileMs, filesMax } = this.#config.telemetry.logs;
    const sinks: LogSink[] = [stdout ? this.#stdout : new FirstLineSink(this.#stdout)];
    if (dir === "") return sinks;
    const openFile = () =>
      new FileSink({
        clock: this.#clock,
        identity: { ...this.#identity },
        onFault: this.#onLogFault,
        // Its own, which is known once the port is.
        dir: path.join(dir, this.#ordinal),
        fileBytes,
        fileMs,
        filesMax,
      });
    return [...sinks, new LateSink("file", openFile)];
  }

  #openCollectors(): Telemetry[] {
    const { collectors } = this.#config.telemetry;
    const hasGlOtel = collectors === "gl-otel" || collectors === "both";
    const hasAgent = collectors === "agent" || collectors === "both";
    return [
      ...(hasGlOtel ? this.#glOtel() : []),
      ...(hasAgent ? this.#agent(hasGlOtel ? AGENT_PORTS.statsdBeside : AGENT_PORTS.statsd) : []),
      // A line of its own, and whole: what reads standard output in a container makes metrics of it.
      ...(collectors === "stdout"
        ? [this.#emf({ write: (line) => this.#stdout.write(line, true) }, "")]
        : []),
    ];
  }

  #glOtel(): Telemetry[] {
    const { statsd, crashReporter, flushIntervalMs, packetBytesMax, problems } = gameLiftSettings(
      this.#config.secrets.fleetEnvironment,
    );
    const telemetry = this.#later;
    for (const message of problems) {
      queueMicrotask(() => telemetry.vendorMessage({ level: "warn", message }));
    }
    const reporter = new CrashReporterTelemetry({
      clock: this.#clock,
      telemetry,
      ...crashReporter,
      processPid: process.pid,
    });
    this.#closings.push(() => reporter.close());
    return [reporter, this.#statsd("gl-otel", statsd, { flushIntervalMs, packetBytesMax })];
  }

  #agent(statsdPort: number): Telemetry[] {
    const out = new EmfAgentLine({
      clock: this.#clock,
      telemetry: this.#later,
      host: THIS_MACHINE,
      port: AGENT_PORTS.emf,
    });
    this.#closings.push(() => out.close());
    return [
      this.#statsd("agent", { host: THIS_MACHINE, port: statsdPort }, {}),
      this.#emf(out, METRICS_LOG_GROUP),
    ];
  }

  #statsd(
    collector: "gl-otel" | "agent",
    where: { readonly host: string; readonly port: number },
    limits: { readonly flushIntervalMs?: number; readonly packetBytesMax?: number },
  ): StatsdTelemetry {
    const telemetry = this.#later;
    return new StatsdTelemetry({
      clock: this.#clock,
      readings: this.#reading,
      sender: new UdpSender({ ...where, telemetry }),
      telemetry,
      collector,
      agentTags: this.#place,
      processPid: process.pid,
      gameLiftProcessId: this.#identity.processId,
      ...limits,
    });
  }

  #emf(out: EmfOut, logGroupName: string): EmfTelemetry {
    const { fleetId, location, computeName, processId, buildId } = this.#identity;
    return new EmfTelemetry({
      clock: this.#clock,
      out,
      fleetId,
      location,
      properties: { computeName, processId, buildId },
      logGroupName,
    });
  }

  /** For adapters that are part of the telemetry themselves. */
  get #later(): Pick<Telemetry, "vendorMessage"> {
    return { vendorMessage: (info) => this.telemetry.vendorMessage(info) };
  }
}

/** Lets the first line through alone, which whoever started the process waits for. */
class FirstLineSink implements LogSink {
  readonly #sink: LogSink;
  #isFirst = true;

  constructor(sink: LogSink) {
    this.#sink = sink;
  }

  get losses() {
    return this.#sink.losses;
  }

  write(line: string, isPrecious: boolean): void {
    if (this.#isFirst) this.#sink.write(line, isPrecious);
    this.#isFirst = false;
  }

  close(): void {
    this.#sink.close();
  }
}

/** As others write it: where the server listens on all addresses, its first one that is not this machine's alone. */
function addressOf(host: string): string {
  const isAny = host === "0.0.0.0" || host === "::";
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const found = isAny
    ? own.find(({ internal, family }) => !internal && family === "IPv4")
    : undefined;
  const address = found?.address ?? host;
  return address.includes(":") ? `[${address}]` : address;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

const SECRET_VARIABLES = [
  "GAMELIFT_SDK_AUTH_TOKEN",
  "GAMELIFT_ACCESS_KEY",
  "GAMELIFT_SECRET_KEY",
  "GAMELIFT_SESSION_TOKEN",
  "GAMELIFT_SDK_WEBSOCKET_URL",
];

function secretsOf({ secrets }: ServerConfig): string[] {
  const { resultsToken, adminToken, fleetEnvironment } = secrets;
  const fleets = SECRET_VARIABLES.map((name) => fleetEnvironment[name] ?? "");
  return [resultsToken, adminToken, ...fleets].filter((secret) => secret !== "");
}
