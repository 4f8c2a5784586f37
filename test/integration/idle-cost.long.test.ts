import { expect, it } from "vitest";
import { cpuMs } from "../../bench/measure/process-cost.ts";
import { pause, report } from "../hostile/report.ts";
import { GameLiftService } from "../support/gamelift-service/service.ts";
import { ServerProcess } from "../support/server-process.ts";

/** Twice V8 collects what starting left, 40 ms each, some 105 s and 215 s after it; then it lets an idle process be. */
const SETTLE_MS = 240_000;
const IDLE_MS = 120_000;
/** Of one core. */
const SHARE_MAX = 0.0003;

const isPossible = process.platform === "linux";
if (!isPossible) process.stderr.write("SKIPPED: CPU time of an idle process; Linux counts it\n");

it.skipIf(!isPossible)(
  "[ME9] a process that waits for its game session uses at most 0.03 % of a core",
  async () => {
    await using service = await GameLiftService.open();
    const server = await ServerProcess.startOnFleet(service.environment());
    try {
      const isReady = () => (service.processes.get("process-1")?.healthReports.length ?? 0) > 0;
      await service.until(isReady, 15_000);
      await pause(SETTLE_MS);
      const pid = server.child.pid ?? 0;
      const [startMs, usedMs] = [performance.now(), cpuMs(pid)];
      await pause(IDLE_MS);
      const [spentMs, passedMs] = [cpuMs(pid) - usedMs, performance.now() - startMs];
      report("idle_cost", { cpuMs: Math.round(spentMs * 10) / 10, ms: Math.round(passedMs) });
      expect(spentMs / passedMs).toBeLessThan(SHARE_MAX);
    } finally {
      await server.kill();
    }
  },
);
