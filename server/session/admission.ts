import type { CancelTimer, Clock } from "../clock.ts";
import { assertHost } from "../errors.ts";
import type { Acceptance, GameSession, PlayerSession, PlayerSessions } from "../fleet/fleet.ts";
import { RefusalReason, type Telemetry } from "../telemetry/telemetry.ts";
import { fingerprint } from "./fingerprint.ts";
import type { FleetBreaker } from "./fleet-breaker.ts";
import { Ledger } from "./ledger.ts";
import { SESSION_LIMITS } from "./limits.ts";
import { CODE_OF_REASON, type Refused } from "./refused.ts";
import type { Removals } from "./removals.ts";
import type { Roster } from "./roster.ts";
import { type SeatHolder, Seats } from "./seats.ts";
import { contradiction, REASON_WITHOUT_RECORD } from "./second-opinion.ts";

/** Whose join it is, for telemetry. */
export interface Caller {
  readonly connectionId: number;
  readonly address: string;
}

export interface Reserved {
  readonly outcome: "reserved";
  /** Claims the seat, once, within `SESSION_LIMITS.reservationMs`. */
  readonly sessionId: string;
}

/** An accepted player session with its seat, still to be joined to the room. */
export interface Claim {
  readonly outcome: "claimed";
  readonly holder: SeatHolder;
  readonly record: PlayerSession;
  /** What the client sent beside its player session id. Untrusted. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The same player's earlier hold on this seat; its connection is to be closed. */
  readonly previous: SeatHolder | undefined;
}

interface Reservation {
  readonly sessionId: string;
  readonly record: PlayerSession;
  readonly options: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
  readonly cancelExpiry: CancelTimer;
}

export interface AdmissionDeps {
  readonly gameSession: GameSession;
  readonly playerSessions: PlayerSessions;
  readonly roster: Roster;
  /** Must confirm what the roster says, where there is one. */
  readonly secondOpinion?: Roster | undefined;
  /** The roster's, too. */
  readonly breaker: FleetBreaker;
  readonly removals: Removals;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Longest wait for the fleet's answer to an accept, milliseconds. */
  readonly acceptTimeoutMs: number;
  /** Most seats the room offers now; may shrink while it runs. */
  seatsMax(): number;
  /** 128 random bits as URL-safe text. */
  newSessionId(): string;
  /** A seat got a holder. */
  onOccupied(holder: SeatHolder): void;
  /** A holder was not joined to the room after all; his seat is free again. */
  onGivenBack(holder: SeatHolder): void;
}

const ID_SHAPE = /^[A-Za-z0-9-]+$/;

/**
 * Decides who gets a seat in one game session. A join has two steps, so that a lost answer costs a player nothing:
 * `reserve` takes the id's ledger entry, `claim` asks the fleet to accept it and occupies the seat.
 */
export class Admission {
  readonly seats = new Seats();
  readonly #deps: AdmissionDeps;
  readonly #ledger = new Ledger();
  readonly #reservations = new Map<string, Reservation>();
  /** Players with reservations, or with accepts under way: how many of them. */
  readonly #onTheirWay = new Map<string, number>();
  #acceptsInFlight = 0;
  /** Ids whose accept had no answer in time and has none yet. */
  readonly #overdue = new Set<string>();
  readonly #claims = new Set<Promise<unknown>>();
  /** The room takes new players; it may close and open itself. */
  #isOpen = true;
  /** No joins any more, for good. */
  #isClosed = false;

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
  }

  /** Refuses all joins from now on; players who hold a seat keep it. */
  close(): void {
    this.#isClosed = true;
    for (const reservation of [...this.#reservations.values()]) this.#dropReservation(reservation);
  }

  /** The room's own lock. A player who holds a seat may still take it over or reconnect. */
  setOpen(isOpen: boolean): void {
    this.#isOpen = isOpen;
  }

  /**
   * Reserves a seat for a player session id.
   * @param request - Untrusted: `playerSessionId` may be anything at all. `sessionId` is what the seat is to be claimed
   *   by, if the caller has a reason to choose it; it must belong to the player session alone.
   */
  async reserve(request: {
    playerSessionId: unknown;
    options: Readonly<Record<string, unknown>>;
    caller: Caller;
    sessionId?: string;
  }): Promise<Reserved | Refused> {
    const { caller } = request;
    const id = request.playerSessionId;
    const refuse = (reason: RefusalReason): Refused => this.#refuse(reason, caller, id);
    if (this.#isClosed) return refuse(RefusalReason.CLOSED);
    if (!isPlayerSessionId(id)) return refuse(RefusalReason.MALFORMED);
    const held = this.#ledger.stateOf(id);
    // He was told to try again, and the fleet has still not said whether it accepted him.
    if (this.#overdue.has(id)) return refuse(RefusalReason.FLEET_UNAVAILABLE);
    if (held !== undefined)
      return refuse(held === "spent" ? RefusalReason.USED : RefusalReason.IN_USE);

    const giveUpAtMs = this.#deps.clock.nowMs() + SESSION_LIMITS.rosterWaitMs;
    const answer = await this.#deps.roster.find(id, giveUpAtMs);
    if (answer.outcome !== "found") return refuse(REASON_WITHOUT_RECORD[answer.outcome]);
    const { record } = answer;
    let objection = this.#objectionTo(record);
    if (objection === undefined && this.#deps.secondOpinion !== undefined) {
      objection = await contradiction(this.#deps.secondOpinion, record, giveUpAtMs);
      // Others may have come while it was asked.
      objection ??= this.#objectionTo(record);
    }
    if (objection !== undefined) return refuse(objection);
    if (!this.#ledger.take(id)) return refuse(RefusalReason.IN_USE);
    const sessionId = request.sessionId ?? this.#deps.newSessionId();
    return this.#holdReservation(sessionId, record, request.options, caller);
  }

  /** Gives a reservation up that nobody will claim: the same id may try again at once. */
  release(sessionId: string): void {
    const reservation = this.#reservations.get(sessionId);
    if (reservation !== undefined) this.#dropReservation(reservation);
  }

  /**
   * Claims a reserved seat: asks the fleet to accept the player session and occupies the seat.
   * The caller joins the claim to the room, or gives it back with {@link giveBack}.
   */
  async claim(sessionId: string, caller: Caller): Promise<Claim | Refused> {
    const claim = this.#claim(sessionId, caller);
    this.#claims.add(claim);
    try {
      return await claim;
    } finally {
      this.#claims.delete(claim);
    }
  }

  /** Somebody has a reservation here, or an accept under way. */
  get isAnybodyOnTheWay(): boolean {
    return this.#onTheirWay.size > 0;
  }

  /** Resolves once every claim made so far has its answer; that takes `acceptTimeoutMs` at most. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#claims);
  }

  async #claim(sessionId: string, caller: Caller): Promise<Claim | Refused> {
    const reservation = this.#reservations.get(sessionId);
    if (reservation === undefined) {
      return this.#refuse(RefusalReason.NO_RESERVATION, caller, undefined);
    }
    const { record } = reservation;
    const id = record.playerSessionId;
    if (this.#acceptsInFlight >= SESSION_LIMITS.acceptsInFlightMax) {
      this.#dropReservation(reservation);
      return this.#refuse(RefusalReason.BUSY, caller, id);
    }
    if (!this.#deps.breaker.mayAsk()) {
      this.#dropReservation(reservation);
      return this.#refuse(RefusalReason.FLEET_UNAVAILABLE, caller, id);
    }
    this.#reservations.delete(sessionId);
    reservation.cancelExpiry();
    const used = this.#ledger.use(id);
    assertHost(used, "a reservation holds its ledger entry");

    this.#acceptsInFlight++;
    const acceptance = await this.#accept(id);
    this.#acceptsInFlight--;
    this.#hasArrived(record.playerId);
    if (acceptance.outcome !== "accepted") {
      return this.#refuse(
        acceptance.outcome === "refused"
          ? RefusalReason.FLEET_REFUSED
          : RefusalReason.FLEET_UNAVAILABLE,
        caller,
        id,
      );
    }
    this.#ledger.spend(id);
    if (!this.#takes(record.playerId)) {
      this.#deps.removals.remove(id);
      return this.#refuse(RefusalReason.CLOSED, caller, id);
    }
    const { holder, previous } = this.seats.occupy({
      sessionId,
      playerId: record.playerId,
      playerSessionId: id,
    });
    this.#deps.onOccupied(holder);
    if (previous !== undefined) this.#deps.removals.remove(previous.playerSessionId);
    return { outcome: "claimed", holder, record, options: reservation.options, previous };
  }

  /** The claim did not become a join: the seat is freed and the player session given back, once. */
  giveBack(claim: Claim, caller: Caller): Refused {
    const holder = this.vacate(claim.holder.sessionId);
    if (holder !== undefined) this.#deps.onGivenBack(holder);
    return this.#refuse(RefusalReason.ROOM_REFUSED, caller, claim.holder.playerSessionId);
  }

  /** A seat is gone for good. @returns who held it, or `undefined` if it had been taken over or freed before. */
  vacate(sessionId: string): SeatHolder | undefined {
    const holder = this.seats.vacate(sessionId);
    if (holder !== undefined) this.#deps.removals.remove(holder.playerSessionId);
    return holder;
  }

  /** Refuses somebody whom others judged: a token is of no use, he came too often, his client is too old. */
  refuse(
    reason: "bad_token" | "rate_limited" | "too_many_returns" | "outdated",
    caller: Caller,
  ): Refused {
    return this.#refuse(reason, caller, undefined);
  }

  /** Why the player session of a record gets no seat now, if it gets none. */
  #objectionTo({ gameSessionId, playerId, status }: PlayerSession): RefusalReason | undefined {
    if (gameSessionId !== this.#deps.gameSession.gameSessionId) return RefusalReason.FOREIGN;
    if (status === "TIMEDOUT") return RefusalReason.EXPIRED;
    if (status !== "RESERVED") return RefusalReason.USED;
    if (!this.#takes(playerId)) return RefusalReason.CLOSED;
    if (!this.#hasRoomFor(playerId)) return RefusalReason.FULL;
    // He could not be accepted: better to say so before he has a seat.
    return this.#deps.breaker.isReachable ? undefined : RefusalReason.FLEET_UNAVAILABLE;
  }

  #takes(playerId: string): boolean {
    return !this.#isClosed && (this.#isOpen || this.seats.ofPlayer(playerId) !== undefined);
  }

  #hasRoomFor(playerId: string): boolean {
    // A player who already holds a seat takes his own over and needs no other.
    if (this.seats.ofPlayer(playerId) !== undefined) return true;
    const capacity = Math.min(
      this.#deps.gameSession.maximumPlayerSessionCount,
      this.#deps.seatsMax(),
    );
    return this.seats.heldCount + this.#othersOnTheirWay(playerId) < capacity;
  }

  /** Other players with a reservation or an accept under way who need a seat that they do not hold yet. */
  #othersOnTheirWay(playerId: string): number {
    let others = 0;
    for (const id of this.#onTheirWay.keys()) {
      if (id !== playerId && this.seats.ofPlayer(id) === undefined) others++;
    }
    return others;
  }

  #setsOut(playerId: string): void {
    this.#onTheirWay.set(playerId, (this.#onTheirWay.get(playerId) ?? 0) + 1);
  }

  #hasArrived(playerId: string): void {
    const left = (this.#onTheirWay.get(playerId) ?? 1) - 1;
    if (left === 0) this.#onTheirWay.delete(playerId);
    else this.#onTheirWay.set(playerId, left);
  }

  #holdReservation(
    sessionId: string,
    record: PlayerSession,
    options: Readonly<Record<string, unknown>>,
    caller: Caller,
  ): Reserved {
    const reservation: Reservation = {
      sessionId,
      record,
      options,
      caller,
      cancelExpiry: this.#deps.clock.after(SESSION_LIMITS.reservationMs, () => {
        this.#dropReservation(reservation);
        this.#refuse(RefusalReason.ABANDONED, caller, record.playerSessionId);
      }),
    };
    this.#reservations.set(sessionId, reservation);
    this.#setsOut(record.playerId);
    return { outcome: "reserved", sessionId };
  }

  #dropReservation(reservation: Reservation): void {
    reservation.cancelExpiry();
    if (this.#reservations.delete(reservation.sessionId))
      this.#hasArrived(reservation.record.playerId);
    this.#ledger.free(reservation.record.playerSessionId);
  }

  /**
   * Asks the fleet, time-boxed. While an answer is overdue the ledger entry stays taken: a late yes is given back,
   * a late no frees the id for another try.
   */
  async #accept(id: string): Promise<Acceptance> {
    const deadline = new AbortController();
    const asked = this.#deps.playerSessions.accept(id, deadline.signal);
    let timedOut = false;
    let cancel: CancelTimer = () => {};
    const overdue = new Promise<Acceptance>((resolve) => {
      cancel = this.#deps.clock.after(this.#deps.acceptTimeoutMs, () => {
        timedOut = true;
        this.#overdue.add(id);
        deadline.abort();
        resolve({ outcome: "unavailable", cause: new Error("no answer in time") });
      });
    });
    const settled = asked.then(
      (acceptance) => acceptance,
      (cause: unknown): Acceptance => ({ outcome: "unavailable", cause }),
    );
    void settled.then((late) => {
      if (!timedOut) return;
      this.#overdue.delete(id);
      if (late.outcome === "accepted") {
        this.#ledger.spend(id);
        this.#deps.removals.remove(id);
      } else this.#ledger.free(id);
    });
    const acceptance = await Promise.race([settled, overdue]);
    cancel();
    if (acceptance.outcome !== "unavailable") this.#deps.breaker.answered();
    else {
      this.#deps.breaker.failed();
      this.#deps.telemetry.fleetCallFailed({
        action: "accept_player_session",
        cause: acceptance.cause,
      });
    }
    if (acceptance.outcome === "refused") this.#deps.roster.forget(id);
    if (acceptance.outcome !== "accepted" && !timedOut) this.#ledger.free(id);
    return acceptance;
  }

  #refuse(reason: RefusalReason, caller: Caller, id: unknown): Refused {
    this.#deps.telemetry.joinRefused({
      reason,
      connectionId: caller.connectionId,
      remoteAddress: caller.address,
      playerSessionHash: typeof id === "string" ? fingerprint(id) : "",
    });
    return { outcome: "refused", code: CODE_OF_REASON[reason], reason };
  }
}

function isPlayerSessionId(id: unknown): id is string {
  return (
    typeof id === "string" &&
    id.length > 0 &&
    id.length <= SESSION_LIMITS.playerSessionIdCharsMax &&
    ID_SHAPE.test(id)
  );
}
