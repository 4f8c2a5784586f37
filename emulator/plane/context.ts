import type { Clock } from "../clock.ts";
import type { Durations } from "./durations.ts";
import type { Happenings } from "./happenings.ts";

/** What every part of the control plane works with. */
export interface PlaneContext {
  readonly clock: Clock;
  readonly durations: Durations;
  /** The home Region, in ARNs. */
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** UUID v4. */
  readonly uuid: () => string;
  /** Where server processes connect; asked at each use, for the port is known late. */
  readonly endpoint: () => string;
  readonly happenings: Happenings;
}

export type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Drops the oldest entries of a map until `max` are left. Maps keep the order in which keys came. */
export function keepNewest<K>(map: Map<K, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}
