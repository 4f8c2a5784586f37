/**
 * What an error of the AWS SDK means for a script, and what to do about it.
 * @module
 */
import type { CallName } from "../calls.ts";
import { FleetsError, FleetsErrorCode } from "../errors.ts";
import { FLEETS_LIMITS } from "../limits.ts";

export interface CallScene {
  readonly operation: CallName | "PutObject";
  readonly region: string;
  /** Where the call went, when it was not AWS's own address. */
  readonly endpointUrl: string | undefined;
}

const CREDENTIALS = [
  "CredentialsProviderError",
  "TokenProviderError",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "ExpiredTokenException",
  "InvalidSignatureException",
  "MissingAuthenticationTokenException",
  "IncompleteSignatureException",
];

/** S3's words for keys that were good for a while. */
const UPLOAD_CREDENTIALS = ["ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "AccessDenied"];

/** Names of Node's and the SDK's own errors when no answer came. */
const NETWORK =
  /^(ECONN\w+|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EPIPE|ETIMEDOUT|TimeoutError)$/;
const THROTTLING = /^(Throttling\w*|TooManyRequestsException|RequestLimitExceeded|SlowDown)$/;

const QUOTAS: Partial<Record<CallScene["operation"], string>> = {
  CreateBuild: "1,000 builds and 100 GB of them",
  CreateFleet: "10 EC2 fleets, 4 locations in each, and so many instances of each type",
  UpdateFleetCapacity: "so many instances of each type",
};

/** An upload that may be tried again, with fresh keys. */
export class UploadFailed extends FleetsError {}

export function callFailed(scene: CallScene, cause: unknown): FleetsError {
  const name = nameOf(cause);
  const words = `${scene.operation}: ${name}: ${wordsOf(cause)}\n  What to do: ${advice(scene, name)}`;
  const isUpload = scene.operation === "PutObject";
  const mayBeTried =
    NETWORK.test(name) || UPLOAD_CREDENTIALS.includes(name) || statusOf(cause) >= 500;
  const Failure = isUpload && mayBeTried ? UploadFailed : FleetsError;
  return new Failure(FleetsErrorCode.FLEETS_CALL_FAILED, words, { cause });
}

function advice(scene: CallScene, name: string): string {
  const { operation, region, endpointUrl } = scene;
  if (NETWORK.test(name)) {
    const where =
      endpointUrl ?? (operation === "PutObject" ? "Amazon S3" : `GameLift in ${region}`);
    return `see whether ${where} can be reached from here (network, proxy, --region, --endpoint-url), then run the same command again.`;
  }
  if (CREDENTIALS.includes(name)) {
    return "give valid AWS credentials (`aws sts get-caller-identity` shows whose they are); a clock that is minutes off has the same effect.";
  }
  if (THROTTLING.test(name)) return "wait a minute, then run the same command again.";
  if (operation === "PutObject")
    return "run the same command again; GameLift then hands out other keys.";
  return adviceByName(operation, region, name);
}

function adviceByName(operation: CallName, region: string, name: string): string {
  switch (name) {
    case "UnauthorizedException":
    case "AccessDeniedException": {
      const role = operation === "CreateFleet" ? ", and iam:PassRole for the instance role" : "";
      return `these credentials need gamelift:${operation}${role} (docs/SHIPPING.md has the policy).`;
    }
    case "NotFoundException":
      return `see whether the id is right and of this account in ${region}.`;
    case "LimitExceededException":
      return `delete what is not needed, or have the quota raised${QUOTAS[operation] ? `: an account has ${QUOTAS[operation]}` : ""}.`;
    case "UnsupportedRegionException":
      return `name a Region in --region that has this; this was ${region}.`;
    case "InvalidFleetStatusException":
    case "ConflictException":
      return "wait until the fleet is ACTIVE, then run the same command again.";
    case "InvalidRequestException":
      return "the words above say which member is wrong.";
    default:
      return "see the AWS documentation of this error, then run the same command again.";
  }
}

/** The error's own name; Node's code says more than `Error`. */
function nameOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "UnknownError";
  const code: unknown = "code" in cause ? cause.code : undefined;
  return typeof code === "string" && NETWORK.test(code) ? code : cause.name;
}

/** Control characters would break a terminal's line. */
function wordsOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text
    .slice(0, FLEETS_LIMITS.wordsCharactersMax)
    .replaceAll(/\p{Cc}+/gu, " ")
    .trim();
}

function statusOf(cause: unknown): number {
  const metadata = (cause as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata;
  return metadata?.httpStatusCode ?? 0;
}
