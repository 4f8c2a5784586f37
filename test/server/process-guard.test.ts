import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { assertHost, HostAssertion } from "../../server/errors.ts";

const FIXTURE = fileURLToPath(new URL("./process-guard-fixture.ts", import.meta.url));
const children = new Set<ChildProcess>();

interface Run {
  readonly child: ChildProcess;
  /** The words of the fixture, oldest first. */
  readonly lines: string[];
  stderr: string;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  line(text: string): Promise<void>;
}

function run(scenario: string): Run {
  const child = spawn(process.execPath, [FIXTURE, scenario], { stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  const waiting = new Map<string, () => void>();
  const found: Run = {
    child,
    lines: [],
    stderr: "",
    ended: new Promise((resolve) => {
      child.once("close", (code, signal) => resolve({ code, signal }));
    }),
    line: (text) =>
      new Promise((resolve) => {
        if (found.lines.includes(text)) resolve();
        else waiting.set(text, resolve);
      }),
  };
  createInterface({ input: child.stdout }).on("line", (line) => {
    found.lines.push(line);
    waiting.get(line)?.();
  });
  child.stderr.on("data", (chunk) => {
    found.stderr += chunk;
  });
  return found;
}

afterAll(() => {
  for (const child of children) {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  }
});

describe("a broken assertion of the host", () => {
  it("[SH20] is thrown with its claim when the condition does not hold, and only then", () => {
    expect(() => assertHost(1, "one")).not.toThrow();
    for (const condition of [false, 0, "", null, undefined, Number.NaN]) {
      expect(() => assertHost(condition, "the claim")).toThrow(new HostAssertion("the claim"));
    }
  });

  it("[SH20] ends the process with 1 and its claim, wherever it is thrown", async () => {
    const runs = ["timer", "immediate", "promise", "async"].map((way) =>
      run(`asserts in a ${way}`),
    );
    for (const { ended, lines, ...each } of runs) {
      expect(await ended).toEqual({ code: 1, signal: null });
      expect(each.child.exitCode).toBe(1);
      expect(lines).toEqual(["ready", "stopped 1"]);
    }
    for (const each of runs) expect(each.stderr).toContain("two plus two is four");
  });
});

describe("any other stray throw or rejection", () => {
  it("[SH21] is told as a fault to what runs, and ends nothing", async () => {
    const strays = run("strays while it serves");
    expect(await strays.ended).toEqual({ code: 0, signal: null });
    expect(strays.stderr).toBe("");
    const { lines } = strays;
    expect(lines.filter((line) => line === "fault uncaught exception: stray")).toHaveLength(4);
    expect(lines.filter((line) => line === "fault unhandled rejection: stray")).toHaveLength(1);
    expect(lines.slice(-2)).toEqual(["alive", "stopped 0"]);
  });

  it("[SH21] ends the process with 1 and its stack while there is nothing to tell it to", async () => {
    const runs = [run("strays before it serves"), run("rejects before it serves")];
    for (const each of runs) {
      expect(await each.ended).toEqual({ code: 1, signal: null });
      expect(each.lines).toEqual(["stopped 1"]);
      expect(each.stderr).toMatch(/^Error: stray\n +at /);
    }
  });
});

describe.concurrent("a signal", () => {
  it("[SH22] drains what runs, each time; the second ends the process within a second though all hangs", async () => {
    const [term, int, once] = [run("serves"), run("serves"), run("serves")];
    for (const { line } of [term, int, once]) await line("ready");
    for (const { child } of [term, once]) child.kill("SIGTERM");
    int.child.kill("SIGINT");
    for (const { line } of [term, int, once]) await line("drain signal 5000");
    const startMs = performance.now();
    for (const { child } of [term, int]) child.kill("SIGINT");
    for (const each of [term, int]) {
      expect(await each.ended).toEqual({ code: 0, signal: null });
      // The end is told, or lines that wait would be lost with it.
      const drains = ["drain signal 5000", "drain signal 5000"];
      expect(each.lines).toEqual(["ready", ...drains, "stopped 0"]);
    }
    // A second, and what a busy machine adds.
    expect(performance.now() - startMs).toBeLessThan(1_800);
    expect([once.child.exitCode, once.child.signalCode]).toEqual([null, null]);
    expect(once.lines).toEqual(["ready", "drain signal 5000"]);
  });

  it("[SH27] that comes while the server starts ends it at once, and is told", async () => {
    for (const [signal, exitCode] of [
      ["SIGTERM", 143],
      ["SIGINT", 130],
    ] as const) {
      const starting = run("starts for ever");
      await starting.line("starting");
      starting.child.kill(signal);
      expect(await starting.ended).toEqual({ code: null, signal });
      expect(starting.lines).toEqual(["starting", `stopped ${exitCode}`]);
    }
  });

  it("[SH22] whose drain throws is a fault, and a second one still ends the process", async () => {
    const serving = run("serves with a drain that throws");
    await serving.line("ready");
    serving.child.kill("SIGTERM");
    await serving.line("fault uncaught exception: stray");
    serving.child.kill("SIGTERM");
    expect(await serving.ended).toEqual({ code: 0, signal: null });
  });
});

describe("the end of a process", () => {
  it("[SH23] comes with 0 when the server is done, though a timer is left", async () => {
    const ending = run("ends by itself");
    expect(await ending.ended).toEqual({ code: 0, signal: null });
    expect([ending.lines, ending.stderr]).toEqual([["stopped 0"], ""]);
  });

  it.each([
    ["fails to start", "PORT_TAKEN: port 7000 is taken\n", ["stopped 1"]],
    ["has a mistake in its configuration", "CONFIG_INVALID: two\nmistakes\n", []],
  ])("[SH23] comes with 1 and `CODE: message` when it %s", async (scenario, stderr, lines) => {
    const failing = run(scenario);
    expect(await failing.ended).toEqual({ code: 1, signal: null });
    expect([failing.stderr, failing.lines]).toEqual([stderr, lines]);
  });

  it("[SH23] comes with 1 and the stack when a bug ends it", async () => {
    const failing = run("fails to start by a bug");
    expect(await failing.ended).toEqual({ code: 1, signal: null });
    expect(failing.stderr).toMatch(/^TypeError: a bug\n +at /);
  });

  it("[SH23] is not for a start-up step that succeeds", async () => {
    const good = run("has a good configuration");
    expect(await good.ended).toEqual({ code: 0, signal: null });
    expect(good.lines).toEqual(["read 42"]);
  });
});

describe("what is waited for at the end", () => {
  it("[OB3] ends the process also when it never comes, or fails", async () => {
    const [endless, failing] = [run("waits for ever"), run("cannot settle")];
    expect(await failing.ended).toEqual({ code: 0, signal: null });
    expect(await endless.ended).toEqual({ code: 0, signal: null });
    expect(failing.lines).toEqual(["stopped 0"]);
    expect(failing.stderr).toContain("stray");
    expect([endless.lines, endless.stderr]).toEqual([["stopped 0"], ""]);
  });
});
