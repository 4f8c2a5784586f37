import { done, isRefused, refused } from "../../plane/outcome.ts";
import type { Location } from "../../plane/records.ts";
import { API_LIMITS } from "../limits.ts";
import { type ApiContext, given, type Members, type Operations } from "../operation.ts";

interface ListInput {
  readonly Filters?: readonly ("AWS" | "CUSTOM")[];
}

export const locationOperations: Operations = {
  CreateLocation({ LocationName }, { plane }) {
    const location = plane.locations.create(String(LocationName));
    return isRefused(location) ? location : done({ Location: members(location.value) });
  },

  ListLocations(input, context) {
    const { Filters = ["AWS", "CUSTOM"] } = input as ListInput;
    const page = context.pages.page(
      { operation: "ListLocations", input, pageMax: API_LIMITS.locationPageMax },
      {
        records: [...regionsOf(context), ...context.plane.locations.list()].sort((a, b) =>
          a.name < b.name ? -1 : 1,
        ),
        matches: ({ name }) => Filters.includes(name.startsWith("custom-") ? "CUSTOM" : "AWS"),
        keyOf: ({ name }) => name,
        orderOf: ({ name }) => name,
      },
    );
    if (isRefused(page)) return page;
    const { records, nextToken } = page.value;
    return done({ Locations: records.map(members), NextToken: nextToken });
  },

  DeleteLocation({ LocationName }, { plane }) {
    const nameOrArn = String(LocationName);
    const name = nameOrArn.split("/").at(-1) ?? "";
    const user = plane.fleets.list().find(({ locations }) => locations.includes(name));
    if (user !== undefined) {
      return refused("InvalidRequest", `Location ${name} is in use by fleet ${user.fleetId}`);
    }
    const location = plane.locations.find(name);
    if (location === undefined || (nameOrArn !== name && nameOrArn !== location.locationArn)) {
      return refused("NotFound", `Location ${nameOrArn} was not found`);
    }
    const deleted = plane.locations.delete(name);
    return isRefused(deleted) ? deleted : done({});
  },
};

/** The home Region, and those that fleets have instances in: the emulator's world has no others. */
function regionsOf({ plane }: ApiContext): readonly Pick<Location, "name">[] {
  const ofFleets = plane.fleets.list().flatMap(({ locations }) => locations);
  const names = new Set([plane.region, ...ofFleets.filter((name) => !name.startsWith("custom-"))]);
  return [...names].map((name) => ({ name }));
}

function members({ name, locationArn }: Pick<Location, "name"> & Partial<Location>): Members {
  return { LocationName: name, ...given({ LocationArn: locationArn }) };
}
