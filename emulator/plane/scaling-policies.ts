import type { Fleets } from "./fleets.ts";
import { PLANE_LIMITS } from "./limits.ts";
import { done, type Outcome, refused } from "./outcome.ts";
import type { ScalingPolicy } from "./records.ts";

/** Scaling policies of fleets. They are kept and told; nothing here acts on them. */
export class ScalingPolicies {
  readonly #fleets: Fleets;
  /** By fleet, then by name. */
  readonly #policies = new Map<string, Map<string, ScalingPolicy>>();

  constructor(fleets: Fleets) {
    this.#fleets = fleets;
  }

  /** One of the same name is replaced. */
  put(fleetIdOrArn: string, policy: ScalingPolicy): Outcome<ScalingPolicy> {
    const fleet = this.#fleets.find(fleetIdOrArn);
    if (fleet === undefined) return this.#fleets.missing(fleetIdOrArn);
    if (fleet.computeType !== "EC2") {
      return refused("InvalidRequest", "An Anywhere fleet has no instances to scale");
    }
    const ofFleet = this.#policies.get(fleet.fleetId) ?? new Map<string, ScalingPolicy>();
    if (!ofFleet.has(policy.name) && ofFleet.size >= PLANE_LIMITS.scalingPoliciesPerFleetMax) {
      const max = PLANE_LIMITS.scalingPoliciesPerFleetMax;
      return refused(
        "InvalidRequest",
        `Fleet ${fleet.fleetId} has ${max} scaling policies already`,
      );
    }
    ofFleet.set(policy.name, policy);
    this.#policies.set(fleet.fleetId, ofFleet);
    return done(policy);
  }

  /** In the order in which they came. */
  list(fleetId: string): readonly ScalingPolicy[] {
    return [...(this.#policies.get(fleetId)?.values() ?? [])];
  }

  delete(fleetIdOrArn: string, name: string): Outcome<void> {
    const fleet = this.#fleets.find(fleetIdOrArn);
    if (fleet === undefined) return this.#fleets.missing(fleetIdOrArn);
    return this.#policies.get(fleet.fleetId)?.delete(name) === true
      ? done(undefined)
      : refused("NotFound", `Fleet ${fleet.fleetId} has no scaling policy ${name}`);
  }

  /** Its fleet is gone. */
  forget(fleetId: string): void {
    this.#policies.delete(fleetId);
  }
}
