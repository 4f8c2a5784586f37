/**
 * `npm run bench`: ours beside plain Colyseus and hand-written `ws` on the same match, against what was promised. Prints a
 * table, writes everything to `bench/out/`; exit code 1 when a promise is missed by the whole spread, 2 when the run
 * failed or is void. Options: `--quick`, `--full` (goes on where it was interrupted, `--fresh` begins anew), `--only WORD`
 * for tasks whose id has it, `--plan` to see them, `--window SECONDS` to try things out.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Pacing } from "./cases/match-case.ts";
import { type Effort, PACINGS } from "./cases/match-cases.ts";
import type { Fairness } from "./cases/void-rules.ts";
import type { BlockRun } from "./runs/match-block.ts";
import { environmentOf, summaryOf, type Written } from "./runs/run-output.ts";
import { findingsOf, runPlan, unfairTasks } from "./runs/run-plan.ts";
import { Scraper } from "./runs/scraper.ts";
import {
  expectedMsOf,
  type Kept,
  remaining,
  resumable,
  runTasks,
  type Task,
  without,
} from "./runs/tasks.ts";
import { pin, SWARM_CORE } from "./subjects/subject.ts";
import { Loads } from "./swarm/loads.ts";

const MINUTES_MAX: Readonly<Record<Effort, number>> = { quick: 4, usual: 40, full: 240 };
const FOLDER = path.join(import.meta.dirname, "out");

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
    plan: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    window: { type: "string" },
  },
});
const effort: Effort = options.quick ? "quick" : options.full ? "full" : "usual";

const { windowMs = PACINGS[effort].windowMs } =
  options.window === undefined ? {} : { windowMs: 1000 * Number(options.window) };
const pacing: Pacing = { windowMs, warmUpMs: Math.min(PACINGS[effort].warmUpMs, 3 * windowMs) };

const startMs = performance.now();
const deadlineMs = startMs + MINUTES_MAX[effort] * 60_000;
const scraper = new Scraper();
const failures: string[] = [];
const loads = new Loads();

const plan = runPlan({ effort, pacing, runOf });
const tasks = plan.tasks.filter(({ id }) => id.includes(options.only));
const keptFile = path.join(FOLDER, "full.partial.json");
const key = `${effort} ${pacing.windowMs} ms ${commit()}`;
const kept =
  effort === "full" && !options.fresh ? resumable(read(keptFile), key) : { key, results: {} };
let left = remaining(tasks, kept);
announce();
if (!options.plan) await measure();
scraper.stop();

async function measure(): Promise<void> {
  pin(process.pid, SWARM_CORE);
  mkdirSync(FOLDER, { recursive: true });
  try {
    const found = await runAll(kept);
    const { fairness } = findingsOf(plan, found);
    const unfair = effort === "quick" ? [] : unfairTasks(tasks, { fairness });
    const hasTime = performance.now() + expectedMsOf(unfair) < deadlineMs;
    if (unfair.length === 0 || !hasTime) return finish(found, []);
    const before = fairness.filter(({ isFair }) => !isFair);
    for (const { caseId } of before) say(`${caseId} once more: its peers were not fair`);
    finish(await runAll(without(unfair, found)), before);
  } finally {
    loads.stop();
  }
}

function runAll(from: Kept): Promise<Kept> {
  const keep = (now: Kept) => {
    left = remaining(tasks, now);
    if (effort === "full") writeFileSync(keptFile, JSON.stringify(now));
  };
  left = remaining(tasks, from);
  return runTasks({ tasks, kept: from, keep, say, onFailure, mayBegin });
}

function runOf(isTls: boolean): BlockRun {
  return {
    ...loads.of(isTls),
    say,
    pacing,
    scrape: scraper.add,
    // What is left must still find its time.
    hasTime: () => performance.now() + expectedMsOf(left.slice(1)) < deadlineMs,
  };
}

function mayBegin({ id, expectedMs }: Task): boolean {
  if (performance.now() + expectedMs < deadlineMs + expectedMs / 2) return true;
  failures.push(`${id}: there was no time for it`);
  return false;
}

/** The load may know servers that are gone; another one begins anew. */
function onFailure({ id }: Task, cause: unknown): void {
  console.error(cause);
  failures.push(`${id}: ${cause instanceof Error ? cause.message : String(cause)}`);
  loads.stop();
}

/** @param repeated - How the peers did in matches that were measured once more. */
function finish({ results }: Kept, repeated: readonly Fairness[]): void {
  const findings = findingsOf(plan, { key, results });
  const written: Written = {
    environment: environmentOf({
      effort,
      commit: commit(),
      tookMs: performance.now() - startMs,
      scrapes: scraper.scrapes,
      results,
    }),
    ...findings,
    repeated,
    failures,
    results,
  };
  const file = path.join(FOLDER, `bench-${written.environment.date.replaceAll(/[:.]/g, "-")}.json`);
  writeFileSync(file, JSON.stringify(written, null, 1));
  if (effort === "full" && failures.length === 0) rmSync(keptFile, { force: true });
  console.log(summaryOf(written, plan.cases));
  console.log(`All of it: ${path.relative(process.cwd(), file)}`);
  if (failures.length > 0 || findings.voids.length > 0) process.exitCode = 2;
  else if (findings.lines.some(({ verdict }) => verdict === "MISSED")) process.exitCode = 1;
}

function announce(): void {
  const seconds = (ms: number) => `${Math.round(ms / 1000)} s`.padStart(7);
  for (const task of left) console.error(`${seconds(task.expectedMs)}  ${task.title}`);
  const done = tasks.length - left.length;
  const before = done === 0 ? "" : `, ${done} done before`;
  console.error(
    `${seconds(expectedMsOf(left))}  in all, of ${MINUTES_MAX[effort]} min at most${before}`,
  );
}

function say(progress: string): void {
  console.error(`${((performance.now() - startMs) / 1000).toFixed(0).padStart(5)} s  ${progress}`);
}

function read(file: string): Kept | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Kept) : undefined;
}

/** Which code this is, and whether it was changed since. */
function commit(): string {
  try {
    const words = ["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"];
    return execFileSync("git", words, { cwd: import.meta.dirname, encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}
