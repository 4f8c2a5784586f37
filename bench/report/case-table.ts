import { type MatchCase, sidesOf } from "../cases/match-case.ts";
import { doesCount, SIDE_NAMES } from "../cases/match-lines.ts";
import { METRICS, type MetricName } from "../cases/metrics.ts";
import { type Spread, spreadOf } from "../measure/pairs.ts";
import type { BlockResult } from "../runs/match-block.ts";
import type { Window } from "../runs/window.ts";
import type { Side } from "../subjects/match-subject.ts";

/** Everything that was measured of one side in one case. */
export interface CaseRow {
  readonly caseId: string;
  readonly title: string;
  readonly side: Side;
  readonly windows: number;
  readonly values: Readonly<Record<MetricName, Spread>>;
}

/** Windows that do not count are in none; other work on the core does not matter here. */
export function caseRows(
  cases: readonly MatchCase[],
  blocks: readonly BlockResult[],
): readonly CaseRow[] {
  return cases.flatMap((plan) =>
    sidesOf(plan).flatMap((side): CaseRow[] => {
      const windows = windowsOf(plan, side, blocks);
      if (windows.length === 0) return [];
      const names = Object.keys(METRICS) as MetricName[];
      const values = Object.fromEntries(
        names.map((name) => [
          name,
          spreadOf(windows.map((window) => METRICS[name].of(window, plan.settings))),
        ]),
      ) as Record<MetricName, Spread>;
      return [{ caseId: plan.id, title: plan.title, side, windows: windows.length, values }];
    }),
  );
}

/** Each once: a peer's window stands at the end of one round and at the beginning of the next. */
function windowsOf(plan: MatchCase, side: Side, blocks: readonly BlockResult[]): Window[] {
  return blocks
    .filter(({ caseId }) => caseId === plan.id)
    .flatMap(({ rounds }) => {
      const own = rounds.flatMap(({ windows }) => windows[side] ?? []);
      const last = side === plan.peer ? rounds.at(-1)?.peerAgain : undefined;
      return last === undefined ? own : [...own, last];
    })
    .filter((window) => doesCount(window, plan.settings));
}

export const CASE_HEAD = [
  "match",
  "server",
  "CPU ms per player-minute",
  "user + system",
  "rate Hz",
  "late p50 / p99 ms",
  "input to state p50 / p99 ms",
  "KB/s per client",
  "RSS MB",
  "windows",
] as const;

/** Medians; of CPU and bytes with their 95 % interval by ranks. */
export function caseCells({ title, side, windows, values }: CaseRow): string[] {
  const median = (name: MetricName) => values[name].median.toFixed(METRICS[name].digits);
  const spread = (name: MetricName) => {
    const { low, high } = values[name];
    const { digits } = METRICS[name];
    return `${median(name)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
  };
  const cpu = values.cpu.median;
  const system = cpu * values.system.median;
  return [
    title,
    SIDE_NAMES[side],
    spread("cpu"),
    `${(cpu - system).toFixed(1)} + ${system.toFixed(1)}`,
    median("rate"),
    `${median("lateP50")} / ${median("lateP99")}`,
    `${median("inputP50")} / ${median("inputP99")}`,
    spread("bytes"),
    median("rss"),
    String(windows),
  ];
}
