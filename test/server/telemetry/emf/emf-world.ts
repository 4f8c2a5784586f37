import {
  EmfTelemetry,
  type EmfTelemetryOptions,
} from "../../../../server/telemetry/emf/emf-telemetry.ts";
import { everyEvent } from "../../../contract/telemetry-contract.ts";
import { type EmfRecord, readEmfLine } from "../../../support/collectors/emf-rules.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

/** The adapter on stepped time; each line is held against the specification. */
export class EmfWorld {
  readonly clock = new FakeClock();
  readonly lines: string[] = [];
  readonly problems: string[] = [];
  readonly records: EmfRecord[] = [];
  readonly telemetry: EmfTelemetry;

  constructor(options: Partial<EmfTelemetryOptions> = {}) {
    this.telemetry = new EmfTelemetry({
      clock: this.clock,
      out: { write: (line) => this.#take(line) },
      fleetId: "fleet-1",
      location: "us-west-2",
      properties: { computeId: "compute-1", processId: "process-1", pid: "4711" },
      logGroupName: "",
      ...options,
    });
  }

  placed(gameSessionId = "gsess-1"): this {
    this.telemetry.gameSessionPlaced({ ...everyEvent.gameSessionPlaced, gameSessionId });
    return this;
  }

  ended(): this {
    this.telemetry.gameSessionEnded(everyEvent.gameSessionEnded);
    return this;
  }

  ticks(durationsMs: readonly number[], lateMs = 0): this {
    for (const durationMs of durationsMs) {
      this.telemetry.tickRan({ durationMs, intervalMs: 50, lateMs, commands: 0 });
    }
    return this;
  }

  #take(line: string): void {
    const { record, problems } = readEmfLine(line, this.clock.wallMs());
    this.lines.push(line);
    this.problems.push(...problems);
    if (record !== undefined) this.records.push(record);
  }
}
