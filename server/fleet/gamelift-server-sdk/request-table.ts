import type { Connection } from "./connection.ts";
import { errorOfStatus, GameLiftError, GameLiftErrorName } from "./errors.ts";
import { SDK_LIMITS } from "./limits.ts";
import type { SdkClock } from "./sdk-clock.ts";
import { integerMember, textMember } from "./wire-members.ts";

/** Members beside `Action` and `RequestId`; what is `undefined` is left out. */
export type RequestMembers = Readonly<Record<string, unknown>>;

export interface RequestOptions {
  /** Sent again on the next connection, with the same id, when the one it went out on was lost. */
  readonly isRepeatable: boolean;
  /** Fails at once where there is no connection. */
  readonly isOnlyForNow?: boolean;
  readonly timeoutMs?: number;
  /** Runs as soon as the answer is read, before any frame behind it. */
  readonly onAnswer?: () => void;
}

/** One request under way. */
export interface Call {
  /** The answer's members. @throws GameLiftError */
  readonly answer: Promise<object>;
  /** Gives up a request that was not sent; `answer` then rejects with WebsocketClosingError. @returns Whether it did. */
  cancelUnsent(): boolean;
}

interface Waiting {
  readonly id: string;
  readonly action: string;
  readonly text: string;
  readonly options: RequestOptions;
  /** Where it went out last. */
  sentOn: Connection | undefined;
  wasSent: boolean;
  readonly resolve: (answer: object) => void;
  readonly reject: (error: GameLiftError) => void;
  readonly cancelTimer: () => void;
}

export interface RequestTableEvents {
  /** Nothing came on `connection` while two requests in a row waited in vain. */
  onUnresponsive(connection: Connection): void;
}

/** The requests that wait for a connection or for an answer, by their ids. */
export class RequestTable {
  readonly #clock: SdkClock;
  readonly #newId: () => string;
  readonly #events: RequestTableEvents;
  readonly #waiting = new Map<string, Waiting>();
  #connection: Connection | undefined;
  /** Since the last frame. */
  #timeoutsInARow = 0;
  #ended: GameLiftError | undefined;

  constructor(deps: { clock: SdkClock; newId: () => string }, events: RequestTableEvents) {
    this.#clock = deps.clock;
    this.#newId = deps.newId;
    this.#events = events;
  }

  begin(action: string, members: RequestMembers, options: RequestOptions): Call {
    const refusal = this.#refusal(options);
    if (refusal !== undefined) {
      const answer = Promise.reject(refusal);
      answer.catch(() => {});
      return { answer, cancelUnsent: () => false };
    }
    const id = this.#newId();
    const { promise, resolve, reject } = Promise.withResolvers<object>();
    // A caller may stop waiting for it.
    promise.catch(() => {});
    const timeoutMs = options.timeoutMs ?? SDK_LIMITS.requestTimeoutMs;
    const waiting: Waiting = {
      id,
      action,
      text: JSON.stringify({ Action: action, RequestId: id, ...members }),
      options,
      sentOn: undefined,
      wasSent: false,
      resolve,
      reject,
      cancelTimer: this.#clock.after(timeoutMs, () => this.#timedOut(waiting)),
    };
    this.#waiting.set(id, waiting);
    this.#send(waiting);
    return { answer: promise, cancelUnsent: () => this.#cancelUnsent(waiting) };
  }

  /** How many wait for an answer on `connection`. */
  waitingOn(connection: Connection): number {
    let count = 0;
    for (const { sentOn } of this.#waiting.values()) if (sentOn === connection) count++;
    return count;
  }

  /** From now on requests go out on `connection`, first those that wait for one. */
  opened(connection: Connection): void {
    this.#connection = connection;
    this.#timeoutsInARow = 0;
    for (const waiting of [...this.#waiting.values()]) {
      if (waiting.sentOn === undefined) this.#send(waiting);
    }
  }

  /** No answer will come on `connection`. */
  gone(connection: Connection): void {
    if (this.#connection === connection) this.#connection = undefined;
    for (const waiting of [...this.#waiting.values()]) {
      if (waiting.sentOn !== connection) continue;
      waiting.sentOn = undefined;
      if (waiting.options.isRepeatable && !waiting.options.isOnlyForNow) this.#send(waiting);
      else this.#fail(waiting, lost(waiting.action));
    }
  }

  /** Nothing will be sent ever again. */
  end(error: GameLiftError): void {
    this.#ended = error;
    this.#connection = undefined;
    for (const waiting of [...this.#waiting.values()]) {
      this.#fail(waiting, waiting.wasSent ? lost(waiting.action) : error);
    }
  }

  /** Something came, whatever it was. */
  heard(): void {
    this.#timeoutsInARow = 0;
  }

  /** @returns Whether a request waited for this answer. */
  answered(message: unknown): boolean {
    const waiting = this.#waiting.get(textMember(message, "RequestId"));
    const statusCode = integerMember(message, "StatusCode", 0);
    if (waiting === undefined || statusCode === 0) return false;
    if (statusCode !== 200) {
      const words = textMember(message, "ErrorMessage") || "no reason given";
      this.#fail(waiting, errorOfStatus(waiting.action, statusCode, withoutIds(words)));
      return true;
    }
    this.#forget(waiting);
    waiting.options.onAnswer?.();
    waiting.resolve(message as object);
    return true;
  }

  #refusal(options: RequestOptions): GameLiftError | undefined {
    if (this.#ended !== undefined) return this.#ended;
    if (this.#waiting.size >= SDK_LIMITS.requestsInFlightMax) {
      const message = `${SDK_LIMITS.requestsInFlightMax} requests wait for an answer already`;
      return new GameLiftError(GameLiftErrorName.TooManyRequests, message);
    }
    if (options.isOnlyForNow && this.#connection === undefined) return notSent("there is none");
    return undefined;
  }

  #send(waiting: Waiting): void {
    if (this.#connection === undefined) return;
    waiting.sentOn = this.#connection;
    waiting.wasSent = true;
    this.#connection.send(waiting.text);
  }

  #timedOut(waiting: Waiting): void {
    const { sentOn, action } = waiting;
    const error = waiting.wasSent
      ? new GameLiftError(GameLiftErrorName.ServiceCallFailed, `${action} had no answer in time`)
      : notSent("none came in time");
    this.#fail(waiting, error);
    if (sentOn === undefined || sentOn !== this.#connection) return;
    this.#timeoutsInARow++;
    if (this.#timeoutsInARow >= SDK_LIMITS.timeoutsUntilDead) this.#events.onUnresponsive(sentOn);
  }

  #cancelUnsent(waiting: Waiting): boolean {
    if (waiting.wasSent || !this.#waiting.has(waiting.id)) return false;
    const message = `${waiting.action} was given up before it was sent`;
    this.#fail(waiting, new GameLiftError(GameLiftErrorName.WebsocketClosingError, message));
    return true;
  }

  #fail(waiting: Waiting, error: GameLiftError): void {
    this.#forget(waiting);
    waiting.reject(error);
  }

  #forget(waiting: Waiting): void {
    waiting.cancelTimer();
    this.#waiting.delete(waiting.id);
  }
}

function notSent(why: string): GameLiftError {
  const message = `not sent, for want of a connection: ${why}`;
  return new GameLiftError(GameLiftErrorName.WebsocketRetriableSendMessageFailure, message);
}

function lost(action: string): GameLiftError {
  const message = `the connection was lost before ${action} was answered`;
  return new GameLiftError(GameLiftErrorName.WebsocketSendMessageFailure, message);
}

/** What the service says of a player session may name it, and that id is a key to a seat. */
function withoutIds(words: string): string {
  return words.slice(0, 512).replaceAll(/psess-[A-Za-z0-9.-]+/g, "psess-…");
}
