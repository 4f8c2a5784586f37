import type { PlacementEventSink } from "./placement-event.ts";

/** Of events and targets: an event for two targets counts twice. */
export interface DeliveryCounts {
  readonly delivered: number;
  /** Given up, or dropped because too many were on their way. */
  readonly lost: number;
}

/** One target while the emulator runs. */
export interface Delivery extends PlacementEventSink {
  readonly counts: DeliveryCounts;
  /** Lets what is on its way arrive, for a moment; the rest is lost. */
  close(): Promise<void>;
}
