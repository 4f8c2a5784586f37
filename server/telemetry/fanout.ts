import { type EventInfo, type EventName, EveryEvent } from "./every-event.ts";
import type { Telemetry } from "./telemetry.ts";

class FanOutTelemetry extends EveryEvent {
  readonly #sinks: readonly Telemetry[];

  constructor(sinks: readonly Telemetry[]) {
    super();
    this.#sinks = sinks;
  }

  protected override record<Name extends EventName>(event: Name, info: EventInfo<Name>): void {
    for (const sink of this.#sinks) {
      try {
        (sink[event] as (info: EventInfo<Name>) => void).call(sink, info);
      } catch {
        // A sink promises not to throw; one that breaks the promise must take neither the others nor the game along.
      }
    }
  }
}

/** Tells every event to all sinks, in their order. */
export function fanOutTelemetry(...sinks: readonly Telemetry[]): Telemetry {
  return new FanOutTelemetry(sinks);
}

/** Tells nobody. */
export const silentTelemetry: Telemetry = fanOutTelemetry();
