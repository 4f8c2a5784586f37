/**
 * Why there is no seat: the codes that callers may rely on, with the words that a player may be shown.
 * @module
 */

interface RefusalRow {
  readonly status: number;
  /** One or two sentences for a person. */
  readonly message: string;
  /** When the same request may be worth another try; absent when it never is. */
  readonly retryAfterSeconds?: number;
  /** What a stock Colyseus client is told as `code`, by Colyseus's own numbers or those of docs/PROTOCOL.md. */
  readonly colyseusCode: number;
  /** A stock client shows the HTTP status as the error's code; the row's own status unless given. */
  readonly colyseusStatus?: number;
}

/** In the order of docs/LOBBY.md. */
export const REFUSALS = {
  malformed: {
    status: 400,
    message: "The request is not understood. Check it against docs/LOBBY.md.",
    colyseusCode: 4400,
  },
  not_allowed: {
    status: 403,
    message: "This lobby does not answer under this host name, or to this web page.",
    colyseusCode: 403,
  },
  not_found: {
    status: 404,
    message: "There is nothing here. Joins are POST /v1/join.",
    colyseusCode: 404,
  },
  unknown_game: {
    status: 404,
    message: "This lobby has no such game.",
    colyseusCode: 520,
    colyseusStatus: 520,
  },
  wrong_method: {
    status: 405,
    message: "This address takes another method.",
    colyseusCode: 405,
  },
  already_playing: {
    status: 409,
    message: "You are in a match already. Go back to it, or try again once your seat is given up.",
    retryAfterSeconds: 5,
    colyseusCode: 4403,
  },
  join_under_way: {
    status: 409,
    message: "Your join is under way. Wait for its answer.",
    retryAfterSeconds: 2,
    colyseusCode: 4403,
  },
  too_large: {
    status: 413,
    message: "The request is too large.",
    colyseusCode: 4400,
  },
  not_json: {
    status: 415,
    message: "Send the request as content-type: application/json.",
    colyseusCode: 4400,
  },
  too_many_requests: {
    status: 429,
    message: "Too many joins came from your address. Try again in a few seconds.",
    retryAfterSeconds: 5,
    colyseusCode: 4403,
  },
  no_match_open: {
    status: 404,
    message: "No match with a free seat is open right now.",
    retryAfterSeconds: 5,
    colyseusCode: 521,
    colyseusStatus: 521,
  },
  no_server_free: {
    status: 503,
    message: "All servers are busy right now. Try again in a few seconds.",
    retryAfterSeconds: 5,
    colyseusCode: 4403,
  },
  too_many_waiting: {
    status: 503,
    message: "Too many players are waiting right now. Try again in a few seconds.",
    retryAfterSeconds: 5,
    colyseusCode: 4403,
  },
  fleet_unreachable: {
    status: 503,
    message: "The game's servers cannot be asked right now. Try again in a few seconds.",
    retryAfterSeconds: 5,
    colyseusCode: 4403,
  },
  method_not_exposed: {
    status: 520,
    message:
      'The lobby only knows "joinOrCreate" and "join": it picks the match. Come back to a match at its own server.',
    colyseusCode: 520,
  },
  internal: {
    status: 500,
    message: "The lobby failed. It has been noted.",
    colyseusCode: 523,
  },
} as const satisfies Record<string, RefusalRow>;

export type RefusalCode = keyof typeof REFUSALS;

export function refusalRow(code: RefusalCode): RefusalRow {
  return REFUSALS[code];
}
