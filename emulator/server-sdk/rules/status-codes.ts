import { isRefused, type Outcome, type RefusalKind } from "../../plane/outcome.ts";
import { type Answer, ok, refusal } from "./answer.ts";

const STATUS_CODES: Readonly<Partial<Record<RefusalKind, number>>> = {
  InvalidRequest: 400,
  Unauthorized: 401,
  NotFound: 404,
  Conflict: 409,
  InvalidGameSessionStatus: 409,
  LimitExceeded: 429,
};

/** What the control plane came to, as a server process is told. */
export function answerTo<T>(
  outcome: Outcome<T>,
  members: (value: T) => object = () => ({}),
): Answer {
  return isRefused(outcome)
    ? refusal(STATUS_CODES[outcome.refusal] ?? 500, outcome.message)
    : ok({ ...members(outcome.value) });
}
