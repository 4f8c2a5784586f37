import { done, isRefused, type Outcome, refused } from "../plane/outcome.ts";
import type { Fleet } from "../plane/records.ts";
import type { ApiContext, Members } from "./operation.ts";

/** The fleet of that id or ARN. */
export function fleetNamed(fleetIdOrArn: unknown, { plane }: ApiContext): Outcome<Fleet> {
  const fleet = plane.fleets.find(String(fleetIdOrArn));
  return fleet === undefined ? plane.fleets.missing(String(fleetIdOrArn)) : done(fleet);
}

/** The fleet that a call means by its `FleetId` or its `AliasId`. */
export function targetFleet(input: Members, context: ApiContext): Outcome<Fleet> {
  const { FleetId, AliasId } = input as { FleetId?: string; AliasId?: string };
  const one = exactlyOne({ FleetId, AliasId });
  if (isRefused(one)) return one;
  return AliasId === undefined
    ? fleetNamed(FleetId, context)
    : context.plane.aliases.resolve(AliasId);
}

/** @returns The name of the one member that is given. */
export function exactlyOne(members: Members): Outcome<string> {
  const names = Object.keys(members);
  const [first, ...more] = names.filter((name) => members[name] !== undefined);
  return first !== undefined && more.length === 0
    ? done(first)
    : refused("InvalidRequest", `Exactly one of ${names.join(", ")} must be given`);
}

/** An ARN in this account and Region. */
export function arn({ plane }: ApiContext, resource: string): string {
  return `arn:aws:gamelift:${plane.region}:${plane.accountId}:${resource}`;
}
