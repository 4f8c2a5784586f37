/**
 * Why the server ended a connection or refused a join: the same numbers in a WebSocket close frame and in the
 * `code` of a refused matchmaking request. Colyseus holds 4000-4003 and 4010; ours start at 4400.
 * @module
 */

export const CloseCode = {
  /** The player left on purpose (Colyseus). */
  CONSENTED: 4000,
  /** The connection ended but its seat waits; the stock SDK reconnects by itself (Colyseus). */
  MAY_TRY_RECONNECT: 4010,
  /** The request or message is not of the protocol. */
  MALFORMED: 4400,
  /** The player session id or reconnection token does not admit anybody. One answer for every reason. */
  REFUSED: 4401,
  /** No seat is free. */
  MATCH_FULL: 4402,
  /** The fleet gave no answer, or no match is open yet; the same id may be tried again. */
  TRY_AGAIN: 4403,
  /** The server takes no new players: it is draining or its match is ending. */
  CLOSED_TO_JOINS: 4404,
  /** The client is of a version that this server, or its game, does not speak with. */
  UPDATE_CLIENT: 4405,
  /** A newer player session of the same player took the seat. */
  SEAT_TAKEN_OVER: 4410,
  /** The match is over. */
  MATCH_OVER: 4411,
  /** The match was ended by a fault in the game. */
  MATCH_ABORTED: 4412,
  /** The server was told to stop and the deadline came. */
  SERVER_DRAINED: 4413,
  /** A message of this client could not be processed. */
  MESSAGE_FAILED: 4414,
  /** The client reads too slowly for what it is sent. */
  TOO_SLOW: 4415,
  /** The client sends more than it may. */
  TOO_MANY_MESSAGES: 4416,
  /** The client has sent no message for a long time. */
  IDLE: 4417,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** Whether a client may try the same again, and what to tell a person. */
export const CLOSE_CODES: Readonly<
  Record<CloseCode, { name: string; mayRetry: boolean; text: string }>
> = {
  4000: { name: "consented", mayRetry: false, text: "You left the match." },
  4010: { name: "may_try_reconnect", mayRetry: true, text: "Connection lost; your seat is kept." },
  4400: { name: "malformed", mayRetry: false, text: "The server did not understand the request." },
  4401: { name: "refused", mayRetry: false, text: "This player session does not admit you." },
  4402: { name: "match_full", mayRetry: true, text: "The match is full." },
  4403: {
    name: "try_again",
    mayRetry: true,
    text: "The server could not check your player session. Try again.",
  },
  4404: { name: "closed_to_joins", mayRetry: false, text: "The match takes no new players." },
  4405: { name: "update_client", mayRetry: false, text: "Your game is out of date. Update it." },
  4410: { name: "seat_taken_over", mayRetry: false, text: "You joined from somewhere else." },
  4411: { name: "match_over", mayRetry: false, text: "The match is over." },
  4412: { name: "match_aborted", mayRetry: false, text: "The match ended because of a fault." },
  4413: { name: "server_drained", mayRetry: false, text: "The server is shutting down." },
  4414: { name: "message_failed", mayRetry: false, text: "A message from this client failed." },
  4415: { name: "too_slow", mayRetry: true, text: "This connection is too slow." },
  4416: {
    name: "too_many_messages",
    mayRetry: false,
    text: "This client sent too many messages, or too long ones.",
  },
  4417: { name: "idle", mayRetry: false, text: "You did nothing for a long time." },
};

/** The name of a close code of the table, as it goes into a close frame; `""` for any other. */
export function closeName(code: number): string {
  return (CLOSE_CODES as Record<number, { name: string } | undefined>)[code]?.name ?? "";
}

/** What to show a person for a close code; codes that are not ours get a neutral sentence. */
export function closeText(code: number): string {
  return (
    (CLOSE_CODES as Record<number, { text: string } | undefined>)[code]?.text ??
    `The connection closed (${code}).`
  );
}

/**
 * HTTP status of a refused matchmaking request. The stock SDK shows this status, not the body's code, as `error.code`;
 * 522 and 525 are what Colyseus itself answers for a locked room and a failed authentication.
 */
export const HTTP_STATUS_OF_REFUSAL: Readonly<Partial<Record<CloseCode, number>>> = {
  [CloseCode.MALFORMED]: 400,
  [CloseCode.REFUSED]: 525,
  [CloseCode.MATCH_FULL]: 522,
  [CloseCode.TRY_AGAIN]: 503,
  [CloseCode.CLOSED_TO_JOINS]: 410,
  [CloseCode.UPDATE_CLIENT]: 409,
};

/** The close code that a refused matchmaking request stands for, or `undefined` for a status that is not ours. */
export function refusalOfHttpStatus(status: number): CloseCode | undefined {
  const row = Object.entries(HTTP_STATUS_OF_REFUSAL).find(([, known]) => known === status);
  return row === undefined ? undefined : (Number(row[0]) as CloseCode);
}
