import { done, isRefused, type Outcome, refused } from "../../plane/outcome.ts";
import type { Alias } from "../../plane/records.ts";
import {
  type ApiContext,
  epochSeconds,
  given,
  type Members,
  type Operations,
  unlessEmpty,
} from "../operation.ts";

interface RoutingMembers {
  readonly Type?: Alias["routing"]["type"];
  readonly FleetId?: string;
  readonly Message?: string;
}

interface AliasInput {
  readonly AliasId?: string;
  readonly Name?: string;
  readonly Description?: string;
  readonly RoutingStrategy?: RoutingMembers;
}

interface ListInput {
  readonly RoutingStrategyType?: Alias["routing"]["type"];
  readonly Name?: string;
}

export const aliasOperations: Operations = {
  CreateAlias(input, context) {
    return createAlias(input, context);
  },

  UpdateAlias(input, { plane }) {
    const { AliasId = "", Name, Description, RoutingStrategy } = input as AliasInput;
    const routing = RoutingStrategy === undefined ? undefined : routingIn(RoutingStrategy);
    if (routing !== undefined && isRefused(routing)) return routing;
    const changes = given({ name: Name, description: Description, routing: routing?.value });
    return told(plane.aliases.update(AliasId, changes));
  },

  DeleteAlias({ AliasId }, { plane }) {
    const deleted = plane.aliases.delete(String(AliasId));
    return isRefused(deleted) ? deleted : done({});
  },

  DescribeAlias({ AliasId }, { plane }) {
    const alias = plane.aliases.find(String(AliasId));
    return alias === undefined
      ? refused("NotFound", `Alias ${AliasId} was not found`)
      : told(done(alias));
  },

  ListAliases(input, context) {
    const { RoutingStrategyType, Name } = input as ListInput;
    const page = context.pages.page(
      { operation: "ListAliases", input },
      {
        records: context.plane.aliases.list(),
        matches: ({ name, routing }) =>
          (Name === undefined || name === Name) &&
          (RoutingStrategyType === undefined || routing.type === RoutingStrategyType),
        keyOf: ({ aliasId }) => aliasId,
        orderOf: ({ createdAtMs }) => createdAtMs,
      },
    );
    if (isRefused(page)) return page;
    const { records, nextToken } = page.value;
    return done({ Aliases: records.map(members), NextToken: nextToken });
  },

  ResolveAlias({ AliasId }, { plane }) {
    const fleet = plane.aliases.resolve(String(AliasId));
    if (isRefused(fleet)) return fleet;
    return done({ FleetId: fleet.value.fleetId, FleetArn: fleet.value.fleetArn });
  },
};

/** @param aliasId - Made up when it is left out; the API's callers cannot choose it. */
export function createAlias(
  input: Members,
  { plane }: ApiContext,
  aliasId?: string,
): Outcome<Members> {
  const { Name = "", Description, RoutingStrategy = {} } = input as AliasInput;
  const routing = routingIn(RoutingStrategy);
  if (isRefused(routing)) return routing;
  return told(
    plane.aliases.create({
      name: Name,
      routing: routing.value,
      ...given({ description: Description, aliasId }),
    }),
  );
}

function routingIn({ Type, FleetId, Message }: RoutingMembers): Outcome<Alias["routing"]> {
  if (Type === "SIMPLE" && FleetId !== undefined && Message === undefined) {
    return done({ type: Type, fleetId: FleetId });
  }
  if (Type === "TERMINAL" && Message !== undefined && FleetId === undefined) {
    return done({ type: Type, message: Message });
  }
  return refused(
    "InvalidRequest",
    "RoutingStrategy must be of Type SIMPLE with FleetId alone, or of Type TERMINAL with Message alone",
  );
}

function told(alias: Outcome<Alias>): Outcome<Members> {
  return isRefused(alias) ? alias : done({ Alias: members(alias.value) });
}

function members(alias: Alias): Members {
  const { routing } = alias;
  return {
    AliasId: alias.aliasId,
    Name: alias.name,
    AliasArn: alias.aliasArn,
    Description: unlessEmpty(alias.description),
    RoutingStrategy:
      routing.type === "SIMPLE"
        ? { Type: routing.type, FleetId: routing.fleetId }
        : { Type: routing.type, Message: routing.message },
    CreationTime: epochSeconds(alias.createdAtMs),
    LastUpdatedTime: epochSeconds(alias.updatedAtMs),
  };
}
