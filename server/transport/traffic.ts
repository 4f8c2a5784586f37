import type { TrafficReading } from "../telemetry/readings.ts";

/** Counts what goes over all wires of a port. Plain fields: they are written for every frame. */
export class Traffic implements TrafficReading {
  receivedBytes = 0;
  receivedFrames = 0;
  sentBytes = 0;
  sentFrames = 0;
}
