/**
 * What every step of the scripts works with, and how a script begins and ends.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { openCredentials } from "../anywhere/aws/credentials.ts";
import { AwsCalls } from "./aws/aws-calls.ts";
import type { Calls } from "./calls.ts";
import { DryCalls } from "./dry-calls.ts";
import { FleetsError, FleetsErrorCode } from "./errors.ts";
import type { OptionsInput } from "./options.ts";
import { Progress } from "./progress.ts";
import type { Time } from "./waiting.ts";

export interface Work {
  /** The home Region of every fleet that is meant. */
  readonly region: string;
  readonly calls: Calls;
  readonly progress: Progress;
  readonly time: Time;
  readonly signal: AbortSignal;
  /** Between two looks of a wait. */
  readonly everyMs: number;
}

export interface WorkOptions {
  readonly region: string;
  readonly endpointUrl: string | undefined;
  readonly pollSeconds: number;
  readonly isDryRun: boolean;
}

const time: Time = {
  nowMs: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

/** After this everything has closed by itself; a connection that a vendor keeps does not keep the process. */
const EXIT_TIMEOUT_MS = 1_000;

/** So that pipes and scripts have it alone: standard output is for the result, standard error for the way there. */
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const tell = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/**
 * Runs a script to its end, and says how it went: exit code 0, or 1 with what stands and what to do.
 * @param read - The options; `"help"` prints the text. Throws FleetsError for mistakes.
 */
export async function runScript<Options extends WorkOptions>(script: {
  readonly help: () => string;
  readonly read: (input: OptionsInput) => Options | "help";
  /** What the same command does when it is run again. */
  readonly again: string;
  readonly run: (options: Options, work: Work) => Promise<string | undefined>;
}): Promise<void> {
  // A reader that went away ends the output, never the script.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => interrupted.abort());
  }
  let isDryRun = false;
  const progress = new Progress({
    nowMs: time.nowMs,
    // What is not done is not told.
    print: (line) => isDryRun || tell(line),
  });
  try {
    const { env, argv } = process;
    const options = script.read({ env, argv: argv.slice(2) });
    if (options === "help") return print(script.help());
    isDryRun = options.isDryRun;
    if (isDryRun) tell("Nothing is sent. What a run waits for is printed once.");
    using calls = await openCalls(options);
    const { signal } = interrupted;
    const everyMs = options.pollSeconds * 1_000;
    const result = await script.run(options, {
      region: options.region,
      calls,
      progress,
      time,
      signal,
      everyMs,
    });
    if (result !== undefined && !options.isDryRun) print(result);
  } catch (error) {
    process.exitCode = 1;
    tell(wordsOf(error, interrupted.signal, script.again));
    for (const line of progress.standing) tell(`Stands: ${line}`);
  }
  setTimeout(() => process.exit(), EXIT_TIMEOUT_MS).unref();
}

async function openCalls({ region, endpointUrl, isDryRun }: WorkOptions): Promise<Calls> {
  if (isDryRun) return new DryCalls(print);
  const { env } = process;
  const credentials = await openCredentials(env, Date.now);
  return new AwsCalls({ region, endpointUrl: endpointUrl || undefined, credentials });
}

function wordsOf(error: unknown, { aborted }: AbortSignal, again: string): string {
  if (aborted) {
    const code = FleetsErrorCode.FLEETS_INTERRUPTED;
    return `${code}: stopped. ${again}`;
  }
  if (error instanceof FleetsError) return `${error.code}: ${error.message}`;
  return String(error instanceof Error ? error.stack : error);
}
