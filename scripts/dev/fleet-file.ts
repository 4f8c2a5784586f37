/**
 * The fleet of `npm run dev`: what the emulator is told to be there, in the members of the AWS API.
 * @module
 */

import type { Setting } from "../../server/config-setting.ts";
import { environmentName, flagName, settings } from "../../server/config-table.ts";

export const DEVELOPMENT_REGION = "eu-central-1";
export const DEVELOPMENT_QUEUE = "players";
const ACCOUNT_ID = "123456789012";
const FLEET_ID = "fleet-development";

/** Where servers answer to the console, which shows their ticks. */
export const ADMIN_PORTS = { first: 7_100, last: 7_149 } as const;

/** Two for each game are enough for one person, and a laptop bears them. */
const SERVER_PROCESSES = 4;

/** A lobby waits somewhat longer than the queue, so that it hears of its end. */
const QUEUE_SECONDS = 15;

/** How a server process is started, as a fleet's configuration says it. */
export interface ServerLaunch {
  /** Below `/local/game`, which stands for the working directory. */
  readonly launchPath: string;
  /** From the working directory. */
  readonly script: string;
  readonly flags: readonly string[];
}

/** The Node that `npm ci` brings, and the server's source. */
export const REPOSITORY_LAUNCH: ServerLaunch = {
  launchPath: "/local/game/node_modules/.bin/node",
  script: "server/main.ts",
  flags: [],
};

/** What a fleet's launch parameters may hold, without blanks, which separate them. */
export const PARAMETER = /^[A-Za-z0-9_:.+/\\\-=@;{},?'[\]"]{1,512}$/;

/** While you work nobody wants to wait for a match to end; of all lines a person should see the warnings. */
const DEFAULTS = {
  FLEETROOM_DRAIN_MS: "2000",
  FLEETROOM_LOG_LEVEL: "warn",
  FLEETROOM_LOG_DIR: ".fleetroom/logs",
};

/** Settings that are the fleet's own affair here. */
const TAKEN = new Set(["fleet", "room", "host", "port", "adminPort", "origins", "localSession"]);

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param origins - Of the page.
 * @param environment - The developer's own.
 * @param serverProcesses - At once; {@link SERVER_PROCESSES} unless given.
 * @param launch - {@link REPOSITORY_LAUNCH} unless given.
 */
export function developmentFleetFile(
  origins: readonly string[],
  environment: Environment,
  serverProcesses = SERVER_PROCESSES,
  launch = REPOSITORY_LAUNCH,
): object {
  const parameters = [
    launch.script,
    ...launch.flags,
    ...["--host", "127.0.0.1", "--port", "7000-7049", "--origins", origins.join(",")],
    ...["--admin-port", `${ADMIN_PORTS.first}-${ADMIN_PORTS.last}`],
    ...ownSettings(environment, launch.flags).flags,
  ];
  return {
    Region: DEVELOPMENT_REGION,
    AccountId: ACCOUNT_ID,
    Fleets: [
      {
        FleetId: FLEET_ID,
        Name: "development",
        ComputeType: "EC2",
        RuntimeConfiguration: {
          ServerProcesses: [
            {
              LaunchPath: launch.launchPath,
              Parameters: parameters.join(" "),
              ConcurrentExecutions: serverProcesses,
            },
          ],
          MaxConcurrentGameSessionActivations: serverProcesses,
          GameSessionActivationTimeoutSeconds: 60,
        },
      },
    ],
    Queues: [
      {
        Name: DEVELOPMENT_QUEUE,
        TimeoutInSeconds: QUEUE_SECONDS,
        Destinations: [
          {
            DestinationArn: `arn:aws:gamelift:${DEVELOPMENT_REGION}:${ACCOUNT_ID}:fleet/${FLEET_ID}`,
          },
        ],
      },
    ],
  };
}

/**
 * What `FLEETROOM_…` variables ask for: processes of a fleet get no environment, so what can be told by a flag is.
 * @param settled - Flags that are given already.
 */
export function ownSettings(
  environment: Environment,
  settled: readonly string[] = [],
): {
  readonly flags: readonly string[];
  /** Variables that reach no server. */
  readonly lost: readonly string[];
} {
  const given: Environment = { ...DEFAULTS, ...environment };
  const flags: string[] = [];
  const lost: string[] = [];
  for (const [name, row] of Object.entries(settings) as [string, Setting<unknown>][]) {
    const variable = environmentName(row.key);
    const value = given[variable];
    if (value === undefined || settled.includes(flagName(row.key))) continue;
    const isSecret = row.isSecret === true || row.isHidden === true;
    if (TAKEN.has(name) || isSecret || !PARAMETER.test(value)) lost.push(variable);
    else flags.push(flagName(row.key), value);
  }
  return { flags, lost };
}
