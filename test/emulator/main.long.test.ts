import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";

/** `npm run emulator` as a process of its own. */
class Run {
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  out = "";
  error = "";

  constructor(...argv: string[]) {
    this.process = spawn(process.execPath, ["emulator/main.ts", ...argv], {
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process.stdout?.on("data", (bytes: Buffer) => {
      this.out += bytes;
    });
    this.process.stderr?.on("data", (bytes: Buffer) => {
      this.error += bytes;
    });
    this.ended = new Promise((resolve) => this.process.once("close", (code) => resolve(code)));
  }

  get url(): string {
    return /http:\/\/127\.0\.0\.1:\d+/.exec(this.out)?.[0] ?? "";
  }

  /** Of the server processes that it started. */
  get childPids(): number[] {
    return [...this.out.matchAll(/, pid (\d+)/g)].map((match) => Number(match[1]));
  }
}

const runs: Run[] = [];
afterEach(async () => {
  for (const { process, ended } of runs.splice(0)) {
    process.kill("SIGKILL");
    await ended;
  }
});

function run(...argv: string[]): Run {
  const started = new Run(...argv);
  runs.push(started);
  return started;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const POLL = { timeout: 30_000 };
const FLEETS = ["--config", "emulator/examples/fleet.json", "--launch-root", "."];

describe("npm run emulator", () => {
  it("[EM16] shows its flags", async () => {
    const help = run("--help");
    expect(await help.ended).toBe(0);
    expect(help.out).toContain("--launch-root DIR");
  });

  it("[EM16] says what is wrong and ends with 2", async () => {
    const wrong = run("--port", "x", "--time-scale", "0", "--config", "none.json");
    expect(await wrong.ended).toBe(2);
    expect(wrong.error).toMatch(/^EMULATOR_CONFIG_INVALID: the emulator cannot start:\n {2}--port/);
    expect(wrong.error).toContain("--time-scale");
    const missing = run("--port", "0", "--config", "none.json");
    expect(await missing.ended).toBe(2);
    expect(missing.error).toMatch(/^EMULATOR_FLEET_FILE_INVALID: none\.json cannot be used/);
    expect(missing.error).not.toContain("    at ");
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "[EM16] starts server processes, and %s ends all of it with 0",
    async (signal) => {
      const emulator = run("--port", "0", ...FLEETS);
      await expect
        .poll(async () => {
          const response = await fetch(`${emulator.url}/_fleetroom/state`);
          const { processes } = (await response.json()) as { processes: { state: string }[] };
          return processes.map(({ state }) => state);
        }, POLL)
        .toEqual(["READY", "READY"]);
      expect(emulator.childPids).toHaveLength(2);
      expect(emulator.childPids.every(isAlive)).toBe(true);
      emulator.process.kill(signal);
      // As npm passes it on.
      emulator.process.kill(signal);
      expect(await emulator.ended).toBe(0);
      expect(emulator.childPids.some(isAlive)).toBe(false);
      expect(emulator.error).toBe("");
    },
  );

  it("[EM16] ends at once by a second signal, and leaves no server process", async () => {
    const emulator = run("--port", "0", ...FLEETS);
    await expect.poll(() => emulator.childPids.length, POLL).toBe(2);
    for (const pid of emulator.childPids) process.kill(pid, "SIGSTOP");
    emulator.process.kill("SIGINT");
    await delay(600);
    const startedMs = performance.now();
    emulator.process.kill("SIGINT");
    expect(await emulator.ended).toBe(1);
    expect(performance.now() - startedMs).toBeLessThan(2_500);
    await expect.poll(() => emulator.childPids.some(isAlive), POLL).toBe(false);
  });
});

describe("npm run emulator -- verify", () => {
  it("[EM16] ends with 0 for our server and with 1 for what is none", async () => {
    const ours = run("verify", "--", process.execPath, "server/main.ts", "--host", "127.0.0.1");
    expect(await ours.ended).toBe(0);
    expect(ours.out).toContain("nothing wrong was found");
    const none = run("verify", "--time-scale", "1000", "--", process.execPath, "-e", "0");
    expect(await none.ended).toBe(1);
    expect(none.out).toContain("BROKEN");
    const nothing = run("verify", "--", "/nowhere/program");
    expect(await nothing.ended).toBe(2);
    expect(nothing.error).toContain("EMULATOR_VERIFY_FAILED");
  });
});
