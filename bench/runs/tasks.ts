/**
 * What one run consists of: pieces that are measured one after the other, and of which any may have been measured before.
 * @module
 */
import type { Line } from "../measure/pairs.ts";
import type { BlockResult } from "./match-block.ts";

export type TaskResult = BlockResult | { readonly kind: "lines"; readonly lines: readonly Line[] };

export interface Task {
  /** Results are kept by it. */
  readonly id: string;
  readonly title: string;
  readonly expectedMs: number;
  run(): Promise<TaskResult>;
}

/** What was found so far, and by which code: other code's results are none of ours. */
export interface Kept {
  readonly key: string;
  readonly results: Readonly<Record<string, TaskResult>>;
}

/** @returns What is kept, or nothing of it if it is of another key. */
export function resumable(kept: Kept | undefined, key: string): Kept {
  return kept?.key === key ? kept : { key, results: {} };
}

export function remaining(tasks: readonly Task[], { results }: Kept): readonly Task[] {
  return tasks.filter(({ id }) => results[id] === undefined);
}

export const expectedMsOf = (tasks: readonly Task[]): number =>
  tasks.reduce((sum, { expectedMs }) => sum + expectedMs, 0);

/** @returns What is kept, as if those tasks had not been run. */
export function without(tasks: readonly Task[], kept: Kept): Kept {
  const ids = new Set(tasks.map(({ id }) => id));
  const results = Object.entries(kept.results).filter(([id]) => !ids.has(id));
  return { ...kept, results: Object.fromEntries(results) };
}

export interface RunTasks {
  readonly tasks: readonly Task[];
  readonly kept: Kept;
  /** Called whenever there is another result. */
  keep(kept: Kept): void;
  say(progress: string): void;
  /** What went wrong in a task. The others are run all the same. */
  onFailure(task: Task, cause: unknown): void;
  /** Tasks that would begin later are left for another time. */
  readonly mayBegin: (task: Task) => boolean;
}

/** Runs what is not there yet. */
export async function runTasks(run: RunTasks): Promise<Kept> {
  let kept = run.kept;
  for (const task of remaining(run.tasks, kept)) {
    if (!run.mayBegin(task)) continue;
    run.say(task.title);
    try {
      const result = await task.run();
      kept = { ...kept, results: { ...kept.results, [task.id]: result } };
      run.keep(kept);
    } catch (cause) {
      run.onFailure(task, cause);
    }
  }
  return kept;
}
