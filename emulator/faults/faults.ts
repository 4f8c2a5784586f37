import type { ControlPlane } from "../plane/control-plane.ts";
import { isRefused, type Outcome } from "../plane/outcome.ts";
import { CallFaults } from "./call-faults.ts";
import { Census } from "./census.ts";
import type { Effect, FaultOrder } from "./fault.ts";
import { readFault } from "./fault-table.ts";
import { FAULT_LIMITS } from "./limits.ts";
import { isObject, type Mistake, pathText, shown } from "./members.ts";
import { Scenario } from "./scenario.ts";
import type { ScenarioFile } from "./scenario-file.ts";
import { seededRandom } from "./seeded-random.ts";
import { StandingFaults } from "./standing-faults.ts";
import { Targets } from "./targets.ts";
import { StandingWireFaults, type WireConnections } from "./wire-faults.ts";

export interface FaultsOptions {
  readonly plane: ControlPlane;
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
  readonly wire: StandingWireFaults;
  /** What the AWS API asks. */
  readonly calls: CallFaults;
  readonly standing: StandingFaults;
  readonly census: Census;
  readonly #plane: ControlPlane;
  readonly #connections: () => WireConnections | undefined;
  readonly #random: () => number;
  readonly #scenarios: Scenario[] = [];

  constructor({ plane, random, connections = () => undefined }: FaultsOptions) {
    this.#plane = plane;
    this.standing = new StandingFaults(plane.clock);
    this.wire = new StandingWireFaults(this.standing);
    this.calls = new CallFaults(this.standing);
    this.census = new Census(plane.happenings);
    this.#connections = connections;
    this.#random = random;
    plane.gameSessions.isHeldBack = ({ fleetId, location }) =>
      this.standing.stands("full", { fleetId, location });
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
    if (order !== undefined) return this.#carryOut(order, this.#random);
    return { mistakes: mistakes.map(({ path, text }) => `${pathText(path)} ${text}`) };
  }

  /** Carries out a scenario's steps at their times; one that cannot be is told and the others go on. */
  start(scenario: ScenarioFile): void {
    const random = scenario.seed === undefined ? this.#random : seededRandom(scenario.seed);
    this.#scenarios.push(
      new Scenario(scenario, this.#plane.clock, (order) => {
        const outcome = this.#carryOut(order, random);
        if (isRefused(outcome)) this.#tell({ detail: `${order.name} failed: ${outcome.message}` });
      }),
    );
  }

  /** Nothing goes wrong any more. */
  close(): void {
    for (const scenario of this.#scenarios) scenario.close();
    this.standing.clear({});
    this.census.close();
  }

  #carryOut(order: FaultOrder, random: () => number): Outcome<readonly Effect[]> {
    const plane = this.#plane;
    const outcome = order.apply({
      plane,
      standing: this.standing,
      targets: new Targets(plane, this.census, random),
      connections: this.#connections,
    });
    if (!isRefused(outcome)) for (const effect of outcome.value) this.#tell(effect);
    return outcome;
  }

  #tell(effect: Effect): void {
    const detail = effect.detail.slice(0, FAULT_LIMITS.detailCharsMax);
    this.#plane.happenings.tell("fault", { ...effect, detail });
  }
}
