import type { Window } from "../runs/window.ts";
import type { MatchSettings } from "../subjects/match-subject.ts";

/** One number of a window. */
export interface Metric {
  readonly unit: string;
  readonly digits: number;
  of(window: Window, settings: MatchSettings): number;
}

/** A server whose timer is off makes more or fewer ticks than were asked of it; what it costs is brought to the nominal ones. */
function toNominal(value: number, { rateHz }: Window, { tickRateHz }: MatchSettings): number {
  return (value * tickRateHz) / rateHz;
}

export const METRICS = {
  cpu: {
    unit: "ms",
    digits: 1,
    of(window, settings) {
      const { cpuMs, wallMs } = window.cost;
      return toNominal((60_000 * cpuMs) / wallMs / settings.players, window, settings);
    },
  },
  coreShare: {
    unit: "of a core",
    digits: 3,
    of: (window, settings) => toNominal(window.cost.cpuMs / window.cost.wallMs, window, settings),
  },
  system: {
    unit: "of CPU",
    digits: 2,
    of: (window) => window.systemShare,
  },
  bytes: {
    unit: "KB/s",
    digits: 1,
    of: (window, settings) => toNominal(window.bytesPerClientSecond / 1000, window, settings),
  },
  /** As they came, whatever the rate. */
  rawBytes: {
    unit: "B/s",
    digits: 0,
    of: (window) => window.bytesPerClientSecond,
  },
  rss: { unit: "MB", digits: 0, of: (window) => window.residentBytes / 1e6 },
  /** Of a match that has played for as long as it warmed up, where {@link rss} is that of one that stood just before. */
  settled: { unit: "MB", digits: 0, of: (window) => window.settledBytes / 1e6 },
  rate: { unit: "Hz", digits: 2, of: (window) => window.rateHz },
  rateError: {
    unit: "%",
    digits: 3,
    of: (window, { tickRateHz }) => 100 * Math.abs(window.rateHz / tickRateHz - 1),
  },
  lateP50: { unit: "ms", digits: 2, of: (window) => window.lateMs.p50 },
  lateP99: { unit: "ms", digits: 2, of: (window) => window.lateMs.p99 },
  inputP50: { unit: "ms", digits: 1, of: (window) => window.inputToStateMs.p50 },
  inputP99: { unit: "ms", digits: 1, of: (window) => window.inputToStateMs.p99 },
  swarm: { unit: "of a core", digits: 2, of: (window) => window.swarmShare },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;
