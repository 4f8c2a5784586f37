import os from "node:os";
import packageJson from "../../package.json" with { type: "json" };
import { foreignShareOf, type Line, quantile } from "../measure/pairs.ts";
import { tableOf } from "../measure/report.ts";
import { canPin } from "../subjects/subject.ts";
import { GOALS, type GoalId, goalOf, goalVerdict } from "./goals.ts";
import { MATCH_FOREIGN_SHARE_MAX } from "./match-block.ts";
import type { Effort } from "./match-cases.ts";
import type { Findings } from "./run-plan.ts";
import type { TaskResult } from "./tasks.ts";
import { SWARM_SHARE_MAX } from "./void-rules.ts";

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
    cores: os.availableParallelism(),
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
export function summaryOf({ environment, lines, fairness, voids, failures }: Written): string {
  const { foreignShareMedian, swarmShareMax, isPinned, tookSeconds } = environment;
  const fair = fairness.map(
    ({ caseId, ratio, low, high, isFair }) =>
      `Plain Colyseus took ${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}) times the CPU of ws at ${caseId}; ${low.toFixed(2)} to ${high.toFixed(2)} is fair: ${isFair ? "yes" : "NO"}.`,
  );
  const missed = lines.filter(({ verdict }) => verdict === "MISSED");
  return [
    tableOf(lines),
    "",
    ...goalsText(lines),
    "",
    `Ratio is ours to peer. Servers ${isPinned ? "on core 0, load on core 1" : "not pinned: no taskset here"}. Other work on the servers' core: median ${percent(foreignShareMedian)}; pairs of matches with more than ${percent(MATCH_FOREIGN_SHARE_MAX)} are left out.`,
    `The load took ${percent(swarmShareMax)} of its core at most; more than ${percent(SWARM_SHARE_MAX)} would void the run. Metrics were scraped ${environment.scrapes} times.`,
    ...fair,
    ...missed.map(({ title, ratio }) => `MISSED: ${title}: ${ratio.median.toFixed(2)}`),
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
