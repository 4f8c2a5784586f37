/**
 * What the official Server SDKs check before they send anything (Go 5.2.1 and later, C# the same).
 * @module
 */
import { type GameLiftError, validationError } from "./errors.ts";

const ARN_SHAPE = /^arn:(aws|aws-cn):gamelift:([a-z]{2}-[a-z]+-\d{1}):(\d{12})?:([a-z]+)\/(.+)$/;

interface Rule {
  readonly shape?: RegExp;
  readonly charsMin: number;
  readonly charsMax: number;
  /** Completes "must be …". */
  readonly words: string;
}

const RULES = {
  fleetId: {
    shape: /^[a-zA-Z0-9.-]+$/,
    charsMin: 1,
    charsMax: 256,
    words: "1 to 256 of A-Z a-z 0-9 . -",
  },
  hostId: {
    shape: /^[a-zA-Z0-9-]+(\/[a-zA-Z0-9-]+)?$/,
    charsMin: 1,
    charsMax: 256,
    words: "1 to 256 of A-Z a-z 0-9 -, with one / at most",
  },
  processId: { charsMin: 1, charsMax: Number.POSITIVE_INFINITY, words: "given" },
  acceptedPlayerSessionId: {
    shape: /^[a-zA-Z0-9.-]+$/,
    charsMin: 1,
    charsMax: 256,
    words: "1 to 256 of A-Z a-z 0-9 . -",
  },
  gameSessionId: {
    shape: /^[a-zA-Z0-9:/-]+$/,
    charsMin: 1,
    charsMax: 256,
    words: "1 to 256 of A-Z a-z 0-9 : / -",
  },
  playerSessionId: { charsMin: 1, charsMax: 1024, words: "1 to 1024 characters" },
  playerId: { charsMin: 1, charsMax: 1024, words: "1 to 1024 characters" },
  gameLiftArn: { shape: ARN_SHAPE, charsMin: 1, charsMax: 256, words: "a GameLift ARN" },
  newTicketId: {
    shape: /^[a-zA-Z0-9-.]*$/,
    charsMin: 0,
    charsMax: 128,
    words: "at most 128 of A-Z a-z 0-9 - .",
  },
  ticketId: {
    shape: /^[a-zA-Z0-9-.]+$/,
    charsMin: 1,
    charsMax: 128,
    words: "1 to 128 of A-Z a-z 0-9 - .",
  },
  roleArn: {
    shape: /^[a-zA-Z0-9:/-]+$/,
    charsMin: 1,
    charsMax: 256,
    words: "1 to 256 of A-Z a-z 0-9 : / - (GameLift's SDKs take no other role names)",
  },
  roleSessionName: {
    shape: /^[\w+=,.@-]*$/,
    charsMin: 2,
    charsMax: 64,
    words: "2 to 64 of A-Z a-z 0-9 _ + = , . @ -",
  },
  logPath: {
    // Control characters would break the list that the agent uploads from.
    shape: /^[^<>"'|*?[\]\p{Cc}]+$/u,
    charsMin: 1,
    charsMax: 4096,
    words: `1 to 4096 characters without < > " ' | * ? [ ]`,
  },
} as const satisfies Record<string, Rule>;

/** @throws GameLiftError Validation, without the value: it may be a player session id. */
export function checkText(kind: keyof typeof RULES, name: string, value: unknown): void {
  const rule: Rule = RULES[kind];
  const isGood =
    typeof value === "string" &&
    value.length >= rule.charsMin &&
    value.length <= rule.charsMax &&
    (rule.shape?.test(value) ?? true);
  if (!isGood) throw validationError(`${name} must be ${rule.words}`);
}

/** @throws GameLiftError Validation */
export function checkInteger(name: string, value: unknown, min: number, max: number): void {
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    throw validationError(`${name} must be a whole number from ${min} to ${max}`);
  }
}

/** @throws GameLiftError Validation */
export function checkOneOf(name: string, value: unknown, allowed: readonly string[]): void {
  if (typeof value !== "string" || !allowed.includes(value)) {
    throw validationError(`${name} must be ${allowed.join(" or ")}`);
  }
}

/** @returns The address as the connection needs it. @throws GameLiftError Validation */
export function checkWebSocketUrl(value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !["ws:", "wss:"].includes(url.protocol)) {
    throw validationError("webSocketUrl must be an address that begins with wss:// or ws://");
  }
  return url;
}

/** All that is wrong, in one error. */
export function checkAll(checks: readonly (() => void)[]): void {
  const problems: string[] = [];
  for (const check of checks) {
    try {
      check();
    } catch (error) {
      problems.push((error as GameLiftError).message);
    }
  }
  if (problems.length > 0) throw validationError(problems.join("; "));
}
