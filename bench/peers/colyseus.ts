/**
 * A plain Colyseus server, as its documentation has it: `Server`, `WebSocketTransport`, one room, and a static `onAuth`
 * that asks the same fake validator as ours. `node bench/peers/colyseus.ts SESSION_FILE [CERTIFICATE KEY]`; says where it
 * listens in a line of JSON.
 */
import type { AddressInfo } from "node:net";
import { type Client, ErrorCode, matchMaker, Server, ServerError } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { systemClock } from "../../server/clock.ts";
import { LocalFleet } from "../../server/fleet/local/local-fleet.ts";
import { BenchRoom } from "../rooms/bench-room.ts";
import { httpServerOf } from "./http-server.ts";

const never = new AbortController().signal;

const fleet = LocalFleet.open({
  clock: systemClock,
  telemetry: { localSessionFileRejected: () => {} },
  config: { sessionFile: process.argv[2] ?? "", maxPlayers: 1, host: "127.0.0.1" },
  environment: { isProduction: false, hasGameLiftVariables: false, allowInsecure: false },
});
const gameSession = await new Promise<Parameters<Placed>[0]>((resolve, reject) => {
  const callbacks = {
    onGameSession: resolve,
    onTerminate: () => {},
    onPlayerSessionsChanged: () => {},
    onGameSessionUpdated: () => {},
    onReachable: () => {},
    onLost: () => {},
    isHealthy: () => true,
  };
  fleet.process.ready(0, callbacks).catch(reject);
});
type Placed = Parameters<typeof fleet.process.ready>[1]["onGameSession"];
const playerIds = new Map(
  (await fleet.gameSessions.playerSessions(gameSession.gameSessionId, never)).map((each) => [
    each.playerSessionId,
    each.playerId,
  ]),
);

class PeerRoom extends BenchRoom {
  static override async onAuth(_token: string, options: { playerSessionId?: string }) {
    const { playerSessionId = "" } = options;
    const { outcome } = await fleet.playerSessions.accept(playerSessionId, never);
    if (outcome !== "accepted") throw new ServerError(ErrorCode.AUTH_FAILED, "refused");
    return { playerId: playerIds.get(playerSessionId), playerSessionId };
  }

  override onLeave(client: Client<{ auth: { playerId: string } }>): void {
    super.onLeave(client);
    const { playerSessionId } = client.auth as unknown as { playerSessionId: string };
    void fleet.playerSessions.remove(playerSessionId, never);
  }
}

const httpServer = httpServerOf(process.argv.slice(3));
const server = new Server({
  transport: new WebSocketTransport({ server: httpServer }),
  greet: false,
  gracefullyShutdown: false,
});
server.define("bench", PeerRoom, { gameProperties: gameSession.gameProperties });
await server.listen(0, "127.0.0.1");
const { roomId } = await matchMaker.createRoom("bench", {});
const { port } = httpServer.address() as AddressInfo;
process.stdout.write(`${JSON.stringify({ pid: process.pid, port, roomId })}\n`);
process.once("SIGTERM", () => process.exit(0));
