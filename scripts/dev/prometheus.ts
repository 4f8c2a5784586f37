/**
 * A real Prometheus beside the servers, where one is installed: it scrapes by the configuration that the CloudWatch agent
 * has, but more often, and keeps all metrics.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { scrapeConfiguration } from "../telemetry/scrape.ts";

/** Seconds from one scrape to the next: somebody is watching. */
const INTERVAL_S = 5;

/** Loading its own data takes it a second or two. */
const READY_TIMEOUT_MS = 30_000;
const READY_LOOK_MS = 200;

/** Its last words that are kept to explain why it did not start. */
const WORDS_MAX = 2_000;

export interface PrometheusOptions {
  /** Absolute; where servers write their targets files. */
  readonly targetsDir: string;
  /** Absolute; made if it is not there. For its configuration and its data. */
  readonly dataDir: string;
  /** On 127.0.0.1; something must not listen there yet. */
  readonly port: number;
  /** Seconds; 5 unless given. */
  readonly intervalS?: number;
  /** Where programs are looked for; `PATH` unless given. */
  readonly searchPath?: string;
}

export interface RunningPrometheus {
  readonly child: ChildProcess;
  readonly url: string;
  /** Settles when it answers. @throws Error with its own words when it does not within 30 s. */
  ready(): Promise<void>;
  /** Ends it and waits until it has ended. */
  stop(): Promise<void>;
}

/** @returns `undefined` where there is no Prometheus. */
export function startPrometheus(options: PrometheusOptions): RunningPrometheus | undefined {
  const { targetsDir, dataDir, port, intervalS = INTERVAL_S } = options;
  const searchPath = options.searchPath ?? process.env["PATH"] ?? "";
  const program = findProgram("prometheus", searchPath);
  if (program === undefined) return undefined;
  mkdirSync(dataDir, { recursive: true });
  const configFile = path.join(dataDir, "prometheus.yaml");
  writeFileSync(
    configFile,
    scrapeConfiguration({ targetsDir, intervalS, keepsCloudwatchOnly: false }),
  );
  const url = `http://127.0.0.1:${port}`;
  // Where the system has it: a Prometheus whose starter was killed ends as well.
  const setpriv = findProgram("setpriv", searchPath);
  const [command = program, ...before] =
    setpriv === undefined ? [program] : [setpriv, "--pdeathsig", "TERM", program];
  const child = spawn(
    command,
    [
      ...before,
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${path.join(dataDir, "data")}`,
      "--storage.tsdb.retention.time=1d",
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=warn",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-WORDS_MAX);
  });
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  });
  return {
    child,
    url,
    ready: () => answers(child, url, () => words),
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function answers(child: ChildProcess, url: string, words: () => string): Promise<void> {
  const untilMs = performance.now() + READY_TIMEOUT_MS;
  while (child.exitCode === null && child.signalCode === null && performance.now() < untilMs) {
    const response = await fetch(`${url}/-/ready`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, READY_LOOK_MS));
  }
  throw new Error(`prometheus does not answer. ${words()}`.trim());
}

/** @returns The first executable file of that name on a search path. */
export function findProgram(name: string, searchPath: string): string | undefined {
  return searchPath
    .split(path.delimiter)
    .map((directory) => path.join(directory, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
