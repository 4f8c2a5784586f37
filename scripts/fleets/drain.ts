/**
 * Empties a fleet that no alias leads to any more: its matches are played to their end, then its instances go.
 * @module
 */
import { setCapacity } from "./create.ts";
import { FleetsError, FleetsErrorCode } from "./errors.ts";
import { fleetOf, instancesIn, pages, remoteLocations } from "./fleets.ts";
import { waitFor } from "./waiting.ts";
import type { Work } from "./work.ts";

export interface DrainOrder {
  readonly drainMs: number;
  readonly deletesOld: boolean;
}

/** Of a game session that somebody may be in. */
const OPEN = ["ACTIVATING", "ACTIVE", "TERMINATING"];

/** Each step may be done twice. The fleet is deleted only while it has no game session. */
export async function emptyFleet(work: Work, fleetId: string, order: DrainOrder): Promise<void> {
  const { calls, progress, signal } = work;
  progress.stands("old", `fleet ${fleetId}, the old one, still has its instances`);
  const status = (await fleetOf(work, fleetId))?.Status;
  // Nothing of one in ERROR can be changed; it has neither instances nor players.
  if (status === "ACTIVE") await takeInstances(work, fleetId, order.drainMs);
  else progress.say(`fleet ${fleetId} is ${status} and has no instances`);
  const command = `aws gamelift delete-fleet --fleet-id ${fleetId}`;
  progress.stands("old", `fleet ${fleetId}, the old one, is empty: ${command}`);
  if (!order.deletesOld) {
    progress.say(`fleet ${fleetId} is empty and costs nothing; --delete-old deletes it`);
    return;
  }
  await refuseIfPlayed(work, fleetId);
  await calls.call("DeleteFleet", { FleetId: fleetId }, signal);
  progress.stands("old", `fleet ${fleetId}, the old one, is deleted`);
  progress.say(`fleet ${fleetId} is deleted`);
}

async function takeInstances(work: Work, fleetId: string, atMostMs: number): Promise<void> {
  const { calls, progress, signal } = work;
  const remote = (await remoteLocations(work, fleetId)).map(({ Location }) => Location ?? "");
  const places = [undefined, ...remote];
  // Scaling would bring instances back.
  for (const location of places) {
    const place = location === undefined ? {} : { Location: location };
    const stop = { FleetId: fleetId, Actions: ["AUTO_SCALING" as const], ...place };
    await calls.call("StopFleetActions", stop, signal);
  }
  progress.say(`fleet ${fleetId} no longer scales, and is emptied`);
  await warnOfQueues(work, fleetId);
  await awaitNoSessions(work, fleetId, atMostMs);
  for (const location of places) {
    await setCapacity(work, { fleetId, location, desired: 0, minimum: 0, maximum: 0 });
  }
  for (const location of [work.region, ...remote]) {
    await awaitNoInstances(work, fleetId, location, atMostMs);
  }
}

/** What a queue places past the alias would keep the fleet from ever getting empty. */
async function warnOfQueues(work: Work, fleetId: string): Promise<void> {
  const { calls, progress, signal } = work;
  const queues = await pages(async (token) => {
    const output = await calls.call("DescribeGameSessionQueues", token, signal);
    return { records: output.GameSessionQueues ?? [], next: output.NextToken };
  });
  const isOf = (arn = "") => arn.split("/").at(-1) === fleetId;
  for (const { Name, Destinations = [] } of queues) {
    if (!Destinations.some(({ DestinationArn }) => isOf(DestinationArn))) continue;
    const advice = "put the alias in its place by aws gamelift update-game-session-queue";
    progress.say(`queue ${Name} names fleet ${fleetId} itself and goes on filling it: ${advice}`);
  }
}

interface Played {
  readonly sessions: number;
  readonly players: number;
}

async function played({ calls, signal }: Work, fleetId: string): Promise<Played> {
  const sessions = await pages(async (token) => {
    const input = { FleetId: fleetId, Limit: 100, ...token };
    const { GameSessions = [], NextToken } = await calls.call(
      "DescribeGameSessions",
      input,
      signal,
    );
    return { records: GameSessions, next: NextToken };
  });
  const open = sessions.filter(({ Status = "" }) => OPEN.includes(Status));
  const players = open.reduce((sum, each) => sum + (each.CurrentPlayerSessionCount ?? 0), 0);
  return { sessions: open.length, players };
}

async function awaitNoSessions(work: Work, fleetId: string, atMostMs: number): Promise<void> {
  const wait = {
    ...work,
    atMostMs,
    what: `fleet ${fleetId} still has game sessions`,
    advice:
      "run the same command again to go on waiting, or with more --drain-minutes. If sessions keep coming, a queue or a program names the fleet itself in place of the alias.",
  };
  await waitFor(wait, async () => {
    const { sessions, players } = await played(work, fleetId);
    work.progress.stands(
      "old",
      `fleet ${fleetId}, the old one, has ${sessions} game sessions with ${players} players`,
    );
    work.progress.still(
      `fleet ${fleetId} has ${sessions} game sessions with ${players} players left`,
    );
    return sessions === 0 ? true : undefined;
  });
}

async function awaitNoInstances(
  work: Work,
  fleetId: string,
  location: string,
  atMostMs: number,
): Promise<void> {
  const wait = {
    ...work,
    atMostMs,
    what: `fleet ${fleetId} still has instances in ${location}`,
    advice: "run the same command again to go on waiting.",
  };
  await waitFor(wait, async () => {
    const { active } = await instancesIn(work, fleetId, location);
    work.progress.still(`fleet ${fleetId}, ${location}: ${active} instances are left`);
    return active === 0 ? true : undefined;
  });
}

/** Between two looks a session may have come past the alias. */
async function refuseIfPlayed(work: Work, fleetId: string): Promise<void> {
  const { sessions, players } = await played(work, fleetId);
  if (sessions === 0) return;
  const words = `fleet ${fleetId} has ${sessions} game sessions with ${players} players and is not deleted.\n  What to do: see who opens them past the alias, then run the same command again.`;
  throw new FleetsError(FleetsErrorCode.FLEETS_UNCLEAR, words);
}
