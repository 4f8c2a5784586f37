import {
  type AuthContext,
  type Client,
  type ClientPrivate,
  connectClientToRoom,
  matchMaker,
  type Room,
  ServerError,
} from "@colyseus/core";
import { CloseCode } from "../../protocol/close-codes.ts";
import { DRAINING } from "../../protocol/messages.ts";
import type { Clock } from "../clock.ts";
import type { BackfillPlayer } from "../fleet/fleet.ts";
import type { Claim } from "../session/admission.ts";
import type {
  MatchRoom,
  MatchRoomEvents,
  MatchSummary,
  TickProgress,
} from "../session/match-room.ts";
import {
  type MatchmakerData,
  matchedPlayers,
  parseMatchmakerData,
} from "../session/matchmaker-data.ts";
import type { Seats } from "../session/seats.ts";
import type { MatchReading } from "../telemetry/readings.ts";
import { internalsOf, isReturnCutShort, stopAutoDisposeTimer } from "./colyseus-internals.ts";
import type { GameRules } from "./game-rules.ts";
import type { Journal } from "./journal.ts";
import { HOST_LIMITS } from "./limits.ts";
import type { PlayerAuth } from "./player-auth.ts";
import { SimulationRoom } from "./simulation-room.ts";
import type { SnapshotClient } from "./snapshot-feed.ts";
import { StateFeed } from "./state-feed.ts";
import { UnheardJoins } from "./unheard-joins.ts";

/** A connection as Colyseus knows it, which can also be ended at once. */
export type MatchClient = Client &
  ClientPrivate & {
    readonly readyState: number;
    /** Whether anything came of the peer since its join. */
    readonly isHeard: boolean;
    /** The round trip to it as measured, whole milliseconds, 0 to 1000; `undefined` until it is. */
    readonly roundTripMs: number | undefined;
    /** Closes the connection and tells the room, without waiting for the peer. */
    end(code: number): void;
    /** How the room's whole state is had, for a client that did not get some patches. */
    fullState: Pick<StateFeed, "isEnough" | "encode" | "behind"> | undefined;
    /** Who takes its commands, past Colyseus's dispatch; each is borrowed. */
    commands?: { takeCommand(client: MatchClient, command: Uint8Array): void } | undefined;
    /** Sends it a patch. @param patch - Not to be written to. */
    sendPatch(patch: Uint8Array): void;
    /** Writes what was sent, without waiting for the end of the turn. */
    flush(): void;
  } & SnapshotClient;

export type SeatOutcome =
  | { readonly outcome: "seated" }
  /** The room's own code refused, with words of its own for the client. */
  | { readonly outcome: "refused"; readonly error: { code: number; message: string } | undefined };

/** All rooms of this process have this id: players never need to know another. */
export const MATCH_ROOM_ID = "match";

const OPEN = 1;

/** A reservation that nobody can claim: used, and not for a reconnection. */
const PLACE_HOLDER = [{}, undefined, true, false];

/** One hosted room, from its first player to its disposal. */
export class Match implements MatchRoom {
  readonly endsWhenEmpty: boolean;
  readonly #room: Room;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #events: MatchRoomEvents;
  readonly #disposed: Promise<void>;
  readonly #seats: Seats;
  /** Teams that the game knows; `undefined` where the room may be told of any. */
  readonly #teams: readonly string[] | undefined;
  readonly #feed: StateFeed;
  readonly #unheard: UnheardJoins;
  readonly #rules: GameRules;
  #matched: ReadonlyMap<string, BackfillPlayer> = new Map();
  /** The room's own wish, for as long as it waits for its first player. */
  #autoDispose: boolean | undefined;

  constructor(deps: {
    room: Room;
    journal: Journal;
    clock: Clock;
    events: MatchRoomEvents;
    seats: Seats;
    matchmaker: MatchmakerData | undefined;
    rules: GameRules;
    disposed: Promise<void>;
  }) {
    this.#room = deps.room;
    this.endsWhenEmpty = deps.room instanceof SimulationRoom;
    this.#journal = deps.journal;
    this.#clock = deps.clock;
    this.#events = deps.events;
    this.#seats = deps.seats;
    const { matchmaker } = deps;
    if (matchmaker !== undefined) this.#matched = matchedPlayers(matchmaker);
    // A Simulation's teams are those of its setup.
    this.#teams = this.endsWhenEmpty
      ? (matchmaker?.teams.map(({ name }) => name) ?? [])
      : undefined;
    this.#rules = deps.rules;
    this.#disposed = deps.disposed;
    this.#feed = new StateFeed(deps.room, deps.room instanceof SimulationRoom);
    this.#unheard = new UnheardJoins(deps.room);
    // Colyseus disposes a room nobody joined after 15 s, but the fleet's reservations live 60 s.
    this.#autoDispose = this.#room.autoDispose;
    this.#room.autoDispose = false;
  }

  seatsMax(): number {
    return this.#room.maxClients;
  }

  summary(): MatchSummary {
    return this.#room instanceof SimulationRoom
      ? this.#room.summary()
      : { ticks: 0, stateHash: "", scores: [], winners: [] };
  }

  tickProgress(): TickProgress | undefined {
    return this.#room instanceof SimulationRoom ? this.#room.tickProgress() : undefined;
  }

  reading(): MatchReading | undefined {
    if (!(this.#room instanceof SimulationRoom)) return undefined;
    return { ...this.#room.reading(), slowClients: this.#feed.behind.size };
  }

  matchmakerDataChanged(matchmakerData: string): void {
    const matchmaker = parseMatchmakerData(matchmakerData);
    if (matchmaker !== undefined) this.#matched = matchedPlayers(matchmaker, this.#matched);
  }

  announceDrain(deadlineMs: number): void {
    this.#room.broadcast(DRAINING, { deadlineMs });
  }

  async close(code: CloseCode): Promise<void> {
    const internals = internalsOf(this.#room);
    const reset = internals.resetAutoDisposeTimeout.bind(this.#room);
    // Else a room with somebody away, or lately gone, would take a second to be disposed of.
    internals.resetAutoDisposeTimeout = () => reset(0);
    stopAutoDisposeTimer(this.#room);
    await this.#room.disconnect(code);
    await this.#disposed;
  }

  async seal(resultId: string, outcome: string): Promise<void> {
    try {
      const { ticks, stateHash } = this.summary();
      // A match that nobody ever joined has nothing to record.
      if (ticks > 0) {
        const result = { resultId, outcome };
        this.#journal.write({ type: "result", tick: ticks, hash: stateHash, result });
      }
    } catch {
      // A game so broken that it cannot hash itself; whoever asks for the summary first is told so.
    }
    await this.#journal.close();
  }

  /** Joins an accepted claim to the room; an earlier connection of the same player gives its seat over. */
  async seat(client: MatchClient, claim: Claim, context: AuthContext): Promise<SeatOutcome> {
    const { holder, record, previous } = claim;
    const { _reservedSeats } = internalsOf(this.#room);
    if (previous !== undefined) {
      // Between the two connections the room may have no other, and would be disposed of.
      _reservedSeats[holder.sessionId] = PLACE_HOLDER;
      await this.#handOver(previous.seat, previous.sessionId, holder.sessionId);
      delete _reservedSeats[holder.sessionId];
    }
    if (client.readyState !== OPEN) return this.#abandon(claim);
    const auth: PlayerAuth = {
      playerId: record.playerId,
      playerData: record.playerData,
      ...this.#matchedAs(record.playerId),
      seat: holder.seat,
    };
    const isReserved = await internalsOf(this.#room)._reserveSeat(
      holder.sessionId,
      { ...claim.options },
      auth,
    );
    if (!isReserved || client.readyState !== OPEN) return this.#abandon(claim);
    const outcome = await this.#connect(client, context, {});
    if (outcome.outcome === "refused") {
      this.#abandon(claim);
      return outcome;
    }
    if (this.#autoDispose !== undefined) {
      this.#room.autoDispose = this.#autoDispose;
      this.#autoDispose = undefined;
    }
    return outcome;
  }

  /**
   * Brings a dropped player back into his seat. A token of a connection that still looks open ends that connection:
   * its player is here.
   */
  async reconnect(
    client: MatchClient,
    token: string,
    skipHandshake: boolean,
    context: AuthContext,
  ): Promise<SeatOutcome> {
    if (client.readyState !== OPEN || this.sessionIdOf(token) !== client.sessionId) {
      return { outcome: "refused", error: undefined };
    }
    const stale = this.#room.clients.get(client.sessionId) as MatchClient | undefined;
    const reconnectionToken = this.#unheard.currentToken(token);
    this.#unheard.returns(client, token);
    const joining = this.#connect(client, context, { reconnectionToken, skipHandshake });
    stale?.end(CloseCode.MAY_TRY_RECONNECT);
    return joining;
  }

  /** Whether the game speaks with clients of that version, built for that schema of its state. */
  acceptsClient(clientVersion: string, schemaVersion: string): boolean {
    return this.#rules.acceptsClient(clientVersion, schemaVersion);
  }

  /** The room's code threw over one client's message, and that client is closed; a game may want the match ended. */
  messageFailed(cause: unknown): void {
    if (this.#rules.abortsOnMessageFault) this.#events.onFault("message", cause);
  }

  /** @returns Whose seat a reconnection token opens; `undefined` for no token of ours, or a seat taken over since. */
  sessionIdOf(token: string): string | undefined {
    const { _reconnections } = internalsOf(this.#room);
    const current = this.#unheard.currentToken(token);
    const sessionId = Object.hasOwn(_reconnections, current)
      ? _reconnections[current]?.[0]
      : this.#room.clients.find((client) => client.reconnectionToken === current)?.sessionId;
    return sessionId !== undefined && this.#seats.ofSession(sessionId) !== undefined
      ? sessionId
      : undefined;
  }

  /** A seat is gone for good: nobody may wait for it any more. */
  forgetSeat(client: Client): void {
    internalsOf(this.#room)._reconnectionAttempts[client.reconnectionToken]?.reject(
      new Error("the seat is gone"),
    );
  }

  #matchedAs(playerId: string): Pick<PlayerAuth, "team" | "attributes"> {
    const { team = "", attributes = {} } = this.#matched.get(playerId) ?? {};
    return { team: this.#teams?.includes(team) === false ? "" : team, attributes };
  }

  async #handOver(seat: number, from: string, to: string): Promise<void> {
    if (this.#room instanceof SimulationRoom) this.#room.handOverSeat(seat, to);
    const { _reconnections } = internalsOf(this.#room);
    for (const pending of Object.values(_reconnections)) {
      if (pending?.[0] === from) pending[1].reject(false);
    }
    this.#room.kickClient(from, CloseCode.SEAT_TAKEN_OVER);
    // A rejected reconnection frees its place in the room a few promise turns later.
    await new Promise((resolve) => setImmediate(resolve));
  }

  #abandon(claim: Claim): SeatOutcome {
    const { seat, sessionId } = claim.holder;
    if (this.#room instanceof SimulationRoom) this.#room.releaseSeat(seat, sessionId);
    this.#lookIfEmpty();
    return { outcome: "refused", error: undefined };
  }

  /**
   * Has Colyseus look whether the room is empty. By itself it looks when somebody leaves, and not when a join fails
   * that was under way as the last player left.
   */
  #lookIfEmpty(): void {
    internalsOf(this.#room).resetAutoDisposeTimeout(0);
  }

  /**
   * Takes a client whose join did not settle out of the room. Nobody waits for it: `onLeave` may hang just as well.
   * Its reservation goes last, as in Colyseus's own failed joins, so that it does not count as a player who left.
   */
  async #withdraw(client: MatchClient): Promise<void> {
    const internals = internalsOf(this.#room);
    try {
      await internals._onLeave(client, CloseCode.TRY_AGAIN);
    } catch (cause) {
      this.#events.onFault("onLeave", cause);
    } finally {
      delete internals._reservedSeats[client.sessionId];
    }
  }

  /** Runs Colyseus's join, time-boxed: a hook that never settles must not keep the seat. */
  async #connect(
    client: MatchClient,
    context: AuthContext,
    options: { reconnectionToken?: string; skipHandshake?: boolean },
  ): Promise<SeatOutcome> {
    client.fullState = this.#feed;
    if (options.reconnectionToken !== undefined) this.#feed.returns(client);
    if (this.#room instanceof SimulationRoom) client.commands = this.#room;
    const joining = connectClientToRoom(this.#room, client, context, options).then(
      () => ({ failed: false as const }),
      (cause: unknown) => ({ failed: true as const, cause }),
    );
    const overdue = Promise.withResolvers<undefined>();
    const cancel = this.#clock.after(HOST_LIMITS.joinTimeoutMs, () => overdue.resolve(undefined));
    const joined = await Promise.race([joining, overdue.promise]);
    cancel();
    if (joined === undefined) {
      client.end(CloseCode.TRY_AGAIN);
      void this.#withdraw(client);
      return { outcome: "refused", error: undefined };
    }
    if (!joined.failed) return { outcome: "seated" };
    const { cause } = joined;
    if (cause instanceof ServerError) {
      return { outcome: "refused", error: { code: cause.code, message: cause.message } };
    }
    if (client.readyState === OPEN || !isReturnCutShort(cause)) {
      this.#events.onFault("onJoin", cause);
    }
    return { outcome: "refused", error: undefined };
  }
}

/** @returns The room that Colyseus made under our id; it is there once `handleCreateRoom` resolved. */
export function createdRoom(): Room {
  return matchMaker.getLocalRoomById(MATCH_ROOM_ID);
}
