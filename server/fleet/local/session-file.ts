import type { GameSession, PlayerSession, PlayerSessionStatus } from "../fleet.ts";

/** Characters of the file at most. */
export const SESSION_FILE_CHARACTERS_MAX = 1_048_576;
/** Player sessions of one game session at most, the fleet's own limit. */
export const PLAYER_SESSIONS_MAX = 1024;
/** Problems reported of one file at most; more do not help to repair it. */
const PROBLEMS_MAX = 20;
/** Longest fault delay, milliseconds. */
const FAULT_DELAY_MS_MAX = 600_000;

/** How the fake misbehaves when it is asked to accept, remove, describe, open or close. */
export interface Faults {
  /** Delay of each description, milliseconds. */
  readonly describeMs: number;
  /** Delay of each accept before it does anything, milliseconds; an abort ends it. */
  readonly acceptMs: number;
  /** Fraction of calls that fail without effect, 0 to 1. */
  readonly errorRate: number;
  /** The seat is taken at once and the yes arrives after so many milliseconds, whoever gave up waiting; `0` disables. */
  readonly lateYesMs: number;
  /** Every call fails. */
  readonly down: boolean;
}

export type LocalPlayerSession = Omit<PlayerSession, "gameSessionId">;

/** What a session file says, with every default filled in. */
export interface LocalSession {
  readonly gameSession: GameSession;
  readonly playerSessions: readonly LocalPlayerSession[];
  /** Nobody listed player sessions: they are generated, and more of them when all are used up. */
  readonly isGenerated: boolean;
  readonly faults: Faults;
}

export type ParsedSession =
  | { readonly outcome: "valid"; readonly session: LocalSession }
  | { readonly outcome: "invalid"; readonly problems: readonly string[] };

/**
 * Judges a session file as a whole: all its problems, at most 20, and none of its player session ids in them.
 * @param playerCount - Player sessions to generate when the file says nothing about them, 1 to 1024.
 */
export function parseSessionFile(text: string, playerCount: number): ParsedSession {
  const problems: string[] = [];
  const session = readSession(text, playerCount, problems);
  if (problems.length === 0) return { outcome: "valid", session };
  const more = problems.length - PROBLEMS_MAX;
  const shown = problems.slice(0, PROBLEMS_MAX);
  return { outcome: "invalid", problems: more > 0 ? [...shown, `and ${more} more`] : shown };
}

function readSession(text: string, playerCount: number, problems: string[]): LocalSession {
  const file = new Fields("", parseJson(text, problems), problems);
  const gameSession = file.object("gameSession");
  const faults = file.object("faults");
  const listed = file.list("playerSessions", PLAYER_SESSIONS_MAX)?.map(readPlayerSession);
  // An edit may add players, and a placed game session never grows: hence not just as many as are listed.
  const countDefault = listed === undefined ? playerCount : Math.max(listed.length, playerCount);
  const maximumPlayerSessionCount = gameSession.integer(
    "maximumPlayerSessionCount",
    1,
    PLAYER_SESSIONS_MAX,
    countDefault,
  );
  const playerSessions = listed ?? generatedPlayers(maximumPlayerSessionCount);
  rejectRepeats(playerSessions, problems);
  const session = {
    gameSession: {
      gameSessionId: gameSession.text("gameSessionId", 256, DEFAULT_ID, /^[A-Za-z0-9:/-]+$/),
      name: gameSession.text("name", 1024, "local", PRINTABLE),
      maximumPlayerSessionCount,
      gameProperties: readGameProperties(gameSession),
      gameSessionData: gameSession.text("gameSessionData", 262_144, ""),
      matchmakerData: gameSession.text("matchmakerData", 390_000, ""),
    },
    playerSessions,
    isGenerated: listed === undefined,
    faults: {
      describeMs: faults.integer("describeMs", 0, FAULT_DELAY_MS_MAX, 0),
      acceptMs: faults.integer("acceptMs", 0, FAULT_DELAY_MS_MAX, 0),
      errorRate: faults.fraction("errorRate"),
      lateYesMs: faults.integer("lateYesMs", 0, FAULT_DELAY_MS_MAX, 0),
      down: faults.claim("down"),
    },
  };
  for (const fields of [file, gameSession, faults]) fields.rejectUnread();
  return session;
}

/** Shaped like a real one, so that nothing mistakes a round number for part of the id. */
const DEFAULT_ID = "arn:aws:gamelift:local::gamesession/fleet-local/gsess-local";

/** At least one character, and none that moves a cursor or ends a line. */
const PRINTABLE = /^[^\p{Cc}\p{Zl}\p{Zp}]+$/u;

const STATUSES: readonly PlayerSessionStatus[] = ["RESERVED", "ACTIVE", "COMPLETED", "TIMEDOUT"];

function readPlayerSession(fields: Fields): LocalPlayerSession {
  const playerSession = {
    playerSessionId: fields.text("playerSessionId", 256, undefined, /^[A-Za-z0-9-]+$/),
    playerId: fields.text("playerId", 1024, undefined, PRINTABLE),
    playerData: fields.text("playerData", 2048, ""),
    status: fields.oneOf("status", STATUSES, "RESERVED"),
  };
  fields.rejectUnread();
  return playerSession;
}

/** The fleet's own limits: 16 properties, names of 1 to 32 and values of 0 to 96 characters. */
function readGameProperties(gameSession: Fields): Readonly<Record<string, string>> {
  const fields = gameSession.object("gameProperties");
  const names = fields.names();
  const properties: Record<string, string> = Object.create(null);
  if (names.length > 16) fields.complain("has more than 16 properties");
  for (const name of names) {
    const isName = name.length <= 32 && PRINTABLE.test(name);
    if (!isName) fields.complain("has a name that is not 1 to 32 printable characters");
    else properties[name] = fields.text(name, 96, "");
  }
  return { ...properties };
}

function rejectRepeats(sessions: readonly LocalPlayerSession[], problems: string[]): void {
  const seen = new Set<string>();
  for (const [index, { playerSessionId }] of sessions.entries()) {
    if (playerSessionId !== "" && seen.has(playerSessionId)) {
      problems.push(`playerSessions[${index}].playerSessionId is there twice`);
    }
    seen.add(playerSessionId);
  }
}

function parseJson(text: string, problems: string[]): unknown {
  if (text.length > SESSION_FILE_CHARACTERS_MAX) {
    problems.push(`the file has more than ${SESSION_FILE_CHARACTERS_MAX} characters`);
    return {};
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's message quotes the file, and so perhaps a player session id; only the place is repeated.
    const place = /\(line \d+ column \d+\)/.exec(String(error))?.[0] ?? "";
    problems.push(`the file is not JSON ${place}`.trimEnd());
    return {};
  }
}

/** The members of one object of the file. Reading one notes what is wrong with it and gives a harmless value. */
class Fields {
  readonly #path: string;
  readonly #members: ReadonlyMap<string, unknown>;
  readonly #problems: string[];
  readonly #read = new Set<string>();

  constructor(path: string, value: unknown, problems: string[]) {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    this.#path = path;
    this.#problems = problems;
    this.#members = new Map(isObject ? Object.entries(value) : []);
    if (!isObject) this.complain("is not an object");
  }

  complain(what: string): void {
    this.#problems.push(`${this.#path || "the file"} ${what}`);
  }

  names(): readonly string[] {
    return [...this.#members.keys()];
  }

  rejectUnread(): void {
    for (const name of this.names()) {
      if (!this.#read.has(name)) this.#complainOf(name.slice(0, 64), "is no field of this file");
    }
  }

  object(name: string): Fields {
    return new Fields(this.#pathOf(name), this.#take(name) ?? {}, this.#problems);
  }

  /** @returns `undefined` when there is no such member. */
  list(name: string, countMax: number): readonly Fields[] | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.length > countMax) {
      this.#complainOf(name, `is not a list of at most ${countMax}`);
      return [];
    }
    const path = this.#pathOf(name);
    return value.map((item, index) => new Fields(`${path}[${index}]`, item, this.#problems));
  }

  /** @param fallback - `undefined` makes the member obligatory. */
  text(
    name: string,
    charactersMax: number,
    fallback: string | undefined,
    pattern?: RegExp,
  ): string {
    const value = this.#take(name) ?? fallback;
    if (typeof value === "string" && value.length <= charactersMax) {
      if (pattern === undefined || pattern.test(value)) return value;
    }
    const like = pattern === undefined ? "" : ` like ${pattern}`;
    const wanted = `is not text of at most ${charactersMax} characters${like}`;
    this.#complainOf(name, value === undefined ? "is missing" : wanted);
    return "";
  }

  oneOf<T extends string>(name: string, values: readonly T[], fallback: T): T {
    const value = this.#take(name) ?? fallback;
    const found = values.find((each) => each === value);
    if (found === undefined) this.#complainOf(name, `is not one of ${values.join(", ")}`);
    return found ?? fallback;
  }

  integer(name: string, min: number, max: number, fallback: number): number {
    const value = this.#take(name) ?? fallback;
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) {
      return value;
    }
    this.#complainOf(name, `is not a whole number ${min} to ${max}`);
    return fallback;
  }

  fraction(name: string): number {
    const value = this.#take(name) ?? 0;
    if (typeof value === "number" && value >= 0 && value <= 1) return value;
    this.#complainOf(name, "is not a number 0 to 1");
    return 0;
  }

  claim(name: string): boolean {
    const value = this.#take(name) ?? false;
    if (typeof value !== "boolean") this.#complainOf(name, "is not true or false");
    return value === true;
  }

  /** `undefined` when it is not there; `null` is there, and wrong for every member. */
  #take(name: string): unknown {
    this.#read.add(name);
    return this.#members.has(name) ? (this.#members.get(name) ?? Symbol("null")) : undefined;
  }

  #pathOf(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  #complainOf(name: string, what: string): void {
    this.#problems.push(`${this.#pathOf(name)} ${what}`);
  }
}

/** What is played without a file: `psess-local-1` to `psess-local-N`, players `player-1` to `player-N`. */
export function generatedSession(playerCount: number): LocalSession {
  return {
    gameSession: {
      gameSessionId: DEFAULT_ID,
      name: "local",
      maximumPlayerSessionCount: playerCount,
      gameProperties: {},
      gameSessionData: "",
      matchmakerData: "",
    },
    playerSessions: generatedPlayers(playerCount),
    isGenerated: true,
    faults: { describeMs: 0, acceptMs: 0, errorRate: 0, lateYesMs: 0, down: false },
  };
}

function generatedPlayers(count: number): readonly LocalPlayerSession[] {
  return Array.from({ length: count }, (_, index) => generatedPlayer(index + 1));
}

/** @param number - From 1. */
export function generatedPlayer(number: number): LocalPlayerSession {
  return {
    playerSessionId: `psess-local-${number}`,
    playerId: `player-${number}`,
    playerData: "",
    status: "RESERVED",
  };
}
