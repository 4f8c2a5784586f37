import { expect } from "vitest";
import { CloseCode } from "../../../protocol/close-codes.ts";
import type {
  Acceptance,
  GameSession,
  GameSessionReader,
  PlayerSession,
} from "../../../server/fleet/fleet.ts";
import { Admission, type Claim } from "../../../server/session/admission.ts";
import { FleetBreaker } from "../../../server/session/fleet-breaker.ts";
import type { Refused } from "../../../server/session/refused.ts";
import { Removals } from "../../../server/session/removals.ts";
import { Roster } from "../../../server/session/roster.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { FakeClock, settle } from "../../support/fake-clock.ts";
import { GAME_SESSION, ScriptedFleet } from "../../support/scripted-fleet.ts";

export const ACCEPT_TIMEOUT_MS = 3_000;
export const ADDRESS = "203.0.113.7";
export const CALLER = { connectionId: 7, address: ADDRESS };
/** Whatever the reason: it is told to telemetry alone. */
const refusedWith = (code: CloseCode): Refused => ({
  outcome: "refused",
  code,
  reason: expect.any(String) as Refused["reason"],
});
export const REFUSED = refusedWith(CloseCode.REFUSED);
export const FULL = refusedWith(CloseCode.MATCH_FULL);
export const CLOSED = refusedWith(CloseCode.CLOSED_TO_JOINS);
export const TRY_AGAIN = refusedWith(CloseCode.TRY_AGAIN);

/** Admission with everything under it real but the clock and the fleet. */
export class AdmissionWorld {
  readonly clock = new FakeClock(1_000);
  readonly telemetry = new MemoryTelemetry();
  readonly fleet: ScriptedFleet;
  readonly roster: Roster;
  readonly removals: Removals;
  readonly admission: Admission;
  /** What the room offers. */
  seatsMax = Number.POSITIVE_INFINITY;
  #sessions = 0;

  /** @param second - Must agree with the fleet, where it is given. */
  constructor(
    players = 0,
    session: Partial<GameSession> = {},
    descriptionsPerSecond = 4,
    second?: GameSessionReader,
  ) {
    const { clock, telemetry } = this;
    this.fleet = new ScriptedFleet(players);
    const gameSession = { ...GAME_SESSION, ...session };
    const breaker = new FleetBreaker({ clock, telemetry, source: "fleet" });
    const { gameSessionId } = gameSession;
    const reader = { ...this.fleet.gameSessions, descriptionsPerSecond };
    const source = "fleet";
    this.roster = new Roster({ breaker, reader, gameSessionId, clock, telemetry, source });
    this.removals = new Removals({ playerSessions: this.fleet.playerSessions, clock, telemetry });
    this.admission = new Admission({
      gameSession,
      playerSessions: this.fleet.playerSessions,
      roster: this.roster,
      secondOpinion: second && secondRoster(second, gameSessionId, clock, telemetry),
      breaker,
      removals: this.removals,
      clock,
      telemetry,
      acceptTimeoutMs: ACCEPT_TIMEOUT_MS,
      seatsMax: () => this.seatsMax,
      newSessionId: () => `session-${++this.#sessions}`,
      onOccupied: () => {},
      onGivenBack: () => {},
    });
  }

  /** Why joins were refused, oldest first. */
  get reasons(): string[] {
    return this.telemetry.of("joinRefused").map(({ reason }) => reason);
  }

  add(record: PlayerSession): void {
    this.fleet.add(record);
  }

  /** Reserves, letting as much time pass as the roster may need. */
  async reserve(playerSessionId: unknown): Promise<string | Refused> {
    const asked = this.ask(playerSessionId);
    await this.clock.advanceAsync(250);
    return asked;
  }

  /** Reserves without letting time pass. @returns The session id that claims the seat. */
  async ask(playerSessionId: unknown): Promise<string | Refused> {
    const answer = await this.admission.reserve({
      playerSessionId,
      options: {},
      caller: CALLER,
    });
    return answer.outcome === "reserved" ? answer.sessionId : answer;
  }

  claim(sessionId: string | Refused): Promise<Claim | Refused> {
    if (typeof sessionId !== "string") throw new Error("there is no reservation to claim");
    return this.admission.claim(sessionId, CALLER);
  }

  async join(playerSessionId: string): Promise<Claim | Refused> {
    const reserved = await this.reserve(playerSessionId);
    return typeof reserved === "string" ? this.claim(reserved) : reserved;
  }

  async seated(playerSessionId: string): Promise<Claim> {
    const claim = await this.join(playerSessionId);
    if (claim.outcome !== "claimed") throw new Error(`not seated: ${this.reasons.at(-1)}`);
    return claim;
  }
}

function secondRoster(
  reader: GameSessionReader,
  gameSessionId: string,
  clock: FakeClock,
  telemetry: MemoryTelemetry,
): Roster {
  const source = "second_opinion";
  const breaker = new FleetBreaker({ clock, telemetry, source });
  return new Roster({ breaker, reader, gameSessionId, clock, telemetry, source });
}

/** Answers of the fleet that the test gives when it likes. */
export class HeldAnswers<Answer> {
  readonly #waiting: PromiseWithResolvers<Answer>[] = [];

  get count(): number {
    return this.#waiting.length;
  }

  readonly ask = (): Promise<Answer> => {
    const answer = Promise.withResolvers<Answer>();
    this.#waiting.push(answer);
    return answer.promise;
  };

  /** Answers the oldest question that waits. */
  async answer(value: Answer): Promise<void> {
    this.#waiting.shift()?.resolve(value);
    await settle();
  }

  async answerNewest(value: Answer): Promise<void> {
    this.#waiting.pop()?.resolve(value);
    await settle();
  }

  async fail(cause: Error): Promise<void> {
    this.#waiting.shift()?.reject(cause);
    await settle();
  }
}

export const ACCEPTED: Acceptance = { outcome: "accepted" };

/** A world whose fleet describes when the test likes. */
export function holdingDescriptions() {
  const world = new AdmissionWorld();
  const fleet = new HeldAnswers<readonly PlayerSession[]>();
  world.fleet.answerDescribe = fleet.ask;
  return { world, fleet };
}
