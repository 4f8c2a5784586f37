/**
 * Which tasks make a run, and what becomes of their results.
 * @module
 */

import { capacityLine } from "../cases/capacity.ts";
import { linePlansOf } from "../cases/goals.ts";
import { expectedMs, type MatchCase, type Pacing } from "../cases/match-case.ts";
import { type Effort, matchCasesOf } from "../cases/match-cases.ts";
import { matchLineOf } from "../cases/match-lines.ts";
import { type Fairness, fairnessOf, leftOutOf, voidsOf } from "../cases/void-rules.ts";
import type { BenchRun } from "../lines/bench-run.ts";
import type { Line } from "../measure/pairs.ts";
import { DOOR_EFFORT, DOOR_PARTS } from "./door-lines.ts";
import { type BlockResult, type BlockRun, matchBlock } from "./match-block.ts";
import { SLOW_READERS_MS, slowReaders } from "./slow-readers.ts";
import type { Kept, Task } from "./tasks.ts";

/** What a task is run with; asked when it is its turn. */
export type RunOf = (isTls: boolean) => BlockRun;

export interface RunPlan {
  readonly effort: Effort;
  readonly cases: readonly MatchCase[];
  readonly tasks: readonly Task[];
}

export function runPlan(run: { effort: Effort; pacing: Pacing; runOf: RunOf }): RunPlan {
  const { effort, pacing, runOf } = run;
  const cases = matchCasesOf(effort);
  const matches = cases.flatMap((plan) =>
    Array.from({ length: plan.blocks }, (_, block): Task => {
      const nth = plan.blocks === 1 ? "" : `, block ${block + 1} of ${plan.blocks}`;
      return {
        id: `${plan.id}#${block}`,
        title: `${plan.title}${nth}`,
        expectedMs: expectedMs(plan, pacing) / plan.blocks,
        run: () => matchBlock(runOf(plan.isTls === true), plan, block),
      };
    }),
  );
  return {
    effort,
    cases,
    tasks: effort === "quick" ? matches : [...matches, ...otherTasks(runOf)],
  };
}

function otherTasks(runOf: RunOf): Task[] {
  const slow = (["ours", "ours-schema", "colyseus"] as const).map(
    (side): Task => ({
      id: `slow-${side}`,
      title: `slow readers, ${side}`,
      expectedMs: SLOW_READERS_MS,
      run: async () => ({ kind: "lines", lines: await slowReaders(runOf(false), side) }),
    }),
  );
  const door = DOOR_PARTS.map(({ id, title, expectedMs: ms, lines }): Task => {
    const run = async () => {
      const { swarm, tls, say } = runOf(false);
      const doorRun: BenchRun = { swarm, tls, say, effort: DOOR_EFFORT };
      return { kind: "lines", lines: await lines(doorRun) } as const;
    };
    return { id, title, expectedMs: ms, run };
  });
  return [...slow, ...door];
}

/**
 * Matches whose peers did not do beside each other what is known to be fair: what was found of them is worth nothing.
 * @returns Their tasks.
 */
export function unfairTasks(
  tasks: readonly Task[],
  { fairness }: Pick<Findings, "fairness">,
): readonly Task[] {
  const unfair = fairness.filter(({ isFair }) => !isFair);
  return tasks.filter(({ id }) => unfair.some(({ caseId }) => id.startsWith(`${caseId}#`)));
}

/** Everything that a run says. */
export interface Findings {
  readonly lines: readonly Line[];
  readonly fairness: readonly Fairness[];
  /** Why figures are worth nothing; none of them is to be trusted then. */
  readonly voids: readonly string[];
  /** Of what nothing was promised. */
  readonly leftOut: readonly string[];
}

export function findingsOf({ effort, cases }: RunPlan, { results }: Kept): Findings {
  const blocks = Object.values(results).filter((result) => result.kind === "match");
  const blocksOf = (caseId: string): readonly BlockResult[] =>
    blocks.filter((block) => block.caseId === caseId);
  const unmeasured: string[] = [];
  const matchLines = cases.flatMap((plan) =>
    linePlansOf(plan).flatMap((linePlan) => {
      const blocksHere = blocksOf(plan.id);
      const line = matchLineOf(linePlan, plan, blocksHere);
      if (line !== undefined) return [line];
      const isDue = blocksHere.length > 0 && linePlan.promised !== undefined;
      if (isDue) unmeasured.push(`${linePlan.title}: not once did all do their work`);
      return [];
    }),
  );
  const others = Object.values(results).flatMap((result) =>
    result.kind === "lines" ? result.lines : [],
  );
  const capacity = [20, 60].flatMap((hz) => capacityLine(hz, cases, blocksOf) ?? []);
  const fairness = cases.flatMap(
    (plan) => fairnessOf(plan, blocksOf(plan.id), effort !== "quick") ?? [],
  );
  const unfair = fairness
    .filter(({ isFair }) => !isFair)
    .map(
      ({ caseId, ratio, low, high }) =>
        `${caseId}: plain Colyseus took ${ratio.median.toFixed(2)} times the CPU of ws, not ${low.toFixed(2)} to ${high.toFixed(2)}`,
    );
  const voids = cases.flatMap((plan) => voidsOf(plan, blocksOf(plan.id)));
  return {
    lines: [...matchLines, ...capacity, ...others],
    fairness,
    voids: [...unfair, ...voids, ...unmeasured],
    leftOut: cases.flatMap((plan) => leftOutOf(plan, blocksOf(plan.id))),
  };
}
