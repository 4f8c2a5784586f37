/** The composition root: configuration, adapters, start, drain, stop. @module */
import { randomBytes, randomUUID } from "node:crypto";
import { matchMaker } from "@colyseus/core";
import packageJson from "../package.json" with { type: "json" };
import { AdminServer } from "./admin/admin-server.ts";
import { systemClock as clock } from "./clock.ts";
import { keepCompiled } from "./compile-cache.ts";
import { readProcessConfig } from "./config.ts";
import { collectStart, settleEngine } from "./engine.ts";
import { timedFleet } from "./fleet/timed-fleet.ts";
import { openFleet, tlsOnFleet } from "./fleets.ts";
import { openGames } from "./games.ts";
import { MATCH_ROOM_ID, type Match } from "./host/match.ts";
import { openMatch, prepareMatchMaker } from "./host/open-match.ts";
import { SnapshotSums } from "./host/snapshot-feed.ts";
import { threadRest } from "./host/thread-rest.ts";
import { Observers } from "./observers.ts";
import { ProcessGuard } from "./process-guard.ts";
import { deliverResult } from "./results/deliver.ts";
import { resultSinks } from "./results/sinks.ts";
import { eventLoopDelay } from "./session/event-loop-delay.ts";
import { GameSessionLife } from "./session/game-session-life.ts";
import { newToken } from "./tokens.ts";
import { openFilesMax } from "./transport/connection-limits.ts";
import { Door } from "./transport/door.ts";
import { TRANSPORT_LIMITS } from "./transport/limits.ts";
import { originRule } from "./transport/origins.ts";

settleEngine();
const guard = new ProcessGuard();
const config = guard.orExit(readProcessConfig);
const observers = new Observers(config, clock, packageJson.version);
const { telemetry } = observers;
await guard.run(telemetry, host, () => observers.settled());

async function host(): Promise<void> {
  await using fleet = await openFleet(config, clock, telemetry);
  const tls = await tlsOnFleet(config, fleet);
  const games = await openGames(config);
  await prepareMatchMaker(telemetry);
  const sinks = resultSinks(config, clock);
  const hosting = {
    ...config,
    games,
    clock,
    rest: threadRest(clock, () => door.isAwaited),
    telemetry,
    version: packageJson.version,
    newSeed: () => randomBytes(4).readUInt32LE(),
    snapshotSums: new SnapshotSums(),
  };
  const life = new GameSessionLife<Match>({
    ...config,
    fleet: timedFleet(fleet, clock, telemetry),
    clock,
    telemetry,
    loopDelay: eventLoopDelay(),
    roomOf: (session) => games.nameFor(session),
    openRoom: (session, seats, events) => openMatch(hosting, session, seats, events),
    deliver: (result, deadlineMs) => deliverResult({ sinks, result, clock, telemetry, deadlineMs }),
    resultsMs: config.resultsSeconds * 1000,
    newSessionId: newToken,
    newResultId: () => randomUUID(),
  });
  const mayReach = originRule(config.origins, fleet.kind === "local");
  const door = new Door({
    seating: life,
    clock,
    telemetry,
    mayReach,
    tls,
    budgets: config.budgets,
    clients: config.clients,
    sendQueue: { bytesMax: config.sendQueueBytes, softBytes: config.sendQueueSoftBytes },
    roomId: MATCH_ROOM_ID,
    processId: matchMaker.processId,
    openFilesMax: openFilesMax(),
  });
  const admin = new AdminServer({
    ...observers.admin,
    ...config.telemetry.admin,
    token: config.secrets.adminToken,
    mayReach,
    health: () => ({ port, ...life.health }),
    nextPlayerSession: () => (fleet.kind === "local" ? fleet.nextPlayerSession() : undefined),
  });
  const port = await door.listen(config.ports, config.host);
  const adminPort = await admin.listen(config.adminPorts);
  guard.watch(life, config.drainMs);
  const reading = () => ({ ...door.reading(), ...life.reading() });
  observers.opened({ port, adminPort, reading, games, fleet: fleet.kind, tls: tls.mode });
  collectStart();
  await life.start(port);
  keepCompiled();
  await life.done.finally(() => {
    const doorMs = life.leftMs(TRANSPORT_LIMITS.shutdownMs);
    return Promise.all([observers.leave(), door.close(doorMs), admin.close()]);
  });
}
