import type { IncomingMessage } from "node:http";
import { CLOSE_CODES, CloseCode, HTTP_STATUS_OF_REFUSAL } from "../../protocol/close-codes.ts";
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
  readonly seating: Seating;
  readonly roomId: string;
  /** First segment of the WebSocket's path; the SDK takes it from the answer. */
  readonly processId: string;
}

/** Answers the stock SDK's matchmaking request: reserves a seat, or finds the one that a token opens. */
export async function matchmake(
  deps: MatchmakeDeps,
  target: MatchmakeTarget,
  options: Readonly<Record<string, unknown>>,
  visitor: Visitor,
): Promise<MatchmakeAnswer> {
  const { seating } = deps;
  const { current } = seating;
  if (current === undefined) return refusal(seating.refusalWithoutMatch().code);
  const { address } = visitor;
  if (!visitor.beginJoin()) return refusal(current.admission.refuse("rate_limited", address).code);
  try {
    const answer = await answerOf(deps, current, target, options, address);
    if (answer.status !== 200) visitor.failed();
    return answer;
  } finally {
    visitor.endJoin();
  }
}

async function answerOf(
  deps: MatchmakeDeps,
  current: NonNullable<Seating["current"]>,
  target: MatchmakeTarget,
  options: Readonly<Record<string, unknown>>,
  remoteAddress: string,
): Promise<MatchmakeAnswer> {
  const { playerSessionId, reconnectionToken, ...rest } = options;
  const { clientVersion } = rest;
  const shownVersion = typeof clientVersion === "string" ? clientVersion.slice(0, 64) : "";
  if (!current.room.acceptsClient(shownVersion, schemaVersionOf(rest))) {
    return refusal(current.admission.refuse("outdated", remoteAddress).code);
  }
  if (target.method === "reconnect") {
    const sessionId =
      typeof reconnectionToken === "string"
        ? current.room.sessionIdOf(reconnectionToken)
        : undefined;
    return sessionId === undefined
      ? refusal(current.admission.refuse("bad_token", remoteAddress).code)
      : seatAnswer(deps, current.roomName, sessionId);
  }
  const outcome = await current.admission.reserve({
    playerSessionId,
    options: rest,
    remoteAddress,
  });
  return outcome.outcome === "refused"
    ? refusal(outcome.code)
    : seatAnswer(deps, current.roomName, outcome.sessionId);
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
