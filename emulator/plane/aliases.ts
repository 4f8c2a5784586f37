import type { PlaneContext, Writable } from "./context.ts";
import type { Fleets } from "./fleets.ts";
import { PLANE_LIMITS } from "./limits.ts";
import { done, isRefused, type Outcome, refused } from "./outcome.ts";
import type { Alias, Fleet } from "./records.ts";

export interface AliasDefinition extends Pick<Alias, "name" | "routing"> {
  readonly description?: string;
  /** Made up when it is left out. */
  readonly aliasId?: string;
}

/** Names that stand for a fleet, or for the news that there is none any more. */
export class Aliases {
  readonly #context: PlaneContext;
  readonly #fleets: Fleets;
  readonly #aliases = new Map<string, Writable<Alias>>();

  constructor(context: PlaneContext, fleets: Fleets) {
    this.#context = context;
    this.#fleets = fleets;
  }

  create(definition: AliasDefinition): Outcome<Alias> {
    const { region, accountId, uuid, clock } = this.#context;
    const aliasId = definition.aliasId ?? `alias-${uuid()}`;
    if (this.#aliases.size >= PLANE_LIMITS.aliasesMax) {
      return refused("LimitExceeded", `There are ${PLANE_LIMITS.aliasesMax} aliases already`);
    }
    if (this.#aliases.has(aliasId)) return refused("Conflict", `Alias ${aliasId} exists already`);
    const routing = this.#checked(definition.routing);
    if (isRefused(routing)) return routing;
    const atMs = clock.wallMs();
    const alias = {
      aliasId,
      aliasArn: `arn:aws:gamelift:${region}:${accountId}:alias/${aliasId}`,
      name: definition.name,
      description: definition.description ?? "",
      routing: routing.value,
      createdAtMs: atMs,
      updatedAtMs: atMs,
    };
    this.#aliases.set(aliasId, alias);
    return done(alias);
  }

  update(
    aliasIdOrArn: string,
    changes: Partial<Pick<Alias, "name" | "description" | "routing">>,
  ): Outcome<Alias> {
    const alias = this.#entry(aliasIdOrArn);
    if (alias === undefined) return missing(aliasIdOrArn);
    // The fleet that it keeps may have been deleted since; that is no fault of this change.
    const routing = changes.routing ? this.#checked(changes.routing) : done(alias.routing);
    if (isRefused(routing)) return routing;
    const { clock, happenings } = this.#context;
    Object.assign(alias, changes, { routing: routing.value, updatedAtMs: clock.wallMs() });
    happenings.tell("alias-updated", { detail: alias.aliasId });
    return done(alias);
  }

  delete(aliasIdOrArn: string): Outcome<void> {
    const alias = this.#entry(aliasIdOrArn);
    if (alias === undefined) return missing(aliasIdOrArn);
    this.#aliases.delete(alias.aliasId);
    return done(undefined);
  }

  find(aliasIdOrArn: string): Alias | undefined {
    return this.#entry(aliasIdOrArn);
  }

  /** In the order of their creation. */
  list(): readonly Alias[] {
    return [...this.#aliases.values()];
  }

  /** A terminal alias refuses with its own message. */
  resolve(aliasIdOrArn: string): Outcome<Fleet> {
    const alias = this.#entry(aliasIdOrArn);
    if (alias === undefined) return missing(aliasIdOrArn);
    if (alias.routing.type === "TERMINAL") {
      return refused("TerminalRoutingStrategy", alias.routing.message);
    }
    const fleet = this.#fleets.find(alias.routing.fleetId);
    return fleet === undefined ? this.#fleets.missing(alias.routing.fleetId) : done(fleet);
  }

  #checked(routing: Alias["routing"]): Outcome<Alias["routing"]> {
    if (routing.type === "TERMINAL") return done(routing);
    const fleet = this.#fleets.find(routing.fleetId);
    return fleet === undefined
      ? this.#fleets.missing(routing.fleetId)
      : done({ type: "SIMPLE", fleetId: fleet.fleetId });
  }

  #entry(aliasIdOrArn: string): Writable<Alias> | undefined {
    const isArn = aliasIdOrArn.startsWith("arn:");
    const alias = this.#aliases.get(isArn ? (aliasIdOrArn.split("/").at(-1) ?? "") : aliasIdOrArn);
    return isArn && alias?.aliasArn !== aliasIdOrArn ? undefined : alias;
  }
}

function missing(aliasIdOrArn: string) {
  return refused("NotFound", `Alias ${aliasIdOrArn} was not found`);
}
