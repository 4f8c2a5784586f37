import type { PlaneContext, Writable } from "./context.ts";
import type { Fleets } from "./fleets.ts";
import { PLANE_LIMITS } from "./limits.ts";
import { done, type Outcome, refused } from "./outcome.ts";
import type { AuthToken, Compute, Fleet } from "./records.ts";

export interface ComputeDefinition
  extends Pick<Compute, "fleetId" | "computeName" | "ipAddress" | "dnsName" | "location" | "type"> {
  readonly certificatePath?: string;
}

interface Entry {
  readonly compute: Writable<Compute>;
  /** The present one last; earlier ones are good until they expire. */
  readonly tokens: AuthToken[];
}

/** Tokens of one compute that can be good at one time: each new one comes when half of the last one's life is over. */
const TOKENS_MAX = 4;

/** Hosts of server processes, and the tokens with which these connect. */
export class Computes {
  readonly #context: PlaneContext;
  readonly #fleets: Fleets;
  /** By fleet, then by name. */
  readonly #computes = new Map<string, Map<string, Entry>>();
  /** Told before a compute goes: its processes go with it. */
  onDeregister: ((compute: Compute) => void) | undefined;

  constructor(context: PlaneContext, fleets: Fleets) {
    this.#context = context;
    this.#fleets = fleets;
  }

  /** Registering what is registered already, with the same values, answers with what is there. */
  register(definition: ComputeDefinition): Outcome<Compute> {
    const fleet = this.#fleets.find(definition.fleetId);
    if (fleet === undefined) return this.#fleets.missing(definition.fleetId);
    const wrong = wrongFor(fleet, definition);
    if (wrong !== undefined) return refused("InvalidRequest", wrong);
    const ofFleet = this.#ofFleet(fleet.fleetId);
    const present = ofFleet.get(definition.computeName)?.compute;
    if (present !== undefined) return again(present, definition);
    if (ofFleet.size >= PLANE_LIMITS.computesPerFleetMax) {
      const max = PLANE_LIMITS.computesPerFleetMax;
      return refused("LimitExceeded", `Fleet ${fleet.fleetId} has ${max} computes already`);
    }
    const { region, accountId, clock, happenings } = this.#context;
    const { computeName } = definition;
    const compute: Writable<Compute> = {
      certificatePath: "",
      ...definition,
      fleetId: fleet.fleetId,
      computeArn: `arn:aws:gamelift:${region}:${accountId}:compute/${computeName}`,
      status: "ACTIVE",
      createdAtMs: clock.wallMs(),
    };
    ofFleet.set(computeName, { compute, tokens: [] });
    happenings.tell("compute-registered", {
      fleetId: fleet.fleetId,
      computeName,
      detail: compute.location,
    });
    return done(compute);
  }

  find(fleetIdOrArn: string, computeNameOrArn: string): Compute | undefined {
    return this.#entry(fleetIdOrArn, computeNameOrArn)?.compute;
  }

  /** Of one fleet, in the order of their registration. */
  list(fleetId: string): readonly Compute[] {
    return [...(this.#computes.get(fleetId)?.values() ?? [])].map(({ compute }) => compute);
  }

  deregister(fleetIdOrArn: string, computeNameOrArn: string): Outcome<void> {
    const entry = this.#entry(fleetIdOrArn, computeNameOrArn);
    if (entry === undefined) return missing(computeNameOrArn);
    const { compute } = entry;
    compute.status = "TERMINATING";
    this.onDeregister?.(compute);
    const { fleetId, computeName } = compute;
    const ofFleet = this.#ofFleet(fleetId);
    ofFleet.delete(computeName);
    if (ofFleet.size === 0) this.#computes.delete(fleetId);
    this.#context.happenings.tell("compute-deregistered", { fleetId, computeName });
    return done(undefined);
  }

  /** The present token while it is good for a while, else a fresh one. */
  token(fleetIdOrArn: string, computeNameOrArn: string): Outcome<AuthToken> {
    const entry = this.#entry(fleetIdOrArn, computeNameOrArn);
    if (entry === undefined) return missing(computeNameOrArn);
    const { clock, durations, uuid } = this.#context;
    const nowMs = clock.wallMs();
    const present = entry.tokens.at(-1);
    if (present !== undefined && present.expiresAtMs - nowMs >= durations.tokenLeftMs) {
      return done(present);
    }
    const fresh = { token: uuid(), expiresAtMs: nowMs + durations.tokenMs };
    entry.tokens.push(fresh);
    if (entry.tokens.length > TOKENS_MAX) entry.tokens.shift();
    return done(fresh);
  }

  /** Those that were given for a compute and not forgotten yet, so that nobody else shows them. */
  tokensOf(fleetId: string, computeName: string): readonly string[] {
    return this.#entry(fleetId, computeName)?.tokens.map(({ token }) => token) ?? [];
  }

  /** Whether a token opens a connection for a process of that compute. */
  admits(token: string, fleetId: string, computeName: string): boolean {
    const tokens = this.#entry(fleetId, computeName)?.tokens ?? [];
    const nowMs = this.#context.clock.wallMs();
    // Every token is compared to its end, so that the time taken says nothing about where it differs.
    return (
      tokens.filter((each) => isSame(each.token, token) && each.expiresAtMs > nowMs).length > 0
    );
  }

  #ofFleet(fleetId: string): Map<string, Entry> {
    const present = this.#computes.get(fleetId);
    if (present !== undefined) return present;
    const fresh = new Map<string, Entry>();
    this.#computes.set(fleetId, fresh);
    return fresh;
  }

  #entry(fleetIdOrArn: string, computeNameOrArn: string): Entry | undefined {
    const fleet = this.#fleets.find(fleetIdOrArn);
    const prefix = /^arn:[^/]*:compute\//;
    const name = computeNameOrArn.replace(prefix, "");
    const entry = fleet && this.#computes.get(fleet.fleetId)?.get(name);
    return name === computeNameOrArn || entry?.compute.computeArn === computeNameOrArn
      ? entry
      : undefined;
  }
}

function wrongFor(
  fleet: Fleet,
  { type, location, ...named }: ComputeDefinition,
): string | undefined {
  if (type === "ANYWHERE" && fleet.computeType !== "ANYWHERE") {
    return `Fleet ${fleet.fleetId} is managed: its computes register themselves`;
  }
  if (!fleet.locations.includes(location)) {
    const known = fleet.locations.join(", ");
    return location === ""
      ? `Location is missing: one of ${known}`
      : `Location ${location} is none of the fleet's: ${known}`;
  }
  return named.ipAddress === "" && named.dnsName === ""
    ? "One of IpAddress and DnsName is needed"
    : undefined;
}

function again(present: Compute, wanted: ComputeDefinition): Outcome<Compute> {
  const isEqual =
    present.ipAddress === wanted.ipAddress &&
    present.dnsName === wanted.dnsName &&
    present.location === wanted.location &&
    present.certificatePath === (wanted.certificatePath ?? "");
  return isEqual
    ? done(present)
    : refused(
        "Conflict",
        `Compute ${present.computeName} is registered with other values: deregister it first`,
      );
}

function missing(computeNameOrArn: string) {
  return refused("NotFound", `Compute ${computeNameOrArn} was not found`);
}

function isSame(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index++) {
    difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  }
  return difference === 0;
}
