import { setTimeout as delay } from "node:timers/promises";
import { GameLiftService } from "../../test/support/gamelift-service/service.ts";
import { ServerProcess } from "../../test/support/server-process.ts";
import { cpuMs, wakeUps } from "../measure/process-cost.ts";
import { pin, SERVER_CORE } from "../subjects/subject.ts";

/** From the start of the process, which collects what starting has left; V8 looks after that once more soon after. */
const SETTLE_MS = 40_000;
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
 * A server process that waits for a game session: the real program, ready on a GameLift fleet, whose control plane is this
 * process, with a log file and both collectors.
 */
export class IdleProcess implements AsyncDisposable {
  readonly #service: GameLiftService;
  readonly #server: ServerProcess;
  readonly #startMs = performance.now();

  private constructor(service: GameLiftService, server: ServerProcess) {
    this.#service = service;
    this.#server = server;
  }

  static async start(): Promise<IdleProcess> {
    const service = await GameLiftService.open();
    const server = await ServerProcess.startOnFleet(service.environment(PROCESS_ID), [
      "--collectors",
      "both",
    ]);
    const idle = new IdleProcess(service, server);
    try {
      pin(idle.#pid, SERVER_CORE);
      await service.until(
        () => (service.processes.get(PROCESS_ID)?.healthReports.length ?? 0) > 0,
        READY_WITHIN_MS,
      );
      return idle;
    } catch (error) {
      await idle[Symbol.asyncDispose]();
      throw error;
    }
  }

  get #pid(): number {
    return this.#server.child.pid ?? 0;
  }

  /** Resolves once starting up is over in every way. */
  async settled(): Promise<void> {
    await delay(Math.max(0, this.#startMs + SETTLE_MS - performance.now()));
  }

  async cost(windowMs: number): Promise<IdleCost> {
    const pid = this.#pid;
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
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.kill();
    await this.#service[Symbol.asyncDispose]();
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
