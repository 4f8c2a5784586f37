/**
 * The lobby's process: configuration, fleet, port, stop.
 * @module
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { systemClock as clock } from "./clock.ts";
import {
  type LobbyConfig,
  LobbyConfigError,
  type LobbySecrets,
  readLobbyConfig,
} from "./config.ts";
import { GameLiftFleetApi } from "./gamelift-fleet-api.ts";
import { JoinRates } from "./join-rates.ts";
import { Lobby } from "./lobby.ts";
import { jsonLog } from "./log.ts";
import { PlayerTokens } from "./player-tokens.ts";
import { WebServer } from "./web-server.ts";

const log = jsonLog((line) => process.stdout.write(line), clock.wallMs);

async function run(config: LobbyConfig, secrets: LobbySecrets): Promise<void> {
  const fleet = new GameLiftFleetApi({ ...config, clock });
  const lobby = new Lobby({
    games: config.games,
    fleet,
    clock,
    log,
    tokens: new PlayerTokens(secrets.playerKey),
    waitMs: config.waitMs,
    newPlacementId: () => randomUUID(),
  });
  const web = new WebServer({
    ...config,
    lobby,
    log,
    rates: new JoinRates(clock, config.joinsPerMinute),
  });
  const port = await web.listen(config.port, config.host);
  const games = config.games.map(({ name }) => name);
  log("info", "lobby_listening", { host: config.host, port, queue: config.queue, games });
  // Disconnected: the program that started this one, with a channel to it, is gone.
  const ends = ["SIGTERM", "SIGINT", "disconnect"].map((event) => once(process, event));
  await Promise.race(ends);
  if (process.connected) process.disconnect();
  log("info", "lobby_stopping", {});
  await web.close();
  fleet.close();
}

try {
  const { config, secrets } = readLobbyConfig();
  await run(config, secrets);
} catch (error) {
  const words =
    error instanceof LobbyConfigError ? `${error.code}: ${error.message}` : (error as Error).stack;
  process.stderr.write(`${words}\n`);
  process.exitCode = 1;
}
