import type { Clock } from "../clock.ts";
import type { ControlPlane } from "../plane/control-plane.ts";
import { isRefused, type Outcome } from "../plane/outcome.ts";
import { CallFaults } from "./call-faults.ts";
import type { Effect, FaultGround, FaultOrder } from "./fault.ts";
import { readFault } from "./fault-table.ts";
import { FAULT_LIMITS } from "./limits.ts";
import { isObject, type Mistake, pathText, shown } from "./members.ts";
import { Scenario } from "./scenario.ts";
import type { ScenarioFile } from "./scenario-file.ts";
import { StandingFaults } from "./standing-faults.ts";
import { Targets } from "./targets.ts";
import { type WireConnections, WireFaults } from "./wire-faults.ts";

export interface FaultsOptions {
  readonly plane: ControlPlane;
  readonly clock: Clock;
  /** From 0 up to 1, for targets that are `any`. */
  readonly random: () => number;
  /** The Server SDK service's; asked at each use. */
  readonly connections?: () => WireConnections | undefined;
}

/** What somebody ordered by hand, or why nothing was done. */
export type Ordered = Outcome<readonly Effect[]> | { readonly mistakes: readonly string[] };

/** Everything that can be made to go wrong. Make it before anything connects, so that all have their ordinals. */
export class Faults {
  /** What the Server SDK service asks. */
  readonly wire: WireFaults;
  /** What the AWS API asks. */
  readonly calls: CallFaults;
  readonly standing: StandingFaults;
  readonly targets: Targets;
  readonly #plane: ControlPlane;
  readonly #clock: Clock;
  readonly #ground: FaultGround;
  readonly #scenarios: Scenario[] = [];

  constructor({ plane, clock, random, connections = () => undefined }: FaultsOptions) {
    this.#plane = plane;
    this.#clock = clock;
    this.standing = new StandingFaults(clock);
    this.wire = new WireFaults(this.standing);
    this.calls = new CallFaults(this.standing);
    this.targets = new Targets(plane, random);
    plane.gameSessions.isHeldBack = ({ fleetId, location }) =>
      this.standing.stands("full", { fleetId, location });
    this.#ground = { plane, standing: this.standing, targets: this.targets, connections };
  }

  /** Reads `{fault, …}` and carries it out at once. */
  order(value: unknown): Ordered {
    if (!isObject(value)) {
      return {
        mistakes: [`the order is ${shown(value)}; allowed is an object with fault and more`],
      };
    }
    const mistakes: Mistake[] = [];
    const order = readFault(value, [], mistakes);
    if (order !== undefined) return this.#carryOut(order);
    return { mistakes: mistakes.map(({ path, text }) => `${pathText(path)} ${text}`) };
  }

  /** Carries out a scenario's steps at their times; one that cannot be is told and the others go on. */
  start(scenario: ScenarioFile): void {
    this.#scenarios.push(
      new Scenario(scenario, this.#clock, (order) => {
        const outcome = this.#carryOut(order);
        if (isRefused(outcome)) this.#tell({ detail: `${order.name} failed: ${outcome.message}` });
      }),
    );
  }

  /** Nothing goes wrong any more. */
  close(): void {
    for (const scenario of this.#scenarios) scenario.close();
    this.standing.clear({});
    this.targets.close();
  }

  #carryOut(order: FaultOrder): Outcome<readonly Effect[]> {
    const outcome = order.apply(this.#ground);
    if (!isRefused(outcome)) for (const effect of outcome.value) this.#tell(effect);
    return outcome;
  }

  #tell(effect: Effect): void {
    const detail = effect.detail.slice(0, FAULT_LIMITS.detailCharsMax);
    this.#plane.happenings.tell("fault", { ...effect, detail });
  }
}
