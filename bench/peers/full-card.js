/**
 * What a project puts together that wants what this server has: Colyseus with its WebSocket transport, the AWS SDK's
 * client for GameLift, prom-client with its default metrics and winston, each as its documentation has it; the packages
 * as npm installs them. JavaScript, since Node would pay for types.
 * `node bench/peers/full-card.js ROOM_MODULE [play]`; says where it listens in a line of JSON, with `play` once it has
 * a room.
 */
import http from "node:http";
import { pathToFileURL } from "node:url";
import { GameLiftClient } from "@aws-sdk/client-gamelift";
import { matchMaker, Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { collectDefaultMetrics, Gauge, register } from "prom-client";
import winston from "winston";

const [, , roomModule = "", play] = process.argv;
const { BenchRoom } = await import(pathToFileURL(roomModule).href);

const logger = winston.createLogger({
  level: "info",
  format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
  transports: [new winston.transports.Console({ stderrLevels: ["error", "warn", "info"] })],
});
const gameLift = new GameLiftClient({ region: "eu-central-1" });

collectDefaultMetrics();
new Gauge({
  name: "players",
  help: "Players in rooms",
  collect() {
    this.set(matchMaker.stats.local.ccu);
  },
});
const metrics = http.createServer(async (_request, response) => {
  response.setHeader("Content-Type", register.contentType);
  response.end(await register.metrics());
});
await new Promise((resolve) => metrics.listen(0, "127.0.0.1", resolve));

const httpServer = http.createServer();
const server = new Server({
  transport: new WebSocketTransport({ server: httpServer }),
  greet: false,
  gracefullyShutdown: false,
});
server.define("bench", BenchRoom, {
  gameProperties: { seats: "10", patchMs: "0", profileChars: "0" },
});
await server.listen(0, "127.0.0.1");
const room = play === "play" ? await matchMaker.createRoom("bench", {}) : undefined;
const { port } = httpServer.address();
logger.info("listening", { port, region: await gameLift.config.region() });
process.stdout.write(`${JSON.stringify({ pid: process.pid, port, roomId: room?.roomId ?? "" })}\n`);
process.once("SIGTERM", () => process.exit(0));
