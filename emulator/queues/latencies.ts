import type { PlayerLatency } from "./placement.ts";
import type { PlayerLatencyPolicy } from "./queue.ts";

/**
 * What the players of one placement told of their latencies. A location for which one of them told nothing counts as
 * infinitely far: it comes after all others, and a latency policy keeps it out. The service documents neither.
 */
export class Latencies {
  /** Nobody told anything. */
  readonly isEmpty: boolean;
  readonly #average = new Map<string, number>();
  readonly #highest = new Map<string, number>();

  /** @param latencies - Of two for the same player and location the later one counts. */
  constructor(latencies: readonly PlayerLatency[]) {
    const players = new Set(latencies.map(({ playerId }) => playerId));
    this.isEmpty = players.size === 0;
    const told = new Map<string, Map<string, number>>();
    for (const { playerId, location, latencyMs } of latencies) {
      const ofLocation = told.get(location) ?? new Map<string, number>();
      told.set(location, ofLocation.set(playerId, latencyMs));
    }
    for (const [location, ofLocation] of told) {
      if (ofLocation.size < players.size) continue;
      const values = [...ofLocation.values()];
      this.#average.set(location, values.reduce((sum, value) => sum + value, 0) / values.length);
      this.#highest.set(location, Math.max(...values));
    }
  }

  averageMs(location: string): number {
    return this.#average.get(location) ?? Number.POSITIVE_INFINITY;
  }

  highestMs(location: string): number {
    return this.#highest.get(location) ?? Number.POSITIVE_INFINITY;
  }
}

export interface LatencyCap {
  /** Infinite when no policy holds. */
  readonly maximumMs: number;
  /** When another one holds, as time since the request; `undefined` when this one stays. */
  readonly untilMs: number | undefined;
}

/** Timers and additions of scaled times are exact to far less. */
const ROUNDING_MS = 0.001;

/**
 * The policy that holds at a time: the lowest maximum first, each for its duration. After the last duration nothing
 * holds, for a policy is documented to be enforced for its duration and no longer.
 * @param scaled - From documented milliseconds to those of the clock.
 */
export function latencyCapAt(
  waitedMs: number,
  policies: readonly PlayerLatencyPolicy[],
  scaled: (ms: number) => number,
): LatencyCap {
  let untilMs = 0;
  for (const policy of [...policies].sort((a, b) => a.maximumMs - b.maximumMs)) {
    const { maximumMs, durationSeconds } = policy;
    if (durationSeconds === undefined) return { maximumMs, untilMs: undefined };
    untilMs += scaled(durationSeconds * 1_000);
    if (waitedMs + ROUNDING_MS < untilMs) return { maximumMs, untilMs };
  }
  return { maximumMs: Number.POSITIVE_INFINITY, untilMs: undefined };
}
