import type { IncomingMessage } from "node:http";
import { isSignedBy, type SigningKey } from "../../../emulator/server-sdk/rules/signature.ts";
import {
  MANDATORY_PARAMETERS,
  queryViolations,
  readUpgradeUrl,
  type UpgradeQuery,
} from "../../../emulator/server-sdk/rules/upgrade-query.ts";
import { isFleetId, isHostId } from "../../../emulator/server-sdk/rules/values.ts";

interface Token {
  /** Wall clock. */
  readonly expiresAtWallMs: number;
  readonly computeId?: string;
}

interface Verdict {
  /** 101, or the HTTP status that refuses. */
  readonly status: number;
  readonly query: UpgradeQuery;
  /** What is not as documented, without values. */
  readonly violations: readonly string[];
}

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
    const { path, query, repeated } = readUpgradeUrl(request.url ?? "");
    const headers = UNDOCUMENTED_HEADERS.filter((name) => request.headers[name] !== undefined);
    const violations = [
      ...repeated.map((name) => `query ${name}: more than once`),
      ...headers.map((name) => `header ${name}: not documented`),
      ...queryViolations(query),
    ];
    const status = path === "/" ? this.#statusFor(query, wallMs) : 404;
    return { status, query, violations };
  }

  #statusFor(query: UpgradeQuery, wallMs: number): number {
    if (MANDATORY_PARAMETERS.some((name) => !query[name])) return 400;
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
