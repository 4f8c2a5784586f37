import { type Clock, sleep } from "../clock.ts";
import { ErrorCode, GameServerError } from "../errors.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { MatchResult, ResultSink } from "./results.ts";

/** Rest after the first failed try, milliseconds; doubles up to the second figure. */
const REST_MS_FIRST = 200;
const REST_MS_MAX = 2_000;
/** Tries per sink at most; with the rests above about a minute, far more than any drain lasts. */
const TRIES_MAX = 32;

export interface Delivery {
  readonly sinks: readonly ResultSink[];
  readonly result: MatchResult;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, "resultDelivered" | "resultNotDelivered">;
  /** How long all tries may take together, milliseconds from now. */
  readonly deadlineMs: number;
  /** Gives up at once. */
  readonly signal?: AbortSignal;
}

/**
 * Delivers one result to all sinks at the same time, trying each again until the deadline.
 * Never rejects: telemetry hears once per sink how it went.
 */
export async function deliverResult(delivery: Delivery): Promise<void> {
  const deadline = new AbortController();
  const cancel = delivery.clock.after(delivery.deadlineMs, () => deadline.abort());
  const signal = delivery.signal
    ? AbortSignal.any([deadline.signal, delivery.signal])
    : deadline.signal;
  await Promise.all(delivery.sinks.map((sink) => deliverTo(sink, delivery, signal)));
  cancel();
}

async function deliverTo(sink: ResultSink, delivery: Delivery, signal: AbortSignal): Promise<void> {
  const { result, clock, telemetry } = delivery;
  const { resultId } = result;
  let attempts = 0;
  let cause: unknown;
  for (let restMs = REST_MS_FIRST; attempts < TRIES_MAX && !signal.aborted; restMs *= 2) {
    attempts++;
    try {
      await unlessAborted(sink.deliver(result, signal), signal);
      telemetry.resultDelivered({ resultId, attempts });
      return;
    } catch (error) {
      cause = error;
    }
    await sleep(clock, Math.min(restMs, REST_MS_MAX), signal);
  }
  const message = `the result did not arrive in ${attempts} tries`;
  telemetry.resultNotDelivered({
    resultId,
    attempts,
    cause: new GameServerError(ErrorCode.RESULT_NOT_DELIVERED, message, { cause }),
  });
}

/** A sink that ignores its signal is left behind, not waited for. */
function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error("given up at the deadline"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.finally(() => signal.removeEventListener("abort", abort)).then(resolve, reject);
  });
}
