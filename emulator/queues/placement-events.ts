/**
 * Delivers placement events to subscribers, files and the console. At least once: an event may come again when an
 * answer was lost, and two may change places. Subscribers are taken at their word: nobody is asked to confirm a
 * subscription first, as SNS would.
 * @module
 */
import { appendFile } from "node:fs/promises";
import type { Clock } from "../clock.ts";
import { done, isRefused, type Outcome, refused } from "../plane/outcome.ts";
import type { Delivery, DeliveryCounts } from "./delivery.ts";
import { FileTarget } from "./file-target.ts";
import { type Fetch, HttpTarget } from "./http-target.ts";
import { PLACEMENT_EVENT_LIMITS } from "./limits.ts";
import type { PlacementEvent } from "./placement-event.ts";
import { type PlacementEventTarget, readPlacementEventTarget } from "./placement-event-target.ts";

export interface PlacementEventsOptions {
  /** See {@link readPlacementEventTarget}. */
  readonly targets: readonly string[];
  readonly clock: Clock;
  /** Takes events for `console`, and news of events that were lost. */
  readonly print: (line: string) => void;
  readonly fetch: Fetch;
}

export class PlacementEvents implements Delivery {
  readonly #deliveries: readonly Delivery[];

  constructor(deliveries: readonly Delivery[]) {
    this.#deliveries = deliveries;
  }

  get counts(): DeliveryCounts {
    const all = this.#deliveries.map(({ counts }) => counts);
    return {
      delivered: all.reduce((sum, { delivered }) => sum + delivered, 0),
      lost: all.reduce((sum, { lost }) => sum + lost, 0),
    };
  }

  deliver(event: PlacementEvent, topicArn: string): void {
    for (const delivery of this.#deliveries) delivery.deliver(event, topicArn);
  }

  async close(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.close()));
  }
}

/** @returns A refusal when a target is not what one must be. No target is fine: nothing is delivered then. */
export function createPlacementEvents(options: PlacementEventsOptions): Outcome<PlacementEvents> {
  const { targetsMax } = PLACEMENT_EVENT_LIMITS;
  if (options.targets.length > targetsMax) {
    return refused("InvalidRequest", `Placement events: more than ${targetsMax} targets`);
  }
  const deliveries: Delivery[] = [];
  for (const text of options.targets) {
    const target = readPlacementEventTarget(text);
    if (isRefused(target)) return target;
    deliveries.push(deliveryTo(target.value, options));
  }
  return done(new PlacementEvents(deliveries));
}

function deliveryTo(
  target: PlacementEventTarget,
  { clock, print, fetch }: PlacementEventsOptions,
): Delivery {
  switch (target.kind) {
    case "console":
      return new PrintTarget(print);
    case "file":
      return new FileTarget({ path: target.path, print, append: appendFile });
    case "http":
      return new HttpTarget({ ...target, clock, print, fetch });
  }
}

class PrintTarget implements Delivery {
  readonly #print: (line: string) => void;
  #delivered = 0;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  get counts(): DeliveryCounts {
    return { delivered: this.#delivered, lost: 0 };
  }

  deliver(event: PlacementEvent): void {
    this.#delivered++;
    this.#print(JSON.stringify(event));
  }

  async close(): Promise<void> {}
}
