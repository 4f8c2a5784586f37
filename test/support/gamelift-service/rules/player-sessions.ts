import { randomUUID } from "node:crypto";
import {
  type Answer,
  isGiven,
  type Message,
  ok,
  refusal,
} from "../../../../emulator/server-sdk/rules/answer.ts";
import {
  describedPlayerSession,
  pageOf,
} from "../../../../emulator/server-sdk/rules/player-session-pages.ts";
import type { CancelTimer, Clock } from "../../../../server/clock.ts";

type PlayerSessionStatus = "RESERVED" | "ACTIVE" | "COMPLETED" | "TIMEDOUT";

/** One player's right to one seat, and what was asked about it. */
export interface PlayerSessionRecord {
  readonly playerSessionId: string;
  readonly playerId: string;
  readonly playerData: string;
  /** ARN. */
  readonly gameSessionId: string;
  readonly status: PlayerSessionStatus;
  /** Wall clock. */
  readonly createdAtMs: number;
  /** Wall clock; 0 while it is not over. */
  readonly terminatedAtMs: number;
  /** AcceptPlayerSession requests that reached the service, those it refused included; the same RequestId counts once. */
  readonly acceptRequests: number;
  /** Those that made it ACTIVE: 0 or 1. */
  readonly accepts: number;
  readonly removeRequests: number;
  /** Those that made it COMPLETED: 0 or 1. */
  readonly removes: number;
  /** The end of its game session completed it, no RemovePlayerSession did. */
  readonly endedWithGameSession: boolean;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Entry = Writable<PlayerSessionRecord>;

/** What a description needs to know of a game session beside its id. */
export interface Address {
  readonly fleetId: string;
  readonly ipAddress: string;
  readonly dnsName: string;
  readonly port: number;
}

const NOWHERE: Address = { fleetId: "", ipAddress: "", dnsName: "", port: 0 };

/** Every player session ever created, by the rules of the service. */
export class PlayerSessions {
  readonly #clock: Clock;
  readonly #reservationMs: number;
  readonly #entries = new Map<string, Entry>();
  readonly #reservations = new Map<string, CancelTimer>();

  constructor(clock: Clock, reservationMs: number) {
    this.#clock = clock;
    this.#reservationMs = reservationMs;
  }

  find(playerSessionId: string): PlayerSessionRecord | undefined {
    return this.#entries.get(playerSessionId);
  }

  of(gameSessionId: string): readonly PlayerSessionRecord[] {
    return [...this.#entries.values()].filter((entry) => entry.gameSessionId === gameSessionId);
  }

  /** RESERVED until it is accepted, its time is over or its game session ends. */
  create(gameSessionId: string, playerId: string, playerData: string): PlayerSessionRecord {
    const entry: Entry = {
      playerSessionId: `psess-${randomUUID()}`,
      playerId,
      playerData,
      gameSessionId,
      status: "RESERVED",
      createdAtMs: Math.floor(this.#clock.wallMs()),
      terminatedAtMs: 0,
      acceptRequests: 0,
      accepts: 0,
      removeRequests: 0,
      removes: 0,
      endedWithGameSession: false,
    };
    const { playerSessionId } = entry;
    this.#entries.set(playerSessionId, entry);
    this.#reservations.set(
      playerSessionId,
      this.#clock.after(this.#reservationMs, () => this.#end(entry, "TIMEDOUT")),
    );
    return entry;
  }

  /** RESERVED becomes ACTIVE. What the real service answers otherwise is not documented. */
  accept(gameSessionId: string, playerSessionId: string): Answer {
    const entry = this.#ofGameSession(gameSessionId, playerSessionId);
    if (entry === undefined) return refusal(404, "Player session not found");
    entry.acceptRequests++;
    if (entry.status !== "RESERVED") return refusal(409, "Player session is not RESERVED");
    this.#release(entry);
    entry.status = "ACTIVE";
    entry.accepts++;
    return ok();
  }

  /** ACTIVE becomes COMPLETED. */
  remove(gameSessionId: string, playerSessionId: string): Answer {
    const entry = this.#ofGameSession(gameSessionId, playerSessionId);
    if (entry === undefined) return refusal(404, "Player session not found");
    entry.removeRequests++;
    if (entry.status !== "ACTIVE") return refusal(409, "Player session is not ACTIVE");
    this.#end(entry, "COMPLETED");
    entry.removes++;
    return ok();
  }

  /** RESERVED and ACTIVE ones become COMPLETED. */
  endAllOf(gameSessionId: string): void {
    for (const entry of this.#entries.values()) {
      const isOpen = entry.status === "RESERVED" || entry.status === "ACTIVE";
      if (entry.gameSessionId !== gameSessionId || !isOpen) continue;
      entry.endedWithGameSession = true;
      this.#end(entry, "COMPLETED");
    }
  }

  /**
   * DescribePlayerSessions, in pages.
   * @param query - Members as in the request, values already checked.
   * @param addressOf - Where the game session of that ARN is, if it is known.
   */
  describe(query: Message, addressOf: (gameSessionId: string) => Address | undefined): Answer {
    const found = this.#matching(query, addressOf);
    if (found === undefined) return refusal(404, "Not found");
    const paged = pageOf(query, found);
    if (paged === undefined) return refusal(400, "NextToken is not valid");
    return ok({
      NextToken: paged.nextToken,
      PlayerSessions: paged.page.map((entry) =>
        describedPlayerSession({ ...entry, ...(addressOf(entry.gameSessionId) ?? NOWHERE) }),
      ),
    });
  }

  /** Forgets all timers. */
  close(): void {
    for (const cancel of this.#reservations.values()) cancel();
    this.#reservations.clear();
  }

  #matching(
    query: Message,
    addressOf: (gameSessionId: string) => Address | undefined,
  ): readonly Entry[] | undefined {
    const entries = [...this.#entries.values()];
    if (isGiven(query["PlayerId"])) {
      return entries.filter((entry) => entry.playerId === query["PlayerId"]);
    }
    if (isGiven(query["PlayerSessionId"])) {
      const entry = this.#entries.get(query["PlayerSessionId"] as string);
      return entry === undefined ? undefined : [entry];
    }
    const gameSessionId = query["GameSessionId"] as string;
    if (addressOf(gameSessionId) === undefined) return undefined;
    // The filter means something for a game session alone.
    const filter = query["PlayerSessionStatusFilter"];
    return entries.filter(
      (entry) =>
        entry.gameSessionId === gameSessionId && (!isGiven(filter) || entry.status === filter),
    );
  }

  #ofGameSession(gameSessionId: string, playerSessionId: string): Entry | undefined {
    const entry = this.#entries.get(playerSessionId);
    return entry?.gameSessionId === gameSessionId ? entry : undefined;
  }

  #end(entry: Entry, status: "COMPLETED" | "TIMEDOUT"): void {
    this.#release(entry);
    entry.status = status;
    entry.terminatedAtMs = Math.floor(this.#clock.wallMs());
  }

  #release({ playerSessionId }: Entry): void {
    this.#reservations.get(playerSessionId)?.();
    this.#reservations.delete(playerSessionId);
  }
}
