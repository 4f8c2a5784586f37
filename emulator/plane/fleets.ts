import { CAPACITY_OF_NEW, changedCapacity } from "./capacity.ts";
import { keepNewest, type PlaneContext, type Writable } from "./context.ts";
import type { FleetEvents } from "./fleet-events.ts";
import { PLANE_LIMITS } from "./limits.ts";
import type { Locations } from "./locations.ts";
import { done, type Outcome, refused } from "./outcome.ts";
import type { Capacity, Fleet, FleetStatus, RuntimeConfiguration } from "./records.ts";

/** What a fleet is made of; what is left out is empty, or the service's default. */
export interface FleetDefinition
  extends Partial<
    Pick<
      Fleet,
      | "description"
      | "fleetType"
      | "instanceType"
      | "buildId"
      | "certificateType"
      | "newGameSessionProtectionPolicy"
      | "resourceCreationLimitPolicy"
      | "inboundPermissions"
      | "anywhereCost"
      | "instanceRoleArn"
      | "instanceRoleCredentialsProvider"
      | "metricGroups"
      | "runtimeConfiguration"
    >
  > {
  /** Made up when it is left out. */
  readonly fleetId?: string;
  readonly name: string;
  readonly computeType: Fleet["computeType"];
  /** EC2: Regions, the home Region when left out. Anywhere: custom locations, at least one. */
  readonly locations?: readonly string[];
  /** EC2: so many in each location, no more and no fewer. One, which may become none, unless given. */
  readonly instancesPerLocation?: number;
  /** It begins NEW, and somebody takes it on its way; any other fleet is ACTIVE at once. @defaultValue false */
  readonly isOfBuild?: boolean;
}

/** What UpdateFleetAttributes may change; members that are left out stay. */
export type FleetChanges = Partial<
  Pick<
    Fleet,
    | "name"
    | "description"
    | "newGameSessionProtectionPolicy"
    | "resourceCreationLimitPolicy"
    | "metricGroups"
    | "anywhereCost"
    | "inboundPermissions"
  >
>;

/** As the service has them for a fleet that names none. */
const DEFAULT_RUNTIME_CONFIGURATION: RuntimeConfiguration = {
  serverProcesses: [],
  maxConcurrentGameSessionActivations: 2_147_483_647,
  gameSessionActivationTimeoutSeconds: 300,
};

/** Of one instance, all entries of its runtime configuration together. */
const PROCESSES_PER_INSTANCE_MAX = 50;
const DELETED_KEPT_MAX = 100;

export class Fleets {
  readonly #context: PlaneContext;
  readonly #locations: Locations;
  readonly #events: FleetEvents;
  readonly #fleets = new Map<string, Writable<Fleet>>();
  /** Ids are never given twice. */
  readonly #deleted = new Map<string, true>();

  constructor(context: PlaneContext, deps: { locations: Locations; fleetEvents: FleetEvents }) {
    this.#context = context;
    this.#locations = deps.locations;
    this.#events = deps.fleetEvents;
  }

  create(definition: FleetDefinition): Outcome<Fleet> {
    const { region, accountId, uuid, clock, happenings } = this.#context;
    const fleetId = definition.fleetId ?? `fleet-${uuid()}`;
    if (this.#fleets.size >= PLANE_LIMITS.fleetsMax) {
      return refused("LimitExceeded", `There are ${PLANE_LIMITS.fleetsMax} fleets already`);
    }
    if (this.#fleets.has(fleetId) || this.#deleted.has(fleetId)) {
      return refused("Conflict", `Fleet ${fleetId} exists already`);
    }
    const locations = this.#locationsOf(definition);
    if ("refusal" in locations) return locations;
    const runtimeConfiguration = definition.runtimeConfiguration ?? DEFAULT_RUNTIME_CONFIGURATION;
    const wrong = wrongRuntimeConfiguration(runtimeConfiguration);
    if (wrong !== undefined) return refused("InvalidRequest", wrong);
    const isManaged = definition.computeType === "EC2";
    const { instancesPerLocation, isOfBuild = false, ...members } = definition;
    const fleet: Writable<Fleet> = {
      description: "",
      fleetType: "ON_DEMAND",
      instanceType: isManaged ? "c5.large" : "",
      buildId: "",
      certificateType: "DISABLED",
      newGameSessionProtectionPolicy: "NoProtection",
      resourceCreationLimitPolicy: undefined,
      inboundPermissions: [],
      anywhereCost: "",
      instanceRoleArn: "",
      instanceRoleCredentialsProvider: "",
      metricGroups: ["default"],
      ...members,
      fleetId,
      fleetArn: `arn:aws:gamelift:${region}:${accountId}:fleet/${fleetId}`,
      runtimeConfiguration,
      locations: locations.value,
      capacities: isManaged ? capacitiesIn(locations.value, instancesPerLocation) : {},
      scalingStoppedIn: [],
      isOfBuild,
      status: isOfBuild ? "NEW" : "ACTIVE",
      createdAtMs: clock.wallMs(),
      terminatedAtMs: undefined,
    };
    this.#fleets.set(fleetId, fleet);
    happenings.tell("fleet-created", { fleetId, detail: fleet.name });
    this.#events.add(fleetId, "FLEET_CREATED", `Fleet ${fleet.name} was created`);
    if (!isOfBuild) this.#events.add(fleetId, "FLEET_STATE_ACTIVE", "Fleet is ACTIVE");
    return done(fleet);
  }

  /** A fleet of a build gets on, or fails. Nothing happens to one that is gone. */
  advance(fleetId: string, status: FleetStatus): void {
    const fleet = this.#fleets.get(fleetId);
    if (fleet === undefined || fleet.status === status) return;
    const before = fleet.status;
    fleet.status = status;
    this.#events.add(fleetId, `FLEET_STATE_${status}`, `Fleet went from ${before} to ${status}`);
    this.#context.happenings.tell("fleet-updated", { fleetId, detail: status });
  }

  change(fleetIdOrArn: string, changes: FleetChanges): Outcome<Fleet> {
    const fleet = this.#entry(fleetIdOrArn);
    if (fleet === undefined) return this.missing(fleetIdOrArn);
    Object.assign(fleet, changes);
    this.#context.happenings.tell("fleet-updated", { fleetId: fleet.fleetId });
    return done(fleet);
  }

  /** @param location - One that the fleet has. */
  setCapacity(fleetId: string, location: string, changes: Partial<Capacity>): Outcome<Capacity> {
    const fleet = this.#fleets.get(fleetId);
    const present = fleet?.capacities[location];
    if (fleet === undefined || present === undefined) return this.missing(fleetId);
    const changed = changedCapacity(present, changes);
    if ("refusal" in changed) return changed;
    fleet.capacities = { ...fleet.capacities, [location]: changed.value };
    const { desired, minimum, maximum } = changed.value;
    const text = `${location}: ${desired} instances, ${minimum} to ${maximum}`;
    this.#events.add(fleetId, "FLEET_SCALING_EVENT", text);
    this.#context.happenings.tell("fleet-updated", { fleetId, detail: text });
    return changed;
  }

  setScalingStopped(fleetId: string, location: string, isStopped: boolean): void {
    const fleet = this.#fleets.get(fleetId);
    if (fleet === undefined) return;
    const others = fleet.scalingStoppedIn.filter((name) => name !== location);
    fleet.scalingStoppedIn = isStopped ? [...others, location] : others;
  }

  find(fleetIdOrArn: string): Fleet | undefined {
    return this.#entry(fleetIdOrArn);
  }

  /** In the order of their creation. */
  list(): readonly Fleet[] {
    return [...this.#fleets.values()];
  }

  /** Holds for processes that start from here on. */
  setRuntimeConfiguration(fleetIdOrArn: string, wanted: RuntimeConfiguration): Outcome<Fleet> {
    const fleet = this.#entry(fleetIdOrArn);
    if (fleet === undefined) return this.missing(fleetIdOrArn);
    if (fleet.computeType !== "EC2") {
      return refused("InvalidRequest", "An Anywhere fleet has no runtime configuration");
    }
    const wrong = wrongRuntimeConfiguration(wanted);
    if (wrong !== undefined) return refused("InvalidRequest", wrong);
    fleet.runtimeConfiguration = wanted;
    this.#context.happenings.tell("fleet-updated", { fleetId: fleet.fleetId });
    return done(fleet);
  }

  /** Its processes and computes must be gone; whoever calls sees to that. */
  delete(fleetIdOrArn: string): Outcome<void> {
    const fleet = this.#entry(fleetIdOrArn);
    if (fleet === undefined) return this.missing(fleetIdOrArn);
    fleet.status = "TERMINATED";
    fleet.terminatedAtMs = this.#context.clock.wallMs();
    this.#fleets.delete(fleet.fleetId);
    this.#deleted.set(fleet.fleetId, true);
    keepNewest(this.#deleted, DELETED_KEPT_MAX);
    this.#events.forget(fleet.fleetId);
    this.#context.happenings.tell("fleet-deleted", { fleetId: fleet.fleetId });
    return done(undefined);
  }

  missing(fleetIdOrArn: string) {
    return refused("NotFound", `Fleet ${fleetIdOrArn} was not found`);
  }

  #entry(fleetIdOrArn: string): Writable<Fleet> | undefined {
    const isArn = fleetIdOrArn.startsWith("arn:");
    const fleet = this.#fleets.get(isArn ? (fleetIdOrArn.split("/").at(-1) ?? "") : fleetIdOrArn);
    return isArn && fleet?.fleetArn !== fleetIdOrArn ? undefined : fleet;
  }

  #locationsOf({ computeType, locations = [] }: FleetDefinition): Outcome<readonly string[]> {
    const unknown = locations.find((name) => !this.#locations.isKnown(name));
    if (unknown !== undefined) {
      return refused(
        "NotFound",
        `Location ${unknown} was not found: create it with CreateLocation`,
      );
    }
    if (computeType === "EC2") {
      const { region } = this.#context;
      return done([region, ...locations.filter((name) => name !== region)]);
    }
    if (locations.length === 0) {
      return refused("InvalidRequest", "An Anywhere fleet needs at least one custom location");
    }
    const managed = locations.find((name) => !name.startsWith("custom-"));
    return managed === undefined
      ? done([...new Set(locations)])
      : refused("InvalidRequest", `Location ${managed} is no custom location`);
  }
}

function capacitiesIn(
  locations: readonly string[],
  instances: number | undefined,
): Record<string, Capacity> {
  const capacity =
    instances === undefined
      ? CAPACITY_OF_NEW
      : { desired: instances, minimum: instances, maximum: instances };
  return Object.fromEntries(locations.map((location) => [location, capacity]));
}

function wrongRuntimeConfiguration({ serverProcesses }: RuntimeConfiguration): string | undefined {
  const total = serverProcesses.reduce((sum, each) => sum + each.concurrentExecutions, 0);
  return total > PROCESSES_PER_INSTANCE_MAX
    ? `ConcurrentExecutions sum up to ${total}, more than ${PROCESSES_PER_INSTANCE_MAX} per instance`
    : undefined;
}
