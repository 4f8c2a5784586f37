import { SDK_LIMITS } from "./limits.ts";
import type { SdkClock } from "./sdk-clock.ts";

/** Says how the process is; `true` is healthy. A throw, and no answer within 50 s, count as `false`. */
export type HealthCheck = () => boolean | Promise<boolean>;

/** Asks the process how it is and reports it, every 60 s give or take 10. */
export class Heartbeat {
  readonly #clock: SdkClock;
  readonly #random: () => number;
  readonly #check: HealthCheck;
  readonly #report: (isHealthy: boolean) => void;
  #cancel: () => void = () => {};
  #isStopped = true;
  /** A check of an earlier beat that has not answered; no further one is begun beside it. */
  #hanging: Promise<boolean> | undefined;

  constructor(
    deps: { clock: SdkClock; random: () => number },
    check: HealthCheck,
    report: (isHealthy: boolean) => void,
  ) {
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#check = check;
    this.#report = report;
  }

  /** The first report comes at once. */
  start(): void {
    this.#isStopped = false;
    void this.#beat();
  }

  /** The next report comes in `ms`, not later; those after it at their intervals. */
  beatIn(ms: number): void {
    if (this.#isStopped) return;
    this.#cancel();
    this.#cancel = this.#clock.after(ms, () => void this.#beat());
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  async #beat(): Promise<void> {
    const { heartbeatMs, heartbeatJitterMs } = SDK_LIMITS;
    const jitterMs = (this.#random() * 2 - 1) * heartbeatJitterMs;
    this.#cancel = this.#clock.after(heartbeatMs + jitterMs, () => void this.#beat());
    const isHealthy = await this.#ask();
    if (!this.#isStopped) this.#report(isHealthy);
  }

  async #ask(): Promise<boolean> {
    if (this.#hanging === undefined) {
      const check = this.#answer();
      this.#hanging = check;
      const forget = () => {
        if (this.#hanging === check) this.#hanging = undefined;
      };
      check.then(forget, forget);
    }
    const overdue = Promise.withResolvers<boolean>();
    // At the fastest the next beat comes 50 s after this one.
    const cancel = this.#clock.after(SDK_LIMITS.healthTimeoutMs, () => overdue.resolve(false));
    try {
      return await Promise.race([this.#hanging, overdue.promise]);
    } finally {
      cancel();
    }
  }

  async #answer(): Promise<boolean> {
    try {
      return (await this.#check()) === true;
    } catch {
      return false;
    }
  }
}
