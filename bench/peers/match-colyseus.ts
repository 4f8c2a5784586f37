/**
 * A plain Colyseus server with the reference match. `node bench/peers/match-colyseus.ts PLAN ROOM [CERTIFICATE KEY]`, where
 * the room is `messages`, `inputs` or `views`; says where it listens in a line of JSON.
 */
import type { AddressInfo } from "node:net";
import { matchMaker, Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { InputRoom, MessageRoom, ViewRoom } from "./colyseus-rooms.ts";
import { httpServerOf } from "./http-server.ts";

const ROOMS = { messages: MessageRoom, inputs: InputRoom, views: ViewRoom };

const [, , plan = "", room, ...files] = process.argv;
const httpServer = httpServerOf(files);
const server = new Server({
  transport: new WebSocketTransport({ server: httpServer }),
  greet: false,
  gracefullyShutdown: false,
});
server.define("match", ROOMS[room as keyof typeof ROOMS]);
await server.listen(0, "127.0.0.1");
const { roomId } = await matchMaker.createRoom("match", { plan: JSON.parse(plan) });
const { port } = httpServer.address() as AddressInfo;
process.stdout.write(`${JSON.stringify({ pid: process.pid, port, roomId })}\n`);
process.once("SIGTERM", () => process.exit(0));
