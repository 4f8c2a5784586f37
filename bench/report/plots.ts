/**
 * The pictures of the report.
 * @module
 */
import { SIDE_NAMES } from "../cases/match-lines.ts";
import { METRICS, type MetricName } from "../cases/metrics.ts";
import type { Side } from "../subjects/match-subject.ts";
import type { CaseRow } from "./case-table.ts";
import { type Bar, barChart, type Chart, type Series } from "./svg.ts";

/** One picture. */
export interface Plot {
  readonly file: string;
  readonly title: string;
  readonly svg: string;
}

/** Pictures of which nothing was measured are not there. */
export function plotsOf(rows: readonly CaseRow[]): readonly Plot[] {
  const charts: Readonly<Record<string, Chart>> = {
    "cpu-10.svg": chartOf(rows, "Server CPU per player-minute, 10 players", "cpu", /^10@/),
    "cpu-200.svg": chartOf(
      rows,
      "Server CPU per player-minute, 200 players",
      "cpu",
      /^(200|interest)@/,
    ),
    "bytes.svg": chartOf(rows, "Bytes to each client", "bytes", /^(10|200|interest)@/),
    "latency.svg": latencyChart(rows),
  };
  return Object.entries(charts)
    .filter(([, { groups }]) => groups.length > 0)
    .map(([file, chart]) => ({ file, title: chart.title, svg: barChart(chart) }));
}

const COLYSEUS: Series = { name: SIDE_NAMES.colyseus, colour: "#c2703d" };
const series = (side: Side, colour: string): Series => ({ name: SIDE_NAMES[side], colour });

/** The same colours in all pictures. Colyseus has different rooms for different matches: one bar. */
const SERIES: Readonly<Record<Side, Series>> = {
  colyseus: COLYSEUS,
  "colyseus-input": COLYSEUS,
  "colyseus-views": COLYSEUS,
  ours: series("ours", "#3b8ec2"),
  "ours-schema": series("ours-schema", "#8b7fc7"),
  ws: series("ws", "#4f9d69"),
  "ws-delta": series("ws-delta", "#7f9440"),
  "socket.io": series("socket.io", "#b8902f"),
  floor: series("floor", "#a8688f"),
};

function chartOf(
  rows: readonly CaseRow[],
  title: string,
  metric: MetricName,
  caseIds: RegExp,
): Chart {
  const { unit, digits } = METRICS[metric];
  return {
    title,
    unit,
    digits,
    ...grouped(rows.filter(({ caseId }) => caseIds.test(caseId)).map((row) => barOf(row, metric))),
  };
}

function latencyChart(rows: readonly CaseRow[]): Chart {
  const chosen = rows.filter(({ caseId }) => /^(200|inputs)@/.test(caseId));
  const bars = (["inputP50", "inputP99"] as const).flatMap((metric) =>
    chosen.map((row) => {
      const { label, bar } = barOf(row, metric);
      return { label: `${label}, ${metric === "inputP50" ? "p50" : "p99"}`, bar };
    }),
  );
  const { unit, digits } = METRICS.inputP50;
  return {
    title: "From an input to the state that shows it",
    unit,
    digits,
    ...grouped(bars.toSorted((a, b) => a.label.localeCompare(b.label))),
  };
}

interface Labelled {
  readonly label: string;
  readonly bar: Bar;
}

function barOf({ title, side, values }: CaseRow, metric: MetricName): Labelled {
  const { low, median, high } = values[metric];
  return { label: title, bar: { series: SERIES[side], value: median, low, high } };
}

/** Groups and legend in the order in which they come. */
function grouped(labelled: readonly Labelled[]): Pick<Chart, "series" | "groups"> {
  const labels = [...new Set(labelled.map(({ label }) => label))];
  return {
    series: [...new Set(labelled.map(({ bar }) => bar.series))],
    groups: labels.map((label) => ({
      label,
      bars: labelled.filter((each) => each.label === label).map(({ bar }) => bar),
    })),
  };
}
