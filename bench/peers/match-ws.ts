/**
 * The reference match on plain `ws`, written by hand: one snapshot per tick, which `ws` frames once for all.
 * `node bench/peers/match-ws.ts PLAN WHAT [CERTIFICATE KEY]`, where a snapshot has `floats`, all of them, or `deltas`; says
 * where it listens in a line of JSON.
 */
import type { AddressInfo, Socket } from "node:net";
import * as ws from "ws";
import { ConductedMatch, copyOf } from "../match/conducted-match.ts";
import { DeltaEncoder } from "../match/delta-snapshot.ts";
import { encodeFloats, encodeHello } from "../match/float-snapshot.ts";
import { readInput } from "../match/input-bytes.ts";
import { type MatchPlan, worldPlanOf } from "../match/match-plan.ts";
import { type Body, newBody } from "../match/rules.ts";
import { World } from "../match/world.ts";
import { httpServerOf } from "./http-server.ts";
import { tickAt } from "./tick-timer.ts";

const [, , planText = "", what, ...files] = process.argv;
const plan = JSON.parse(planText) as MatchPlan;
const PING_INTERVAL_MS = 3_000;
/**
 * A reader behind which more waits gets nothing until it has caught up, where every snapshot is whole; where not, it is
 * cut.
 */
const QUEUED_BYTES_MAX = 64 * 1024;
const FRAME = { fin: true, opcode: 2, mask: false, rsv1: false, readOnly: true };
/** What `ws` exports, and its types lack. */
const { Sender } = ws as unknown as {
  Sender: { frame(payload: Buffer, how: typeof FRAME): Buffer[] };
};

/** Nobody leaves while a match is measured: who has left stays where he is. */
const bodies: Body[] = [];
function add(): Body {
  const body = newBody();
  bodies.push(body);
  return body;
}

const world = new World(worldPlanOf(plan), add);
const match = new ConductedMatch(world, plan.orderFile, () =>
  bodies.map((body, nth) => ({ id: String(nth), body: copyOf(body) })),
);

const httpServer = httpServerOf(files);
const server = new ws.WebSocketServer({ server: httpServer, perMessageDeflate: false });
const sockets = new Set<Socket>();
const deltas = what === "deltas" ? new DeltaEncoder() : undefined;
server.on("connection", (socket: ws.WebSocket & { _socket: Socket }) => {
  const { _socket: stream } = socket;
  const nth = bodies.length;
  const body = add();
  world.join(body);
  sockets.add(stream);
  socket.on("message", (data: ws.RawData) => {
    const input = readInput(data as Buffer);
    if (input !== undefined) world.take(body, input);
  });
  socket.on("close", () => {
    sockets.delete(stream);
    world.leave(body);
  });
  socket.send(encodeHello(nth));
  if (deltas !== undefined) socket.send(deltas.whole(world.tick));
});
server.on("listening", () => {
  const { port } = httpServer.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ pid: process.pid, port, roomId: "" })}\n`);
});
httpServer.listen(0, "127.0.0.1");

tickAt(plan.tickRateHz, step);
setInterval(() => {
  for (const socket of server.clients) socket.ping();
}, PING_INTERVAL_MS);
process.once("SIGTERM", () => process.exit(0));

function step(): void {
  if (!world.isRunning) return;
  match.step(1 / plan.tickRateHz);
  const { tick } = world;
  const snapshot = deltas?.encode(tick, bodies) ?? encodeFloats(tick, bodies);
  const frame = Buffer.concat(Sender.frame(snapshot, FRAME));
  for (const stream of sockets) {
    if (stream.writableLength <= QUEUED_BYTES_MAX) stream.write(frame);
    else if (deltas !== undefined) stream.destroy();
  }
}
