import { type Clock, sleep } from "../../server/clock.ts";
import { ANYWHERE_LIMITS } from "./limits.ts";
import type { Report } from "./report.ts";

/** What the Server SDK of a process is told: the five variables of a compute. */
export interface SdkConnection {
  readonly webSocketUrl: string;
  readonly authToken: string;
  readonly fleetId: string;
  /** The compute's name. */
  readonly hostId: string;
  /** Never the same for two runs. */
  readonly processId: string;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why the process could not be started at all. */
  readonly cause?: unknown;
}

export interface RunningProcess {
  readonly pid: number | undefined;
  /** Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** SIGKILL also ends what the process started. */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

export interface ProcessPoolDeps {
  readonly clock: Clock;
  readonly report: Report;
  readonly launch: (connection: SdkConnection) => RunningProcess;
  /** Waits for a token that may be used; `undefined` when `signal` aborts. */
  readonly freshToken: (signal: AbortSignal) => Promise<string | undefined>;
  readonly newProcessId: () => string;
  readonly fleetId: string;
  readonly computeName: string;
  readonly processes: number;
  /** How long processes may take to end. */
  readonly stopMs: number;
}

/**
 * Keeps so many server processes running. Each hosts one game session, ends with 0 and is replaced at once; one that
 * crashes soon after its start, time and again, is replaced after pauses that double.
 */
export class ProcessPool {
  readonly #deps: ProcessPoolDeps;
  readonly #running = new Set<RunningProcess>();
  readonly #stopping = new AbortController();
  readonly #slots: Promise<void>[] = [];

  constructor(deps: ProcessPoolDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#running.size;
  }

  start(webSocketUrl: string): void {
    for (let slot = 1; slot <= this.#deps.processes; slot++) {
      this.#slots.push(this.#fill(slot, webSocketUrl));
    }
  }

  /**
   * Asks every process to end, waits, and kills what is left then.
   * @param hurry - Asks again and leaves 2 s from its abort on.
   */
  async stop(hurry: AbortSignal): Promise<void> {
    const { clock, report, stopMs } = this.#deps;
    this.#stopping.abort();
    const gone = new AbortController();
    void Promise.allSettled(this.#slots).then(() => gone.abort());
    this.#kill("SIGTERM");
    await sleep(clock, stopMs, AbortSignal.any([gone.signal, hurry]));
    if (hurry.aborted && !gone.signal.aborted) {
      this.#kill("SIGTERM");
      await sleep(clock, ANYWHERE_LIMITS.hurryMs, gone.signal);
    }
    if (gone.signal.aborted) return;
    report("processesKilled", { processes: this.#running.size });
    this.#kill("SIGKILL");
    await sleep(clock, ANYWHERE_LIMITS.killedMs, gone.signal);
  }

  #kill(signal: "SIGTERM" | "SIGKILL"): void {
    for (const running of this.#running) running.kill(signal);
  }

  async #fill(slot: number, webSocketUrl: string): Promise<void> {
    const { clock } = this.#deps;
    const stopping = this.#stopping.signal;
    await sleep(clock, (slot - 1) * ANYWHERE_LIMITS.staggerMs, stopping);
    for (let quickCrashes = 0; !stopping.aborted; ) {
      const authToken = await this.#deps.freshToken(stopping);
      if (authToken === undefined || stopping.aborted) return;
      const startedAtMs = clock.nowMs();
      quickCrashes = await this.#run(slot, webSocketUrl, authToken, quickCrashes);
      const livedMs = clock.nowMs() - startedAtMs;
      await sleep(clock, restBeforeStart(livedMs, quickCrashes), stopping);
    }
  }

  /** @returns Crashes one after the other, each soon after its start. */
  async #run(
    slot: number,
    webSocketUrl: string,
    authToken: string,
    quickCrashesBefore: number,
  ): Promise<number> {
    const { clock, report, fleetId, computeName: hostId } = this.#deps;
    const processId = this.#deps.newProcessId();
    const startedAtMs = clock.nowMs();
    const running = this.#deps.launch({ webSocketUrl, authToken, fleetId, hostId, processId });
    const { pid } = running;
    this.#running.add(running);
    report("processStarted", { slot, pid, processId });
    const { code, signal, cause } = await running.ended;
    this.#running.delete(running);

    const livedMs = Math.round(clock.nowMs() - startedAtMs);
    const facts = { slot, pid, processId, livedMs };
    if (code === 0) {
      report("processEnded", facts);
      return 0;
    }
    const isQuick = livedMs < ANYWHERE_LIMITS.steadyMs;
    const quickCrashes = isQuick ? quickCrashesBefore + 1 : 0;
    const isLast = this.#stopping.signal.aborted;
    const restartInMs = isLast ? undefined : restBeforeStart(livedMs, quickCrashes);
    report("processCrashed", { ...facts, code, signal, cause, quickCrashes, restartInMs });
    return quickCrashes;
  }
}

/** A start may follow the one before by a second; after quick crashes, the end by a pause that doubles. */
function restBeforeStart(livedMs: number, quickCrashes: number): number {
  const { startSpacingMs, crashRestMs, crashRestMsMax } = ANYWHERE_LIMITS;
  const crashPauseMs =
    quickCrashes === 0 ? 0 : Math.min(crashRestMs * 2 ** (quickCrashes - 1), crashRestMsMax);
  return Math.max(0, startSpacingMs - livedMs, crashPauseMs);
}
