import type { ControlPlane } from "../plane/control-plane.ts";
import type { Compute, ServerProcess } from "../plane/records.ts";
import { SERVICE_LIMITS } from "./limits.ts";
import { isSignatureShaped, isSignedBy } from "./rules/signature.ts";
import { MANDATORY_PARAMETERS, type UpgradeQuery } from "./rules/upgrade-query.ts";
import { isFleetId, isHostId } from "./rules/values.ts";

/** The one key pair whose signatures are good. */
export interface Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** An upgrade that may go on. */
export interface Upgrade {
  readonly compute: Compute;
  /** Nothing before its first connection, unless a supervisor started it. */
  readonly process: ServerProcess | undefined;
  readonly processId: string;
  readonly sdkVersion: string;
  readonly sdkLanguage: string;
  /** `""` from an SDK before 5.3. */
  readonly idempotencyToken: string;
  /** The token or signature that it came with: a secret. */
  readonly authorization: string;
}

/** An upgrade that is refused with an HTTP status and words for whoever started the process; no secret is in them. */
export interface UpgradeRefusal {
  readonly status: number;
  readonly message: string;
}

export interface UpgradeJudgement {
  readonly plane: ControlPlane;
  /** Without them every signature is good that is complete. */
  readonly credentials: Credentials | undefined;
  /** Whether that process was let in before with the same IdempotencyToken and authorization. */
  readonly isKnown: (
    process: ServerProcess,
    upgrade: Pick<Upgrade, "idempotencyToken" | "authorization">,
  ) => boolean;
}

type Parameter = (typeof MANDATORY_PARAMETERS)[number];

const { processIdCharsMax, parameterCharsMax, authorizationCharsMax } = SERVICE_LIMITS;
const isPrintable = (text: string, charsMax: number) =>
  text.length <= charsMax && /^[\x21-\x7e]+$/.test(text);

const RULES: Readonly<
  Record<Parameter, { readonly isRight: (text: string) => boolean; readonly words: string }>
> = {
  FleetId: { isRight: isFleetId, words: "the fleet's id, not its ARN" },
  ComputeId: { isRight: isHostId, words: "the compute's name: 1 to 256 of A-Z a-z 0-9 -" },
  pID: {
    // Line ends in it would forge the emulator's output.
    isRight: (text) => text.length <= processIdCharsMax && /^[^\p{C}\p{Z}]+$/u.test(text),
    words: `at most ${processIdCharsMax} characters, no blanks or control characters`,
  },
  sdkVersion: {
    isRight: (text) => isPrintable(text, parameterCharsMax) && /^\d+\.\d+/.test(text),
    words: "numbers such as 5.6.0",
  },
  sdkLanguage: {
    isRight: (text) => isPrintable(text, parameterCharsMax),
    words: `at most ${parameterCharsMax} printable characters`,
  },
  IdempotencyToken: {
    isRight: (text) => isPrintable(text, parameterCharsMax),
    words: "a UUID or 32 letters and digits",
  },
  Authorization: {
    isRight: (text) => isPrintable(text, authorizationCharsMax),
    words: "an auth token, or SigV4 with its parameters",
  },
};

/**
 * Decides whether a server process may connect. Nothing changes by it.
 * @param query - Untrusted.
 * @param repeated - Names that were in the query more than once.
 * @returns 400 for a parameter that is missing or malformed, 403 for who may not.
 */
export function judgeUpgrade(
  query: UpgradeQuery,
  repeated: readonly string[],
  judgement: UpgradeJudgement,
): Upgrade | UpgradeRefusal {
  const problems = MANDATORY_PARAMETERS.map((name) => problemOf(name, query, repeated));
  const isSigned = query["Authorization"] === "SigV4";
  if (isSigned && !isSignature(query)) {
    problems.push(
      "Authorization is SigV4, and the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Date and X-Amz-Signature that belong " +
        "to it are missing or malformed",
    );
  }
  const told = problems.filter((problem) => problem !== undefined);
  if (told.length > 0) return { status: 400, message: told.join("; ") };
  return judged(query, isSigned, judgement);
}

function problemOf(
  name: Parameter,
  query: UpgradeQuery,
  repeated: readonly string[],
): string | undefined {
  const value = query[name] ?? "";
  const { isRight, words } = RULES[name];
  if (repeated.includes(name)) return `${name} is there more than once`;
  if (value === "") {
    const mayMiss = name === "IdempotencyToken" && isBeforeIdempotency(query["sdkVersion"] ?? "");
    return mayMiss ? undefined : `${name} is missing: ${words}`;
  }
  return isRight(value) ? undefined : `${name} is not valid: ${words}`;
}

/** IdempotencyToken came with SDK 5.3. */
function isBeforeIdempotency(sdkVersion: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(sdkVersion) ?? [];
  return Number(major) < 5 || (Number(major) === 5 && Number(minor) < 3);
}

function isSignature(query: UpgradeQuery): boolean {
  const parts = ["X-Amz-Credential", "X-Amz-Security-Token"].map((name) => query[name] ?? "");
  return parts.every((text) => text.length <= authorizationCharsMax) && isSignatureShaped(query);
}

/** Of a query whose parameters are all there and well formed. */
function judged(
  query: UpgradeQuery,
  isSigned: boolean,
  { plane, credentials, isKnown }: UpgradeJudgement,
): Upgrade | UpgradeRefusal {
  const { FleetId = "", ComputeId = "", pID: processId = "", Authorization = "" } = query;
  const forbidden = (message: string) => ({ status: 403, message });
  const fleet = plane.fleets.find(FleetId);
  if (fleet === undefined) return forbidden(`Fleet ${FleetId} is not known here`);
  const compute = plane.computes.find(FleetId, ComputeId);
  if (compute === undefined) {
    return forbidden(`Compute ${ComputeId} is not registered in ${FleetId}: RegisterCompute first`);
  }
  const { computeName } = compute;
  const process = plane.processes.find({ fleetId: fleet.fleetId, computeName, processId });
  if (process?.state === "ENDED") {
    return forbidden(`Process ${processId} is over: each run needs a pID of its own`);
  }
  if (process === undefined && compute.type === "EC2") {
    return forbidden(`Process ${processId} was not started by the emulator on ${computeName}`);
  }
  const upgrade = {
    compute,
    process,
    processId,
    sdkVersion: query["sdkVersion"] ?? "",
    sdkLanguage: query["sdkLanguage"] ?? "",
    idempotencyToken: query["IdempotencyToken"] ?? "",
    authorization: isSigned ? (query["X-Amz-Signature"] ?? "") : Authorization,
  };
  // A token is for opening connections: who was let in by it and lost the line comes back by it, however old it is.
  if (process !== undefined && isKnown(process, upgrade)) return upgrade;
  if (!isSigned) {
    return plane.computes.admits(Authorization, fleet.fleetId, computeName)
      ? upgrade
      : forbidden(
          `The auth token is not one of compute ${computeName}, or has expired: GetComputeAuthToken`,
        );
  }
  const isGood =
    credentials === undefined || isSignedBy({ ...credentials, region: plane.region }, query);
  return isGood
    ? upgrade
    : forbidden(`The signature is not one of the credentials given for ${plane.region}`);
}
