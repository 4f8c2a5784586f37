import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { DoorWorld, roundTrip } from "./door-world.ts";

// ws keeps this time itself, by the real clock.
const { closeTimeoutMs } = TRANSPORT_LIMITS;
const LATE_MS = 1_500;
let world: DoorWorld;

beforeAll(async () => {
  world = await DoorWorld.open();
  await world.place();
});
afterAll(() => world.close());

describe.concurrent("the door cuts", () => {
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
    const { port: server } = await world.servers();
    const count = () =>
      new Promise<number>((resolve) => server.getConnections((_error, open) => resolve(open)));
    const before = await count();
    while ((await count()) >= before) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(performance.now() - startMs).toBeGreaterThan(closeTimeoutMs - 500);
    expect(performance.now() - startMs).toBeLessThan(closeTimeoutMs + LATE_MS);
  });
});
