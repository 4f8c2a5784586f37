/**
 * From a build that is READY to a fleet that is ACTIVE, with its capacity, its scaling and its alias.
 * @module
 */
import {
  heapMegabytesPerProcess,
  LAUNCH_PATH,
  launchParameters,
  PORTS,
} from "../gamelift/launch.ts";
import { FleetsError, FleetsErrorCode } from "./errors.ts";
import { awaitActive, type FleetInput, fleetsOfBuild, pages } from "./fleets.ts";
import type { Work } from "./work.ts";

export interface FleetOrder {
  readonly buildId: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly instanceType: string;
  readonly memoryMegabytes: number;
  readonly processes: number;
  readonly fleetType: "ON_DEMAND" | "SPOT";
  /** Besides the home Region. */
  readonly locations: readonly string[];
  readonly roleArn: string | undefined;
  readonly certificate: "GENERATED" | "DISABLED";
  readonly protection: "FullProtection" | "NoProtection";
  /** Who may reach the game ports. */
  readonly ipRange: string;
}

export interface CapacityOrder {
  readonly desired: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Of the game sessions that could be: so many percent are kept free. 0 for no scaling. */
  readonly availablePercent: number;
}

/** In the fleets' settings; one of a name is replaced. */
const SCALING_POLICY = "available-game-sessions";

/** @returns The input of CreateFleet; nothing in it depends on an answer. */
function fleetInput(order: FleetOrder): FleetInput {
  const heapMegabytes = heapMegabytesPerProcess(order.memoryMegabytes, order.processes);
  if (heapMegabytes === undefined) throw new RangeError("so many processes do not fit");
  return {
    Name: order.name,
    ...(order.description === undefined ? {} : { Description: order.description }),
    BuildId: order.buildId,
    ComputeType: "EC2",
    EC2InstanceType: order.instanceType as never,
    FleetType: order.fleetType,
    EC2InboundPermissions: [
      { FromPort: PORTS.first, ToPort: PORTS.last, IpRange: order.ipRange, Protocol: "TCP" },
    ],
    RuntimeConfiguration: {
      ServerProcesses: [
        {
          LaunchPath: LAUNCH_PATH,
          Parameters: launchParameters(heapMegabytes),
          ConcurrentExecutions: order.processes,
        },
      ],
    },
    NewGameSessionProtectionPolicy: order.protection,
    CertificateConfiguration: { CertificateType: order.certificate },
    ...(order.roleArn === undefined
      ? {}
      : {
          InstanceRoleArn: order.roleArn,
          InstanceRoleCredentialsProvider: "SHARED_CREDENTIAL_FILE" as const,
        }),
    ...(order.locations.length === 0
      ? {}
      : { Locations: order.locations.map((Location) => ({ Location })) }),
  };
}

/** Each step finds what an earlier run of the same command has done. */
export async function createFleet(
  work: Work,
  order: FleetOrder,
  more: {
    readonly capacity: CapacityOrder;
    readonly aliasName: string | undefined;
    readonly waitMs: number;
  },
): Promise<string> {
  const { progress } = work;
  await checkBuild(work, order.buildId);
  const present = await fleetsOfBuild(work, order.buildId);
  const own = present.find(({ Name }) => Name === order.name);
  const fleetId = own?.FleetId ?? (await newFleet(work, fleetInput(order)));
  if (own !== undefined) progress.say(`fleet ${fleetId} has this build and name: going on with it`);
  await awaitActive(work, fleetId, more.waitMs);
  for (const location of [undefined, ...order.locations]) {
    await setCapacity(work, { fleetId, location, ...more.capacity });
  }
  if (more.capacity.availablePercent > 0) await followDemand(work, fleetId, more.capacity);
  if (more.aliasName !== undefined) await aliasTo(work, fleetId, more.aliasName);
  return fleetId;
}

/** @throws FleetsError FLEETS_BUILD_FAILED unless it is READY. */
export async function checkBuild({ calls, signal }: Work, buildId: string): Promise<void> {
  const { Build } = await calls.call("DescribeBuild", { BuildId: buildId }, signal);
  if (Build?.Status === "READY") return;
  const words = `build ${buildId} is ${Build?.Status}.\n  What to do: upload it by upload-build, and wait until it is READY.`;
  throw new FleetsError(FleetsErrorCode.FLEETS_BUILD_FAILED, words);
}

export async function newFleet(
  { calls, progress, signal }: Work,
  input: FleetInput,
): Promise<string> {
  const { FleetAttributes } = await calls.call("CreateFleet", input, signal);
  const fleetId = FleetAttributes?.FleetId ?? "";
  progress.stands("fleet", `fleet ${fleetId} is ${FleetAttributes?.Status}`);
  progress.say(`fleet ${fleetId} is there; AWS takes 15 to 40 minutes to make it ACTIVE`);
  return fleetId;
}

interface PlaceCapacity {
  readonly fleetId: string;
  /** `undefined` for the home Region. */
  readonly location: string | undefined;
  readonly desired: number;
  readonly minimum: number;
  readonly maximum: number;
}

export async function setCapacity(
  { calls, progress, signal }: Work,
  to: PlaceCapacity,
): Promise<void> {
  const { fleetId, location, desired, minimum, maximum } = to;
  const input = {
    FleetId: fleetId,
    DesiredInstances: desired,
    MinSize: minimum,
    MaxSize: maximum,
    ...(location === undefined ? {} : { Location: location }),
  };
  await calls.call("UpdateFleetCapacity", input, signal);
  const where = location ?? "home Region";
  progress.say(`fleet ${fleetId}, ${where}: ${desired} instances, ${minimum} to ${maximum}`);
}

async function followDemand(
  { calls, progress, signal }: Work,
  fleetId: string,
  { availablePercent }: CapacityOrder,
): Promise<void> {
  const input = {
    FleetId: fleetId,
    Name: SCALING_POLICY,
    PolicyType: "TargetBased",
    MetricName: "PercentAvailableGameSessions",
    TargetConfiguration: { TargetValue: availablePercent },
  } as const;
  await calls.call("PutScalingPolicy", input, signal);
  progress.say(`instances follow demand: ${availablePercent} % of the game sessions are kept free`);
}

async function aliasTo(work: Work, fleetId: string, name: string): Promise<void> {
  const { calls, progress, signal } = work;
  const aliases = await pages(async (token) => {
    const { Aliases = [], NextToken } = await calls.call(
      "ListAliases",
      { Name: name, ...token },
      signal,
    );
    return { records: Aliases, next: NextToken };
  });
  const [present] = aliases;
  if (present !== undefined && present.RoutingStrategy?.FleetId !== fleetId) {
    const words = `alias ${name} (${present.AliasId}) leads to another fleet, whose players it would leave.\n  What to do: npm run roll-fleet -- --alias ${present.AliasId} --to ${fleetId}`;
    throw new FleetsError(FleetsErrorCode.FLEETS_UNCLEAR, words);
  }
  const routing = { Name: name, RoutingStrategy: { Type: "SIMPLE" as const, FleetId: fleetId } };
  const aliasId =
    present?.AliasId ?? (await calls.call("CreateAlias", routing, signal)).Alias?.AliasId ?? "";
  progress.stands("alias", `alias ${aliasId} leads to fleet ${fleetId}`);
  progress.say(`alias ${name} is ${aliasId} and leads to fleet ${fleetId}`);
}
