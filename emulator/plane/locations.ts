import type { PlaneContext } from "./context.ts";
import { PLANE_LIMITS } from "./limits.ts";
import { done, type Outcome, refused } from "./outcome.ts";
import type { Location } from "./records.ts";

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

/** Custom locations. A Region is there without being made. */
export class Locations {
  readonly #context: PlaneContext;
  readonly #locations = new Map<string, Location>();

  constructor(context: PlaneContext) {
    this.#context = context;
  }

  create(name: string): Outcome<Location> {
    if (!name.startsWith("custom-")) {
      return refused("InvalidRequest", `LocationName ${name} must begin with "custom-"`);
    }
    if (this.#locations.has(name)) {
      return refused("Conflict", `Location ${name} exists already`);
    }
    if (this.#locations.size >= PLANE_LIMITS.locationsMax) {
      return refused("LimitExceeded", `There are ${PLANE_LIMITS.locationsMax} locations already`);
    }
    const { region, accountId } = this.#context;
    const location = {
      name,
      locationArn: `arn:aws:gamelift:${region}:${accountId}:location/${name}`,
    };
    this.#locations.set(name, location);
    return done(location);
  }

  find(name: string): Location | undefined {
    return this.#locations.get(name);
  }

  /** Whether a fleet may have it. */
  isKnown(name: string): boolean {
    return this.#locations.has(name) || REGION.test(name);
  }

  list(): readonly Location[] {
    return [...this.#locations.values()];
  }

  delete(nameOrArn: string): Outcome<void> {
    const name = nameOrArn.split("/").at(-1) ?? "";
    if (!this.#locations.delete(name)) return refused("NotFound", `There is no location ${name}`);
    return done(undefined);
  }
}
