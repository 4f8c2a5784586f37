import type { Backfills, GameSessionUpdate } from "../../../server/fleet/fleet.ts";
import { type Backfill, manualBackfill } from "../../../server/session/backfill.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { GAME_SESSION } from "../../support/scripted-fleet.ts";

export const ARN = "arn:aws:gamelift:eu-west-1:123456789012:matchmakingconfiguration/a";

/** Players by team, as letters: `{ red: "ab", blue: "cd" }`. */
export type Teams = Readonly<Record<string, string>>;

export function matchmakerData(teams: Teams, over: Record<string, unknown> = {}): string {
  return JSON.stringify({
    matchId: "match-1",
    matchmakingConfigurationArn: ARN,
    autoBackfillMode: "MANUAL",
    autoBackfillTicketId: null,
    teams: Object.entries(teams).map(([name, players]) => ({
      name,
      players: [...players].map((playerId) => ({
        playerId,
        attributes: {
          skill: { attributeType: "DOUBLE", valueAttribute: playerId.charCodeAt(0) },
        },
      })),
    })),
    ...over,
  });
}

type StartRequest = Parameters<Backfills["start"]>[0];

/** A matchmaker whose answers the test writes; at once and well, unless it says otherwise. */
export class ScriptedBackfills implements Backfills {
  /** `start ticket-1: a/red b/red`, `stop ticket-1`, with the time in seconds before. */
  readonly calls: string[] = [];
  readonly requests: StartRequest[] = [];
  readonly signals: AbortSignal[] = [];
  onStart: (ticketId: string) => Promise<string> = async (ticketId) => ticketId;
  onStop: (ticketId: string) => Promise<void> = async () => {};
  readonly #clock: FakeClock;
  #tickets = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  start(request: StartRequest, signal: AbortSignal): Promise<string> {
    const ticketId = `ticket-${++this.#tickets}`;
    const players = request.players.map(({ playerId, team }) => `${playerId}/${team}`);
    this.#note(`start ${ticketId}: ${players.join(" ")}`);
    this.requests.push(request);
    this.signals.push(signal);
    return this.onStart(ticketId);
  }

  stop({ ticketId }: { ticketId: string }, signal: AbortSignal): Promise<void> {
    this.#note(`stop ${ticketId}`);
    this.signals.push(signal);
    return this.onStop(ticketId);
  }

  #note(call: string): void {
    this.calls.push(`${this.#clock.nowMs() / 1000} ${call}`);
  }
}

/** The backfill of one game session, with everything real but the clock and the matchmaker. */
export class BackfillWorld {
  readonly clock = new FakeClock();
  readonly telemetry = new MemoryTelemetry();
  readonly fleet = new ScriptedBackfills(this.clock);
  readonly backfill: Backfill;
  seatsMax = Number.POSITIVE_INFINITY;

  constructor(teams: Teams = { red: "ab", blue: "cd" }, maximumPlayerSessionCount = 4) {
    const backfill = manualBackfill({
      backfills: this.fleet,
      mode: "auto",
      gameSession: {
        ...GAME_SESSION,
        maximumPlayerSessionCount,
        matchmakerData: matchmakerData(teams),
      },
      clock: this.clock,
      telemetry: this.telemetry,
      seatsMax: () => this.seatsMax,
    });
    if (backfill === undefined) throw new Error("not a match of ours to fill");
    this.backfill = backfill;
  }

  /** A match of four, all of whom have come. */
  static full(): BackfillWorld {
    const world = new BackfillWorld();
    world.backfill.activated();
    world.seat("abcd");
    return world;
  }

  /** A full match from which `d` has left, 2 s ago: `ticket-1` is open. */
  static async open(): Promise<BackfillWorld> {
    const world = BackfillWorld.full();
    world.leave("d");
    await world.pass(2_000);
    return world;
  }

  get calls(): readonly string[] {
    return this.fleet.calls;
  }

  /** How tickets ended, in order: `ticket-1 matched`. */
  get ends(): readonly string[] {
    return this.telemetry
      .of("backfillEnded")
      .map(({ ticketId, outcome }) => `${ticketId} ${outcome}`);
  }

  seat(players: string): void {
    for (const playerId of players) this.backfill.seated(playerId);
  }

  leave(players: string): void {
    for (const playerId of players) this.backfill.left(playerId);
  }

  update(reason: GameSessionUpdate["reason"], ticketId: string, teams?: Teams): void {
    const data = teams === undefined ? "" : matchmakerData(teams);
    this.backfill.updated({
      reason,
      ticketId,
      session: { ...GAME_SESSION, matchmakerData: data },
    });
  }

  pass(ms: number): Promise<void> {
    return this.clock.advanceAsync(ms);
  }
}
