/**
 * `ws` alone, with a loop of `send`: what a server that does nothing else pays for the same bytes.
 * `node bench/peers/plain-ws.ts PATCH_BYTES [CERTIFICATE KEY]`; says where it listens in a line of JSON.
 */
import type { AddressInfo } from "node:net";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { httpServerOf } from "./http-server.ts";

const STEP_MS = 50;
const [ROOM_STATE_PATCH, ROOM_DATA_BYTES] = [15, 17];
const COMMAND = "c".charCodeAt(0);

const patch = Buffer.alloc(Number(process.argv[2]), 1);
patch[0] = ROOM_STATE_PATCH;
const message = Buffer.alloc(103);
message.set([ROOM_DATA_BYTES, 0xa1, "m".charCodeAt(0)]);

let isRunning = false;
let messagesPerStep = 0;
let ticks = 0;
let commands = 0;

const httpServer = httpServerOf(process.argv.slice(3));
const server = new WebSocketServer({ server: httpServer, perMessageDeflate: false });
server.on("connection", (socket) => {
  socket.on("message", (data) => hear(socket, data));
});
server.on("listening", () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ pid: process.pid, port, roomId: "" })}\n`);
});
httpServer.listen(0, "127.0.0.1");
setInterval(step, STEP_MS);
process.once("SIGTERM", () => process.exit(0));

function hear(socket: WebSocket, data: RawData): void {
  const bytes = data as Buffer;
  if (bytes[2] === COMMAND) {
    if (bytes.readUInt32LE(3) > 0 && Number.isFinite(bytes.readFloatLE(8))) commands++;
    return;
  }
  isRunning = bytes[5] === 1;
  messagesPerStep = bytes[6] ?? 0;
  if (isRunning) return;
  const answer = Buffer.alloc(11);
  answer.set([ROOM_DATA_BYTES, 0xa1, "n".charCodeAt(0)]);
  answer.writeUInt32LE(ticks, 3);
  answer.writeUInt32LE(commands, 7);
  socket.send(answer);
}

function step(): void {
  if (!isRunning) return;
  ticks++;
  for (let sent = 0; sent < messagesPerStep; sent++) {
    for (const socket of server.clients) socket.send(message);
  }
  for (const socket of server.clients) socket.send(patch);
}
