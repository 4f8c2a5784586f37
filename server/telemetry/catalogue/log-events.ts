/**
 * Every event of the port as a log line: its level, how it is thinned out, what it means. `docs/TELEMETRY.md` is made of it.
 * @module
 */
import type { EventName } from "../every-event.ts";

export type LogLevel = "error" | "warn" | "info" | "debug";

export interface LogEvent {
  /** `never`: it is counted, and no line is written. */
  readonly level: LogLevel | "never";
  /**
   * For events that come as often as strangers, or a machine that is too slow, please: the field that tells kinds apart, `""`
   * where there is one kind only.
   */
  readonly sampledBy?: string;
  /** What the line carries beside time, level, event and the ids that all lines carry. */
  readonly fields: readonly string[];
  /** Markdown, one or two sentences. */
  readonly meaning: string;
}

/** `playerJoined` is written as `player_joined`. */
export function eventNameOf(event: EventName): string {
  return event.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** In the order of the port. */
export const logEvents: Readonly<Record<EventName, LogEvent>> = {
  serverListening: {
    level: "info",
    fields: ["pid", "port", "adminPort", "room", "fleet", "tls"],
    meaning:
      "the ports are open; `tls` is `off`, `optional` (plain connections are taken as well) or `required`",
  },
  healthChanged: {
    level: "warn",
    fields: ["isHealthy", "reason"],
    meaning:
      "the process is unwell from now on, after the same fault was seen for a minute, or well again: see [below](#reasons-of-a-change-of-health)",
  },
  serverStopping: {
    level: "info",
    fields: ["reason", "deadlineMs"],
    meaning:
      "a drain began; reason `signal`, `fleet`, or `fault` (a room that never opened). Written again, with a short deadline, for a second signal",
  },
  serverStopped: {
    level: "info",
    fields: ["exitCode"],
    meaning: "the last line of the process",
  },
  gameSessionStateChanged: {
    level: "info",
    fields: ["gameSessionId", "from", "to"],
    meaning:
      "one step in the life of a game session: `idle` (none is placed), `opening`, `activating`, `active`, `vacant`, `over`, `closing`, `ended`, as `server/session/game-session-states.ts` draws it",
  },
  gameSessionPlaced: {
    level: "info",
    fields: [
      "gameSessionId",
      "gameSessionName",
      "placementId",
      "matchId",
      "ticketId",
      "traceParent",
    ],
    meaning:
      "the fleet placed a game session here; from this line to `game_session_ended` every line carries its ids. `placementId` is the last part of the game session's id, which is the placement's where a queue placed it; `matchId` and `ticketId` (of automatic backfill) come from the matchmaker",
  },
  gameSessionStarted: {
    level: "info",
    fields: ["gameSessionId", "room", "seatsMax"],
    meaning: "the room is open for players",
  },
  gameSessionFailed: {
    level: "error",
    fields: ["gameSessionId", "reason"],
    meaning:
      "players never could come, see [below](#reasons-of-a-failed-game-session); `game_session_ended` follows",
  },
  gameSessionEnded: {
    level: "info",
    fields: ["gameSessionId", "outcome", "why", "resultId", "ticks"],
    meaning:
      "result, connections and player sessions are done with; outcome `completed`, `aborted` or `drained`, and [why](#reasons-of-an-end)",
  },
  joinRefused: {
    level: "info",
    sampledBy: "reason",
    fields: ["reason", "connectionId", "remoteAddress", "playerSessionHash"],
    meaning: "somebody got no seat, see [below](#reasons-of-a-refused-join)",
  },
  joinEnded: {
    level: "never",
    fields: [],
    meaning:
      "a join is over: counted and timed; what a person needs to know of it is in `join_refused` and `player_joined`",
  },
  playerJoined: {
    level: "info",
    fields: ["connectionId", "playerId", "playerSessionHash", "seat", "isTakeover"],
    meaning:
      "a player sits; `isTakeover` if a newer player session took over the player's own seat",
  },
  playerDropped: {
    level: "info",
    fields: ["connectionId", "playerId", "playerSessionHash", "seat", "closeCode"],
    meaning: "a connection ended while its player held the seat",
  },
  playerReconnected: {
    level: "info",
    fields: ["connectionId", "playerId", "playerSessionHash", "seat"],
    meaning: "back with the token",
  },
  playerLeft: {
    level: "info",
    fields: ["playerId", "playerSessionHash", "seat"],
    meaning: "the seat was given up for good",
  },
  playerSessionRemoveFailed: {
    level: "warn",
    fields: ["playerSessionHash", "cause"],
    meaning:
      "a player session was not given back: the game session ended before the fleet could be asked, or the fleet had nothing to remove",
  },
  connectionClosed: {
    level: "debug",
    sampledBy: "closeCode",
    fields: ["connectionId", "closeCode"],
    meaning: "any WebSocket ended",
  },
  requestRefused: {
    level: "info",
    sampledBy: "status",
    fields: ["status"],
    meaning: "an HTTP request or upgrade was refused",
  },
  handshakeFailed: {
    level: "info",
    sampledBy: "reason",
    fields: ["reason"],
    meaning: "a TLS handshake led to nothing, see [below](#reasons-of-a-failed-handshake)",
  },
  certificateLoaded: {
    level: "info",
    fields: ["fingerprint", "names", "validUntil"],
    meaning:
      "this certificate is shown to clients from now on; `fingerprint` is its SHA-256, `names` are the hosts it is good for",
  },
  certificateRejected: {
    level: "warn",
    fields: ["problem"],
    meaning:
      "the certificate or its key was changed into something that cannot be used; the last good pair stays in force. Told once per change",
  },
  commandDropped: {
    level: "info",
    sampledBy: "reason",
    fields: ["reason"],
    meaning:
      "a command was not used: `malformed`, `too_long`, `queue_full`, or `late`: the network held it back, or it would only delay",
  },
  tickRan: {
    level: "never",
    fields: [],
    meaning: "the match made a step",
  },
  stepOverran: {
    level: "warn",
    sampledBy: "",
    fields: ["lateMs", "droppedTicks"],
    meaning: "the tick loop fell behind by more than 5 steps and dropped the rest",
  },
  roomFault: {
    level: "error",
    fields: ["where", "cause"],
    meaning:
      "the game's code threw; the match ends as `aborted`. Also a throw in `onDispose`, which ends nothing",
  },
  clientFault: {
    level: "warn",
    sampledBy: "where",
    fields: ["where", "playerId", "cause"],
    meaning:
      "the game's code threw over one client, who was closed or refused: `where` is `message`, or `version` for its rule about versions, which a stranger can call",
  },
  resultDelivered: {
    level: "info",
    fields: ["resultId", "attempts"],
    meaning: "one sink has the result",
  },
  resultNotDelivered: {
    level: "error",
    fields: ["resultId", "attempts", "cause"],
    meaning: "one sink did not get the result in time",
  },
  journalTruncated: {
    level: "warn",
    fields: ["bytes"],
    meaning: "a journal reached 64 MB; the match goes on unrecorded",
  },
  journalFailed: {
    level: "error",
    fields: ["cause"],
    meaning: "a journal cannot be written; the match goes on unrecorded",
  },
  fleetCallFailed: {
    level: "warn",
    sampledBy: "action",
    fields: ["action", "cause"],
    meaning:
      "a call to the fleet failed; `activate_game_session`, `describe_player_sessions`, `ask_second_opinion`, `accept_player_session`, `remove_player_session`, `set_open_to_players`, `start_match_backfill`, `stop_match_backfill`, `game_session_ended` or `process_ending`",
  },
  fleetCallEnded: {
    level: "never",
    fields: [],
    meaning: "a call to the fleet was answered, or not",
  },
  fleetReachable: {
    level: "warn",
    fields: ["isReachable"],
    meaning:
      "the fleet says that it is out of reach: the match goes on, joins that need it are told to try again at once. Or that it is back: what waited is told it now",
  },
  fleetLost: {
    level: "error",
    fields: ["cause"],
    meaning:
      "the fleet ended the connection for good; the process ends with `FLEET_LOST`, after its match if it has one",
  },
  fleetBreakerTurned: {
    level: "warn",
    fields: ["isOpen", "source"],
    meaning:
      "open: five calls to the `fleet`, or to the `second_opinion`, failed in a row, so joins that need it are told to try again at once, and it is tried every 2 s. Not open: it answers again",
  },
  backfillStarted: {
    level: "info",
    fields: ["gameSessionId", "ticketId", "players", "seatsFree"],
    meaning:
      "the matchmaker was asked for players in place of others; `players` are present or on their way",
  },
  backfillEnded: {
    level: "info",
    fields: ["gameSessionId", "ticketId", "outcome"],
    meaning:
      "that ticket is over: `matched` (newcomers are on their way), `failed`, `timed_out`, `cancelled` by somebody else, `stopped` by this process, or `abandoned`: it could not be stopped, and the next one takes its place",
  },
  backfillGivenUp: {
    level: "warn",
    fields: ["gameSessionId", "tries"],
    meaning:
      "that many tickets in a row came to nothing; the next is started when another player has left",
  },
  localSessionFileRejected: {
    level: "warn",
    fields: ["problems"],
    meaning: "an edit of the local session file is broken; the last good one stays in force",
  },
  vendorMessage: {
    level: "info",
    fields: ["message"],
    meaning: "a library (Colyseus) said something",
  },
};
