import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { pause, report } from "../hostile/report.ts";
import { GameLiftService } from "../support/gamelift-service/service.ts";
import { ServerProcess } from "../support/server-process.ts";

const SETTLE_MS = 10_000;
const IDLE_MS = 40_000;
/** Each costs some 0.2 ms on a processor that has meanwhile done other things, whatever is then done. */
const WAKE_UPS_PER_SECOND_MAX = 1.5;

const isPossible = process.platform === "linux";
if (!isPossible) process.stderr.write("SKIPPED: wake-ups of an idle process; Linux counts them\n");

function wakeUps(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1]);
}

it.skipIf(!isPossible)(
  "[ME9] a process that waits for its game session with all collectors on wakes once or so a second",
  async () => {
    await using service = await GameLiftService.open();
    const flags = ["--collectors", "both"];
    const server = await ServerProcess.startOnFleet(service.environment(), flags);
    try {
      const isReady = () => (service.processes.get("process-1")?.healthReports.length ?? 0) > 0;
      await service.until(isReady, 15_000);
      await pause(SETTLE_MS);
      const pid = server.child.pid ?? 0;
      const before = wakeUps(pid);
      await pause(IDLE_MS);
      const perSecond = (wakeUps(pid) - before) / (IDLE_MS / 1000);
      report("idle_cost", { wakeUpsPerSecond: perSecond });
      expect(perSecond).toBeLessThan(WAKE_UPS_PER_SECOND_MAX);
    } finally {
      await server.kill();
    }
  },
);
