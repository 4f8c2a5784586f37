import type { Clock } from "../../server/clock.ts";
import type { ComputeApi } from "./compute-api.ts";
import { ANYWHERE_LIMITS } from "./limits.ts";
import { ProcessPool, type RunningProcess, type SdkConnection } from "./process-pool.ts";
import { ComputeRegistration } from "./registration.ts";
import type { Report } from "./report.ts";
import type { AnywhereSettings } from "./settings.ts";
import { TokenKeeper } from "./token-keeper.ts";

export interface SupervisorDeps {
  readonly settings: AnywhereSettings;
  readonly api: ComputeApi;
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly report: Report;
  readonly launch: (connection: SdkConnection) => RunningProcess;
  readonly newProcessId: () => string;
  readonly signals: StopSignals;
}

/** What signals, and faults of the supervisor itself, lead to. */
export class StopSignals {
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #hurry = new AbortController();
  #firstAtMs = 0;
  #hasFault = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Aborts with the first signal. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Aborts with the second one. */
  get hurry(): AbortSignal {
    return this.#hurry.signal;
  }

  get hasFault(): boolean {
    return this.#hasFault;
  }

  take(): void {
    const nowMs = this.#clock.nowMs();
    if (!this.#stop.signal.aborted) {
      this.#firstAtMs = nowMs;
      this.#stop.abort();
    } else if (nowMs - this.#firstAtMs >= ANYWHERE_LIMITS.sameSignalMs) {
      this.#hurry.abort();
    }
  }

  fault(): void {
    this.#hasFault = true;
    if (!this.#stop.signal.aborted) this.take();
  }
}

/**
 * Registers the compute, keeps its servers running until a signal comes, and leaves nothing behind:
 *
 *     register -> first token -> servers run, token is kept new -> servers end -> deregister
 *
 * @returns The exit code, once a signal has ended everything.
 * @throws AnywhereError when it cannot start, or cannot deregister; whatever can be undone has been.
 */
export async function supervise(deps: SupervisorDeps): Promise<number> {
  const { settings, report, signals } = deps;
  const { fleetId, computeName, location, ipAddress, dnsName, mayReplace } = settings;
  const compute = { computeName, location, ipAddress, dnsName };
  const registration = new ComputeRegistration({ ...deps, fleetId, compute, mayReplace });
  const tokens = new TokenKeeper({ ...deps, computeName });
  const freshToken = (signal: AbortSignal) => tokens.fresh(signal);
  const pool = new ProcessPool({ ...deps, ...settings, freshToken });
  let failure: unknown;
  try {
    const sdkEndpoint = await registration.open(signals.stop);
    await tokens.open(signals.stop);
    pool.start(sdkEndpoint);
    await tokens.keep(signals.stop);
  } catch (error) {
    if (!signals.stop.aborted) failure = error;
  }
  report("supervisorStopping", { processes: pool.size });
  await pool.stop(signals.hurry);
  await registration.close(signals.hurry).catch((error: unknown) => {
    failure ??= error;
  });
  if (failure !== undefined) throw failure;
  return signals.hasFault ? 1 : 0;
}
