/**
 * The reference match on socket.io with its msgpack parser: an event per input, and one with everything per tick.
 * `node bench/peers/match-socket-io.ts PLAN`; says where it listens in a line of JSON.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import parser from "socket.io-msgpack-parser";
import { ConductedMatch, copyOf } from "../match/conducted-match.ts";
import { type MatchPlan, worldPlanOf } from "../match/match-plan.ts";
import { type Body, type Input, newBody } from "../match/rules.ts";
import { World } from "../match/world.ts";
import { tickAt } from "./tick-timer.ts";

const plan = JSON.parse(process.argv[2] ?? "") as MatchPlan;

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

const httpServer = http.createServer();
const server = new Server(httpServer, { parser, transports: ["websocket"], serveClient: false });
server.on("connection", (socket) => {
  const nth = bodies.length;
  const body = add();
  world.join(body);
  socket.on("input", (input: Input) => world.take(body, input));
  socket.on("disconnect", () => world.leave(body));
  socket.emit("hello", nth);
});
httpServer.listen(0, "127.0.0.1", () => {
  const { port } = httpServer.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ pid: process.pid, port, roomId: "" })}\n`);
});
process.once("SIGTERM", () => process.exit(0));

tickAt(plan.tickRateHz, step);

function step(): void {
  if (!world.isRunning) return;
  match.step(1 / plan.tickRateHz);
  server.emit("state", { tick: world.tick, bodies });
}
