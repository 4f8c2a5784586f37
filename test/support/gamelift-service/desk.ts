import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";
import { type Answer, type Message, refusal } from "../../../emulator/server-sdk/rules/answer.ts";
import type { DocumentedRates } from "../../../emulator/server-sdk/rules/rates.ts";
import {
  type Action,
  isAction,
  type Problem,
  problemsOf,
} from "../../../emulator/server-sdk/rules/shapes.ts";
import { wrongValue } from "../../../emulator/server-sdk/rules/values.ts";
import type { CancelTimer, Clock } from "../../../server/clock.ts";
import type { RequestFaults } from "./faults.ts";
import type { Ledger } from "./ledger.ts";
import type { LiveConnection, ServerProcess } from "./processes.ts";
import { type FleetRoleCredentials, serve } from "./rules/actions.ts";
import type { GameSessions } from "./rules/game-sessions.ts";

/** Requests whose answer is kept for the same RequestId to come again, of each process. */
const REMEMBERED_REQUESTS_MAX = 100_000;

interface DeskDeps {
  readonly service: {
    readonly clock: Clock;
    readonly sessions: GameSessions;
    readonly faults: RequestFaults;
    readonly certificatePath: string;
    readonly fleetRoleCredentials: FleetRoleCredentials;
  };
  readonly ledger: Ledger;
  /** Nothing where the service enforces none. */
  readonly rates: DocumentedRates | undefined;
}

/** Takes the frames of all connections, has them served and answers over the connection they came by. */
export class Desk {
  readonly #deps: DeskDeps;
  /** What each RequestId of a process was answered; nothing for one that was lost. */
  readonly #requests = new Map<ServerProcess, Map<string, Answer | undefined>>();
  readonly #late = new Set<CancelTimer>();

  constructor(deps: DeskDeps) {
    this.#deps = deps;
  }

  take(data: Buffer, isBinary: boolean, process: ServerProcess, connection: LiveConnection): void {
    const { ledger } = this.#deps;
    const message = isBinary ? undefined : parsed(data);
    if (message === undefined) {
      ledger.violate([isBinary ? "frame: binary" : "frame: no JSON object"]);
    } else {
      this.#receive(message, process, connection);
      process.flush();
    }
    ledger.changed();
  }

  /** Forgets the answers that are still to come. */
  close(): void {
    for (const cancel of this.#late) cancel();
  }

  #receive(message: Message, process: ServerProcess, connection: LiveConnection): void {
    const { service, ledger } = this.#deps;
    const { Action, RequestId } = message;
    const requestId = typeof RequestId === "string" ? RequestId : "";
    const seen = this.#seenFrom(process);
    const problems = problemsOf(message);
    const action = isAction(Action) ? Action : undefined;
    const silence = action && service.faults.silenceOf(action);
    const isDuplicate = seen.has(requestId);
    const before = seen.get(requestId);
    const answer =
      before ??
      (silence?.applies === false
        ? undefined
        : this.#decided(action, message, problems, process, connection));
    ledger.record({
      action: typeof Action === "string" ? Action : "",
      requestId,
      message,
      processId: process.processId,
      connection: connection.number,
      atMs: service.clock.nowMs(),
      isDuplicate,
      violations: problems.map(({ text }) => text),
      statusCode: answer?.StatusCode,
    });
    if (requestId !== "") keep(seen, requestId, answer);
    if (answer === undefined || silence !== undefined) return;
    const delayMs = action === undefined ? 0 : service.faults.delayMsOf(action);
    this.#answerLater(delayMs, connection, { Action, RequestId }, answer);
  }

  #decided(
    action: Action | undefined,
    message: Message,
    problems: readonly Problem[],
    process: ServerProcess,
    connection: LiveConnection,
  ): Answer {
    if (action === undefined || problems.some(({ isFatal }) => isFatal)) {
      return refusal(400, "Malformed request");
    }
    const scripted = this.#deps.service.faults.scripted(action);
    if (scripted !== undefined) return scripted;
    const { clock, sessions, certificatePath, fleetRoleCredentials } = this.#deps.service;
    if (!this.#isWithinRate(action, message, process)) return refusal(429, "Rate exceeded");
    const wrong = wrongValue(action, message);
    if (wrong !== undefined) return refusal(400, wrong);
    const surroundings = { clock, sessions, certificatePath, credentials: fleetRoleCredentials };
    return serve(action, message, { process, connection }, surroundings);
  }

  #isWithinRate(action: Action, message: Message, { processId }: ServerProcess): boolean {
    const { rates, service } = this.#deps;
    if (rates === undefined) return true;
    const isPerPlayer = action === "AcceptPlayerSession" || action === "RemovePlayerSession";
    const playerSessionId = message["PlayerSessionId"] as string;
    const player = isPerPlayer
      ? (service.sessions.players.find(playerSessionId)?.playerId ?? playerSessionId)
      : "";
    return rates.take(action, `${processId} ${player}`, service.clock.nowMs());
  }

  #answerLater(
    delayMs: number,
    connection: LiveConnection,
    envelope: Message,
    answer: Answer,
  ): void {
    if (delayMs === 0) {
      this.#answer(connection, envelope, answer);
      return;
    }
    const cancel = this.#deps.service.clock.after(delayMs, () => {
      this.#late.delete(cancel);
      this.#answer(connection, envelope, answer);
    });
    this.#late.add(cancel);
  }

  #answer({ socket }: LiveConnection, { Action, RequestId }: Message, answer: Answer): void {
    // Over no other connection: the one who asked may have reconnected, and hears nothing.
    if (socket.readyState !== WebSocket.OPEN) return;
    const { wrongRequestIds, duplicateAnswers } = this.#deps.service.faults;
    const id = wrongRequestIds ? randomUUID() : RequestId;
    const text = JSON.stringify({ Action, RequestId: id, ...answer });
    socket.send(text);
    if (duplicateAnswers) socket.send(text);
  }

  #seenFrom(process: ServerProcess): Map<string, Answer | undefined> {
    const seen = this.#requests.get(process) ?? new Map<string, Answer | undefined>();
    this.#requests.set(process, seen);
    return seen;
  }
}

function keep(
  seen: Map<string, Answer | undefined>,
  requestId: string,
  answer: Answer | undefined,
): void {
  seen.set(requestId, answer);
  if (seen.size <= REMEMBERED_REQUESTS_MAX) return;
  const [oldest = ""] = seen.keys();
  seen.delete(oldest);
}

function parsed(data: Buffer): Message | undefined {
  try {
    const value: unknown = JSON.parse(data.toString());
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Message)
      : undefined;
  } catch {
    return undefined;
  }
}
