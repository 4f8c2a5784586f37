import { done, isRefused, type Outcome } from "../../plane/outcome.ts";
import { type Effect, type FaultKind, faultKind } from "../fault.ts";
import { FAULT_LIMITS } from "../limits.ts";
import { choice, duration, integer, text } from "../member-kinds.ts";
import { optional, type Rule, type Values } from "../members.ts";
import type { StandingFault } from "../standing-faults.ts";

const operation: Rule<string> = {
  allowed: "the name of an operation of the AWS API, such as CreateGameSession",
  read: (value) =>
    typeof value === "string" && /^[A-Z][A-Za-z]{2,63}$/.test(value) ? value : undefined,
};

/** What any call may be answered with, and the HTTP status of each. */
const STATUSES: Readonly<Record<string, number>> = {
  ThrottlingException: 400,
  InternalServiceException: 500,
  UnauthorizedException: 400,
  InvalidRequestException: 400,
  NotFoundException: 400,
  ConflictException: 400,
  LimitExceededException: 400,
  FleetCapacityExceededException: 400,
};

const strikes = {
  operation: optional(operation, undefined),
  times: optional(integer(1, FAULT_LIMITS.timesMax), undefined),
  for: optional(duration(FAULT_LIMITS.lastsMsMax), undefined),
};

/** Faults of the AWS API, and the end of all faults. */
export const CALL_FAULTS: Readonly<Record<string, FaultKind>> = {
  "fail-call": faultKind(
    "Fails calls of the AWS API, without effect; once unless told otherwise.",
    {
      error: choice(Object.keys(STATUSES)),
      message: optional(text(), "A fault made this answer."),
      ...strikes,
    },
    ({ error, message, ...at }, { standing }) => {
      const times = at.times ?? (at.for === undefined ? 1 : undefined);
      const lasting = { times, lastsMs: at.for };
      const scope = { operation: at.operation };
      const value = { type: error, message, status: STATUSES[error] ?? 400 };
      return told(standing.add("fail-call", scope, value, lasting), error, at);
    },
  ),
  "slow-call": faultKind(
    "Answers calls of the AWS API later.",
    { by: duration(FAULT_LIMITS.delayMsMax), ...strikes },
    ({ by, ...at }, { standing }) => {
      const lasting = { times: at.times, lastsMs: at.for };
      const scope = { operation: at.operation };
      return told(standing.add("slow-call", scope, { delayMs: by }, lasting), `${by} ms`, at);
    },
  ),
  clear: faultKind("Ends all faults that stand.", {}, (_, { standing }) => {
    const count = standing.clear({});
    return done([{ detail: `clear: ${count} ended` }]);
  }),
};

function told(
  stood: Outcome<StandingFault>,
  what: string,
  { operation: name }: Values<typeof strikes>,
): Outcome<readonly Effect[]> {
  if (isRefused(stood)) return stood;
  return done([{ detail: `${stood.value.kind}: ${name ?? "every operation"} ${what}` }]);
}
