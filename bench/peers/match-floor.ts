/**
 * The floor: bare sockets, to each of which a ready frame of so many bytes is written per tick. Inputs are read and thrown
 * away. `node bench/peers/match-floor.ts PLAN`; says where it listens in a line of JSON.
 */
import { createHash } from "node:crypto";
import net, { type AddressInfo, type Socket } from "node:net";
import { ConductedMatch } from "../match/conducted-match.ts";
import { type MatchPlan, worldPlanOf } from "../match/match-plan.ts";
import { newBody } from "../match/rules.ts";
import { World } from "../match/world.ts";
import { tickAt } from "./tick-timer.ts";

const plan = JSON.parse(process.argv[2] ?? "") as MatchPlan;
/** RFC 6455, section 1.3. */
const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const PATCH = 15;
const LONG_HEAD_BYTES = 4;
const MESSAGE_BYTES = 1_000;

// Nothing moves: it only tells when to write.
const world = new World({ ...worldPlanOf(plan), npcs: 0 }, newBody);
const match = new ConductedMatch(world, plan.orderFile, () => []);
const sockets = new Set<Socket>();
let frame = frameOf(MESSAGE_BYTES);

const server = net.createServer({ noDelay: true }, (socket) => {
  socket.once("data", (request) => {
    const key = /^sec-websocket-key: *(\S+)/im.exec(request.toString("latin1"))?.[1] ?? "";
    const accept = createHash("sha1")
      .update(key + ACCEPT_GUID)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    sockets.add(socket);
    socket.on("data", () => {});
  });
  socket.on("error", () => {});
  socket.on("close", () => sockets.delete(socket));
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ pid: process.pid, port, roomId: "" })}\n`);
});
process.once("SIGTERM", () => process.exit(0));

tickAt(plan.tickRateHz, step);

function step(): void {
  if (!world.isRunning) return;
  match.step(1 / plan.tickRateHz);
  const { messageBytes } = match;
  if (messageBytes > 0 && messageBytes !== frame.length) frame = frameOf(messageBytes);
  for (const socket of sockets) socket.write(frame);
}

/** A whole frame of the WebSocket of so many bytes, at least 130. */
function frameOf(bytes: number): Buffer {
  const made = Buffer.alloc(Math.max(130, Math.round(bytes)), PATCH);
  made[0] = 0x82;
  made[1] = 126;
  made.writeUInt16BE(made.length - LONG_HEAD_BYTES, 2);
  return made;
}
