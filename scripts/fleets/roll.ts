/**
 * A new fleet in the place of an old one, without a player losing a match: the new one is made like the old one, the
 * alias is led to it, and the old one is emptied. What is done is found again in AWS itself, so that every step may be
 * the last of one run and the first of the next.
 * @module
 */
import { checkBuild, newFleet, setCapacity } from "./create.ts";
import { emptyFleet } from "./drain.ts";
import { FleetsError, FleetsErrorCode } from "./errors.ts";
import {
  awaitActive,
  type FleetAttributes,
  type FleetInput,
  fleetOf,
  fleetsOfBuild,
  type Instances,
  instancesIn,
  pages,
  remoteLocations,
} from "./fleets.ts";
import { waitFor } from "./waiting.ts";
import type { Work } from "./work.ts";

export interface RollOrder {
  readonly aliasId: string;
  /** What the new fleet is made of, or the new fleet itself: one of them. */
  readonly buildId: string | undefined;
  readonly toFleetId: string | undefined;
  /** The old fleet; the one that the alias leads to unless given. */
  readonly fromFleetId: string | undefined;
  readonly waitMs: number;
  readonly drainMs: number;
  /** Whether the old fleet is deleted when it is empty. */
  readonly deletesOld: boolean;
}

/** Stands at the end of a new fleet's description, and says to a later run whose place it takes. */
const MARK = /\(takes the place of (fleet-[A-Za-z0-9-]+)\)$/;
const DESCRIPTION_CHARACTERS_MAX = 1_024;

/** @returns The new fleet's id. */
export async function rollFleet(work: Work, order: RollOrder): Promise<string> {
  const { progress } = work;
  if (order.buildId !== undefined) await checkBuild(work, order.buildId);
  const present = await fleetOfAlias(work, order.aliasId);
  progress.stands("alias", `alias ${order.aliasId} leads to fleet ${present.FleetId}`);
  const pair = await fleetsToRoll(work, order, present);
  if (pair === "done") {
    progress.say(
      `alias ${order.aliasId} leads to fleet ${present.FleetId}, and no old fleet is left`,
    );
    return present.FleetId ?? "";
  }
  const { oldFleetId } = pair;
  const newFleetId = pair.newFleetId ?? (await fleetLike(work, order, oldFleetId));
  await awaitActive(work, newFleetId, order.waitMs);
  if (present.FleetId !== newFleetId) {
    await fill(work, order, { oldFleetId, newFleetId });
    if (order.toFleetId !== undefined) await mark(work, newFleetId, oldFleetId);
    await lead(work, order.aliasId, newFleetId);
  }
  await emptyFleet(work, oldFleetId, order);
  return newFleetId;
}

async function fleetOfAlias(work: Work, aliasId: string): Promise<FleetAttributes> {
  const { Alias } = await work.calls.call("DescribeAlias", { AliasId: aliasId }, work.signal);
  const fleetId = Alias?.RoutingStrategy?.FleetId;
  const fleet = fleetId === undefined ? undefined : await fleetOf(work, fleetId);
  if (fleet?.ComputeType === "EC2") return fleet;
  const words = `alias ${aliasId} leads to no managed EC2 fleet that is there.\n  What to do: lead it to one by aws gamelift update-alias.`;
  throw new FleetsError(FleetsErrorCode.FLEETS_UNCLEAR, words);
}

interface Pair {
  readonly oldFleetId: string;
  /** `undefined` when it is still to be made. */
  readonly newFleetId: string | undefined;
}

/** Who takes whose place, whichever step an earlier run has come to. */
async function fleetsToRoll(
  work: Work,
  order: RollOrder,
  present: FleetAttributes,
): Promise<Pair | "done"> {
  const { buildId, toFleetId, fromFleetId } = order;
  const presentId = present.FleetId ?? "";
  const isThere = toFleetId === undefined ? present.BuildId === buildId : presentId === toFleetId;
  const oldFleetId =
    fromFleetId ?? (isThere ? MARK.exec(present.Description ?? "")?.[1] : presentId);
  if (oldFleetId === undefined) {
    const to = toFleetId ?? `a fleet of build ${buildId}`;
    const words = `alias ${order.aliasId} leads to ${to} already, and nothing says which fleet was there before.\n  What to do: name that in --from, to empty it; or --from ${presentId} to have a fresh fleet of the same build.`;
    throw new FleetsError(FleetsErrorCode.FLEETS_UNCLEAR, words);
  }
  if (oldFleetId !== presentId && !isThere) {
    const words = `alias ${order.aliasId} leads to fleet ${presentId}, which is neither the old one nor the new one.\n  What to do: leave --from out to roll that one, or lead the alias to ${oldFleetId} first.`;
    throw new FleetsError(FleetsErrorCode.FLEETS_UNCLEAR, words);
  }
  if ((await fleetOf(work, oldFleetId)) === undefined) {
    const isDone = isThere && MARK.exec(present.Description ?? "")?.[1] === oldFleetId;
    if (fromFleetId === undefined || isDone) return "done";
    const words = `fleet ${oldFleetId} of --from is not there.\n  What to do: see whether the id is right; without --from the alias says it.`;
    throw new FleetsError(FleetsErrorCode.FLEETS_UNCLEAR, words);
  }
  if (toFleetId !== undefined) return { oldFleetId, newFleetId: toFleetId };
  if (isThere && presentId !== oldFleetId) return { oldFleetId, newFleetId: presentId };
  const marked = (await fleetsOfBuild(work, buildId ?? "")).find(
    ({ Description = "" }) => MARK.exec(Description)?.[1] === oldFleetId,
  );
  if (marked !== undefined) {
    work.progress.say(`fleet ${marked.FleetId} was made for this: going on with it`);
  }
  return { oldFleetId, newFleetId: marked?.FleetId };
}

/** A fleet of the new build with the settings of the old one. Peerings with a network of one's own are not told. */
async function fleetLike(
  work: Work,
  { buildId = "" }: RollOrder,
  oldFleetId: string,
): Promise<string> {
  const { calls, signal } = work;
  const old = (await fleetOf(work, oldFleetId)) ?? {};
  const of = { FleetId: oldFleetId };
  const runtime = await calls.call("DescribeRuntimeConfiguration", of, signal);
  const ports = await calls.call("DescribeFleetPortSettings", of, signal);
  const remote = await remoteLocations(work, oldFleetId);
  const input: FleetInput = {
    Name: old.Name,
    Description: markedDescription(old.Description ?? "", oldFleetId),
    BuildId: buildId,
    ComputeType: "EC2",
    EC2InstanceType: old.InstanceType,
    ...known({
      FleetType: old.FleetType,
      NewGameSessionProtectionPolicy: old.NewGameSessionProtectionPolicy,
      ResourceCreationLimitPolicy: old.ResourceCreationLimitPolicy,
      CertificateConfiguration: old.CertificateConfiguration,
      InstanceRoleArn: old.InstanceRoleArn,
      InstanceRoleCredentialsProvider: old.InstanceRoleCredentialsProvider,
      MetricGroups: old.MetricGroups,
      EC2InboundPermissions: ports.InboundPermissions,
      RuntimeConfiguration: runtime.RuntimeConfiguration,
    }),
    ...(remote.length === 0
      ? {}
      : { Locations: remote.map(({ Location }) => ({ Location: Location ?? "" })) }),
  };
  return newFleet(work, input);
}

/** On a fleet that somebody else made, before the alias forgets the old one. */
async function mark(work: Work, fleetId: string, oldFleetId: string): Promise<void> {
  const { Description = "" } = (await fleetOf(work, fleetId)) ?? {};
  const input = { FleetId: fleetId, Description: markedDescription(Description, oldFleetId) };
  await work.calls.call("UpdateFleetAttributes", input, work.signal);
}

function markedDescription(description: string, oldFleetId: string): string {
  const mark = `(takes the place of ${oldFleetId})`;
  const before = description.replace(MARK, "").trim();
  return `${before.slice(0, DESCRIPTION_CHARACTERS_MAX - mark.length - 1)} ${mark}`.trim();
}

function known<T extends object>(members: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof T]?: Exclude<T[Name], undefined> };
}

/** The new fleet has its instances before players come: as many as the old one, unless it was there with its own. */
async function fill(
  work: Work,
  { waitMs, toFleetId }: RollOrder,
  { oldFleetId, newFleetId }: { readonly oldFleetId: string; readonly newFleetId: string },
): Promise<void> {
  const like = toFleetId ?? oldFleetId;
  const remote = (await remoteLocations(work, like)).map(({ Location }) => Location ?? "");
  const wanted: Instances[] = [];
  for (const location of [work.region, ...remote]) {
    wanted.push(await instancesIn(work, like, location));
  }
  if (toFleetId !== undefined && wanted.every(({ desired }) => desired === 0)) {
    const words = `fleet ${toFleetId} has no instances, so that nobody could play on it.\n  What to do: give it some by aws gamelift update-fleet-capacity, then run the same command again.`;
    throw new FleetsError(FleetsErrorCode.FLEETS_UNCLEAR, words);
  }
  if (toFleetId === undefined) {
    for (const { location, ...counts } of wanted) {
      const place = location === work.region ? undefined : location;
      await setCapacity(work, { ...counts, fleetId: newFleetId, location: place });
    }
    await copyPolicies(work, oldFleetId, newFleetId);
  }
  for (const each of wanted) await awaitInstances(work, newFleetId, each, waitMs);
}

async function copyPolicies(work: Work, oldFleetId: string, newFleetId: string): Promise<void> {
  const { calls, progress, signal } = work;
  const policies = await pages(async (token) => {
    const input = { FleetId: oldFleetId, ...token };
    const output = await calls.call("DescribeScalingPolicies", input, signal);
    return { records: output.ScalingPolicies ?? [], next: output.NextToken };
  });
  for (const policy of policies) {
    const { Name, MetricName, PolicyType, TargetConfiguration } = policy;
    const { ScalingAdjustment, ScalingAdjustmentType, Threshold } = policy;
    const { ComparisonOperator, EvaluationPeriods } = policy;
    const rule = { ScalingAdjustment, ScalingAdjustmentType, Threshold, ComparisonOperator };
    const members = known({ PolicyType, TargetConfiguration, ...rule, EvaluationPeriods });
    await calls.call(
      "PutScalingPolicy",
      { FleetId: newFleetId, Name, MetricName, ...members },
      signal,
    );
    progress.say(`fleet ${newFleetId} has the scaling policy ${Name}`);
  }
}

async function awaitInstances(
  work: Work,
  fleetId: string,
  { location, desired }: Instances,
  atMostMs: number,
): Promise<void> {
  const wait = {
    ...work,
    atMostMs,
    what: `fleet ${fleetId} does not have ${desired} instances in ${location}`,
    advice:
      "run the same command again to go on waiting; aws gamelift describe-fleet-events says what is in the way.",
  };
  await waitFor(wait, async () => {
    const { active } = await instancesIn(work, fleetId, location);
    work.progress.still(
      `fleet ${fleetId}, ${location}: ${active} of ${desired} instances are active`,
    );
    return active >= desired || work.calls.isDryRun ? true : undefined;
  });
}

async function lead(
  { calls, progress, signal }: Work,
  aliasId: string,
  fleetId: string,
): Promise<void> {
  const RoutingStrategy = { Type: "SIMPLE" as const, FleetId: fleetId };
  await calls.call("UpdateAlias", { AliasId: aliasId, RoutingStrategy }, signal);
  progress.stands("alias", `alias ${aliasId} leads to fleet ${fleetId}`);
  progress.say(`alias ${aliasId} leads to fleet ${fleetId}: new matches open there`);
}
