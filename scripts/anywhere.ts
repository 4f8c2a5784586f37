/**
 * `npm run anywhere`: makes this machine a compute of a GameLift Anywhere fleet and runs servers on it (docs/ANYWHERE.md).
 * @module
 */
import { randomUUID } from "node:crypto";
import os from "node:os";
import { systemClock as clock } from "../server/clock.ts";
import { AwsComputeApi } from "./anywhere/aws/aws-compute-api.ts";
import { openCredentials } from "./anywhere/aws/credentials.ts";
import { AnywhereError } from "./anywhere/errors.ts";
import { lineReport } from "./anywhere/report.ts";
import { launchServer } from "./anywhere/server-process.ts";
import { type AnywhereSettings, readAnywhereSettings } from "./anywhere/settings.ts";
import { holdComputeName } from "./anywhere/sole-supervisor.ts";
import { StopSignals, supervise } from "./anywhere/supervisor.ts";

/** After this everything has closed by itself; a connection that a vendor keeps does not keep the process. */
const EXIT_TIMEOUT_MS = 1_000;

const report = lineReport({ wallMs: clock.wallMs, write: (line) => process.stdout.write(line) });

async function run(settings: AnywhereSettings): Promise<number> {
  const { env } = process;
  const signals = new StopSignals(clock);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => signals.take());
  }
  for (const stray of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(stray, (cause: unknown) => {
      report("supervisorFault", { cause });
      signals.fault();
    });
  }
  const { fleetId, location, computeName, region, processes } = settings;
  const { pid } = process;
  report("supervisorStarted", { pid, fleetId, location, computeName, region, processes });
  sayIfLoopback(settings);

  const release = await holdComputeName(fleetId, computeName);
  const credentials = await openCredentials(env, clock.wallMs);
  using api = new AwsComputeApi({ ...settings, credentials });
  const output = {
    writeOut: (bytes: Uint8Array) => process.stdout.write(bytes),
    writeError: (bytes: Uint8Array) => process.stderr.write(bytes),
  };
  try {
    return await supervise({
      settings,
      api,
      clock,
      report,
      signals,
      random: Math.random,
      newProcessId: randomUUID,
      launch: (connection) =>
        launchServer({ ...output, env, command: settings.command }, connection),
    });
  } finally {
    await release();
  }
}

function sayIfLoopback({ ipAddress, dnsName }: AnywhereSettings): void {
  if (ipAddress === undefined || dnsName !== undefined) return;
  if (!/^127\.|^::1$/.test(ipAddress)) return;
  const advice =
    "Players on this machine alone can join. FLEETROOM_ANYWHERE_IP_ADDRESS names the address at which others reach it.";
  report("addressIsLoopback", { ipAddress, advice });
}

// A reader that went away ends the log, never the servers.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
try {
  const { env, argv } = process;
  const settings = readAnywhereSettings({ env, argv: argv.slice(2), hostname: os.hostname() });
  process.exitCode = await run(settings);
} catch (error) {
  const words = error instanceof AnywhereError ? `${error.code}: ${error.message}` : error;
  console.error(words);
  process.exitCode = 1;
}
report("supervisorStopped", { exitCode: Number(process.exitCode) });
setTimeout(() => process.exit(), EXIT_TIMEOUT_MS).unref();
