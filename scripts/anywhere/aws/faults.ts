/**
 * What an error of the AWS SDK means for a call, and what to do about it.
 * @module
 */
import { ComputeCallError, type ComputeCallFault, type ComputeOperation } from "../compute-api.ts";

/** Characters of AWS's own words that are repeated. */
const MESSAGE_CHARACTERS_MAX = 500;

export interface CallScene {
  readonly operation: ComputeOperation;
  readonly fleetId: string;
  readonly region: string;
  /** Where the call went, when it was not AWS's own address. */
  readonly endpointUrl: string | undefined;
}

const IAM_ACTIONS =
  "gamelift:RegisterCompute, gamelift:DeregisterCompute, gamelift:ListCompute and gamelift:GetComputeAuthToken";

const CREDENTIALS = [
  "CredentialsProviderError",
  "TokenProviderError",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "MissingAuthenticationTokenException",
  "IncompleteSignatureException",
];

/** Names of Node's and the SDK's own errors when no answer came. */
const NETWORK =
  /^(ECONN\w+|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EPIPE|ETIMEDOUT|TimeoutError|AbortError)$/;

const THROTTLING =
  /^(Throttling\w*|TooManyRequestsException|RequestLimitExceeded|LimitExceededException)$/;

/** Turns whatever a call threw into words for the operator. */
export function toCallError(
  scene: CallScene,
  cause: unknown,
  isOutOfTime: boolean,
): ComputeCallError {
  const name = isOutOfTime ? "TimeoutError" : nameOf(cause);
  const status = statusOf(cause);
  const said = isOutOfTime ? "no answer in time" : messageOf(cause);
  const { fault, advice } = judge(scene, name, status);
  return new ComputeCallError(
    scene.operation,
    fault,
    `${scene.operation}: ${name}: ${said} | What to do: ${advice}`,
    // A time-out's own error is the one of the abort and says nothing.
    isOutOfTime ? undefined : { cause },
  );
}

function judge(
  scene: CallScene,
  name: string,
  status: number,
): { fault: ComputeCallFault; advice: string } {
  const { operation, fleetId, region, endpointUrl } = scene;
  if (NETWORK.test(name)) {
    const where = endpointUrl ?? `GameLift in ${region}`;
    return {
      fault: "transient",
      advice: `see whether ${where} can be reached from here: network, proxy, FLEETROOM_AWS_REGION, FLEETROOM_AWS_ENDPOINT_URL.`,
    };
  }
  if (CREDENTIALS.includes(name)) {
    const advice =
      "give the supervisor valid AWS credentials (`aws sts get-caller-identity` shows whose they are); those in the environment are read once, at start. A clock that is minutes off has the same effect.";
    return { fault: "refused", advice };
  }
  if (THROTTLING.test(name) && !(name === "LimitExceededException" && isRegistering(scene))) {
    return {
      fault: "notReady",
      advice: "wait; too many calls in this account and Region at once.",
    };
  }
  switch (name) {
    case "UnauthorizedException":
    case "AccessDeniedException":
      return {
        fault: "refused",
        advice: `these credentials need ${IAM_ACTIONS} on arn:aws:gamelift:${region}:ACCOUNT:fleet/${fleetId} (docs/ANYWHERE.md has the policy).`,
      };
    case "NotReadyException":
      return {
        fault: "notReady",
        advice: "wait; GameLift is still validating the compute or the fleet.",
      };
    case "ConflictException":
      return {
        fault: "conflict",
        advice:
          "see whether the compute's name is in use or still being removed: `aws gamelift list-compute`.",
      };
    case "NotFoundException":
      return { fault: "notFound", advice: notFoundAdvice(scene) };
    case "LimitExceededException":
      return {
        fault: "refused",
        advice:
          "the fleet has as many computes as its quota allows (100 by default): deregister some, or have the quota raised.",
      };
    case "InvalidRequestException":
      return { fault: "refused", advice: invalidAdvice(operation) };
    case "UnsupportedRegionException":
      return {
        fault: "refused",
        advice: `name a Region that has Anywhere fleets in FLEETROOM_AWS_REGION; this was ${region}.`,
      };
    default:
      return status >= 500
        ? { fault: "transient", advice: "wait; the service is at fault." }
        : { fault: "refused", advice: "see the AWS documentation of this error." };
  }
}

function isRegistering({ operation }: CallScene): boolean {
  return operation === "RegisterCompute";
}

function notFoundAdvice({ operation, fleetId, region }: CallScene): string {
  const fleet = `see whether ${fleetId} is an Anywhere fleet of this account in ${region} (\`aws gamelift describe-fleet-attributes\`)`;
  switch (operation) {
    case "RegisterCompute":
      return `${fleet} and has the location (\`aws gamelift describe-fleet-location-attributes\`).`;
    case "ListCompute":
      return `${fleet}.`;
    default:
      return `${fleet}; if it is, the compute is not registered any more: start the supervisor again.`;
  }
}

function invalidAdvice(operation: ComputeOperation): string {
  return operation === "RegisterCompute"
    ? "see whether the fleet is of compute type ANYWHERE and has the location; an Anywhere compute may need an IP address beside its DNS name."
    : "see whether the fleet is of compute type ANYWHERE and in this Region.";
}

/** The error's own name; Node's code says more than `Error`. */
function nameOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "UnknownError";
  const code: unknown = "code" in cause ? cause.code : undefined;
  return typeof code === "string" && NETWORK.test(code) ? code : cause.name;
}

function messageOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  // Control characters would break a terminal's line.
  return text
    .slice(0, MESSAGE_CHARACTERS_MAX)
    .replaceAll(/\p{Cc}+/gu, " ")
    .trim();
}

function statusOf(cause: unknown): number {
  const metadata = (cause as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata;
  return metadata?.httpStatusCode ?? 0;
}
