/**
 * What both scripts know of fleets: how to find one, wait for it, and see how many instances and game sessions it has.
 * @module
 */
import type { CallShapes, Output } from "./calls.ts";
import { FleetsError, FleetsErrorCode } from "./errors.ts";
import { adviceFor, isTrouble } from "./fleet-events.ts";
import { FLEETS_LIMITS } from "./limits.ts";
import { waitFor } from "./waiting.ts";
import type { Work } from "./work.ts";

export type FleetAttributes = NonNullable<
  Output<"DescribeFleetAttributes">["FleetAttributes"]
>[number];
export type FleetInput = CallShapes["CreateFleet"][0];

/** Statuses of a fleet that is on its way to players, or with them. */
const ALIVE = ["NEW", "DOWNLOADING", "VALIDATING", "BUILDING", "ACTIVATING", "ACTIVE"];

const GONE = "gone";

function isAlive({ Status }: FleetAttributes): boolean {
  return Status !== undefined && ALIVE.includes(Status);
}

/** @returns `undefined` for a fleet that is not there, or not any more. */
export async function fleetOf(
  { calls, signal }: Work,
  fleetId: string,
): Promise<FleetAttributes | undefined> {
  try {
    const input = { FleetIds: [fleetId] };
    const { FleetAttributes } = await calls.call("DescribeFleetAttributes", input, signal);
    const fleet = FleetAttributes?.[0];
    return fleet?.Status === "DELETING" || fleet?.Status === "TERMINATED" ? undefined : fleet;
  } catch (error) {
    if (error instanceof FleetsError && isNotFound(error.cause)) return undefined;
    throw error;
  }
}

function isNotFound(cause: unknown): boolean {
  return cause instanceof Error && cause.name === "NotFoundException";
}

/** The fleets of a build that are not over. */
export async function fleetsOfBuild(work: Work, buildId: string): Promise<FleetAttributes[]> {
  const ids = await pages(async (NextToken) => {
    const input = { BuildId: buildId, Limit: FLEETS_LIMITS.fleetsOfBuildMax, ...NextToken };
    const { FleetIds = [], NextToken: next } = await work.calls.call(
      "ListFleets",
      input,
      work.signal,
    );
    return { records: FleetIds, next };
  });
  if (ids.length === 0) return [];
  const input = { FleetIds: ids.slice(0, FLEETS_LIMITS.fleetsOfBuildMax) };
  const { FleetAttributes = [] } = await work.calls.call(
    "DescribeFleetAttributes",
    input,
    work.signal,
  );
  return FleetAttributes.filter(isAlive);
}

/** All records of a list, page after page. */
export async function pages<T>(
  look: (token: {
    NextToken?: string;
  }) => Promise<{ records: readonly T[]; next: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let token: { NextToken?: string } = {};
  for (let page = 0; page < FLEETS_LIMITS.pagesMax; page++) {
    const { records, next } = await look(token);
    all.push(...records);
    if (!next) return all;
    token = { NextToken: next };
  }
  const words = `a list has more than ${FLEETS_LIMITS.pagesMax} pages.\n  What to do: see whether --endpoint-url leads to GameLift.`;
  throw new FleetsError(FleetsErrorCode.FLEETS_CALL_FAILED, words);
}

/**
 * Waits until a fleet and all its locations are ACTIVE, telling its events as they come.
 * @throws FleetsError FLEETS_FLEET_FAILED, FLEETS_TIMED_OUT
 */
export async function awaitActive(work: Work, fleetId: string, atMostMs: number): Promise<void> {
  const { progress } = work;
  const told = new Set<string>();
  const trouble: string[] = [];
  let wasSeen = false;
  const wait = {
    ...work,
    atMostMs,
    what: `fleet ${fleetId} is not ACTIVE`,
    advice: "run the same command again to go on waiting; the events above say how far it is.",
  };
  await waitFor(wait, async () => {
    const status = await statusOf(work, fleetId);
    // One that was just made may not be told yet.
    if (status === GONE && !wasSeen) return undefined;
    wasSeen = true;
    // After it, so that the events which led to it are told as well.
    await tellEvents(work, fleetId, told, trouble);
    progress.stands("fleet", `fleet ${fleetId} is ${status}`);
    progress.still(`fleet ${fleetId} is ${status}`);
    if (status === "ACTIVE") return true;
    if (status !== "ERROR" && status !== GONE) return undefined;
    throw new FleetsError(
      FleetsErrorCode.FLEETS_FLEET_FAILED,
      [
        `fleet ${fleetId} is ${status}.`,
        ...trouble.slice(-3),
        `What to do: mend that, upload the build again and run this with its id; aws gamelift delete-fleet --fleet-id ${fleetId} removes this one.`,
      ].join("\n  "),
    );
  });
}

/** That of the home Region, until it is ACTIVE; then that of the location that is last. */
async function statusOf(work: Work, fleetId: string): Promise<string> {
  const home = (await fleetOf(work, fleetId))?.Status ?? GONE;
  if (home === GONE) return home;
  const remote = await remoteLocations(work, fleetId);
  if (home !== "ACTIVE") return home;
  const states = remote.filter(({ Status }) => Status !== "ACTIVE");
  const failed = states.find(({ Status }) => Status === "ERROR");
  return (failed ?? states[0])?.Status ?? "ACTIVE";
}

/** Those besides the home Region, with their statuses. */
export async function remoteLocations(work: Work, fleetId: string) {
  return pages(async (token) => {
    const input = { FleetId: fleetId, ...token };
    const output = await work.calls.call("DescribeFleetLocationAttributes", input, work.signal);
    const states = (output.LocationAttributes ?? []).flatMap(
      ({ LocationState }) => LocationState ?? [],
    );
    const records = states.filter(({ Location }) => Location !== work.region);
    return { records, next: output.NextToken };
  });
}

async function tellEvents(
  { calls, progress, signal }: Work,
  fleetId: string,
  told: Set<string>,
  trouble: string[],
): Promise<void> {
  const events = await pages(async (token) => {
    const input = { FleetId: fleetId, ...token };
    const { Events = [], NextToken } = await calls.call("DescribeFleetEvents", input, signal);
    return { records: Events, next: NextToken };
  });
  const fresh = events.filter(({ EventId = "" }) => !told.has(EventId));
  const inOrder = fresh.sort((a, b) => Number(a.EventTime ?? 0) - Number(b.EventTime ?? 0));
  for (const { EventId = "", EventCode = "", Message = "", PreSignedLogUrl } of inOrder) {
    told.add(EventId);
    const words = `${EventCode}: ${plain(Message)}`;
    progress.say(`  ${words}`);
    if (!isTrouble(EventCode)) continue;
    trouble.push(words);
    const advice = adviceFor(EventCode);
    if (advice !== "") progress.say(`    ${advice}`);
    if (PreSignedLogUrl) progress.say(`    Its log: ${PreSignedLogUrl}`);
  }
}

export interface Instances {
  readonly location: string;
  readonly desired: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly active: number;
}

export async function instancesIn(
  work: Work,
  fleetId: string,
  location: string,
): Promise<Instances> {
  const input = { FleetId: fleetId, Location: location };
  const output = await work.calls.call("DescribeFleetLocationCapacity", input, work.signal);
  const counts = output.FleetCapacity?.InstanceCounts ?? {};
  const { DESIRED: desired = 0, MINIMUM: minimum = 0, MAXIMUM: maximum = 0, ACTIVE = 0 } = counts;
  return { location, desired, minimum, maximum, active: ACTIVE };
}

/** Control characters would break a terminal's line. */
function plain(text: string): string {
  return text.slice(0, FLEETS_LIMITS.wordsCharactersMax).replaceAll(/\p{Cc}+/gu, " ");
}
