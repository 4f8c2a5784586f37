import { sleep } from "../../server/clock.ts";
import { untilAborted } from "../../server/session/until-aborted.ts";
import { type ComputeApi, type ComputeToken, isFault } from "./compute-api.ts";
import { AnywhereError, AnywhereErrorCode } from "./errors.ts";
import { ANYWHERE_LIMITS } from "./limits.ts";
import { type CallDeps, restAfter, timeBoxed, withRetries } from "./retry.ts";

export interface TokenKeeperDeps extends CallDeps {
  readonly api: ComputeApi;
  readonly computeName: string;
}

/**
 * Holds the newest token of the compute. It is asked for anew long before it expires; while that fails the last one
 * stays in use until its own end, and the asking goes on.
 */
export class TokenKeeper {
  readonly #deps: TokenKeeperDeps;
  #token: ComputeToken = { text: "", expiresAtMs: 0 };
  /** Settles with the next token. */
  #renewed = Promise.withResolvers<void>();
  /** Cuts the rest before the next call short; a rest after a failure is not cut. */
  #hurry = new AbortController();

  constructor(deps: TokenKeeperDeps) {
    this.#deps = deps;
  }

  /**
   * Fetches the first token.
   * @throws AnywhereError ANYWHERE_NO_TOKEN; the abort's reason when `signal` aborts.
   */
  async open(signal: AbortSignal): Promise<void> {
    const { api, computeName } = this.#deps;
    // Not found may mean: not yet. The compute was registered this very moment.
    const isWorthRetry = (error: unknown) => isFault(error, "transient", "notReady", "notFound");
    const call = (each: AbortSignal) => api.token(computeName, each);
    try {
      this.#take(await withRetries(this.#deps, signal, call, isWorthRetry));
    } catch (cause) {
      signal.throwIfAborted();
      const { message } = cause as Error;
      throw new AnywhereError(AnywhereErrorCode.ANYWHERE_NO_TOKEN, message, { cause });
    }
  }

  /** Keeps the token new until `signal` aborts. Never rejects. */
  async keep(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      await (failures === 0 ? this.#rest(signal) : this.#restAfterFailure(failures, signal));
      if (!signal.aborted) failures = (await this.#refresh(signal, failures)) ? 0 : failures + 1;
    }
  }

  /** @returns The newest token, once there is one that has not expired; `undefined` when `signal` aborts first. */
  async fresh(signal: AbortSignal): Promise<string | undefined> {
    while (!signal.aborted) {
      if (this.#leftMs() >= ANYWHERE_LIMITS.tokenLeftMsMin) return this.#token.text;
      // After a long failure, or after a machine slept: then the wall clock went on and timers did not.
      this.#hurry.abort();
      await untilAborted(this.#renewed.promise, signal).catch(() => {});
    }
    return undefined;
  }

  #take(token: ComputeToken): void {
    this.#token = token;
    this.#hurry = new AbortController();
    this.#renewed.resolve();
    this.#renewed = Promise.withResolvers();
    this.#deps.report("tokenFetched", { expiresAt: this.#expiresAt() });
  }

  /** @returns Whether there is a new token. */
  async #refresh(signal: AbortSignal, failuresBefore: number): Promise<boolean> {
    const { clock, api, computeName, report } = this.#deps;
    try {
      this.#take(await timeBoxed(clock, signal, (each) => api.token(computeName, each)));
      return true;
    } catch (cause) {
      if (signal.aborted) return false;
      report("tokenFetchFailed", {
        isStillValid: this.#leftMs() > 0,
        expiresAt: this.#expiresAt(),
        failures: failuresBefore + 1,
        cause,
      });
      return false;
    }
  }

  /** A third of what is left, so that two tries that fail leave time for a third. */
  async #rest(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    const { tokenRefreshMs, tokenRefreshMsMin } = ANYWHERE_LIMITS;
    const restMs = Math.max(tokenRefreshMsMin, Math.min(tokenRefreshMs, this.#leftMs() / 3));
    // Not cut short: however little life the service gives its tokens, it is asked once a second at most.
    await sleep(clock, tokenRefreshMsMin, signal);
    await sleep(clock, restMs - tokenRefreshMsMin, AbortSignal.any([signal, this.#hurry.signal]));
  }

  #restAfterFailure(failures: number, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#deps;
    return sleep(clock, restAfter(failures, ANYWHERE_LIMITS.tokenRestMsMax, random), signal);
  }

  #leftMs(): number {
    return this.#token.expiresAtMs - this.#deps.clock.wallMs();
  }

  #expiresAt(): string {
    return new Date(this.#token.expiresAtMs).toISOString();
  }
}
