import type { IncomingMessage } from "node:http";
import { CLOSE_CODES, CloseCode, HTTP_STATUS_OF_REFUSAL } from "../../protocol/close-codes.ts";
import type { Clock } from "../clock.ts";
import type { Refused } from "../session/refused.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Visitor } from "./address-budgets.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import { parsedObject } from "./parsed-object.ts";
import { schemaVersionOf } from "./schema-version.ts";
import type { Seating } from "./seating.ts";
import type { MatchmakeTarget } from "./targets.ts";

export interface MatchmakeAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface MatchmakeDeps {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly seating: Seating;
  readonly roomId: string;
  /** First segment of the WebSocket's path; the SDK takes it from the answer. */
  readonly processId: string;
}

/** Answers the stock SDK's matchmaking request: reserves a seat, or finds the one that a token opens. */
export async function matchmake(
  deps: MatchmakeDeps,
  target: MatchmakeTarget,
  asked: { options: Readonly<Record<string, unknown>>; traceParent: string },
  visitor: Visitor,
): Promise<MatchmakeAnswer> {
  const { clock, telemetry } = deps;
  const startedMs = clock.nowMs();
  const answered = await judge(deps, target, asked.options, visitor);
  const isSeated = "sessionId" in answered;
  telemetry.joinEnded({
    connectionId: visitor.connectionId,
    transport: "http",
    outcome: isSeated ? "reserved" : answered.reason,
    durationMs: clock.nowMs() - startedMs,
    traceParent: asked.traceParent,
  });
  return isSeated
    ? seatAnswer(deps, answered.roomName, answered.sessionId)
    : refusal(answered.code);
}

type Judgement = Refused | { readonly sessionId: string; readonly roomName: string };

async function judge(
  { seating }: MatchmakeDeps,
  target: MatchmakeTarget,
  options: Readonly<Record<string, unknown>>,
  visitor: Visitor,
): Promise<Judgement> {
  const { current } = seating;
  if (current === undefined) return seating.refusalWithoutMatch();
  if (!visitor.beginJoin()) return current.admission.refuse("rate_limited", visitor);
  try {
    const judgement = await judgeIn(current, target, options, visitor);
    if (!("sessionId" in judgement)) visitor.failed();
    return judgement;
  } finally {
    visitor.endJoin();
  }
}

async function judgeIn(
  { admission, room, roomName }: NonNullable<Seating["current"]>,
  target: MatchmakeTarget,
  options: Readonly<Record<string, unknown>>,
  caller: Visitor,
): Promise<Judgement> {
  const { playerSessionId, reconnectionToken, ...rest } = options;
  const { clientVersion } = rest;
  const shownVersion = typeof clientVersion === "string" ? clientVersion.slice(0, 64) : "";
  if (!room.acceptsClient(shownVersion, schemaVersionOf(rest))) {
    return admission.refuse("outdated", caller);
  }
  if (target.method === "reconnect") {
    const sessionId =
      typeof reconnectionToken === "string" ? room.sessionIdOf(reconnectionToken) : undefined;
    return sessionId === undefined
      ? admission.refuse("bad_token", caller)
      : { sessionId, roomName };
  }
  const reserved = await admission.reserve({ playerSessionId, options: rest, caller });
  return reserved.outcome === "refused" ? reserved : { sessionId: reserved.sessionId, roomName };
}

const TOO_LARGE: MatchmakeAnswer = {
  status: 413,
  body: { code: CloseCode.MALFORMED, error: "request too large" },
};

/** Reads a JSON object of bounded size. @returns it, or the answer that says what is wrong. */
export async function readOptions(
  request: IncomingMessage,
): Promise<{ options: Readonly<Record<string, unknown>> } | MatchmakeAnswer> {
  if (Number(request.headers["content-length"]) > TRANSPORT_LIMITS.bodyBytesMax) return TOO_LARGE;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > TRANSPORT_LIMITS.bodyBytesMax) return TOO_LARGE;
    chunks.push(chunk);
  }
  const options = parsedObject(Buffer.concat(chunks).toString());
  return options === undefined ? refusal(CloseCode.MALFORMED) : { options };
}

export function refusal(code: CloseCode): MatchmakeAnswer {
  return {
    status: HTTP_STATUS_OF_REFUSAL[code] ?? 500,
    body: { code, error: CLOSE_CODES[code].text },
  };
}

function seatAnswer(deps: MatchmakeDeps, name: string, sessionId: string): MatchmakeAnswer {
  const { roomId, processId } = deps;
  return { status: 200, body: { name, sessionId, roomId, processId } };
}
