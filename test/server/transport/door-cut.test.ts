import type { Socket } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { until } from "../../support/in-process-server.ts";
import { DoorWorld, roundTrip } from "./door-world.ts";

const { closeTimeoutMs } = TRANSPORT_LIMITS;
let world: DoorWorld;

beforeAll(async () => {
  world = await DoorWorld.open();
  await world.place();
});
afterAll(() => world.close());

it("[TP34] a peer that does not answer a close frame is gone for the room at once, and cut 2 s later", async () => {
  const player = await world.seated("psess-1");
  await roundTrip(player);
  player.socket.pause();
  const { _socket: stream } = player.socket as unknown as { _socket: Socket };
  stream.pause();
  // Not a message of the protocol: the server closes, and the peer does not hear of it.
  player.socket.send(Uint8Array.of(0));
  await until(() => world.telemetry.of("connectionClosed").length > 0);
  const { port: server } = await world.servers();
  const open = () =>
    new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));
  const before = await open();
  world.clock.advance(closeTimeoutMs - 1);
  for (let turns = 0; turns < 20; turns++) expect(await open()).toBe(before);
  world.clock.advance(1);
  let count = before;
  await until(() => {
    server.getConnections((_error, found) => {
      count = found;
    });
    return count < before;
  });
});
