/**
 * `npm run emulator -- verify`: takes a game server through its lives and prints what it did right and wrong.
 * @module
 */
import { writeFileSync } from "node:fs";
import { Api } from "./api/api.ts";
import type { CommandLine } from "./config.ts";
import { createFromFile, EMPTY_FLEET_FILE, readFleetFile } from "./fleet-file.ts";
import { selfSigned } from "./front/self-signed.ts";
import type { ControlPlane } from "./plane/control-plane.ts";
import { durations } from "./plane/durations.ts";
import { PlacementEvents } from "./queues/placement-events.ts";
import { Queues } from "./queues/queues.ts";
import { ChildProcesses } from "./supervisor/child/child-processes.ts";
import { reportLines } from "./verify/report.ts";
import { verify } from "./verify/verify.ts";

/**
 * @returns The exit code: 0 for a clean life, 1 otherwise.
 * @throws EmulatorError for a fleet file that cannot be used, or a command that cannot be run.
 */
export async function runVerify(
  { config, server, terms }: Extract<CommandLine, { command: "verify" }>,
  print: (line: string) => void,
): Promise<number> {
  const { fleetFile, isTls, timeScale, healthTimeScale, environment } = config;
  const file = fleetFile === undefined ? EMPTY_FLEET_FILE : readFleetFile(fleetFile);
  const { region, accountId } = file;
  const { client, heartbeats, gameProperties, reportFile } = terms;
  const report = await verify({
    command: server,
    client,
    folder: process.cwd(),
    environment,
    durations: durations(timeScale, healthTimeScale),
    region,
    accountId,
    gameSession: { gameProperties },
    children: new ChildProcesses(),
    print,
    ...(file.fleets.length > 0 && {
      createFleets: (plane: ControlPlane) => createFromFile(file, apiOf(plane, print)),
    }),
    ...(isTls && { tls: selfSigned("fleetroom emulator") }),
    ...(heartbeats !== undefined && { heartbeats }),
  });
  for (const line of reportLines(report)) print(line);
  if (reportFile !== undefined) writeFileSync(reportFile, `${JSON.stringify(report, null, 2)}\n`);
  return report.isClean ? 0 : 1;
}

/** Nobody but the fleet file calls it. */
function apiOf(plane: ControlPlane, print: (line: string) => void): Api {
  const queues = new Queues({ plane, events: new PlacementEvents([]) });
  return new Api({ plane, queues, logUrl: () => undefined, print });
}
