import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { DoorWorld, roundTrip } from "./door-world.ts";

// Node and ws keep these times themselves, by the real clock.
const { headersTimeoutMs, requestTimeoutMs, connectionsCheckMs, closeTimeoutMs } = TRANSPORT_LIMITS;
const LATE_MS = 1_500;
let world: DoorWorld;

beforeAll(async () => {
  world = await DoorWorld.open();
  await world.place();
});
afterAll(() => world.close());

/** How long the server kept a connection, and what it said. */
async function keptFor(socket: Socket, startMs = performance.now()) {
  let said = "";
  socket.on("data", (data) => {
    said += data;
  });
  await new Promise((resolve) => socket.once("close", resolve));
  return { ms: performance.now() - startMs, status: said.slice(9, 12) };
}

describe.concurrent("the door cuts", () => {
  it("[TP34] a connection that says nothing", async () => {
    const { ms, status } = await keptFor(await world.connect());
    expect(ms).toBeGreaterThan(headersTimeoutMs - 500);
    expect(ms).toBeLessThan(headersTimeoutMs + connectionsCheckMs + LATE_MS);
    expect(["", "400"]).toContain(status);
  });

  it("[TP34] a body that trickles", async () => {
    const socket = await world.connect();
    socket.write("POST /matchmake/join/match HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    const trickle = setInterval(() => socket.write(" "), 100);
    const { ms, status } = await keptFor(socket);
    clearInterval(trickle);
    expect(ms).toBeGreaterThan(requestTimeoutMs - 500);
    expect(ms).toBeLessThan(requestTimeoutMs + connectionsCheckMs + LATE_MS);
    expect(["", "400"]).toContain(status);
  });

  it("[TP34] a peer that does not answer a close frame", async () => {
    const player = await world.seated("psess-1");
    await roundTrip(player);
    player.socket.pause();
    const { _socket: stream } = player.socket as unknown as { _socket: Socket };
    stream.pause();
    const startMs = performance.now();
    // Not a message of the protocol: the server closes, and the peer does not hear of it.
    player.socket.send(Uint8Array.of(0));
    const seats = () => world.telemetry.of("connectionClosed").length;
    while (seats() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    // Gone for the room at once, cut a little later.
    expect(performance.now() - startMs).toBeLessThan(closeTimeoutMs / 2);
    const server = await world.server();
    const count = () =>
      new Promise<number>((resolve) => server.getConnections((_error, open) => resolve(open)));
    const before = await count();
    while ((await count()) >= before) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(performance.now() - startMs).toBeGreaterThan(closeTimeoutMs - 500);
    expect(performance.now() - startMs).toBeLessThan(closeTimeoutMs + LATE_MS);
  });
});
