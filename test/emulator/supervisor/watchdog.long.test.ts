import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { until } from "../../support/in-process-server.ts";
import { isAlive, pidsWith, type Said } from "./real-world.ts";

let emulator: ChildProcess;
let mark: string;
let said: Said[];
/** A killed emulator removes nothing. */
const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-watchdog-"));

/** An emulator in a process of its own, whose processes carry a mark. */
function start(way: string, processes: number): void {
  mark = `mark-${crypto.randomUUID()}`;
  said = [];
  const script = new URL("./emulator-process.ts", import.meta.url).pathname;
  emulator = spawn(process.execPath, [script, way, mark, String(processes), folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  createInterface({ input: emulator.stdout! }).on("line", (line) => said.push(JSON.parse(line)));
}

afterAll(() => rmSync(folder, { recursive: true }));

afterEach(() => {
  emulator.kill("SIGKILL");
  for (const pid of pidsWith(mark)) process.kill(pid, "SIGKILL");
});

describe("the processes of an emulator that is killed", () => {
  it("[EV18] die with it, and what they started as well", async () => {
    start("family", 10);
    await until(() => said.length === 10, 30_000);
    const pids = said.flatMap(({ pid, own }) => [pid, own!]);
    expect(pids.every(isAlive)).toBe(true);
    emulator.kill("SIGKILL");
    await until(() => !pids.some(isAlive), 5_000);
    await until(() => !isAlive(Number(said[0]?.["watchdog"])), 5_000);
    await until(() => pidsWith(mark).length === 0);
  });

  it("[EV18] die with it though their watchdog was killed before", async () => {
    start("family", 3);
    await until(() => said.length === 3, 30_000);
    const pids = said.flatMap(({ pid, own }) => [pid, own!]);
    process.kill(Number(said[0]?.["watchdog"]), "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(pids.every(isAlive)).toBe(true);
    emulator.kill("SIGKILL");
    await until(() => !pids.some(isAlive), 5_000);
  });

  it("[EV18] die with it at whatever moment of their starts it was killed", async () => {
    for (let round = 0; round < 20; round++) {
      start("family", 10);
      await until(() => pidsWith(mark).length > 1, 10_000);
      await new Promise((resolve) => setTimeout(resolve, round * 20));
      emulator.kill("SIGKILL");
      await until(() => pidsWith(mark).length === 0, 5_000);
    }
  });
});
