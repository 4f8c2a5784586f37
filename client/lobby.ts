/**
 * Asks a lobby for a seat (docs/LOBBY.md), in a browser or in Node.
 * @module
 */
import { CONNECTION_LIMITS } from "./limits.ts";
import { LOBBY_REFUSED, type Refusal, refusalOf, UNREACHABLE } from "./refusal.ts";

export interface SeatRequest {
  readonly game: string;
  /** What others see; 1 to 64 characters. Without it the lobby makes a name up. */
  readonly playerName?: string | undefined;
  /** Of an earlier seat: the same player again. */
  readonly playerToken?: string | undefined;
}

interface LobbySeat {
  /** Of the game port, for `joinMatch`. */
  readonly url: string;
  /** A secret, good for one join. */
  readonly playerSessionId: string;
  /** A secret that makes the same player of whoever has it. */
  readonly playerToken: string;
}

/** Refusal is an answer, not an error. */
export type LobbyOutcome =
  | { readonly state: "seated"; readonly seat: LobbySeat }
  | { readonly state: "refused"; readonly refusal: Refusal };

/** Waits for a match with room, as long as the lobby does. @param signal - Gives up: the lobby is told by the end of the connection. */
export async function askLobby(
  lobbyUrl: string,
  request: SeatRequest,
  signal?: AbortSignal,
): Promise<LobbyOutcome> {
  const late = AbortSignal.timeout(CONNECTION_LIMITS.lobbyTimeoutMs);
  try {
    const response = await fetch(`${lobbyUrl}/v1/join`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
    });
    const answer = ((await response.json()) ?? {}) as Record<string, unknown>;
    const seat = response.ok ? seatIn(answer) : undefined;
    return seat === undefined ? refused(answer) : { state: "seated", seat };
  } catch {
    // Refused, timed out, given up or no JSON: to the player it is all the same, nobody answers.
    return { state: "refused", refusal: refusalOf(UNREACHABLE) };
  }
}

function seatIn(answer: Record<string, unknown>): LobbySeat | undefined {
  const { playerSessionId, playerToken, host, port, transports } = answer;
  if (typeof playerSessionId !== "string" || typeof playerToken !== "string") return undefined;
  if (typeof host !== "string" || typeof port !== "number") return undefined;
  const scheme = Array.isArray(transports) && transports.includes("wss") ? "wss" : "ws";
  const name = host.includes(":") ? `[${host}]` : host;
  return { url: `${scheme}://${name}:${port}`, playerSessionId, playerToken };
}

/** The lobby's own words: what happened in its first sentence, then what to do. */
function refused({ message, retryAfterSeconds }: Record<string, unknown>): LobbyOutcome {
  if (typeof message !== "string") return { state: "refused", refusal: refusalOf(UNREACHABLE) };
  const [text = message, advice = "Try to join again."] = message.split(/(?<=\.) (.*)/s);
  const mayRetry = retryAfterSeconds !== undefined;
  return { state: "refused", refusal: { code: LOBBY_REFUSED, text, advice, mayRetry } };
}
