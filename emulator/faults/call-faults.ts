import type { StandingFaults } from "./standing-faults.ts";

/** What befalls one call of the AWS API. */
export interface CallFault {
  /** Before anything else is done; 0 for at once. */
  readonly delayMs: number;
  /** Answered so, without effect: an error of the API's with its HTTP status. */
  readonly failure:
    | { readonly type: string; readonly message: string; readonly status: number }
    | undefined;
}

/** What the AWS API asks before each call. */
export class CallFaults {
  readonly #standing: StandingFaults;

  constructor(standing: StandingFaults) {
    this.#standing = standing;
  }

  /** Uses up faults that strike a number of times: ask once per call. */
  beforeCall(operation: string): CallFault {
    return {
      delayMs: this.#standing.strike("slow-call", { operation })?.delayMs ?? 0,
      failure: this.#standing.strike("fail-call", { operation }),
    };
  }
}
