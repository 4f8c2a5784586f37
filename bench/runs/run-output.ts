import os from "node:os";
import packageJson from "../../package.json" with { type: "json" };
import { GOALS, type GoalId, goalOf, goalVerdict } from "../cases/goals.ts";
import type { MatchCase } from "../cases/match-case.ts";
import type { Effort } from "../cases/match-cases.ts";
import { SWARM_SHARE_MAX } from "../cases/match-lines.ts";
import type { Fairness } from "../cases/void-rules.ts";
import { foreignShareOf, type Line, quantile } from "../measure/pairs.ts";
import { tableOf, textTable } from "../measure/report.ts";
import { CASE_HEAD, caseCells, caseRows } from "../report/case-table.ts";
import { canPin } from "../subjects/subject.ts";
import { MATCH_FOREIGN_SHARE_MAX } from "./match-block.ts";
import type { Findings } from "./run-plan.ts";
import type { TaskResult } from "./tasks.ts";

/** On what it was measured. */
export interface Environment {
  readonly date: string;
  readonly effort: Effort;
  readonly commit: string;
  readonly tookSeconds: number;
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly node: string;
  readonly colyseus: string;
  readonly ws: string;
  readonly isPinned: boolean;
  /** Of the servers' core while matches were measured. */
  readonly foreignShareMedian: number;
  /** Of its core, in any window. */
  readonly swarmShareMax: number;
  readonly scrapes: number;
}

/** The JSON of a run, of which its report is made. */
export interface Written extends Findings {
  readonly environment: Environment;
  /** How the peers did in matches that were measured once more, in place of what was found at first. */
  readonly repeated: readonly Fairness[];
  readonly failures: readonly string[];
  readonly results: Readonly<Record<string, TaskResult>>;
}

export function environmentOf(run: {
  effort: Effort;
  commit: string;
  tookMs: number;
  scrapes: number;
  results: Readonly<Record<string, TaskResult>>;
}): Environment {
  const windows = Object.values(run.results).flatMap((result) =>
    result.kind === "match"
      ? result.rounds.flatMap(({ windows: some }) => Object.values(some))
      : [],
  );
  const foreign = windows.map(({ cost }) => foreignShareOf([cost]));
  return {
    date: new Date().toISOString(),
    effort: run.effort,
    commit: run.commit,
    tookSeconds: Math.round(run.tookMs / 1000),
    cpu: os.cpus()[0]?.model ?? "",
    cores: os.cpus().length,
    kernel: os.release(),
    node: process.version,
    colyseus: packageJson.dependencies["@colyseus/core"],
    ws: packageJson.dependencies.ws,
    isPinned: canPin,
    foreignShareMedian: foreign.length === 0 ? 0 : quantile(foreign, 0.5),
    swarmShareMax: Math.max(0, ...windows.map(({ swarmShare }) => swarmShare)),
    scrapes: run.scrapes,
  };
}

/** What people read at the end of a run. */
export function summaryOf(written: Written, cases: readonly MatchCase[]): string {
  const { environment, lines, fairness, repeated, voids, leftOut, failures, results } = written;
  const { foreignShareMedian, swarmShareMax, isPinned, tookSeconds } = environment;
  const fair = fairness.map(
    ({ caseId, ratio, low, high, isFair }) =>
      `Plain Colyseus took ${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}) times the CPU of ws at ${caseId}; ${low.toFixed(2)} to ${high.toFixed(2)} is fair: ${isFair ? "yes" : "NO"}.`,
  );
  const again = repeated.map(
    ({ caseId, ratio }) =>
      `${caseId} was measured once more, and only that counts: at first it was ${ratio.median.toFixed(2)} times.`,
  );
  const missed = lines.filter(({ verdict }) => verdict === "MISSED");
  const blocks = Object.values(results).filter((result) => result.kind === "match");
  const rows = caseRows(cases, blocks);
  return [
    textTable([CASE_HEAD, ...rows.map(caseCells)]),
    "",
    tableOf(lines),
    "",
    ...goalsText(lines),
    "",
    `Ratio is ours to peer. Servers ${isPinned ? "on core 0, load on core 1" : "not pinned: no taskset here"}. Other work on the servers' core: median ${percent(foreignShareMedian)}; pairs of matches with more than ${percent(MATCH_FOREIGN_SHARE_MAX)} are left out.`,
    `The load took ${percent(swarmShareMax)} of its core at most; more than ${percent(SWARM_SHARE_MAX)} counts nowhere, or voids the run. Metrics were scraped ${environment.scrapes} times.`,
    ...fair,
    ...again,
    ...missed.map(({ title, ratio }) => `MISSED: ${title}: ${ratio.median.toFixed(2)}`),
    ...leftOut.map((why) => `Left out: ${why}`),
    ...voids.map((why) => `VOID: ${why}`),
    ...failures.map((why) => `FAILED: ${why}`),
    `${tookSeconds} s.`,
  ].join("\n");
}

function goalsText(lines: readonly Line[]): string[] {
  return (Object.keys(GOALS) as GoalId[]).flatMap((goal) => {
    const own = lines.filter(({ id }) => goalOf(id) === goal);
    if (own.length === 0) return [];
    return [`${goal.padEnd(7)}${goalVerdict(own).padEnd(12)}${GOALS[goal]}`];
  });
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
