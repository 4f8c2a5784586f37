/**
 * Signature Version 4 in a request's headers:
 *
 *   canonical request = method \n path \n query \n headers \n\n names of headers \n hex(sha256(body))
 *   string to sign    = AWS4-HMAC-SHA256 \n {yyyyMMddTHHmmssZ} \n scope \n hex(sha256(canonical request))
 *   scope             = {yyyyMMdd}/{region}/{service}/aws4_request
 *
 * @module
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { HttpRequest } from "../front/http-exchange.ts";
import { type ApiError, type ServiceWideType, serviceWide } from "./api-error.ts";
import { API_LIMITS } from "./limits.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface SignatureRules {
  readonly credentials: Credentials;
  /** Of temporary credentials: it must come along. Without one none may. */
  readonly sessionToken?: string;
  /** `s3` signs the hash that a header names; whoever reads the body checks that. @defaultValue gamelift */
  readonly service?: "gamelift" | "s3";
  /** What a caller with other credentials is told. */
  readonly advice?: string;
  readonly region: string;
  readonly clock: Clock;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const TERMINATOR = "aws4_request";
const STAMP = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const PARAMETERS = ["Credential", "SignedHeaders", "Signature"] as const;

interface Claim {
  readonly accessKeyId: string;
  /** Day, Region, service and terminator, as they were sent. */
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly stamp: string;
}

/** @returns Why the request is not known to be of the owner of the credentials. It never has a secret or a right signature. */
export function signatureFault(request: HttpRequest, rules: SignatureRules): ApiError | undefined {
  const claim = claimIn(request);
  if ("type" in claim) return claim;
  return (
    scopeFault(claim, rules) ??
    keyFault(claim, request, rules) ??
    timeFault(claim, rules.clock) ??
    coverageFault(claim, request) ??
    valueFault(claim, request, rules)
  );
}

function claimIn({ headers, query }: HttpRequest): Claim | ApiError {
  const { authorization } = headers;
  if (authorization === undefined) {
    const isPresigned = query.has("X-Amz-Signature");
    return isPresigned
      ? fault(
          "IncompleteSignatureException",
          "Sign the headers: signatures in the query are not taken.",
        )
      : fault("MissingAuthenticationTokenException", "Missing Authentication Token");
  }
  if (!authorization.startsWith(`${ALGORITHM} `)) {
    return fault(
      "IncompleteSignatureException",
      `The Authorization header must be of ${ALGORITHM}.`,
    );
  }
  const given = new Map(
    authorization
      .slice(ALGORITHM.length)
      .split(",")
      .map((part) => part.trim().split("=", 2) as [string, string]),
  );
  const missing = PARAMETERS.filter((name) => !given.get(name));
  const stamp = headers["x-amz-date"];
  const [accessKeyId = "", ...scope] = (given.get("Credential") ?? "").split("/");
  const lacks = [
    ...missing.map((name) => `Authorization header requires '${name}' parameter.`),
    ...(typeof stamp === "string" && STAMP.test(stamp)
      ? []
      : ["Authorization header requires an 'X-Amz-Date' header such as 20260101T000000Z."]),
    ...(scope.length === 4 || missing.includes("Credential")
      ? []
      : ["Credential must be KEY/DATE/REGION/SERVICE/aws4_request."]),
  ];
  if (lacks.length > 0) return fault("IncompleteSignatureException", lacks.join(" "));
  return {
    accessKeyId,
    scope: scope.join("/"),
    signedHeaders: (given.get("SignedHeaders") ?? "").split(";"),
    signature: given.get("Signature") ?? "",
    stamp: String(stamp),
  };
}

function scopeFault(
  { scope, stamp }: Claim,
  { region, service = "gamelift" }: SignatureRules,
): ApiError | undefined {
  const [day, scopedRegion, scopedService, terminator] = scope.split("/");
  const wrong = [
    ...(day === stamp.slice(0, 8) ? [] : ["Date in Credential scope does not match X-Amz-Date."]),
    ...(scopedRegion === region
      ? []
      : [`Credential should be scoped to a valid Region: the emulator's is '${region}'.`]),
    ...(scopedService === service
      ? []
      : [`Credential should be scoped to correct service: '${service}'.`]),
    ...(terminator === TERMINATOR
      ? []
      : [`Credential should be scoped with a valid terminator: '${TERMINATOR}'.`]),
  ];
  return wrong.length > 0 ? fault("InvalidSignatureException", wrong.join(" ")) : undefined;
}

function keyFault(claim: Claim, request: HttpRequest, rules: SignatureRules): ApiError | undefined {
  // The emulator's own credentials are no session's: with a token the caller means other ones.
  const token = request.headers["x-amz-security-token"];
  const isTheirs = token === rules.sessionToken;
  if (claim.accessKeyId === rules.credentials.accessKeyId && isTheirs) return undefined;
  const {
    advice = `use the access key ID that the emulator was started with${
      token === undefined ? "" : ", without a session token"
    }`,
  } = rules;
  return fault(
    "UnrecognizedClientException",
    `The security token included in the request is invalid: ${advice}.`,
  );
}

function timeFault({ stamp }: Claim, clock: Clock): ApiError | undefined {
  const [year, month, day, hour, minute, second] = (STAMP.exec(stamp) ?? []).slice(1).map(Number);
  const signedAtMs = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  const lateMs = clock.wallMs() - signedAtMs;
  if (Math.abs(lateMs) <= API_LIMITS.signatureSkewMs) return undefined;
  const now = stampOf(clock.wallMs());
  return fault(
    "InvalidSignatureException",
    lateMs > 0
      ? `Signature expired: ${stamp} is more than 15 min. before ${now}.`
      : `Signature not yet current: ${stamp} is more than 15 min. after ${now}.`,
  );
}

/** What decides about a call must be signed, or somebody could change it under way. */
function coverageFault({ signedHeaders }: Claim, { headers }: HttpRequest): ApiError | undefined {
  const wanted = ["host", ...Object.keys(headers).filter((name) => name.startsWith("x-amz-"))];
  const missing = wanted.filter((name) => !signedHeaders.includes(name));
  if (missing.length === 0) return undefined;
  return fault(
    "InvalidSignatureException",
    `'Host' and all 'X-Amz-' headers must be among the SignedHeaders: ${missing.join(", ")}.`,
  );
}

function valueFault(
  claim: Claim,
  request: HttpRequest,
  rules: SignatureRules,
): ApiError | undefined {
  const canonical = sha256(
    canonicalRequest(request, claim.signedHeaders, bodyHash(request, rules)),
  );
  const key = claim.scope
    .split("/")
    .reduce<string | Buffer>(
      (chain, part) => hmac(chain, part),
      `AWS4${rules.credentials.secretAccessKey}`,
    );
  const right = hmac(key, [ALGORITHM, claim.stamp, claim.scope, canonical].join("\n"));
  const given = Buffer.from(/^[0-9a-f]{64}$/.test(claim.signature) ? claim.signature : "", "hex");
  if (given.length === right.length && timingSafeEqual(given, right)) return undefined;
  return fault(
    "InvalidSignatureException",
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
  );
}

/** @returns What was signed in the place of the body. */
function bodyHash({ headers, body }: HttpRequest, { service }: SignatureRules): string {
  return service === "s3" ? String(headers["x-amz-content-sha256"]) : sha256(body);
}

function canonicalRequest(
  request: HttpRequest,
  signedHeaders: readonly string[],
  bodyHash: string,
): string {
  const query = [...request.query]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join("&");
  const headers = signedHeaders.map((name) => {
    const value = Object.hasOwn(request.headers, name) ? request.headers[name] : undefined;
    const text = Array.isArray(value) ? value.join(",") : (value ?? "");
    return `${name}:${text.trim().replaceAll(/\s+/g, " ")}\n`;
  });
  return [
    request.method,
    request.path,
    query,
    headers.join(""),
    signedHeaders.join(";"),
    bodyHash,
  ].join("\n");
}

function fault(type: ServiceWideType, message: string): ApiError {
  return serviceWide(type, message);
}

function stampOf(atMs: number): string {
  return new Date(atMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/** Everything but the unreserved characters of RFC 3986. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
