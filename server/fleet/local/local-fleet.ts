import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { isIP } from "node:net";
import type { CancelTimer, Clock } from "../../clock.ts";
import { assertHost, ErrorCode, GameServerError } from "../../errors.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type {
  Acceptance,
  Fleet,
  GameSessionReader,
  PlayerSession,
  PlayerSessions,
  Removal,
  ServerProcess,
  ServerProcessCallbacks,
} from "../fleet.ts";
import { FaultyLine, fixedSequence, refused } from "./faulty-line.ts";
import { PlacedSession } from "./placed-session.ts";
import {
  generatedSession,
  type LocalSession,
  parseSessionFile,
  SESSION_FILE_CHARACTERS_MAX,
} from "./session-file.ts";

/** How often the session file is looked at, milliseconds: an edit is felt at once, and a look costs microseconds. */
const WATCH_INTERVAL_MS = 250;
/** A description costs no network and no quota here; one of 1024 player sessions takes a fraction of a millisecond. */
const DESCRIPTIONS_PER_SECOND = 50;
/** Calls remembered at most. */
const CALLS_MAX = 1000;

export interface LocalFleetOptions {
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, "localSessionFileRejected">;
  readonly config: {
    /** File that describes the game session; `""` means generated player sessions. */
    readonly sessionFile: string;
    /** 1 to 1024; player sessions generated when no file lists them. */
    readonly maxPlayers: number;
    /** Address of the game port. */
    readonly host: string;
  };
  readonly environment: {
    readonly isProduction: boolean;
    readonly hasGameLiftVariables: boolean;
    /** Allows an address that other machines reach, and nothing else. */
    readonly allowInsecure: boolean;
  };
  /** Reads the session file; node:fs unless given. Throws when it cannot. */
  readonly readFile?: (path: string) => string;
  /** Decides which calls `errorRate` fails, 0 <= x < 1; the same sequence in every run unless given. */
  readonly random?: () => number;
}

/** One call made to the fake, for tests. */
export interface LocalFleetCall {
  readonly action:
    | "ready"
    | "activate_game_session"
    | "set_open_to_players"
    | "describe_player_sessions"
    | "accept_player_session"
    | "remove_player_session"
    | "game_session_ended"
    | "ending";
  /** First 8 hex digits of the id's SHA-256; `""` when the call is not about a player session. */
  readonly playerSessionHash: string;
  readonly outcome: "done" | "refused" | "failed";
}

/**
 * The fake validator: a whole fleet inside the process, for one machine. It keeps the fleet's rules for player sessions,
 * places one game session after the other, and fails on request.
 */
export class LocalFleet implements Fleet {
  readonly kind = "local";
  readonly playerSessions: PlayerSessions;
  readonly gameSessions: GameSessionReader;
  readonly process: ServerProcess;
  readonly #options: LocalFleetOptions;
  readonly #line: FaultyLine;
  readonly #calls: (Omit<LocalFleetCall, "playerSessionHash"> & { playerSessionId?: string })[] =
    [];
  readonly #readFile: (path: string) => string;
  /** Text of the file as last judged, good or not. */
  #fileText: string;
  /** The last good file, or the generated session. */
  #description: LocalSession;
  #placed: PlacedSession | undefined;
  /** Game sessions placed so far. */
  #placedCount = 0;
  #callbacks: ServerProcessCallbacks | undefined;
  #cancelPlacing: CancelTimer = () => {};
  #cancelWatching: CancelTimer = () => {};
  #isClosed = false;

  private constructor(options: LocalFleetOptions) {
    this.#options = options;
    this.#readFile = options.readFile ?? smallFileReader(options.clock);
    const { sessionFile, maxPlayers } = options.config;
    this.#fileText = sessionFile === "" ? "" : readAtStart(sessionFile, this.#readFile);
    this.#description = sessionFile === "" ? generatedSession(maxPlayers) : this.#parseAtStart();
    this.#line = new FaultyLine({
      clock: options.clock,
      faults: this.#description.faults,
      random: options.random ?? fixedSequence(),
    });
    this.playerSessions = {
      accept: (id, signal) => this.#accept(id, signal),
      remove: (id, signal) => this.#remove(id, signal),
    };
    this.gameSessions = {
      descriptionsPerSecond: DESCRIPTIONS_PER_SECOND,
      keepsReservations: true,
      playerSessions: (id, signal) => this.#describe(id, signal),
    };
    this.process = {
      ready: async (_port, callbacks) => this.#ready(callbacks),
      activateGameSession: async (id) => this.#activate(id),
      setOpenToPlayers: (id, isOpen) => this.#setOpenToPlayers(id, isOpen),
      gameSessionEnded: async (id) => this.#gameSessionEnded(id),
      ending: async () => this.#ending(),
    };
    if (sessionFile !== "") this.#watch();
  }

  /**
   * Opens a fleet of one process on this machine.
   * @throws GameServerError FLEET_LOCAL_UNSAFE where strangers could reach it or a real fleet is meant;
   *   LOCAL_SESSION_INVALID with every problem of the session file.
   */
  static open(options: LocalFleetOptions): LocalFleet {
    refuseWhereUnsafe(options);
    return new LocalFleet(options);
  }

  /** The last 1000 calls, oldest first. */
  get calls(): readonly LocalFleetCall[] {
    return this.#calls.map(({ action, outcome, playerSessionId }) => ({
      action,
      outcome,
      playerSessionHash: playerSessionId === undefined ? "" : hash(playerSessionId),
    }));
  }

  /**
   * Hands out the id of a free seat, each once before any twice.
   * @returns A secret, or `undefined` when nothing is free or no game session is placed.
   */
  nextPlayerSession(): string | undefined {
    return this.#placed?.next();
  }

  /** Wants the process gone, as a fleet that scales in. @param deadlineMs - How long it waits from now. */
  terminate(deadlineMs: number): void {
    this.#callbacks?.onTerminate(deadlineMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#callbacks = undefined;
    this.#cancelPlacing();
    this.#cancelWatching();
    this.#line.close();
  }

  async #accept(playerSessionId: string, signal: AbortSignal): Promise<Acceptance> {
    const action = "accept_player_session";
    const { acceptMs, lateYesMs } = this.#line.faults;
    try {
      await this.#line.carry(action, acceptMs, signal);
    } catch (cause) {
      this.#record(action, "failed", playerSessionId);
      return { outcome: "unavailable", cause };
    }
    const isAccepted = this.#placed?.accept(playerSessionId) === true;
    this.#record(action, isAccepted ? "done" : "refused", playerSessionId);
    if (!isAccepted) return { outcome: "refused" };
    await this.#line.hold(lateYesMs);
    return { outcome: "accepted" };
  }

  async #remove(playerSessionId: string, signal: AbortSignal): Promise<Removal> {
    const action = "remove_player_session";
    try {
      await this.#line.carry(action, 0, signal);
    } catch (cause) {
      this.#record(action, "failed", playerSessionId);
      return { outcome: "unavailable", cause };
    }
    const isRemoved = this.#placed?.remove(playerSessionId) === true;
    this.#record(action, isRemoved ? "done" : "refused", playerSessionId);
    return { outcome: isRemoved ? "removed" : "refused" };
  }

  async #describe(gameSessionId: string, signal: AbortSignal): Promise<readonly PlayerSession[]> {
    const action = "describe_player_sessions";
    await this.#carry(action, this.#line.faults.describeMs, signal);
    this.#record(action, "done");
    const placed = this.#placed;
    return placed?.gameSession.gameSessionId === gameSessionId ? placed.describe() : [];
  }

  #ready(callbacks: ServerProcessCallbacks): void {
    assertHost(this.#callbacks === undefined, "a server process says once that it is ready");
    this.#callbacks = callbacks;
    this.#record("ready", "done");
    this.#placeSoon();
  }

  #activate(gameSessionId: string): void {
    this.#find("activate_game_session", gameSessionId);
    this.#record("activate_game_session", "done");
  }

  async #setOpenToPlayers(gameSessionId: string, isOpen: boolean): Promise<void> {
    const action = "set_open_to_players";
    await this.#carry(action, 0);
    this.#find(action, gameSessionId).isOpen = isOpen;
    this.#record(action, "done");
  }

  #gameSessionEnded(gameSessionId: string): "await_game_session" {
    this.#find("game_session_ended", gameSessionId);
    this.#record("game_session_ended", "done");
    this.#placed = undefined;
    this.#placeSoon();
    return "await_game_session";
  }

  #ending(): void {
    this.#record("ending", "done");
    this.#placed = undefined;
    this.#callbacks = undefined;
    this.#cancelPlacing();
  }

  /** In a turn of its own, as a fleet's message would come, so that the caller's promise settles first. */
  #placeSoon(): void {
    if (this.#isClosed) return;
    this.#cancelPlacing();
    this.#cancelPlacing = this.#options.clock.after(0, () => {
      this.#placedCount++;
      const { gameSessionId } = this.#description.gameSession;
      // Results and journals are kept by game session, so a further round needs an id of its own.
      const suffix = this.#placedCount === 1 ? "" : `-${this.#placedCount}`;
      this.#placed = new PlacedSession(this.#description, `${gameSessionId}${suffix}`);
      this.#callbacks?.onGameSession(this.#placed.gameSession);
    });
  }

  #watch(): void {
    this.#cancelWatching = this.#options.clock.after(WATCH_INTERVAL_MS, () => {
      this.#look();
      this.#watch();
    });
  }

  /** A file that cannot be read is an editor that is just replacing it: the next look decides. */
  #look(): void {
    let text: string;
    try {
      text = this.#readFile(this.#options.config.sessionFile);
    } catch {
      return;
    }
    if (text === this.#fileText) return;
    this.#fileText = text;
    const parsed = parseSessionFile(text, this.#options.config.maxPlayers);
    if (parsed.outcome === "invalid") {
      this.#options.telemetry.localSessionFileRejected({ problems: parsed.problems });
      return;
    }
    this.#placed?.edit(this.#description, parsed.session);
    this.#description = parsed.session;
    this.#line.faults = parsed.session.faults;
    this.#callbacks?.onPlayerSessionsChanged();
  }

  #parseAtStart(): LocalSession {
    const parsed = parseSessionFile(this.#fileText, this.#options.config.maxPlayers);
    if (parsed.outcome === "valid") return parsed.session;
    throw invalidFile(this.#options.config.sessionFile, parsed.problems);
  }

  #find(action: LocalFleetCall["action"], gameSessionId: string): PlacedSession {
    const placed = this.#placed;
    if (placed?.gameSession.gameSessionId === gameSessionId) return placed;
    this.#record(action, "refused");
    throw refused(`${action}: no such game session is placed here`);
  }

  async #carry(
    action: LocalFleetCall["action"],
    delayMs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    try {
      await this.#line.carry(action, delayMs, signal);
    } catch (error) {
      this.#record(action, "failed");
      throw error;
    }
  }

  #record(
    action: LocalFleetCall["action"],
    outcome: LocalFleetCall["outcome"],
    playerSessionId?: string,
  ): void {
    this.#calls.push({
      action,
      outcome,
      ...(playerSessionId !== undefined && { playerSessionId }),
    });
    if (this.#calls.length > CALLS_MAX) this.#calls.shift();
  }
}

function hash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, 8);
}

/** The fake lets everybody in who can guess `psess-local-1`. */
function refuseWhereUnsafe({ config, environment }: LocalFleetOptions): void {
  const reasons: string[] = [];
  if (!isLoopback(config.host) && !environment.allowInsecure) {
    reasons.push(
      `it would listen on ${config.host}, which other machines can reach; use FLEETROOM_HOST=127.0.0.1, ` +
        "or FLEETROOM_ALLOW_INSECURE=1 if that is wanted",
    );
  }
  if (environment.isProduction) reasons.push("NODE_ENV is production");
  if (environment.hasGameLiftVariables) {
    reasons.push(
      "a GAMELIFT_SDK_* or container variable is set, so a real fleet runs this process",
    );
  }
  if (reasons.length === 0) return;
  const why = reasons.join("; and ");
  throw new GameServerError(
    ErrorCode.FLEET_LOCAL_UNSAFE,
    `The local fleet admits anyone and does not start here: ${why}.`,
  );
}

function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}

function readAtStart(path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (cause) {
    throw invalidFile(path, ["the file cannot be read"], cause);
  }
}

function invalidFile(path: string, problems: readonly string[], cause?: unknown): GameServerError {
  const lines = problems.map((problem) => `\n- ${problem}`).join("");
  const message = `The local session file ${path} is not usable:${lines}`;
  return new GameServerError(ErrorCode.LOCAL_SESSION_INVALID, message, { cause });
}

/** A file that changed so lately may change again within the same tick of the file system's clock. */
const SETTLED_MS = 2_000;

/** Reads a session file again and again, and only if it may have changed. */
function smallFileReader(clock: Clock): (path: string) => string {
  let known = { mark: "", text: "" };
  return (path) => {
    const { size, mtimeMs, ino } = statSync(path);
    const mark = `${path} ${ino} ${size} ${mtimeMs}`;
    if (mark === known.mark && clock.wallMs() - mtimeMs > SETTLED_MS) return known.text;
    known = { mark, text: readSmallFile(path, size) };
    return known.text;
  };
}

/** Never loads a file that is too big to be judged: its first characters already say so. */
function readSmallFile(path: string, size: number): string {
  const isTooBig = size > 4 * SESSION_FILE_CHARACTERS_MAX;
  return isTooBig ? " ".repeat(SESSION_FILE_CHARACTERS_MAX + 1) : readFileSync(path, "utf8");
}
