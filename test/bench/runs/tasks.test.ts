import { describe, expect, it } from "vitest";
import { unfairTasks } from "../../../bench/runs/run-plan.ts";
import {
  type Kept,
  remaining,
  resumable,
  runTasks,
  type Task,
  without,
} from "../../../bench/runs/tasks.ts";

const empty: Kept = { key: "k", results: {} };
const done = { kind: "lines", lines: [] } as const;

function taskOf(id: string, run: Task["run"] = async () => done): Task {
  return { id, title: id, expectedMs: 1, run };
}

async function ran(tasks: readonly Task[], kept: Kept, mayBegin = (_task: Task) => true) {
  const said: string[] = [];
  const failed: string[] = [];
  const keeps: string[][] = [];
  const found = await runTasks({
    tasks,
    kept,
    keep: ({ results }) => keeps.push(Object.keys(results)),
    say: (title) => said.push(title),
    onFailure: ({ id }) => failed.push(id),
    mayBegin,
  });
  return { said, failed, keeps, found };
}

describe("a run's tasks", () => {
  it("[BN24] go on where the same code was interrupted, and begin anew with other code", async () => {
    const kept: Kept = { key: "k", results: { a: done } };
    const tasks = [taskOf("a"), taskOf("b"), taskOf("c")];
    expect((await ran(tasks, resumable(kept, "k"))).said).toEqual(["b", "c"]);
    expect((await ran(tasks, resumable(kept, "other"))).said).toEqual(["a", "b", "c"]);
    expect((await ran(tasks, resumable(undefined, "k"))).said).toEqual(["a", "b", "c"]);
    expect(remaining(tasks, kept).map(({ id }) => id)).toEqual(["b", "c"]);
  });

  it("[BN24] are kept one by one, so that what was measured is never measured again", async () => {
    const { keeps, found } = await ran([taskOf("a"), taskOf("b")], empty);
    expect(keeps).toEqual([["a"], ["a", "b"]]);
    expect(Object.keys(found.results)).toEqual(["a", "b"]);
  });

  it("[BN24] are not stopped by one that fails, which is not kept", async () => {
    const broken = taskOf("a", () => Promise.reject(new Error("no")));
    const { failed, found } = await ran([broken, taskOf("b")], empty);
    expect(failed).toEqual(["a"]);
    expect(Object.keys(found.results)).toEqual(["b"]);
  });

  it("[BN24] do not begin when there is no time for them", async () => {
    const { said } = await ran([taskOf("a"), taskOf("b")], empty, ({ id }) => id !== "a");
    expect(said).toEqual(["b"]);
  });

  it("[BN22] of a match whose peers were not fair beside each other, and no others, are measured once more", async () => {
    const tasks = ["200@20#0", "200@20#1", "200@60#0", "joins"].map((id) => taskOf(id));
    const { found } = await ran(tasks, empty);
    const ratio = { low: 1, median: 1, high: 1 };
    const fairness = [
      { caseId: "200@20", ratio, low: 2, high: 3, isFair: false },
      { caseId: "200@60", ratio, low: 0, high: 3, isFair: true },
    ];
    const unfair = unfairTasks(tasks, { fairness });
    expect((await ran(tasks, without(unfair, found))).said).toEqual(["200@20#0", "200@20#1"]);
  });
});
