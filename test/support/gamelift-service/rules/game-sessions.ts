import { randomUUID } from "node:crypto";
import {
  type Answer,
  isGiven,
  type Message,
  ok,
  refusal,
} from "../../../../emulator/server-sdk/rules/answer.ts";
import type { CancelTimer, Clock } from "../../../../server/clock.ts";
import { type Address, type PlayerSessionRecord, PlayerSessions } from "./player-sessions.ts";

/** What a game session is created with; what is left out is empty. */
export interface GameSessionRequest {
  /** The last part of the ARN. */
  readonly gameSessionId?: string;
  readonly name?: string;
  /** @defaultValue 16 */
  readonly maximumPlayerSessionCount?: number;
  readonly gameProperties?: Readonly<Record<string, string>>;
  readonly gameSessionData?: string;
  readonly matchmakerData?: string;
  /** A part of the ARN when it is not the home region's. */
  readonly location?: string;
}

export interface GameSessionState {
  /** ARN. */
  readonly gameSessionId: string;
  /** Of the process that hosts it. */
  readonly processId: string;
  readonly status: "ACTIVATING" | "ACTIVE" | "TERMINATED";
  readonly policy: "ACCEPT_ALL" | "DENY_ALL";
  readonly name: string;
  readonly maximumPlayerSessionCount: number;
  readonly gameProperties: Readonly<Record<string, string>>;
  readonly gameSessionData: string;
  readonly matchmakerData: string;
  /** Player sessions in each status. */
  readonly counts: {
    readonly RESERVED: number;
    readonly ACTIVE: number;
    readonly COMPLETED: number;
    readonly TIMEDOUT: number;
  };
}

export interface BackfillTicket {
  readonly ticketId: string;
  readonly gameSessionId: string;
  readonly matchmakingConfigurationArn: string;
  /** As they came. */
  readonly players: readonly Message[];
  status: "SEARCHING" | "COMPLETED" | "FAILED" | "TIMED_OUT" | "CANCELLED";
}

export type UpdateReason = keyof typeof TICKET_STATUS;

/** How each reason of an UpdateGameSession leaves the ticket it names. */
const TICKET_STATUS = {
  MATCHMAKING_DATA_UPDATED: "COMPLETED",
  BACKFILL_FAILED: "FAILED",
  BACKFILL_TIMED_OUT: "TIMED_OUT",
  BACKFILL_CANCELLED: "CANCELLED",
} as const;

const MAXIMUM_DEFAULT = 16;

interface Entry extends Omit<GameSessionState, "counts"> {
  status: GameSessionState["status"];
  policy: GameSessionState["policy"];
  matchmakerData: string;
  /** Of the process, once it has told it. */
  readonly port: () => number;
}

/** Game sessions, their player sessions and their backfill tickets, by the rules of the service. */
export class GameSessions {
  readonly players: PlayerSessions;
  readonly backfills: BackfillTicket[] = [];
  readonly #clock: Clock;
  readonly #fleet: { readonly fleetId: string; readonly region: string };
  readonly #activationTimeoutMs: number;
  readonly #entries = new Map<string, Entry>();
  readonly #activations = new Map<string, CancelTimer>();

  constructor(options: {
    clock: Clock;
    fleet: { fleetId: string; region: string };
    reservationMs: number;
    activationTimeoutMs: number;
  }) {
    this.#clock = options.clock;
    this.#fleet = options.fleet;
    this.#activationTimeoutMs = options.activationTimeoutMs;
    this.players = new PlayerSessions(options.clock, options.reservationMs);
  }

  /** @throws Error when there is none. */
  state(gameSessionId: string): GameSessionState {
    const { port: _, ...entry } = this.#find(gameSessionId);
    const counts = { RESERVED: 0, ACTIVE: 0, COMPLETED: 0, TIMEDOUT: 0 };
    for (const { status } of this.players.of(gameSessionId)) counts[status]++;
    return { ...entry, counts };
  }

  /** The game session a process hosts, if it is not over. */
  hostedBy(processId: string): string | undefined {
    for (const entry of this.#entries.values()) {
      if (entry.processId === processId && entry.status !== "TERMINATED")
        return entry.gameSessionId;
    }
    return undefined;
  }

  /** @returns The ARN. The time to activate begins with {@link sent}. */
  place(request: GameSessionRequest, processId: string, port: () => number): string {
    const id = request.gameSessionId ?? `gsess-${randomUUID()}`;
    const { region, fleetId } = this.#fleet;
    const where = request.location === undefined ? fleetId : `${fleetId}/${request.location}`;
    const gameSessionId = `arn:aws:gamelift:${region}::gamesession/${where}/${id}`;
    if (this.#entries.has(gameSessionId)) throw new Error("this game session was placed before");
    this.#entries.set(gameSessionId, {
      gameSessionId,
      processId,
      status: "ACTIVATING",
      policy: "ACCEPT_ALL",
      name: request.name ?? "",
      maximumPlayerSessionCount: request.maximumPlayerSessionCount ?? MAXIMUM_DEFAULT,
      gameProperties: request.gameProperties ?? {},
      gameSessionData: request.gameSessionData ?? "",
      matchmakerData: request.matchmakerData ?? "",
      port,
    });
    return gameSessionId;
  }

  /** The process was told: without ActivateGameSession in time the game session is over. */
  sent(gameSessionId: string): void {
    this.#activations.set(
      gameSessionId,
      this.#clock.after(this.#activationTimeoutMs, () => this.end(gameSessionId)),
    );
  }

  creationMessage(gameSessionId: string): Message {
    const entry = this.#find(gameSessionId);
    return { GameSessionId: gameSessionId, GameSessionName: entry.name, ...this.#common(entry) };
  }

  /** The game session inside an UpdateGameSession: the same members but for the name's. */
  updateMessage(gameSessionId: string): Message {
    const entry = this.#find(gameSessionId);
    return {
      GameSessionId: gameSessionId,
      Name: entry.name,
      FleetId: this.#fleet.fleetId,
      ...this.#common(entry),
    };
  }

  /** Takes what a matchmaker says; a ticket that it names is over. */
  update(gameSessionId: string, reason: UpdateReason, ticketId: string, data?: string): void {
    const entry = this.#find(gameSessionId);
    if (data !== undefined) entry.matchmakerData = data;
    const ticket = this.backfills.find((each) => each.ticketId === ticketId);
    if (ticket?.status === "SEARCHING") ticket.status = TICKET_STATUS[reason];
  }

  /** @throws Error as the service refuses, unless `force` is set: not ACTIVE, DENY_ALL, full. */
  createPlayerSession(
    gameSessionId: string,
    player: { playerId: string; playerData: string },
    force: boolean,
  ): PlayerSessionRecord {
    const { status, policy, maximumPlayerSessionCount, counts } = this.state(gameSessionId);
    if (!force) {
      if (status !== "ACTIVE") throw new Error(`the game session is ${status}, not ACTIVE`);
      if (policy === "DENY_ALL") throw new Error("the game session's policy is DENY_ALL");
      const taken = counts.RESERVED + counts.ACTIVE;
      if (taken >= maximumPlayerSessionCount) throw new Error("the game session is full");
    }
    return this.players.create(gameSessionId, player.playerId, player.playerData);
  }

  addressOf(gameSessionId: string): Address | undefined {
    const entry = this.#entries.get(gameSessionId);
    if (entry === undefined) return undefined;
    const { fleetId } = this.#fleet;
    return { fleetId, ipAddress: "127.0.0.1", dnsName: "localhost", port: entry.port() };
  }

  activate(processId: string, gameSessionId: string): Answer {
    const entry = this.#hosted(processId, gameSessionId);
    if (entry === undefined) return refusal(404, "Game session not found");
    if (entry.status !== "ACTIVATING") return refusal(409, "Game session is not ACTIVATING");
    this.#activations.get(gameSessionId)?.();
    entry.status = "ACTIVE";
    return ok();
  }

  setPolicy(processId: string, gameSessionId: string, policy: string): Answer {
    const entry = this.#hosted(processId, gameSessionId);
    if (entry === undefined) return refusal(404, "Game session not found");
    if (entry.status === "TERMINATED") return refusal(409, "Game session is over");
    entry.policy = policy as GameSessionState["policy"];
    return ok();
  }

  /** Accept and remove are for the process that hosts an ACTIVE game session. */
  seat(action: "accept" | "remove", processId: string, message: Message): Answer {
    const gameSessionId = message["GameSessionId"] as string;
    const entry = this.#hosted(processId, gameSessionId);
    if (entry === undefined) return refusal(404, "Game session not found");
    if (entry.status !== "ACTIVE") return refusal(409, "Game session is not ACTIVE");
    return this.players[action](gameSessionId, message["PlayerSessionId"] as string);
  }

  startBackfill(processId: string, message: Message): Answer {
    const gameSessionId = message["GameSessionArn"] as string;
    const entry = this.#hosted(processId, gameSessionId);
    if (entry === undefined) return refusal(404, "Game session not found");
    if (entry.status !== "ACTIVE") return refusal(409, "Game session is not ACTIVE");
    if (this.#searching(gameSessionId) !== undefined) {
      return refusal(409, "Game session has an active backfill ticket");
    }
    const ticketId = isGiven(message["TicketId"]) ? (message["TicketId"] as string) : randomUUID();
    if (this.backfills.some((ticket) => ticket.ticketId === ticketId)) {
      return refusal(409, "TicketId was used before");
    }
    this.backfills.push({
      ticketId,
      gameSessionId,
      matchmakingConfigurationArn: message["MatchmakingConfigurationArn"] as string,
      players: message["Players"] as Message[],
      status: "SEARCHING",
    });
    return ok({ TicketId: ticketId });
  }

  stopBackfill(processId: string, message: Message): Answer {
    const gameSessionId = message["GameSessionArn"] as string;
    if (this.#hosted(processId, gameSessionId) === undefined) {
      return refusal(404, "Game session not found");
    }
    const ticket = this.#searching(gameSessionId);
    const isIt =
      ticket?.ticketId === message["TicketId"] &&
      ticket?.matchmakingConfigurationArn === message["MatchmakingConfigurationArn"];
    if (ticket === undefined || !isIt) return refusal(404, "Backfill ticket not found");
    ticket.status = "CANCELLED";
    return ok();
  }

  /** The game session is over, and with it all that is open of it. */
  end(gameSessionId: string): void {
    const entry = this.#find(gameSessionId);
    this.#activations.get(gameSessionId)?.();
    entry.status = "TERMINATED";
    this.players.endAllOf(gameSessionId);
    const ticket = this.#searching(gameSessionId);
    if (ticket !== undefined) ticket.status = "CANCELLED";
  }

  /** Forgets all timers. */
  close(): void {
    for (const cancel of this.#activations.values()) cancel();
    this.players.close();
  }

  #find(gameSessionId: string): Entry {
    const entry = this.#entries.get(gameSessionId);
    if (entry === undefined) throw new Error("there is no such game session");
    return entry;
  }

  #hosted(processId: string, gameSessionId: string): Entry | undefined {
    const entry = this.#entries.get(gameSessionId);
    return entry?.processId === processId ? entry : undefined;
  }

  #searching(gameSessionId: string): BackfillTicket | undefined {
    return this.backfills.find(
      (ticket) => ticket.gameSessionId === gameSessionId && ticket.status === "SEARCHING",
    );
  }

  #common(entry: Entry): Message {
    const address = this.addressOf(entry.gameSessionId);
    return {
      MaximumPlayerSessionCount: entry.maximumPlayerSessionCount,
      Port: address?.port,
      IpAddress: address?.ipAddress,
      DnsName: address?.dnsName,
      GameSessionData: entry.gameSessionData,
      MatchmakerData: entry.matchmakerData,
      GameProperties: entry.gameProperties,
    };
  }
}
