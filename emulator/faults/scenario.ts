import type { CancelTimer, Clock } from "../clock.ts";
import type { FaultOrder } from "./fault.ts";
import type { ScenarioFile } from "./scenario-file.ts";

/** Carries a scenario out, step by step, by the clock. */
export class Scenario {
  readonly #cancels: CancelTimer[];

  /**
   * Starts at once: `at: 0s` is due in this turn's timers.
   * @param carryOut - Must not throw.
   */
  constructor(file: ScenarioFile, clock: Clock, carryOut: (order: FaultOrder) => void) {
    this.#cancels = file.steps.map(({ atMs, order }) => clock.after(atMs, () => carryOut(order)));
  }

  /** Steps that are not due yet never come. */
  close(): void {
    for (const cancel of this.#cancels) cancel();
  }
}
