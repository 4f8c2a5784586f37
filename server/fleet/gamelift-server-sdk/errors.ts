/**
 * Every way a call of this SDK can fail, by the names that the official Server SDKs use.
 * @module
 */

/** Names, never numbers: the official SDKs agree on those and not on these. */
export const GameLiftErrorName = {
  /** A second `processReady`. */
  AlreadyInitialized: "AlreadyInitialized",
  /** The service answered 400, or another 4xx that has no name of its own. */
  BadRequest: "BadRequest",
  /** The service answered 409. */
  Conflict: "Conflict",
  /** The service answered 403. */
  Forbidden: "Forbidden",
  /** A call that needs a game session came before `onStartGameSession`. */
  GameSessionIdNotSet: "GameSessionIdNotSet",
  /** The service answered with anything else, or with what is no answer to the request. */
  InternalService: "InternalService",
  /** No connection came about, however often it was tried. */
  LocalConnectionFailed: "LocalConnectionFailed",
  /** The service answered 404. */
  NotFound: "NotFound",
  /** After `destroy`, or after the service closed the connection for good. */
  NotInitialized: "NotInitialized",
  /** `processEnding` had no answer; it may be called again. */
  ProcessEndingFailed: "ProcessEndingFailed",
  /** A call that needs `processReady` came before it. */
  ProcessNotReady: "ProcessNotReady",
  /** No answer in time. The service may have done what was asked. */
  ServiceCallFailed: "ServiceCallFailed",
  /** The service has not said when the process must end. */
  TerminationTimeNotSet: "TerminationTimeNotSet",
  /** The service answered 429, or more than `requestsInFlightMax` wait for an answer. */
  TooManyRequests: "TooManyRequests",
  /** The service answered 401. */
  Unauthorized: "Unauthorized",
  /** The call exists in managed containers alone. */
  UnsupportedComputeType: "UnsupportedComputeType",
  /** The caller's mistake; nothing was sent. */
  Validation: "Validation",
  /** The service refused the connection with an HTTP status from 400 to 499. Trying again is of no use. */
  WebsocketConnectFailure: "WebsocketConnectFailure",
  /** The caller gave up, or the connection was closed on purpose, before the request was sent. */
  WebsocketClosingError: "WebsocketClosingError",
  /** There was no connection in time to send it. It was not sent. */
  WebsocketRetriableSendMessageFailure: "WebsocketRetriableSendMessageFailure",
  /** It was sent, and the connection was lost before an answer. The service may have done what was asked. */
  WebsocketSendMessageFailure: "WebsocketSendMessageFailure",
} as const;
export type GameLiftErrorName = (typeof GameLiftErrorName)[keyof typeof GameLiftErrorName];

/** Whether what was asked may have been done nevertheless. */
const UNKNOWN_OUTCOME: ReadonlySet<GameLiftErrorName> = new Set([
  GameLiftErrorName.InternalService,
  GameLiftErrorName.ServiceCallFailed,
  GameLiftErrorName.WebsocketSendMessageFailure,
]);

/** A call that failed. The message names no id, token or key. */
export class GameLiftError extends Error {
  override readonly name: GameLiftErrorName;
  /** HTTP-like code of the service's answer; `undefined` where it did not answer. */
  readonly statusCode: number | undefined;

  constructor(
    name: GameLiftErrorName,
    message: string,
    details: { statusCode?: number; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = name;
    this.statusCode = details.statusCode;
  }

  /** The service may have done what was asked: ask what is so before trying again. */
  get isOutcomeUnknown(): boolean {
    return UNKNOWN_OUTCOME.has(this.name);
  }
}

const NAME_OF_STATUS: Readonly<Record<number, GameLiftErrorName>> = {
  400: GameLiftErrorName.BadRequest,
  401: GameLiftErrorName.Unauthorized,
  403: GameLiftErrorName.Forbidden,
  404: GameLiftErrorName.NotFound,
  409: GameLiftErrorName.Conflict,
  429: GameLiftErrorName.TooManyRequests,
};

/** As all official SDKs map it: the known codes by name, other 4xx as BadRequest, the rest as InternalService. */
export function errorOfStatus(
  action: string,
  statusCode: number,
  errorMessage: string,
): GameLiftError {
  const isClients = statusCode >= 400 && statusCode < 500;
  const name =
    NAME_OF_STATUS[statusCode] ??
    (isClients ? GameLiftErrorName.BadRequest : GameLiftErrorName.InternalService);
  return new GameLiftError(name, `${action} was answered with ${statusCode}: ${errorMessage}`, {
    statusCode,
  });
}

export function validationError(problem: string): GameLiftError {
  return new GameLiftError(GameLiftErrorName.Validation, problem);
}
