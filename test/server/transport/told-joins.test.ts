import net from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CredentialKind, encodeHello, PROTOCOL_VERSION } from "../../../protocol/control.ts";
import { frameOf, PREAMBLE } from "../../../protocol/frame.ts";
import { until } from "../../support/in-process-server.ts";
import { DoorWorld, roundTrip } from "./door-world.ts";

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
let world: DoorWorld;

beforeAll(async () => {
  world = await DoorWorld.open(8);
});
afterAll(() => world.close());

const joins = () =>
  world.telemetry.of("joinEnded").map(({ transport, outcome }) => `${transport} ${outcome}`);

describe("what is told of joins", () => {
  it("[TM2] a join without a match is told as one", async () => {
    expect((await world.post({ playerSessionId: "psess-1" })).status).toBe(503);
    expect(joins()).toEqual(["http no_match"]);
    await world.place();
  });

  it("[TM2] both steps of the stock SDK's join are told, with the connection of each", async () => {
    world.telemetry.clear();
    const visitor = world.visit(await world.reserve("psess-1"));
    await until(() => visitor.got.length > 0);
    expect(joins()).toEqual(["http reserved", "websocket joined"]);
    const [reserved, joined] = world.telemetry.of("joinEnded");
    expect(joined?.connectionId).toBeGreaterThan(reserved?.connectionId ?? 0);
    expect(world.telemetry.of("playerJoined")[0]?.connectionId).toBe(joined?.connectionId);
    visitor.socket.send(Uint8Array.of(10));
    await roundTrip(visitor);
    visitor.socket.terminate();
    await until(() => world.telemetry.of("playerDropped").length > 0);
    expect(world.telemetry.of("playerDropped")[0]?.connectionId).toBe(joined?.connectionId);
    expect(world.telemetry.of("connectionClosed").at(-1)?.connectionId).toBe(joined?.connectionId);
  });

  it("[TM2] a join in one step over TCP is told as one, after the fleet's own time", async () => {
    world.telemetry.clear();
    const answers: (() => void)[] = [];
    world.fleet.answerAccept = () =>
      new Promise((resolve) => answers.push(() => resolve({ outcome: "accepted" })));
    const socket = net.connect(world.port, "127.0.0.1");
    const hello = encodeHello({
      protocolVersion: PROTOCOL_VERSION,
      kind: CredentialKind.PLAYER_SESSION,
      credential: "psess-3",
      clientVersion: "",
      options: Buffer.from(JSON.stringify({ traceparent: TRACE })),
    });
    socket.write(Buffer.concat([Buffer.from(PREAMBLE), frameOf(hello, Buffer.alloc)]));
    await until(() => {
      world.clock.advance(1);
      return answers.length > 0;
    });
    world.clock.advance(40);
    for (const answer of answers) answer();
    world.fleet.answerAccept = undefined;
    await until(() => joins().length > 0);
    expect(world.telemetry.of("joinEnded")).toMatchObject([
      { transport: "tcp", outcome: "joined", traceParent: TRACE },
    ]);
    expect(world.telemetry.of("joinEnded")[0]?.durationMs).toBeGreaterThanOrEqual(40);
    socket.destroy();
  });

  it("[TM2] a refused one is told once, by its reason, with the connection of its log line", async () => {
    world.telemetry.clear();
    const visitor = world.visit("nobody");
    await visitor.closed;
    expect(joins()).toEqual(["websocket no_reservation"]);
    const [told] = world.telemetry.of("joinEnded");
    expect(world.telemetry.of("joinRefused")[0]?.connectionId).toBe(told?.connectionId);
  });

  it("[TM4] carries the trace that the client brought", async () => {
    world.telemetry.clear();
    const url = `http://127.0.0.1:${world.port}/matchmake/joinById/match`;
    const answer = await fetch(url, {
      method: "POST",
      headers: { traceparent: TRACE },
      body: JSON.stringify({ playerSessionId: "no id!" }),
    });
    expect(answer.status).toBe(525);
    expect(world.telemetry.of("joinEnded")[0]).toMatchObject({
      outcome: "malformed",
      traceParent: TRACE,
    });
  });
});

describe("what the door says of itself", () => {
  it("[TM5] counts connections, traffic and what waits", async () => {
    const before = world.door.reading();
    const visitor = world.visit(await world.reserve("psess-2"));
    await until(() => visitor.got.length > 0);
    visitor.socket.send(Uint8Array.of(10));
    await roundTrip(visitor);
    const { connections, traffic, sendQueue } = world.door.reading();
    expect(connections.clients).toBe(before.connections.clients + 1);
    expect(traffic.receivedFrames).toBeGreaterThan(before.traffic.receivedFrames);
    expect(traffic.receivedBytes).toBeGreaterThan(before.traffic.receivedBytes);
    expect(traffic.sentFrames).toBeGreaterThan(before.traffic.sentFrames);
    const got = visitor.got.reduce((bytes, message) => bytes + message.length, 0);
    expect(traffic.sentBytes - before.traffic.sentBytes).toBeGreaterThanOrEqual(got);
    expect(sendQueue).toEqual({ bytes: 0, largestBytes: 0 });
    visitor.socket.terminate();
    await until(() => world.door.reading().connections.clients === before.connections.clients);
  });
});
