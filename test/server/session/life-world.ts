import type { CloseCode } from "../../../protocol/close-codes.ts";
import type { GameSession } from "../../../server/fleet/fleet.ts";
import type { MatchResult } from "../../../server/results/results.ts";
import type { Claim } from "../../../server/session/admission.ts";
import { GameSessionLife } from "../../../server/session/game-session-life.ts";
import type { SessionTimeouts } from "../../../server/session/limits.ts";
import type {
  MatchRoom,
  MatchRoomEvents,
  TickProgress,
} from "../../../server/session/match-room.ts";
import type { Seats } from "../../../server/session/seats.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { GAME_SESSION, ScriptedFleet } from "../../support/scripted-fleet.ts";
import { CALLER } from "./admission-world.ts";

export const RESULTS_MS = 10_000;
export const EMPTY_MS = 30_000;
export const ACTIVATION_MS = 50_000;

/** A room without a game: the test says what happens in it. */
export class ScriptedRoom implements MatchRoom {
  readonly events: MatchRoomEvents;
  readonly #seats: Seats;
  endsWhenEmpty = true;
  seatsMaxNow = Number.POSITIVE_INFINITY;
  ticks = 100;
  readonly scores = new Map<number, number>();
  winners: number[] = [];
  readonly drains: number[] = [];
  readonly closes: CloseCode[] = [];
  readonly seals: string[] = [];
  readonly matchmakerData: string[] = [];
  progress: TickProgress | undefined;
  /** What the room does when it is closed and sealed; at once, unless the test says otherwise. */
  onClose = async (): Promise<void> => {
    for (const { sessionId } of this.#seats.holders()) this.events.onSeatGone(sessionId);
  };
  onSeal = async (): Promise<void> => {};
  onSummary = (): void => {};

  constructor(seats: Seats, events: MatchRoomEvents) {
    this.#seats = seats;
    this.events = events;
  }

  seatsMax(): number {
    return this.seatsMaxNow;
  }

  summary() {
    this.onSummary();
    const scores = [...this.scores].map(([seat, score]) => ({ seat, score }));
    return { ticks: this.ticks, stateHash: "0123456789abcdef", scores, winners: this.winners };
  }

  reading() {
    return undefined;
  }

  tickProgress(): TickProgress | undefined {
    return this.progress;
  }

  matchmakerDataChanged(matchmakerData: string): void {
    this.matchmakerData.push(matchmakerData);
  }

  announceDrain(deadlineMs: number): void {
    this.drains.push(deadlineMs);
  }

  close(code: CloseCode): Promise<void> {
    this.closes.push(code);
    return this.onClose();
  }

  seal(resultId: string, outcome: string): Promise<void> {
    this.seals.push(`${resultId} ${outcome}`);
    return this.onSeal();
  }
}

/** The life of a game session with everything real but the clock, the fleet and the room. */
export class LifeWorld {
  readonly clock = new FakeClock(1_000);
  readonly telemetry = new MemoryTelemetry();
  readonly fleet: ScriptedFleet;
  readonly life: GameSessionLife<ScriptedRoom>;
  readonly rooms: ScriptedRoom[] = [];
  readonly results: MatchResult[] = [];
  readonly deadlines: number[] = [];
  /** What happens before a room is open. */
  whileOpening: (events: MatchRoomEvents) => Promise<void> = async () => {};
  whileDelivering: () => Promise<void> = async () => {};
  isDone = false;
  /** Why the process ends with an error. */
  failure: unknown;
  #ids = 0;

  constructor(players = 4, acceptTimeoutMs = 3_000, timeouts: Partial<SessionTimeouts> = {}) {
    this.fleet = new ScriptedFleet(players);
    this.life = new GameSessionLife({
      fleet: this.fleet,
      clock: this.clock,
      telemetry: this.telemetry,
      loopDelay: { takeMedianMs: () => 0 },
      backfill: "auto",
      roomOf: () => "scripted",
      openRoom: async (_session, seats, events) => {
        await this.whileOpening(events);
        const room = new ScriptedRoom(seats, events);
        this.rooms.push(room);
        return room;
      },
      deliver: (result, deadlineMs) => {
        this.results.push(result);
        this.deadlines.push(deadlineMs);
        return this.whileDelivering();
      },
      acceptTimeoutMs,
      timeouts: {
        activationMs: ACTIVATION_MS,
        nobodyCameMs: 0,
        emptyMs: EMPTY_MS,
        matchMsMax: 0,
        ...timeouts,
      },
      resultsMs: RESULTS_MS,
      newSessionId: () => `session-${++this.#ids}`,
      newResultId: () => `result-${++this.#ids}`,
    });
    this.life.done.then(
      () => {
        this.isDone = true;
      },
      (error: unknown) => {
        this.failure = error;
      },
    );
  }

  /** A world whose match is open and has these players. */
  static async playing(...players: number[]): Promise<LifeWorld> {
    const world = new LifeWorld();
    await world.place();
    for (const number of players) await world.join(number);
    return world;
  }

  get room(): ScriptedRoom {
    const room = this.rooms.at(-1);
    if (room === undefined) throw new Error("no room was opened");
    return room;
  }

  get outcomes(): string[] {
    return this.results.map(({ outcome }) => outcome);
  }

  async place(session: Partial<GameSession> = {}): Promise<void> {
    if (this.fleet.callbacks === undefined) await this.life.start(7000);
    this.fleet.callbacks?.onGameSession({ ...GAME_SESSION, ...session });
    await this.clock.advanceAsync(0);
  }

  /** Seats player `number` with player session `psess-<session>`. */
  async join(session: number): Promise<Claim> {
    const { admission } = this.life.current ?? {};
    if (admission === undefined) throw new Error("no match is open");
    const asked = admission.reserve({
      playerSessionId: `psess-${session}`,
      options: {},
      caller: CALLER,
    });
    await this.clock.advanceAsync(250);
    const reserved = await asked;
    if (reserved.outcome === "refused") throw new Error(`refused with ${reserved.code}`);
    const claim = await admission.claim(reserved.sessionId, CALLER);
    if (claim.outcome === "refused") throw new Error(`refused with ${claim.code}`);
    return claim;
  }

  /** The fleet keeps no reservation any more: 60 s are over for who has not come. */
  lapse(): void {
    for (const record of [...this.fleet.records.values()]) {
      if (record.status === "RESERVED") this.fleet.add({ ...record, status: "TIMEDOUT" });
    }
  }

  leave(claim: Claim): void {
    this.room.events.onSeatGone(claim.holder.sessionId);
  }

  pass(ms: number): Promise<void> {
    return this.clock.advanceAsync(ms);
  }
}

/** Never answers. */
export const hang = (): Promise<never> => new Promise(() => {});
