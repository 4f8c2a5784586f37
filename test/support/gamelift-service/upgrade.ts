import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isUniqueId } from "./rules/shapes.ts";
import { isFleetId, isHostId } from "./rules/values.ts";

/** Of the one account that may sign. */
export interface SigningKey {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
  readonly sessionToken?: string;
}

interface Token {
  /** Wall clock. */
  readonly expiresAtWallMs: number;
  readonly computeId?: string;
}

interface Verdict {
  /** 101, or the HTTP status that refuses. */
  readonly status: number;
  readonly query: Readonly<Record<string, string>>;
  /** What is not as documented, without values. */
  readonly violations: readonly string[];
}

const MANDATORY = [
  "Authorization",
  "ComputeId",
  "FleetId",
  "IdempotencyToken",
  "pID",
  "sdkLanguage",
  "sdkVersion",
];
const SIGNED = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature"];
const TOKEN_HEADER = "X-Amz-Security-Token";
/** What a handshake has beside its query: the SDKs offer neither subprotocol nor extension. */
const UNDOCUMENTED_HEADERS = ["sec-websocket-extensions", "sec-websocket-protocol"];

/** Who may open a connection. */
export class Gate {
  readonly #fleetId: string;
  readonly #computes = new Set<string>();
  readonly #tokens = new Map<string, Token>();
  readonly #signingKey: SigningKey | undefined;

  constructor(fleetId: string, signingKey: SigningKey | undefined) {
    this.#fleetId = fleetId;
    this.#signingKey = signingKey;
  }

  admitCompute(computeId: string): void {
    this.#computes.add(computeId);
  }

  /** Its tokens open nothing from here on. */
  dropCompute(computeId: string): void {
    this.#computes.delete(computeId);
  }

  hasCompute(computeId: string): boolean {
    return this.#computes.has(computeId);
  }

  /** @param of.computeId - The only one that may use it; any of the fleet's when it is left out. */
  admitToken(token: string, of: Token): void {
    this.#tokens.set(token, of);
  }

  /** 404 for a path, 400 for a parameter that is missing or malformed, 403 for who may not. */
  judge(request: IncomingMessage, wallMs: number): Verdict {
    const { path, query, violations } = readUrl(request.url ?? "");
    violations.push(
      ...UNDOCUMENTED_HEADERS.filter((name) => request.headers[name] !== undefined).map(
        (name) => `header ${name}: not documented`,
      ),
    );
    violations.push(...queryViolations(query));
    const status = path === "/" ? this.#statusFor(query, wallMs) : 404;
    return { status, query, violations };
  }

  #statusFor(query: Readonly<Record<string, string>>, wallMs: number): number {
    if (MANDATORY.some((name) => !query[name])) return 400;
    const { FleetId = "", ComputeId = "", Authorization = "" } = query;
    if (!isFleetId(FleetId) || !isHostId(ComputeId)) return 400;
    if (FleetId !== this.#fleetId || !this.#computes.has(ComputeId)) return 403;
    const isAllowed =
      Authorization === "SigV4"
        ? this.#signingKey !== undefined && isSignedBy(this.#signingKey, query)
        : this.#hasToken(Authorization, ComputeId, wallMs);
    return isAllowed ? 101 : 403;
  }

  #hasToken(text: string, computeId: string, wallMs: number): boolean {
    const token = this.#tokens.get(text);
    if (token === undefined || token.expiresAtWallMs <= wallMs) return false;
    return token.computeId === undefined || token.computeId === computeId;
  }
}

/**
 * Whether an upgrade's query is signed as GameLift has it: over three parameters and nothing else of the request. The
 * age of a signature is not judged, because an SDK signs once and reconnects with it.
 */
export function isSignedBy(key: SigningKey, query: Readonly<Record<string, string>>): boolean {
  const date = query["X-Amz-Date"] ?? "";
  const day = date.slice(0, 8);
  const scope = `${day}/${key.region}/gamelift/aws4_request`;
  const isOfKey =
    /^\d{8}T\d{6}Z$/.test(date) &&
    query["X-Amz-Algorithm"] === "AWS4-HMAC-SHA256" &&
    query["X-Amz-Credential"] === `${key.accessKey}/${scope}` &&
    query[TOKEN_HEADER] === key.sessionToken;
  if (!isOfKey) return false;
  const canonical = ["ComputeId", "FleetId", "pID"]
    .map((name) => `${name}=${encoded(query[name] ?? "")}`)
    .join("&");
  const hash = createHash("sha256").update(canonical).digest("hex");
  const signingKey = [day, key.region, "gamelift", "aws4_request"].reduce<string | Buffer>(
    (last, part) => createHmac("sha256", last).update(part).digest(),
    `AWS4${key.secretKey}`,
  );
  const wanted = createHmac("sha256", signingKey)
    .update(`AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash}`)
    .digest("hex");
  const given = Buffer.from(query["X-Amz-Signature"] ?? "");
  return given.length === wanted.length && timingSafeEqual(given, Buffer.from(wanted));
}

/** RFC 3986, as SigV4 wants it. */
function encoded(text: string): string {
  const stricter = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, stricter);
}

/** By hand, because a `+` in a value is a plus here and a blank to URLSearchParams. */
function readUrl(url: string): {
  path: string;
  query: Record<string, string>;
  violations: string[];
} {
  const [path = "", search = ""] = url.split("?", 2);
  const query: Record<string, string> = {};
  const violations: string[] = [];
  for (const pair of search === "" ? [] : search.split("&")) {
    const [name = "", ...rest] = pair.split("=");
    if (Object.hasOwn(query, name)) violations.push(`query ${name}: more than once`);
    query[name] = decoded(rest.join("="));
  }
  return { path, query, violations };
}

/** One SDK pastes most values as they are. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function queryViolations(query: Readonly<Record<string, string>>): string[] {
  const isSigned = query["Authorization"] === "SigV4";
  const wanted = isSigned ? [...MANDATORY, ...SIGNED] : MANDATORY;
  const allowed = isSigned ? [...wanted, TOKEN_HEADER] : wanted;
  const violations = [
    ...wanted.filter((name) => !query[name]).map((name) => `query ${name}: missing`),
    ...Object.keys(query)
      .filter((name) => !allowed.includes(name))
      .map((name) => `query ${name}: not documented`),
  ];
  const { IdempotencyToken, sdkVersion } = query;
  if (IdempotencyToken && !isUniqueId(IdempotencyToken)) {
    violations.push("query IdempotencyToken: neither UUID nor 32 alphanumerics");
  }
  if (sdkVersion && !/^\d+\.\d+\.\d+$/.test(sdkVersion)) {
    violations.push("query sdkVersion: not three numbers");
  }
  return violations;
}
