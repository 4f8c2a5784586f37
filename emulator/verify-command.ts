/**
 * `npm run emulator -- verify`: takes a game server through its lives and prints what it did right and wrong.
 * @module
 */
import { writeFileSync } from "node:fs";
import { Api } from "./api/api.ts";
import type { CommandLine } from "./config.ts";
import { EmulatorError, EmulatorErrorCode } from "./errors.ts";
import { createFromFile, EMPTY_FLEET_FILE, readFleetFile } from "./fleet-file.ts";
import { selfSigned } from "./front/self-signed.ts";
import type { ControlPlane } from "./plane/control-plane.ts";
import { durations } from "./plane/durations.ts";
import { PlacementEvents } from "./queues/placement-events.ts";
import { Queues } from "./queues/queues.ts";
import { ChildProcesses } from "./supervisor/child/child-processes.ts";
import { readMatchmakerData } from "./verify/matchmaker-data.ts";
import { type Report, reportLines } from "./verify/report.ts";
import { verify } from "./verify/verify.ts";

/**
 * @returns The exit code: 0 when no rule is broken, 1 when one is.
 * @throws EmulatorError for a file that cannot be used, or a command that cannot be run.
 */
export async function runVerify(
  { config, server, terms }: Extract<CommandLine, { command: "verify" }>,
  print: (line: string) => void,
): Promise<number> {
  const { fleetFile, isTls, timeScale, healthTimeScale, environment } = config;
  const file = fleetFile === undefined ? EMPTY_FLEET_FILE : readFleetFile(fleetFile);
  const { region, accountId } = file;
  const { client, heartbeats, terminationMs, gameProperties, matchmakerFile, reportFile } = terms;
  const matchmakerData = matchmakerFile === undefined ? "" : readMatchmakerData(matchmakerFile);
  const report = await verify({
    command: server,
    client,
    folder: process.cwd(),
    environment,
    durations: durations(timeScale, healthTimeScale),
    region,
    accountId,
    gameSession: { gameProperties, matchmakerData },
    children: new ChildProcesses(),
    print,
    ...(file.fleets.length > 0 && {
      createFleets: (plane: ControlPlane) => createFromFile(file, apiOf(plane, print)),
    }),
    ...(isTls && { tls: selfSigned("fleetroom emulator") }),
    ...(heartbeats !== undefined && { heartbeats }),
    ...(terminationMs !== undefined && { terminationMs }),
  });
  for (const line of reportLines(report)) print(line);
  if (reportFile !== undefined) write(reportFile, report);
  return report.isClean ? 0 : 1;
}

function write(file: string, report: Report): void {
  try {
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const words = `the report cannot be written (${code}): --report names ${file}`;
    throw new EmulatorError(EmulatorErrorCode.EMULATOR_VERIFY_FAILED, words, { cause });
  }
}

/** Nobody but the fleet file calls it. */
function apiOf(plane: ControlPlane, print: (line: string) => void): Api {
  const queues = new Queues({ plane, events: new PlacementEvents([]) });
  const uploadTicket = () => {
    throw new Error("A fleet file makes no builds.");
  };
  return new Api({ plane, queues, logUrl: () => undefined, uploadTicket, print });
}
