/**
 * Why a join or a connection ended, in words for a person: what happened and what to do about it.
 * @module
 */
import { CLOSE_CODES, CloseCode, closeText, refusalOfHttpStatus } from "../protocol/close-codes.ts";
import { WireEnd } from "./wire/wire.ts";

// Numbers below 1000 are sent by no server.
/** No connection to the server could be made at all. */
export const UNREACHABLE = 0;
/** The address is none of a game port. */
export const BAD_ADDRESS = 1;
/** A byte stream was asked for where there are none. */
export const NOT_IN_A_BROWSER = 2;

/** The lobby gave no seat, and its own words why. */
export const LOBBY_REFUSED = 3;

export interface Refusal {
  /** A number of `CloseCode`, another WebSocket close code, or one of this file. */
  readonly code: number;
  /** One sentence: what happened. */
  readonly text: string;
  /** One sentence: what the person can do. */
  readonly advice: string;
  /** Whether the same attempt may be made again without anything changing on this side. */
  readonly mayRetry: boolean;
}

/** The SDK's own number for having given up on a lost connection; no server sends it. */
export const FAILED_TO_RECONNECT = 4003;

/** Codes that are not the protocol's: what happened, and whether the same attempt may be made again. */
const OWN: Readonly<Record<number, { text: string; mayRetry: boolean }>> = {
  [UNREACHABLE]: { text: "The server cannot be reached.", mayRetry: true },
  [BAD_ADDRESS]: { text: "This is not the address of a game server.", mayRetry: false },
  [NOT_IN_A_BROWSER]: { text: "A browser cannot open a TCP connection.", mayRetry: false },
  [WireEnd.UNREADABLE]: {
    text: "The server sent something that cannot be read.",
    mayRetry: false,
  },
  [WireEnd.UNTRUSTED]: { text: "The server's certificate is not trusted.", mayRetry: false },
  [FAILED_TO_RECONNECT]: {
    text: "The connection was lost and did not come back in time.",
    mayRetry: true,
  },
};

const ADVICE: Readonly<Record<number, string>> = {
  [UNREACHABLE]: "Check that the server runs and that this page may reach it, then try again.",
  [BAD_ADDRESS]: "Use ws://, wss://, http:// or https://, or tcp://host:port or tls://host:port.",
  [NOT_IN_A_BROWSER]: "Use the same host and port with ws:// or wss://.",
  [WireEnd.UNREADABLE]: "Check that the address is a game server's, and of the same version.",
  [WireEnd.UNTRUSTED]: "Check the address and the certificates that this client was told to trust.",
  [FAILED_TO_RECONNECT]: "Join again; if the match still runs you get a new seat in it.",
  [CloseCode.MALFORMED]: "Reload the page; if it stays, page and server are of different versions.",
  [CloseCode.REFUSED]: "It may be used or out of date: ask for a new one and join again.",
  [CloseCode.MATCH_FULL]: "Wait until somebody leaves, or for the next match.",
  [CloseCode.TRY_AGAIN]: "Wait a few seconds; the same player session can be tried again.",
  [CloseCode.CLOSED_TO_JOINS]: "The next match opens soon.",
  [CloseCode.UPDATE_CLIENT]: "Reload the page, or install the newest version, and join again.",
  [CloseCode.SEAT_TAKEN_OVER]: "You play in the other window; joining here takes the seat back.",
  [CloseCode.MATCH_OVER]: "The next match opens soon.",
  [CloseCode.MATCH_ABORTED]: "Nobody lost anything by it; the next match opens soon.",
  [CloseCode.SERVER_DRAINED]: "Join again once it is back.",
  [CloseCode.TOO_SLOW]: "Close other downloads or move closer to the router, then join again.",
  [CloseCode.TOO_MANY_MESSAGES]: "Reload the page and join again.",
  [CloseCode.IDLE]: "Join again with a new player session.",
  [CloseCode.MESSAGE_FAILED]: "Reload the page and join again.",
  [CloseCode.CONSENTED]: "Join again whenever you like.",
};

/**
 * Puts a code into words.
 * @param given - Of a refused request or a closed socket; anything, also what is no number.
 */
export function refusalOf(given: unknown): Refusal {
  // What the stock SDK shows of a refused matchmaking request is its HTTP status.
  const code = typeof given === "number" ? (refusalOfHttpStatus(given) ?? given) : given;
  if (typeof code !== "number" || !Number.isInteger(code)) return inWords(UNREACHABLE);
  const isOurs = code in CLOSE_CODES || code in OWN;
  // Abnormal closure before the join means that nobody spoke to us: a refusal has a code of its own.
  if (!isOurs && (code < 1000 || code === 1005 || code === 1006)) return inWords(UNREACHABLE);
  return inWords(code);
}

function inWords(code: number): Refusal {
  const known = (CLOSE_CODES as Record<number, { mayRetry: boolean } | undefined>)[code];
  return {
    code,
    text: OWN[code]?.text ?? closeText(code),
    advice: ADVICE[code] ?? "Try to join again.",
    mayRetry: (known ?? OWN[code])?.mayRetry ?? true,
  };
}
