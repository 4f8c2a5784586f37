import { PLANE_LIMITS } from "./limits.ts";
import { done, type Outcome, refused } from "./outcome.ts";
import type { Capacity } from "./records.ts";

/** How many instances a location has, when nobody has said. */
export const CAPACITY_OF_NEW: Capacity = { desired: 1, minimum: 0, maximum: 1 };

/** @returns The capacity with the changes in it, unless its numbers then contradict each other. */
export function changedCapacity(present: Capacity, changes: Partial<Capacity>): Outcome<Capacity> {
  const { desired, minimum, maximum } = { ...present, ...changes };
  if (maximum > PLANE_LIMITS.instancesPerLocationMax) {
    const max = PLANE_LIMITS.instancesPerLocationMax;
    return refused(
      "LimitExceeded",
      `MaxSize ${maximum}: all instances are this machine, ${max} at most`,
    );
  }
  if (minimum > maximum) {
    return refused("InvalidRequest", `MinSize ${minimum} is more than MaxSize ${maximum}`);
  }
  if (desired < minimum || desired > maximum) {
    return refused(
      "InvalidRequest",
      `DesiredInstances ${desired} must be MinSize ${minimum} to MaxSize ${maximum}`,
    );
  }
  return done({ desired, minimum, maximum });
}
