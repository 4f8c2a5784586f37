import { randomBytes, randomUUID } from "node:crypto";
import { matchMaker } from "@colyseus/core";
import { type Clock, systemClock } from "../../server/clock.ts";
import type { GameSession } from "../../server/fleet/fleet.ts";
import { GameChoice, type HostedGame } from "../../server/host/game-choice.ts";
import { MATCH_ROOM_ID, type Match } from "../../server/host/match.ts";
import { openMatch, prepareMatchMaker } from "../../server/host/open-match.ts";
import { SnapshotSums } from "../../server/host/snapshot-feed.ts";
import type { MatchResult } from "../../server/results/results.ts";
import { GameSessionLife } from "../../server/session/game-session-life.ts";
import { MemoryTelemetry } from "../../server/telemetry/memory/memory-telemetry.ts";
import { Door } from "../../server/transport/door.ts";
import { originRule } from "../../server/transport/origins.ts";
import { CLIENT_LIMITS } from "./client-limits.ts";
import { GAME_SESSION, type ScriptedFleet } from "./scripted-fleet.ts";

export interface InProcessServer {
  readonly port: number;
  readonly url: string;
  readonly life: GameSessionLife<Match>;
  readonly telemetry: MemoryTelemetry;
  readonly results: MatchResult[];
  /** Places a game session and waits until it takes players. */
  place(session?: Partial<GameSession>): Promise<void>;
  close(): Promise<void>;
}

let isPrepared = false;

/** The whole server but its process: real sockets, real Colyseus, a fleet that the test scripts. One per test file. */
export async function startInProcess(options: {
  fleet: ScriptedFleet;
  name: string;
  game: HostedGame;
  /** Those that a game session may name beside it. */
  others?: Readonly<Record<string, HostedGame>>;
  reconnectSeconds?: number;
  resultsMs?: number;
  acceptTimeoutMs?: number;
  tickRateHz?: number;
  /** As the settings' default. */
  replication?: "snapshots" | "schema";
  snapshotBytesPerSecond?: number;
  journalDir?: string;
  /** The system's unless given. */
  doorClock?: Clock;
}): Promise<InProcessServer> {
  const { fleet, name, game } = options;
  const games = new GameChoice(
    new Map([[name, game], ...Object.entries(options.others ?? {})]),
    name,
  );
  const telemetry = new MemoryTelemetry();
  if (!isPrepared) await prepareMatchMaker(telemetry);
  isPrepared = true;
  const results: MatchResult[] = [];
  const snapshotSums = new SnapshotSums();
  const clock = systemClock;
  const life = new GameSessionLife<Match>({
    fleet,
    clock,
    telemetry,
    loopDelay: { takeMedianMs: () => 0 },
    backfill: "auto",
    roomOf: (session) => games.nameFor(session),
    openRoom: (session, seats, events) =>
      openMatch(
        {
          games,
          clock,
          telemetry,
          reconnectSeconds: options.reconnectSeconds ?? 20,
          tickRateHz: options.tickRateHz,
          replication: options.replication ?? "snapshots",
          snapshotBytesPerSecond: options.snapshotBytesPerSecond ?? 65_536,
          snapshotSums,
          journalDir: options.journalDir ?? "",
          version: "test",
          newSeed: () => 7,
        },
        session,
        seats,
        events,
      ),
    deliver: async (result) => {
      results.push(result);
    },
    timeouts: { activationMs: 50_000, nobodyCameMs: 0, emptyMs: 30_000, matchMsMax: 0 },
    acceptTimeoutMs: options.acceptTimeoutMs ?? 2_000,
    resultsMs: options.resultsMs ?? 0,
    newSessionId: () => randomBytes(16).toString("base64url"),
    newResultId: () => randomUUID(),
  });
  const door = new Door({
    seating: life,
    clock: options.doorClock ?? clock,
    telemetry,
    mayReach: originRule([], true),
    budgets: { unadmittedMax: 64, failedJoinsMax: 40, limitsLoopback: false },
    clients: CLIENT_LIMITS,
    sendQueue: { bytesMax: 256 * 1024, softBytes: 64 * 1024 },
    roomId: MATCH_ROOM_ID,
    processId: matchMaker.processId,
  });
  const port = await door.listen([0], "127.0.0.1");
  await life.start(port);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    life,
    telemetry,
    results,
    async place(session = {}) {
      fleet.callbacks?.onGameSession({ ...GAME_SESSION, ...session });
      await until(() => life.phase === "active" || life.phase === "idle");
    },
    async close() {
      // The second one hurries, as a second signal does.
      life.drain("signal", 1_000);
      life.drain("signal", 1_000);
      await life.done;
      await door.close();
    },
  };
}

/** Waits for something real to happen, such as a socket's close; bounded. */
export async function until(isTrue: () => boolean, withinMs = 5_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(`not within ${withinMs} ms: ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
