import { done, isRefused, type Outcome, refused } from "../../plane/outcome.ts";
import type { ServerProcess } from "../../plane/records.ts";
import type { Cut } from "../../server-sdk/wire-hooks.ts";
import { type Effect, type FaultGround, type FaultKind, faultKind, toEach } from "../fault.ts";
import { FAULT_LIMITS } from "../limits.ts";
import { choice, duration, integer, text } from "../member-kinds.ts";
import { optional, type Values } from "../members.ts";
import type { Scope, StandingKind, StandingValues } from "../standing-faults.ts";
import { PROCESS_TARGET } from "../targets.ts";
import { PUSH_ACTIONS, REQUEST_ACTIONS } from "../wire-faults.ts";

/** The service's own words for an answer that a fault made up. */
const MADE_UP = "a fault made this answer";

/** Codes that a close frame may carry. */
const CLOSE_CODE_MIN = 1000;
const CLOSE_CODE_MAX = 4999;
/** Reserved for what happens without a frame. */
const NEVER_SENT = [1004, 1005, 1006, 1015];

const strikes = {
  times: optional(integer(1, FAULT_LIMITS.timesMax), undefined),
  for: optional(duration(FAULT_LIMITS.lastsMsMax), undefined),
};
const anyAction = optional(choice([...REQUEST_ACTIONS, ...PUSH_ACTIONS]), undefined);
const closeCode = {
  allowed: `a close code from ${CLOSE_CODE_MIN} to ${CLOSE_CODE_MAX} that can be sent`,
  read(value: unknown) {
    const code = integer(CLOSE_CODE_MIN, CLOSE_CODE_MAX).read(value);
    return code === undefined || NEVER_SENT.includes(code) ? undefined : code;
  },
};

type Whom = Values<typeof PROCESS_TARGET>;
type Strikes = Values<typeof strikes>;

/** Faults of connections, requests, answers and pushes. */
export const WIRE_FAULTS: Readonly<Record<string, FaultKind>> = {
  cut: faultKind(
    "Ends the connection of a process: by a TCP reset, or by a close frame with a code.",
    {
      ...PROCESS_TARGET,
      how: optional(choice(["reset", "close"]), "reset"),
      code: optional(closeCode, 1011),
    },
    ({ how, code, ...at }, ground) => {
      if (how === "reset") return cut(at, ground, { kind: "reset" });
      return cut(at, ground, { kind: "close", code, reason: "a fault cut this connection" });
    },
  ),
  "half-open": faultKind(
    "Lets the connection of a process go dead without a word: it stays open and carries nothing.",
    PROCESS_TARGET,
    (at, ground) => cut(at, ground, { kind: "half-open" }),
  ),
  slow: faultKind(
    "Sends answers and pushes later; requests have their effect at once.",
    { ...PROCESS_TARGET, by: duration(FAULT_LIMITS.delayMsMax), action: anyAction, ...strikes },
    ({ by, action, ...at }, ground) => stand(at, ground, "slow", { delayMs: by }, { action }),
  ),
  silence: faultKind(
    "Loses requests, or only their answers, and pushes.",
    {
      ...PROCESS_TARGET,
      lost: optional(choice(["request", "answer"]), "request"),
      action: anyAction,
      ...strikes,
    },
    ({ lost, action, ...at }, ground) => stand(at, ground, "silence", { lost }, { action }),
  ),
  answer: faultKind(
    "Answers requests with a status code, without effect; once unless told otherwise.",
    {
      ...PROCESS_TARGET,
      status: integer(400, 599),
      message: optional(text(), MADE_UP),
      action: optional(choice(REQUEST_ACTIONS), undefined),
      ...strikes,
    },
    ({ status, message, action, ...at }, ground) => {
      const value = { statusCode: status, errorMessage: message };
      return stand(onceUnlessTold(at), ground, "answer", value, { action });
    },
  ),
  duplicate: faultKind(
    "Sends an answer or a push twice; once unless told otherwise.",
    { ...PROCESS_TARGET, action: anyAction, ...strikes },
    ({ action, ...at }, ground) => stand(onceUnlessTold(at), ground, "duplicate", {}, { action }),
  ),
  refuse: faultKind(
    "Refuses connections: by an HTTP status, or by a TCP reset before any answer.",
    {
      ...PROCESS_TARGET,
      how: optional(choice(["status", "reset"]), "status"),
      status: optional(integer(400, 599), 503),
      ...strikes,
    },
    ({ how, status, ...at }, ground) =>
      stand(at, ground, "refuse", how === "reset" ? { reset: true } : { status }, {}),
  ),
};

function cut(at: Whom, ground: FaultGround, how: Cut): Outcome<readonly Effect[]> {
  const connections = ground.connections();
  if (connections === undefined) return refused("NotReady", "no Server SDK service runs here");
  const chosen = ground.targets.processes(at, ({ isConnected }) =>
    isConnected ? undefined : "is not connected",
  );
  if (isRefused(chosen)) return chosen;
  return toEach(chosen.value, (process) => {
    const { fleetId, computeName, processId } = process;
    if (!connections.cut(process, how)) {
      return refused("NotFound", `process ${processId} has no open connection`);
    }
    const detail = how.kind === "close" ? `cut: close ${how.code}` : `cut: ${how.kind}`;
    return done({ fleetId, computeName, processId, detail });
  });
}

function onceUnlessTold<T extends Strikes>(at: T): T {
  return at.times === undefined && at.for === undefined ? { ...at, times: 1 } : at;
}

/** Puts up a fault that waits for what the process does. `all` is for those to come as well. */
function stand<K extends StandingKind>(
  at: Whom & Strikes,
  ground: FaultGround,
  kind: K,
  value: StandingValues[K],
  narrowed: Pick<Scope, "action">,
): Outcome<readonly Effect[]> {
  const detail = standingText(kind, value, narrowed, at);
  const put = (scope: Scope): Outcome<Effect> => {
    const lasting = { times: at.times, lastsMs: at.for };
    const stood = ground.standing.add(kind, { ...scope, ...narrowed }, value, lasting);
    if (isRefused(stood)) return stood;
    return done({ ...idsOf(scope), detail });
  };
  const within = ground.targets.within(at);
  if (isRefused(within)) return within;
  if (at.process.kind === "all") return toEach([within.value], put);
  const chosen = ground.targets.processes(at, ({ state }) =>
    state === "ENDED" ? "is over" : undefined,
  );
  if (isRefused(chosen)) return chosen;
  return toEach(chosen.value, ({ fleetId, computeName, processId }: ServerProcess) =>
    put({ fleetId, computeName, processId }),
  );
}

function idsOf({ fleetId, computeName, processId }: Scope): Omit<Effect, "detail"> {
  return {
    ...(fleetId === undefined ? {} : { fleetId }),
    ...(computeName === undefined ? {} : { computeName }),
    ...(processId === undefined ? {} : { processId }),
  };
}

function standingText(kind: string, value: object, { action }: Scope, { times, for: ms }: Strikes) {
  const words = [`${kind}:`, action ?? "everything"];
  for (const [name, each] of Object.entries(value)) words.push(`${name}=${each}`);
  if (times !== undefined) words.push(`times=${times}`);
  if (ms !== undefined) words.push(`for=${ms}ms`);
  return words.join(" ").slice(0, FAULT_LIMITS.detailCharsMax);
}
