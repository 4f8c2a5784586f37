/**
 * What the server's words mean to a person.
 * The server's own page and the emulator's console have the same file.
 * @module
 */

/** @typedef {import("./live-shape.ts").TickVerdict} TickVerdict */
/** @typedef {import("./live-shape.ts").JoinOutcome} JoinOutcome */
/** @typedef {"good" | "warn" | "bad" | "quiet"} Mood */

/** @type {Readonly<Record<TickVerdict, readonly [text: string, mood: Mood]>>} */
export const VERDICTS = {
  idle: ["Nothing to simulate now", "quiet"],
  starting: ["The match has just begun", "quiet"],
  keeps_up: ["Yes, it keeps up", "good"],
  near_limit: ["Yes, but it is near its limit", "warn"],
  behind: ["No, it loses steps", "bad"],
  stalled: ["No, it has stopped", "bad"],
};

/** @type {Readonly<Record<JoinOutcome, string>>} */
export const OUTCOMES = {
  joined: "joined",
  returned: "came back to their seat",
  reserved: "reserved a seat",
  malformed: "refused: not a join",
  unknown: "refused: the fleet does not know the player session",
  contradicted: "refused: two sources disagree about the player session",
  foreign: "refused: the player session is of another game session",
  expired: "refused: the reservation ran out",
  used: "refused: the player session was used before",
  in_use: "refused: the player session sits here already",
  bad_token: "refused: wrong token to come back",
  no_reservation: "refused: no such seat reservation",
  full: "refused: no seat is free",
  closed: "refused: closed to players",
  fleet_refused: "refused by the fleet",
  fleet_unavailable: "refused: the fleet does not answer",
  room_refused: "refused by the game",
  abandoned: "gave up before the answer",
  busy: "refused: too many joins at once",
  rate_limited: "refused: too many tries",
  too_many_returns: "refused: came back too often",
  outdated: "refused: client of another version",
  no_match: "refused: no match is open",
};

/** Outcomes that are no refusals. @type {ReadonlySet<string>} */
export const GOOD_OUTCOMES = new Set(["joined", "returned", "reserved"]);

/** "12 s", "3 min", "2 h" @param {number} seconds */
export function span(seconds) {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}

/** @param {number} ms */
export function milliseconds(ms) {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
