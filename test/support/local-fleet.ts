import type { GameSession } from "../../server/fleet/fleet.ts";
import { LocalFleet, type LocalFleetOptions } from "../../server/fleet/local/local-fleet.ts";
import { MemoryTelemetry } from "../../server/telemetry/memory/memory-telemetry.ts";
import { FakeClock } from "./fake-clock.ts";

export const never = new AbortController().signal;
export const safe = { isProduction: false, hasGameLiftVariables: false, allowInsecure: false };

type Overrides = Partial<LocalFleetOptions["config"]> &
  Partial<LocalFleetOptions["environment"]> & { file?: object | string };

export function openFleet({ file, ...over }: Overrides = {}) {
  const clock = new FakeClock();
  const telemetry = new MemoryTelemetry();
  const disk = { text: typeof file === "string" ? file : JSON.stringify(file ?? {}) };
  const fleet = LocalFleet.open({
    clock,
    telemetry,
    config: {
      sessionFile: file === undefined ? "" : "/session.json",
      maxPlayers: over.maxPlayers ?? 32,
      host: over.host ?? "127.0.0.1",
    },
    environment: { ...safe, ...over },
    readFile: () => disk.text,
  });
  const edit = (next: object | string) => {
    disk.text = typeof next === "string" ? next : JSON.stringify(next);
    clock.advance(1_000);
  };
  return { fleet, clock, telemetry, edit, disk };
}

/** A fleet that has placed its first game session. */
export async function openPlaced(over: Overrides = {}) {
  const opened = openFleet(over);
  const sessions: GameSession[] = [];
  const seen = { changes: 0, terminations: [] as number[] };
  await opened.fleet.process.ready(7000, {
    onGameSession: (session) => sessions.push(session),
    onTerminate: (deadlineMs) => seen.terminations.push(deadlineMs),
    onPlayerSessionsChanged: () => seen.changes++,
    onGameSessionUpdated: () => {},
    onReachable: () => {},
    onLost: () => {},
    isHealthy: () => true,
  });
  opened.clock.advance(0);
  const describeAll = () =>
    opened.fleet.gameSessions.playerSessions(sessions.at(-1)!.gameSessionId, never);
  const statusOf = async (id: string) =>
    (await describeAll()).find((each) => each.playerSessionId === id)?.status;
  const accept = (id: string) => opened.fleet.playerSessions.accept(id, never);
  const nextRound = async () => {
    await opened.fleet.process.gameSessionEnded(sessions.at(-1)!.gameSessionId);
    opened.clock.advance(0);
  };
  return { ...opened, sessions, seen, describeAll, statusOf, accept, nextRound };
}

export const twoPlayers = {
  gameSession: { gameSessionId: "gsess-1", gameProperties: { map: "small" } },
  playerSessions: [
    { playerSessionId: "psess-a", playerId: "anna", playerData: "blue" },
    { playerSessionId: "psess-b", playerId: "ben" },
  ],
};
