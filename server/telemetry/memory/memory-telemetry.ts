import { type EventInfo, type EventName, EveryEvent } from "../every-event.ts";

/** Events kept at most; the oldest go first. */
const EVENTS_MAX = 10_000;

export type RecordedEvent = {
  [Name in EventName]: { readonly event: Name; readonly info: EventInfo<Name> };
}[EventName];

/** Keeps what happened, for tests and for looking at a running server. */
export class MemoryTelemetry extends EveryEvent {
  readonly #events: RecordedEvent[] = [];

  /** The last 10,000 events, oldest first. */
  get events(): readonly RecordedEvent[] {
    return this.#events;
  }

  /** What one kind of event carried, oldest first. */
  of<Name extends EventName>(event: Name): readonly EventInfo<Name>[] {
    return this.#events
      .filter((recorded) => recorded.event === event)
      .map((recorded) => recorded.info as EventInfo<Name>);
  }

  clear(): void {
    this.#events.length = 0;
  }

  protected override record<Name extends EventName>(event: Name, info: EventInfo<Name>): void {
    this.#events.push({ event, info } as RecordedEvent);
    if (this.#events.length > EVENTS_MAX) this.#events.shift();
  }
}
