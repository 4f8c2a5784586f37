import { systemClock } from "../../../../server/clock.ts";
import type {
  GameSession,
  GameSessionUpdate,
  ServerProcessCallbacks,
} from "../../../../server/fleet/fleet.ts";
import { GameLiftFleet } from "../../../../server/fleet/gamelift/gamelift-fleet.ts";
import { MemoryTelemetry } from "../../../../server/telemetry/memory/memory-telemetry.ts";
import {
  GameLiftService,
  type GameLiftServiceOptions,
} from "../../../support/gamelift-service/service.ts";

export const never = new AbortController().signal;

/** A real fleet adapter that speaks to a scripted service over a real WebSocket. */
export class GameLiftWorld implements AsyncDisposable {
  readonly telemetry = new MemoryTelemetry();
  readonly sessions: GameSession[] = [];
  readonly updates: GameSessionUpdate[] = [];
  readonly terminations: number[] = [];
  readonly reachable: boolean[] = [];
  readonly lost: unknown[] = [];
  isHealthy = true;
  readonly service: GameLiftService;
  readonly fleet: GameLiftFleet;

  private constructor(service: GameLiftService, telemetry: MemoryTelemetry, fleet: GameLiftFleet) {
    this.service = service;
    this.telemetry = telemetry;
    this.fleet = fleet;
  }

  /** @param process - What the process says of itself beside what every one does. */
  static async open(
    options: GameLiftServiceOptions = {},
    process: { metricsTool?: boolean; environment?: Readonly<Record<string, string>> } = {},
  ): Promise<GameLiftWorld> {
    const service = await GameLiftService.open(options);
    const telemetry = new MemoryTelemetry();
    const fleet = await GameLiftFleet.open({
      clock: systemClock,
      telemetry,
      logPaths: () => ["logs"],
      ...process,
      environment: { ...service.environment(), ...process.environment },
    });
    return new GameLiftWorld(service, telemetry, fleet);
  }

  get callbacks(): ServerProcessCallbacks {
    return {
      onGameSession: (session) => this.sessions.push(session),
      onGameSessionUpdated: (update) => this.updates.push(update),
      onTerminate: (deadlineMs) => this.terminations.push(deadlineMs),
      onPlayerSessionsChanged: () => {},
      onReachable: (isReachable) => this.reachable.push(isReachable),
      onLost: (cause) => this.lost.push(cause),
      isHealthy: () => this.isHealthy,
    };
  }

  /** A process with an active game session of `players`. @returns The game session's id and the players' ids. */
  async hosting(players = 4): Promise<{ gameSessionId: string; ids: string[] }> {
    const { service, fleet } = this;
    await fleet.process.ready(7000, this.callbacks);
    await service.waitFor("HeartbeatServerProcess");
    const gameSessionId = service.placeGameSession({
      maximumPlayerSessionCount: Math.max(1, players),
    });
    await service.ping();
    await fleet.process.activateGameSession(gameSessionId);
    const ids = Array.from({ length: players }, (_, at) =>
      service.createPlayerSession(gameSessionId, `player-${at}`),
    );
    return { gameSessionId, ids };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fleet[Symbol.asyncDispose]();
    await this.service[Symbol.asyncDispose]();
  }
}
