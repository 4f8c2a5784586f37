import type { Effect } from "../../../emulator/faults/fault.ts";
import { Faults } from "../../../emulator/faults/faults.ts";
import { readScenario } from "../../../emulator/faults/scenario-file.ts";
import { seededRandom } from "../../../emulator/faults/seeded-random.ts";
import type { ServerProcess } from "../../../emulator/plane/records.ts";
import type { Cut, WireProcess } from "../../../emulator/server-sdk/wire-hooks.ts";
import { PlaneWorld } from "../plane/plane-world.ts";

/** A control plane with faults; connections only note how they were cut. */
export class FaultWorld extends PlaneWorld {
  readonly faults: Faults;
  readonly cuts: { readonly processId: string; readonly how: Cut }[] = [];
  hasConnections = true;

  constructor(random = seededRandom(1)) {
    super();
    const connections = {
      cut: ({ processId }: WireProcess, how: Cut) => {
        if (this.hasConnections) this.cuts.push({ processId, how });
        return this.hasConnections;
      },
    };
    this.faults = new Faults({ plane: this.plane, random, connections: () => connections });
  }

  /** @throws Error with why nothing was done. */
  done(order: object): readonly Effect[] {
    const ordered = this.faults.order(order);
    if ("value" in ordered) return ordered.value;
    throw new Error("mistakes" in ordered ? ordered.mistakes.join("\n") : ordered.message);
  }

  /** Why nothing was done; `undefined` when something was. */
  refusal(order: unknown): string | undefined {
    const ordered = this.faults.order(order);
    if ("mistakes" in ordered) return ordered.mistakes.join("\n");
    return "value" in ordered ? undefined : ordered.message;
  }

  /** Starts a scenario. @throws Error with its mistakes. */
  start(scenario: object | string): void {
    const text = typeof scenario === "string" ? scenario : JSON.stringify(scenario);
    const read = readScenario(text, "scenario");
    if ("mistakes" in read) throw new Error(read.mistakes.join("\n"));
    this.faults.start(read.scenario);
  }

  /** Details of all faults told so far. */
  get told(): readonly string[] {
    return this.plane.happenings
      .since(0)
      .filter(({ kind }) => kind === "fault")
      .map(({ detail = "" }) => detail);
  }

  answer(action: string, process: ServerProcess) {
    return this.faults.wire.beforeAnswer(action, process);
  }
}
