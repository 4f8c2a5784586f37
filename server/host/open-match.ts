import { matchMaker, type Room } from "@colyseus/core";
import { setLogger } from "@colyseus/core/Logger";
import { snapshotLayoutFault } from "../../protocol/snapshot-layout.ts";
import type { Simulation, SimulationSetup } from "../../rooms/simulation.ts";
import type { Clock } from "../clock.ts";
import { beginMatch, endMatch } from "../engine.ts";
import { ErrorCode, GameServerError } from "../errors.ts";
import type { GameSession } from "../fleet/fleet.ts";
import { fingerprint } from "../session/fingerprint.ts";
import type { MatchRoomEvents } from "../session/match-room.ts";
import { type MatchmakerData, parseMatchmakerData } from "../session/matchmaker-data.ts";
import type { Seats } from "../session/seats.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { internalsOf } from "./colyseus-internals.ts";
import type { GameChoice, HostedGame } from "./game-choice.ts";
import { rulesOf } from "./game-rules.ts";
import { hostedRoomClass, type RoomClass } from "./hosted-room.ts";
import { FileJournal, type Journal, noJournal } from "./journal.ts";
import { createdRoom, MATCH_ROOM_ID, Match } from "./match.ts";
import { SimulationRoom } from "./simulation-room.ts";
import { SnapshotFeed, type SnapshotSums } from "./snapshot-feed.ts";
import type { Rest } from "./thread-rest.ts";

export interface OpenMatchDeps {
  readonly games: GameChoice;
  readonly clock: Clock;
  /** How the thread of a Simulation waits for its steps; by timers without it. */
  readonly rest?: Rest;
  readonly telemetry: Telemetry;
  readonly reconnectSeconds: number;
  /** `undefined` means the game's own. */
  readonly tickRateHz: number | undefined;
  /** Whether a game's snapshots are used, where it has them. */
  readonly replication: "snapshots" | "schema";
  /** Bytes of snapshots that one client is sent in a second, from 2048. */
  readonly snapshotBytesPerSecond: number;
  /** Goes on from match to match. */
  readonly snapshotSums: SnapshotSums;
  /** `""` disables the journal. */
  readonly journalDir: string;
  /** Of this program, for the journal's header. */
  readonly version: string;
  /** Unsigned 32-bit. */
  readonly newSeed: () => number;
}

/** Makes Colyseus's matchmaker ready for one process with one room, no timers of its own and no printing. */
export async function prepareMatchMaker(telemetry: Telemetry): Promise<void> {
  const say =
    (level: "debug" | "info" | "warn" | "error") =>
    (...words: unknown[]) =>
      telemetry.vendorMessage({ level, message: words.map(String).join(" ") });
  setLogger({
    trace: say("debug"),
    debug: say("debug"),
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
  });
  matchMaker.setHealthChecksEnabled(false);
  await matchMaker.setup();
  await matchMaker.accept();
}

/** Opens the room of a game session. Rejects when there is no such game, or its own code fails while it is made. */
export async function openMatch(
  deps: OpenMatchDeps,
  session: GameSession,
  seats: Seats,
  events: MatchRoomEvents,
): Promise<Match> {
  const matchmaker = parseMatchmakerData(session.matchmakerData);
  const name = deps.games.nameFor(session);
  const game = deps.games.gameFor(session);
  const { roomClass, options, journal } = roomOf(deps, game, session, seats, matchmaker, events);
  let room: Room | undefined;
  let match: Match | undefined;
  const handler = matchMaker.defineRoomType(name, roomClass);
  const disposed = Promise.withResolvers<void>();
  // Colyseus tells by name: a room of an earlier match that took too long to close is told to this one's handler.
  handler.on("leave", (left, client) => {
    if (left !== room) return;
    match?.forgetSeat(client);
    const holder = seats.ofSession(client.sessionId);
    events.onSeatGone(client.sessionId);
    if (holder !== undefined) {
      deps.telemetry.playerLeft({
        playerId: holder.playerId,
        playerSessionHash: holder.playerSessionHash,
        seat: holder.seat,
      });
    }
  });
  handler.on("dispose", (gone) => {
    if (gone === room) events.onDisposed();
  });
  // The project's own defaults first: what the fleet says wins.
  const createOptions = { ...options, ...fleetOptions(session, matchmaker) };
  await matchMaker.handleCreateRoom(name, createOptions, undefined, MATCH_ROOM_ID);
  room = createdRoom();
  beginMatch();
  internalsOf(room)._events.once("disconnect", () => {
    endMatch();
    disposed.resolve();
  });
  match = new Match({
    room,
    journal,
    clock: deps.clock,
    events,
    seats,
    matchmaker,
    rules: rulesOf(game, deps.telemetry),
    disposed: disposed.promise,
  });
  return match;
}

/** What a room's `onCreate` gets. */
function fleetOptions(
  session: GameSession,
  matchmaker: MatchmakerData | undefined,
): Record<string, unknown> {
  return {
    gameSessionName: session.name,
    maximumPlayerSessionCount: session.maximumPlayerSessionCount,
    gameProperties: { ...session.gameProperties },
    gameSessionData: session.gameSessionData,
    matchmakerData: session.matchmakerData,
    matchmaker,
  };
}

function roomOf(
  deps: OpenMatchDeps,
  game: HostedGame,
  session: GameSession,
  seats: Seats,
  matchmaker: MatchmakerData | undefined,
  events: MatchRoomEvents,
): { roomClass: RoomClass; options: object; journal: Journal } {
  if (game.kind === "room") {
    return {
      roomClass: hostedRoomClass(game.roomClass, {
        onFault: events.onFault,
        onLocked: (isLocked) => events.onOpenChanged(!isLocked),
        holdsSeat: (sessionId) => seats.ofSession(sessionId) !== undefined,
      }),
      options: game.options,
      journal: noJournal,
    };
  }
  const { simulation } = game;
  const setup: SimulationSetup = {
    seed: deps.newSeed(),
    tickRateHz: deps.tickRateHz ?? simulation.tickRateHz,
    seatsMax: Math.min(simulation.seatsMax, session.maximumPlayerSessionCount),
    gameProperties: session.gameProperties,
    gameSessionData: session.gameSessionData,
    teams: matchmaker?.teams.map(({ name }) => name) ?? [],
  };
  const snapshots = snapshotsOf(deps, simulation, setup);
  const journal = startJournal(deps, simulation, session, setup);
  const roomDeps = {
    simulation,
    setup,
    journal,
    clock: deps.clock,
    rest: deps.rest,
    telemetry: deps.telemetry,
    reconnectSeconds: deps.reconnectSeconds,
    snapshots,
    onOver: events.onOver,
    onFault: events.onFault,
  };
  const roomClass = class extends SimulationRoom {
    constructor() {
      super(roomDeps);
      this.maxClients = setup.seatsMax;
    }
  };
  return { roomClass: roomClass as unknown as RoomClass, options: {}, journal };
}

/**
 * @returns `undefined` where everything goes through the schema.
 * @throws GameServerError SNAPSHOTS_INVALID if the game asks for what cannot be sent.
 */
function snapshotsOf(
  deps: OpenMatchDeps,
  { name, snapshots }: Simulation,
  setup: SimulationSetup,
): SnapshotFeed | undefined {
  if (snapshots === undefined || deps.replication === "schema") return undefined;
  const invalid = (fault: string, cause?: unknown) =>
    new GameServerError(
      ErrorCode.SNAPSHOTS_INVALID,
      `the game "${name}" cannot send its snapshots: ${fault}`,
      { cause },
    );
  const fault = snapshotLayoutFault(snapshots.layout);
  if (fault !== undefined) throw invalid(fault);
  const { snapshotBytesPerSecond: bytesPerSecond, snapshotSums: sums } = deps;
  try {
    return new SnapshotFeed({ snapshots, setup, bytesPerSecond, sums });
  } catch (cause) {
    throw cause instanceof RangeError ? invalid(cause.message, cause) : cause;
  }
}

function startJournal(
  deps: OpenMatchDeps,
  simulation: Simulation,
  session: GameSession,
  setup: SimulationSetup,
): Journal {
  if (deps.journalDir === "") return noJournal;
  const startedAt = new Date(deps.clock.wallMs()).toISOString();
  return new FileJournal(
    deps.journalDir,
    `${startedAt}-${deps.games.nameFor(session)}-${fingerprint(session.gameSessionId)}-${process.pid}`,
    {
      game: simulation.name,
      gameVersion: simulation.version,
      fleetroom: deps.version,
      node: process.versions.node,
      startedAt,
      ...setup,
    },
    deps.telemetry,
  );
}
