import { type Surroundings, serve } from "./actions.ts";
import type { Connection } from "./connection.ts";
import type { LateMessages } from "./late-messages.ts";
import { SERVICE_LIMITS } from "./limits.ts";
import { type Answer, type Message, refusal } from "./rules/answer.ts";
import { type Action, isAction, problemsOf } from "./rules/shapes.ts";
import { wrongValue } from "./rules/values.ts";
import type { ServedProcess } from "./served-process.ts";
import type { AnswerFault, Sighting, WireFaults } from "./wire-hooks.ts";

export interface RequestDeskDeps extends Surroundings {
  /** Whether the documented rates hold. */
  readonly rates: boolean;
  readonly faults: WireFaults | undefined;
  readonly late: LateMessages;
  readonly onBadFrame: (served: ServedProcess, connection: Connection, why: string) => void;
  readonly onSighting: (sighting: Sighting) => void;
}

interface Request {
  readonly action: Action | undefined;
  readonly requestId: string;
  readonly message: Message;
}

const NO_FAULT: AnswerFault = { lost: undefined, refusal: undefined, delayMs: 0, copies: 1 };
/** Of what is wrong with one request, in its answer. */
const PROBLEMS_TOLD_MAX = 5;

/** Takes the frames of all connections and answers each request over the connection that it came by. */
export class RequestDesk {
  readonly #deps: RequestDeskDeps;

  constructor(deps: RequestDeskDeps) {
    this.#deps = deps;
  }

  take(text: string, served: ServedProcess, connection: Connection): void {
    const message = parsed(text);
    const requestId = message?.["RequestId"];
    if (message === undefined) {
      this.#deps.onBadFrame(served, connection, "no JSON object");
    } else if (!isRequestId(requestId)) {
      // Nobody waits for an answer that names no request.
      this.#deps.onBadFrame(served, connection, "no RequestId");
    } else {
      const { Action } = message;
      const request = { action: isAction(Action) ? Action : undefined, requestId, message };
      served.answering(() => this.#receive(request, served, connection));
    }
  }

  #receive(request: Request, served: ServedProcess, connection: Connection): void {
    const { faults, plane } = this.#deps;
    const { action, requestId, message } = request;
    const before = served.answers.find(requestId);
    const fault =
      (action !== undefined && faults?.beforeAnswer(action, served.process)) || NO_FAULT;
    const problems = problemsOf(message);
    const isLost = before === undefined && fault.lost === "request";
    let statusCode = before?.statusCode;
    let text = before?.text;
    if (before === undefined && !isLost) {
      const answer = this.#decided(request, problems, served, fault);
      statusCode = answer.StatusCode;
      text = JSON.stringify({ Action: echoed(message), RequestId: requestId, ...answer });
      served.answers.keep(requestId, text, statusCode, plane.clock.nowMs());
    }
    this.#deps.onSighting({
      kind: "request",
      connection: connection.number,
      process: served.process,
      action: echoed(message),
      requestId,
      message,
      statusCode,
      problems: problems.map((problem) => problem.text),
      isRepeat: before !== undefined,
    });
    if (text === undefined || fault.lost !== undefined) return;
    this.#deps.late.send(connection, text, fault);
  }

  #decided(
    { action, message }: Request,
    problems: ReturnType<typeof problemsOf>,
    served: ServedProcess,
    fault: AnswerFault,
  ): Answer {
    const fatal = problems.filter(({ isFatal }) => isFatal).map(({ text }) => text);
    if (action === undefined || fatal.length > 0) {
      return refusal(400, fatal.slice(0, PROBLEMS_TOLD_MAX).join("; "));
    }
    if (fault.refusal !== undefined) {
      return refusal(fault.refusal.statusCode, fault.refusal.errorMessage);
    }
    if (this.#deps.rates && !this.#isWithinRate(action, message, served)) {
      return refusal(429, `${action} came too often: see the Server SDK API limits of GameLift`);
    }
    const wrong = wrongValue(action, message);
    return wrong === undefined
      ? serve(action, message, served.process, this.#deps)
      : refusal(400, wrong);
  }

  #isWithinRate(action: Action, message: Message, served: ServedProcess): boolean {
    const { plane } = this.#deps;
    const isPerPlayer = action === "AcceptPlayerSession" || action === "RemovePlayerSession";
    const id = isPerPlayer ? (message["PlayerSessionId"] as string) : "";
    const player = isPerPlayer ? (plane.playerSessions.find(id)?.playerId ?? id) : "";
    return served.rates.take(action, player, plane.clock.nowMs());
  }
}

function parsed(text: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Message)
      : undefined;
  } catch {
    return undefined;
  }
}

function isRequestId(value: unknown): value is string {
  return (
    typeof value === "string" && value !== "" && value.length <= SERVICE_LIMITS.requestIdCharsMax
  );
}

function echoed({ Action }: Message): string {
  return typeof Action === "string" ? Action.slice(0, SERVICE_LIMITS.actionCharsMax) : "";
}
