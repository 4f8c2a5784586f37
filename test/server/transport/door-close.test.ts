import { afterAll, beforeAll, expect, it } from "vitest";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { settle } from "../../support/fake-clock.ts";
import { DoorWorld, roundTrip } from "./door-world.ts";

let world: DoorWorld;

beforeAll(async () => {
  world = await DoorWorld.open();
  await world.place();
});
afterAll(() => world.close());

it("[TP33] a closing door takes nobody, waits a second for who is there, then cuts them", async () => {
  const player = await world.seated("psess-1");
  await roundTrip(player);
  const idle = await world.connect();
  const idleClosed = new Promise((resolve) => idle.once("close", resolve));
  idle.resume();
  let isClosed = false;
  const closed = world.door.close().then(() => {
    isClosed = true;
  });

  await expect(world.post({ playerSessionId: "psess-2" })).rejects.toThrow("fetch failed");
  await world.clock.advanceAsync(TRANSPORT_LIMITS.shutdownMs - 1);
  await roundTrip(player);
  expect(isClosed).toBe(false);
  await world.clock.advanceAsync(1);
  await closed;
  expect(await player.closed).toBe(1006);
  await idleClosed;
  expect(world.telemetry.of("connectionClosed")).toHaveLength(1);
});

it("[TP33] a door that has no time left cuts at once whoever is there", async () => {
  const hurried = await DoorWorld.open();
  const idle = await hurried.connect();
  const idleClosed = new Promise((resolve) => idle.once("close", resolve));
  idle.resume();
  const closed = hurried.door.close(0);
  await hurried.clock.advanceAsync(0);
  await Promise.all([closed, idleClosed]);
  await hurried.close();
});

it("[TP33] a closed door may be closed again, at once", async () => {
  const timers = world.clock.pendingTimers;
  await world.door.close();
  await settle();
  expect(world.clock.pendingTimers).toBe(timers);
});
