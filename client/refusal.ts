/**
 * Why a join or a connection ended, in words for a person: what happened and what to do about it.
 * @module
 */
import { CLOSE_CODES, CloseCode, closeText, refusalOfHttpStatus } from "../protocol/close-codes.ts";

/** No connection to the server could be made at all; not a number any server sends. */
export const UNREACHABLE = 0;

export interface Refusal {
  /** A number of `CloseCode`, another WebSocket close code, or `UNREACHABLE`. */
  readonly code: number;
  /** One sentence: what happened. */
  readonly text: string;
  /** One sentence: what the person can do. */
  readonly advice: string;
  /** Whether the same attempt may be made again without anything changing on this side. */
  readonly mayRetry: boolean;
}

const LOST = "The connection was lost and did not come back in time.";

/** The SDK's own number for having given up on a lost connection; no server sends it. */
export const FAILED_TO_RECONNECT = 4003;

const ADVICE: Readonly<Record<number, string>> = {
  [UNREACHABLE]: "Check that the server runs and that this page may reach it, then try again.",
  [FAILED_TO_RECONNECT]: "Join again; if the match still runs you get a new seat in it.",
  [CloseCode.MALFORMED]: "Reload the page; if it stays, page and server are of different versions.",
  [CloseCode.REFUSED]: "It may be used or out of date: ask for a new one and join again.",
  [CloseCode.MATCH_FULL]: "Wait until somebody leaves, or for the next match.",
  [CloseCode.TRY_AGAIN]: "Wait a few seconds; the same player session can be tried again.",
  [CloseCode.CLOSED_TO_JOINS]: "The next match opens soon.",
  [CloseCode.SEAT_TAKEN_OVER]: "You play in the other window; joining here takes the seat back.",
  [CloseCode.MATCH_OVER]: "The next match opens soon.",
  [CloseCode.MATCH_ABORTED]: "Nobody lost anything by it; the next match opens soon.",
  [CloseCode.SERVER_DRAINED]: "Join again once it is back.",
  [CloseCode.TOO_SLOW]: "Close other downloads or move closer to the router, then join again.",
  [CloseCode.TOO_MANY_MESSAGES]: "Reload the page and join again.",
  [CloseCode.MESSAGE_FAILED]: "Reload the page and join again.",
  [CloseCode.CONSENTED]: "Join again whenever you like.",
};

/**
 * Puts a code into words.
 * @param given - Of a refused request or a closed socket; anything, also what is no number.
 */
export function refusalOf(given: unknown): Refusal {
  // A refused matchmaking request shows its HTTP status as the code.
  const code = typeof given === "number" ? (refusalOfHttpStatus(given) ?? given) : given;
  if (typeof code !== "number" || !Number.isInteger(code) || code < 1000) return unreachable();
  const known = (CLOSE_CODES as Record<number, { mayRetry: boolean } | undefined>)[code];
  // Abnormal closure before the join means that nobody spoke to us: a refusal has a code of its own.
  if (known === undefined && (code === 1005 || code === 1006)) return unreachable();
  return {
    code,
    text: code === FAILED_TO_RECONNECT ? LOST : closeText(code),
    advice: ADVICE[code] ?? "Try to join again.",
    mayRetry: known?.mayRetry ?? true,
  };
}

function unreachable(): Refusal {
  return {
    code: UNREACHABLE,
    text: "The server cannot be reached.",
    advice: ADVICE[UNREACHABLE] ?? "",
    mayRetry: true,
  };
}
