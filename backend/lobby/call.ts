/**
 * One call of the AWS API with a bound, and what its failure means.
 * @module
 */
import type { Clock } from "./clock.ts";
import { FleetApiError } from "./fleet-api.ts";
import { LOBBY_LIMITS } from "./limits.ts";

/** Errors of the service's own that may be gone in a moment. */
const PASSING = /^(Throttling|TooManyRequests|RequestLimitExceeded|LimitExceeded|InternalService)/;

/** What the SDK and Node call an answer that never came. */
const NO_ANSWER =
  /^(ECONN|EAI_AGAIN|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EPIPE|ETIMEDOUT|TimeoutError|AbortError)/;

/** Player session ids, and the keys and signatures that AWS repeats when it cannot accept one. */
const SECRETS = /psess-\S+|\b(?:AKIA|ASIA)[A-Z0-9]+|[A-Za-z0-9+/=]{40,}/g;

/**
 * Makes one call, and waits {@link LOBBY_LIMITS.callMs} for it at most.
 * @param send - Hands the signal to the AWS SDK.
 * @throws FleetApiError
 */
export async function call<Answer>(
  clock: Clock,
  operation: string,
  send: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
): Promise<Answer> {
  const overdue = new AbortController();
  const gaveUp = Promise.withResolvers<never>();
  const cancel = clock.after(LOBBY_LIMITS.callMs, () => {
    overdue.abort();
    gaveUp.reject(new DOMException("no answer in time", "TimeoutError"));
  });
  try {
    // The AWS SDK heeds a signal only once it has credentials, and those may take their time.
    return await Promise.race([send({ abortSignal: overdue.signal }), gaveUp.promise]);
  } catch (error) {
    throw failureOf(operation, error);
  } finally {
    cancel();
  }
}

export function isRefusal(error: unknown, ...faults: readonly string[]): boolean {
  return error instanceof FleetApiError && faults.includes(error.fault);
}

function failureOf(operation: string, error: unknown): FleetApiError {
  const { name, code, message, $metadata } = (error ?? {}) as {
    name?: unknown;
    code?: unknown;
    message?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  const fault = typeof code === "string" ? code : String(name ?? "Error");
  const isServerFault = ($metadata?.httpStatusCode ?? 0) >= 500;
  const mayPass = isServerFault || PASSING.test(fault) || NO_ANSWER.test(fault);
  const words = String(message ?? "").replaceAll(SECRETS, "…");
  const text = `${operation}: ${fault}: ${words.slice(0, LOBBY_LIMITS.messageCharactersMax)}`;
  return new FleetApiError({ operation, fault, mayPass }, text, { cause: error });
}
