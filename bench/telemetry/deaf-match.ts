import { EventEmitter } from "node:events";
import type { AuthContext } from "@colyseus/core";
import { WebSocketClient } from "@colyseus/ws-transport";
import { arena } from "../../rooms/arena/simulation.ts";
import type { Clock } from "../../server/clock.ts";
import { GameChoice } from "../../server/host/game-choice.ts";
import type { Match, MatchClient } from "../../server/host/match.ts";
import { openMatch, prepareMatchMaker } from "../../server/host/open-match.ts";
import { SnapshotSums } from "../../server/host/snapshot-feed.ts";
import { Seats } from "../../server/session/seats.ts";
import type { MatchReading, ServerReading } from "../../server/telemetry/readings.ts";
import type { Telemetry } from "../../server/telemetry/telemetry.ts";
import { Traffic } from "../../server/transport/traffic.ts";
import { commandMessage, GAME_PROPERTIES, PLAYERS, TICK_RATE_HZ } from "./crowd.ts";

const OPEN = 1;
/** What stands before a command in its message. */
const COMMAND_HEAD_BYTES = 3;
const JOIN_ROOM = 10;
const CONTEXT: AuthContext = { token: "", ip: "127.0.0.1", headers: new Headers() };
const GAME_SESSION_ID = "arn:aws:gamelift:eu-central-1::gamesession/fleet-1/bench/gsess-bench";

/** A connection without a socket: what it is sent goes nowhere and is counted, if anybody counts. */
class DeafClient extends WebSocketClient implements MatchClient {
  fullState: MatchClient["fullState"];
  commands: NonNullable<MatchClient["commands"]> | undefined;
  readonly isHeard = true;
  readonly takesSnapshots = true;
  readonly roundTripMs = undefined;
  readonly queuedBytes = 0;
  readonly #traffic: Traffic | undefined;

  constructor(sessionId: string, traffic: Traffic | undefined) {
    super(sessionId, new EventEmitter() as never);
    this.#traffic = traffic;
  }

  override get readyState(): typeof OPEN {
    return OPEN;
  }

  override raw(data: Uint8Array): void {
    if (this.#traffic === undefined) return;
    this.#traffic.sentFrames++;
    this.#traffic.sentBytes += data.length;
  }

  sendPatch(patch: Uint8Array): void {
    this.raw(patch);
  }

  sendSnapshot(message: Uint8Array): boolean {
    this.raw(message);
    return true;
  }

  say(message: Buffer): void {
    if (this.#traffic !== undefined) {
      this.#traffic.receivedFrames++;
      this.#traffic.receivedBytes += message.length;
    }
    if (this.commands === undefined) this.ref.emit("message", message);
    else this.commands.takeCommand(this, message.subarray(COMMAND_HEAD_BYTES));
  }

  flush(): void {}
  override leave(): void {}
  end(): void {}
}

/** The arena with 200 players in a real Colyseus room, all of it but sockets. Its ticks come as the clock says. */
export class DeafMatch {
  readonly #match: Match;
  readonly #telemetry: Telemetry;
  readonly #clients: readonly DeafClient[];
  readonly #traffic: Traffic | undefined;
  #commands = 0;

  private constructor(match: Match, telemetry: Telemetry, traffic: Traffic | undefined) {
    this.#match = match;
    this.#telemetry = telemetry;
    this.#traffic = traffic;
    this.#clients = Array.from(
      { length: PLAYERS },
      (_, player) => new DeafClient(`session-${player}`, traffic),
    );
  }

  /** @param countsTraffic - As the game port does for every frame, with or without anybody to read it. */
  static async open(deps: {
    clock: Clock;
    telemetry: Telemetry;
    countsTraffic: boolean;
    /** Before anybody joins. */
    onOpened: (reading: () => ServerReading) => void;
  }): Promise<DeafMatch> {
    const { clock, telemetry, countsTraffic, onOpened } = deps;
    await prepareMatchMaker(telemetry);
    const seats = new Seats();
    const broken = (what: string) => {
      throw new Error(`the match is over: ${what}`);
    };
    const room = await openMatch(
      {
        games: new GameChoice(
          new Map([["arena", { kind: "simulation", simulation: arena }]]),
          "arena",
        ),
        clock,
        telemetry,
        reconnectSeconds: 20,
        tickRateHz: TICK_RATE_HZ,
        replication: "snapshots",
        snapshotBytesPerSecond: 65_536,
        snapshotSums: new SnapshotSums(),
        journalDir: "",
        version: "bench",
        newSeed: () => 7,
      },
      {
        gameSessionId: GAME_SESSION_ID,
        name: "bench",
        maximumPlayerSessionCount: PLAYERS,
        gameProperties: GAME_PROPERTIES,
        gameSessionData: "",
        matchmakerData: "",
      },
      seats,
      {
        onOver: () => broken("somebody won"),
        onDisposed: () => broken("the room is gone"),
        onFault: (where, cause) => broken(`a fault in ${where}: ${String(cause)}`),
        onSeatGone: (sessionId) => void seats.vacate(sessionId),
        onOpenChanged: () => {},
      },
    );
    const traffic = countsTraffic ? new Traffic() : undefined;
    const match = new DeafMatch(room, telemetry, traffic);
    onOpened(() => match.reading());
    telemetry.gameSessionPlaced({
      gameSessionId: GAME_SESSION_ID,
      gameSessionName: "bench",
      placementId: "",
      matchId: "",
      ticketId: "",
      traceParent: "",
    });
    telemetry.gameSessionStarted({
      gameSessionId: GAME_SESSION_ID,
      room: "arena",
      seatsMax: PLAYERS,
    });
    for (const player of match.#clients.keys()) await match.#join(player, seats);
    return match;
  }

  get ranTicks(): number {
    return this.#match.tickProgress()?.ranTicks ?? 0;
  }

  /** As the server's own: what the game port knows of its connections is asked of each. */
  reading(): ServerReading {
    let queuedBytes = 0;
    let largestBytes = 0;
    for (const client of this.#clients) {
      queuedBytes += client.queuedBytes;
      largestBytes = Math.max(largestBytes, client.queuedBytes);
    }
    return {
      connections: { strangers: 0, clients: PLAYERS },
      traffic: this.#traffic ?? new Traffic(),
      sendQueue: { bytes: queuedBytes, largestBytes },
      phase: "active",
      gameSession: {
        gameSessionId: GAME_SESSION_ID,
        state: "active",
        seatsHeld: PLAYERS,
        seatsMax: PLAYERS,
      },
      match: this.#match.reading() as MatchReading,
      isHealthy: true,
      health: { ticks: "ok", eventLoop: "ok", match: "ok" },
    };
  }

  /** Everybody sends the next command. */
  command(): void {
    this.#commands++;
    for (const [player, client] of this.#clients.entries()) {
      client.say(commandMessage(player, this.#commands));
    }
  }

  async #join(player: number, seats: Seats): Promise<void> {
    const client = this.#clients[player] as DeafClient;
    const { sessionId } = client;
    const playerId = `player-${player}`;
    const playerSessionId = `psess-bench-${player}`;
    const { holder, previous } = seats.occupy({ sessionId, playerId, playerSessionId });
    const record = {
      playerSessionId,
      playerId,
      gameSessionId: GAME_SESSION_ID,
      status: "RESERVED",
      playerData: "",
    } as const;
    const claim = { outcome: "claimed" as const, holder, record, options: {}, previous };
    const { outcome } = await this.#match.seat(client, claim, CONTEXT);
    if (outcome !== "seated") throw new Error(`player ${player} was refused`);
    client.say(Buffer.of(JOIN_ROOM));
    const { seat, playerSessionHash } = holder;
    const connectionId = player + 1;
    this.#telemetry.playerJoined({
      connectionId,
      playerId,
      playerSessionHash,
      seat,
      isTakeover: false,
    });
    this.#telemetry.joinEnded({
      connectionId,
      transport: "tcp",
      outcome: "joined",
      durationMs: 5,
      traceParent: "",
    });
  }
}
