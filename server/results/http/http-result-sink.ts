import type { Clock } from "../../clock.ts";
import type { MatchResult, ResultSink } from "../results.ts";

/** Longest wait for one answer, milliseconds; the caller's deadline may be shorter. */
const ANSWER_TIMEOUT_MS = 5_000;

/** Posts each result as JSON. Receivers count a match once by the `Idempotency-Key`. */
export class HttpResultSink implements ResultSink {
  readonly #url: string;
  readonly #token: string;
  readonly #clock: Clock;

  /** @param token - Sent as `Authorization: Bearer`; `""` sends none. A secret. */
  constructor(options: { url: string; token: string; clock: Clock }) {
    this.#url = options.url;
    this.#token = options.token;
    this.#clock = options.clock;
  }

  /** Any 2xx, and 409 from a receiver that has this result already, count as delivered. */
  async deliver(result: MatchResult, signal: AbortSignal): Promise<void> {
    const timeout = new AbortController();
    const cancel = this.#clock.after(ANSWER_TIMEOUT_MS, () =>
      timeout.abort(new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`)),
    );
    try {
      const status = await this.#post(result, AbortSignal.any([signal, timeout.signal]));
      if ((status < 200 || status > 299) && status !== 409) {
        throw new Error(`the receiver of results answered ${status}`);
      }
    } finally {
      cancel();
    }
  }

  async #post(result: MatchResult, signal: AbortSignal): Promise<number> {
    const response = await fetch(this.#url, {
      method: "POST",
      // A redirect would carry the token to somebody else.
      redirect: "error",
      signal,
      headers: {
        "Content-Type": "application/json",
        "Idempotency-Key": result.resultId,
        ...(this.#token === "" ? {} : { Authorization: `Bearer ${this.#token}` }),
      },
      body: JSON.stringify(result),
    });
    // The status is the whole answer. Cancelled, not awaited: a body without end must not hold the result up.
    response.body?.cancel().catch(() => {});
    return response.status;
  }
}
