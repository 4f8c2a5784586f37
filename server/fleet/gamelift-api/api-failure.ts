import { ErrorCode, GameServerError } from "../../errors.ts";

/**
 * Why a call led to nothing.
 * - `busy`: the service throttled, or had a fault of its own
 * - `lost`: the connection broke before an answer
 * - `silent`: no answer in time, or nobody waited any longer
 * - `over_budget`: never sent
 * - `not_found`: the service knows no such thing; it did look
 * - `denied`: it does not take the credentials, or they do not allow the action
 * - `no_credentials`: there was nothing to sign with; never sent
 * - `invalid`: it takes the question for a wrong one
 * - `unusable`: any other no, or an answer that cannot be read
 */
type FailureKind =
  | "busy"
  | "lost"
  | "silent"
  | "over_budget"
  | "not_found"
  | "denied"
  | "no_credentials"
  | "invalid"
  | "unusable";

/**
 * What is left of an error of the AWS SDK. Its own text is dropped, and so is the answer it holds: a refused signature
 * comes back with the session token in it, an unknown player session with its id, unreadable JSON with its first bytes.
 */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.kind = kind;
  }

  /** A call that failed so may go well a moment later. */
  get isPassing(): boolean {
    return this.kind === "busy" || this.kind === "lost";
  }
}

/** Names by which AWS says "slower", beside the status 429. */
const THROTTLED = new Set([
  "ThrottlingException",
  "Throttling",
  "ThrottledException",
  "RequestThrottled",
  "RequestThrottledException",
  "RequestLimitExceeded",
  "LimitExceededException",
  "TooManyRequests",
  "TooManyRequestsException",
  "SlowDown",
]);

/** Names by which AWS refuses a signature or an action, beside the statuses 401 and 403. */
const DENIED = new Set([
  "UnauthorizedException",
  "AccessDenied",
  "AccessDeniedException",
  "ExpiredToken",
  "ExpiredTokenException",
  "IncompleteSignature",
  "IncompleteSignatureException",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "NotAuthorized",
  "OptInRequired",
  "RequestExpired",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);

/** @param status - Of the answer, if one came. */
export function apiFailure(error: unknown, status: number | undefined): ApiFailure {
  if (error instanceof ApiFailure) return error;
  const { name, code, $metadata } = (error ?? {}) as Record<string, unknown>;
  const what = word(code) ?? word(name) ?? "an error without a name";
  if (status === undefined) {
    const isMissing = name === "CredentialsProviderError" || name === "ProviderError";
    return new ApiFailure(isMissing ? "no_credentials" : "lost", what);
  }
  const { requestId } = ($metadata ?? {}) as Record<string, unknown>;
  const request = isRequestId(requestId) ? `, request ${requestId}` : "";
  return new ApiFailure(kindOf(what, status), `${what} (HTTP ${status}${request})`);
}

function kindOf(name: string, status: number): FailureKind {
  if (status >= 500 || status === 429 || THROTTLED.has(name)) return "busy";
  if (name === "NotFoundException") return "not_found";
  if (name === "InvalidRequestException") return "invalid";
  return status === 401 || status === 403 || DENIED.has(name) ? "denied" : "unusable";
}

/** An error's name or code, if it is one: whatever else an answer calls itself is not repeated. */
function word(text: unknown): string | undefined {
  return typeof text === "string" && /^[A-Za-z_]{1,64}$/.test(text) ? text : undefined;
}

function isRequestId(text: unknown): text is string {
  return typeof text === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/** The failure as the port's users know it: the code says whether somebody has to do something. */
export function toServerError(cause: unknown): GameServerError {
  const failure = apiFailure(cause, undefined);
  const { code, says } = meaningOf(failure.kind);
  return new GameServerError(
    code,
    says.replace("…", () => failure.message),
    { cause: failure },
  );
}

function meaningOf(kind: FailureKind): { code: ErrorCode; says: string } {
  const otherwise = "FLEETROOM_VALIDATOR=server-sdk does without the AWS API";
  if (kind === "denied") {
    const says =
      "the AWS API refused to describe player sessions: …. The role that signs the calls needs the one action " +
      `gamelift:DescribePlayerSessions on *, nothing broader; its credentials and this machine's clock must be right. ${otherwise}`;
    return { code: ErrorCode.FLEET_API_DENIED, says };
  }
  if (kind === "no_credentials") {
    const says =
      "there are no AWS credentials to describe player sessions with: …. Give the fleet a role that may do " +
      `gamelift:DescribePlayerSessions, nothing broader, or name a file with FLEETROOM_AWS_CREDENTIALS_FILE. ${otherwise}`;
    return { code: ErrorCode.FLEET_API_DENIED, says };
  }
  const says = "the AWS API did not describe the player sessions: …";
  return { code: ErrorCode.FLEET_UNREACHABLE, says };
}
