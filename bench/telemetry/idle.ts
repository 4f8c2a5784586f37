import { setTimeout as delay } from "node:timers/promises";
import { GameLiftService } from "../../test/support/gamelift-service/service.ts";
import { ServerProcess } from "../../test/support/server-process.ts";
import { cpuMs, wakeUps } from "../measure/process-cost.ts";
import { pin, SERVER_CORE } from "../subjects/subject.ts";

/** Connecting, compiling and the first collections of the heap are over by then. */
const SETTLE_MS = 20_000;
const READY_WITHIN_MS = 15_000;
const PROCESS_ID = "process-idle";

export interface IdleCost {
  readonly windowMs: number;
  readonly cpuMs: number;
  /** Of one core, 0 to 1. */
  readonly share: number;
  /** How often a thread of it was woken, by thread. */
  readonly wakeUpsPerSecond: Readonly<Record<string, number>>;
}

/**
 * What a server process costs that waits for a game session: the real program, ready on a GameLift fleet, whose control
 * plane is this process, with a log file and both collectors.
 */
export async function idleCost(windowMs: number): Promise<IdleCost> {
  await using service = await GameLiftService.open();
  const server = await ServerProcess.startOnFleet(service.environment(PROCESS_ID), [
    "--collectors",
    "both",
  ]);
  try {
    const pid = server.child.pid ?? 0;
    pin(pid, SERVER_CORE);
    await service.until(
      () => (service.processes.get(PROCESS_ID)?.healthReports.length ?? 0) > 0,
      READY_WITHIN_MS,
    );
    await delay(SETTLE_MS);
    const [startMs, startCpuMs, startWakeUps] = [performance.now(), cpuMs(pid), wakeUps(pid)];
    await delay(windowMs);
    const [spentMs, endWakeUps] = [cpuMs(pid) - startCpuMs, wakeUps(pid)];
    const tookMs = performance.now() - startMs;
    return {
      windowMs: tookMs,
      cpuMs: spentMs,
      share: spentMs / tookMs,
      wakeUpsPerSecond: perSecond(startWakeUps, endWakeUps, tookMs),
    };
  } finally {
    await server.kill();
  }
}

function perSecond(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  tookMs: number,
): Record<string, number> {
  const rates: Record<string, number> = {};
  for (const [thread, count] of after) {
    rates[thread] = ((count - (before.get(thread) ?? 0)) * 1000) / tookMs;
  }
  return rates;
}
