import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import type { CpuProfile } from "../../../bench/profile/cpu-profile.ts";

const ROOT = path.join(import.meta.dirname, "../../..");

const SECONDS = 3;
/** Enough to do that samples meet it. */
const BUSY = ["--players", "100", "--tick-rate-hz", "60", "--seconds", String(SECONDS)];

it.each([[[]], [["--built"]]])(
  "[DE10] leaves a profile of a match, a flame graph and tables, and prints where (%j)",
  (words) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [path.join(ROOT, "bench/profile.ts"), ...BUSY, ...words],
      { cwd: folder },
    );
    expect(status, stderr.toString()).toBe(0);
    const [made] = /^\/.*\.fleetroom\/profiles\/[^:]+/m.exec(stdout.toString()) ?? [""];
    expect(readdirSync(made).sort()).toEqual([
      "flame-graph.svg",
      "self-time.md",
      "server.cpuprofile",
    ]);
    const profile = JSON.parse(
      readFileSync(path.join(made, "server.cpuprofile"), "utf8"),
    ) as CpuProfile;
    const spentUs = profile.timeDeltas.reduce((sum, each) => sum + each, 0);
    expect(spentUs / 1e6 / SECONDS).toBeGreaterThan(0.9);
    expect(spentUs / 1e6 / SECONDS).toBeLessThan(1.5);
    // The tick itself, by the name and place that it has in the source.
    const functions = readFileSync(path.join(made, "self-time.md"), "utf8");
    expect(functions).toMatch(/\| server\/host \|/);
    expect(functions).toMatch(/ {2}(?:server|rooms)\/[\w/-]+\.ts:\d+ \|/);
    const graph = readFileSync(path.join(made, "flame-graph.svg"), "utf8");
    expect(graph).toMatch(/#step server\/host\/simulation-room\.ts:\d+/);
    rmSync(folder, { recursive: true });
  },
);
