import net from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CredentialKind, encodeHello, PROTOCOL_VERSION } from "../../../protocol/control.ts";
import { frameOf, PREAMBLE } from "../../../protocol/frame.ts";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { until } from "../../support/in-process-server.ts";
import { DoorWorld } from "./door-world.ts";

let world: DoorWorld;

beforeAll(async () => {
  world = await DoorWorld.open(8, {
    budgets: { unadmittedMax: 3, failedJoinsMax: 40, limitsLoopback: true },
  });
  await world.place();
});
afterAll(() => world.close());

const strangers = () => world.door.reading().connections.strangers;

/** A connection that was accepted a while ago. */
async function accepted(): Promise<net.Socket> {
  const socket = await world.connect();
  await until(() => strangers() === 1);
  world.clock.advance(TRANSPORT_LIMITS.acceptedMs);
  return socket;
}

/** What the door says in each turn of the event loop until `isOver`. */
async function turnsUntil(isOver: () => boolean) {
  const turns: { isStranger: boolean; isUnshown: boolean; isAwaited: boolean }[] = [];
  while (!isOver()) {
    world.clock.advance(1);
    await new Promise((resolve) => setImmediate(resolve));
    const { connections, sendQueue } = world.door.reading();
    const isStranger = connections.strangers > 0;
    // His join is written with his first state.
    turns.push({ isStranger, isUnshown: sendQueue.bytes > 0, isAwaited: world.door.isAwaited });
  }
  return turns;
}

describe("the door", () => {
  it("[CP5] awaits whoever has begun to speak until he is gone, and nobody who is silent", async () => {
    expect(world.door.isAwaited).toBe(false);
    const sockets = Array.from({ length: 5 }, () => net.connect(world.port, "127.0.0.1"));
    for (const socket of sockets) socket.on("error", () => {});
    const open = () => sockets.filter(({ closed }) => !closed);
    await until(() => strangers() === 3 && open().length === 3);
    // Others may wait behind those who were let in just now.
    expect(world.door.isAwaited).toBe(true);
    world.clock.advance(TRANSPORT_LIMITS.acceptedMs);
    expect(world.door.isAwaited).toBe(false);
    const [one] = open();
    one?.write(Buffer.from(PREAMBLE.slice(0, 1)));
    await until(() => world.door.isAwaited);
    one?.destroy();
    await until(() => strangers() === 2);
    expect(world.door.isAwaited).toBe(false);
    for (const socket of sockets) socket.destroy();
    await until(() => strangers() === 0);
    expect(world.door.isAwaited).toBe(false);
  });

  it("[CP5] awaits a stranger for a second, however he drips", async () => {
    const socket = await accepted();
    socket.write("G");
    await until(() => world.door.isAwaited);
    world.clock.advance(999);
    socket.write("E");
    await until(() => socket.writableLength === 0);
    expect(world.door.isAwaited).toBe(true);
    world.clock.advance(1);
    expect([strangers(), world.door.isAwaited]).toEqual([1, false]);
    socket.destroy();
    await until(() => strangers() === 0);
  });

  it("[CP5] awaits a player from his first byte until he is shown the room, and no longer", async () => {
    const hello = encodeHello({
      protocolVersion: PROTOCOL_VERSION,
      kind: CredentialKind.PLAYER_SESSION,
      credential: "psess-1",
      clientVersion: "",
      options: Buffer.from("{}"),
    });
    let got = 0;
    const socket = await accepted();
    socket.on("data", (chunk) => {
      got += chunk.length;
    });
    socket.write(Buffer.concat([Buffer.from(PREAMBLE), frameOf(hello)]));
    const turns = await turnsUntil(() => got > 0);
    expect(turns.some(({ isStranger }) => isStranger)).toBe(true);
    expect(turns.some(({ isStranger, isUnshown }) => !isStranger && isUnshown)).toBe(true);
    const heard = turns.findIndex(({ isAwaited }) => isAwaited);
    expect(heard).toBeGreaterThanOrEqual(0);
    for (const { isStranger, isUnshown, isAwaited } of turns.slice(heard)) {
      expect(isAwaited).toBe(isStranger || isUnshown);
    }
    expect(world.door.reading().connections).toEqual({ strangers: 0, clients: 1 });
    expect(world.door.isAwaited).toBe(false);
    socket.destroy();
    await until(() => world.door.reading().connections.clients === 0);
    expect(world.door.isAwaited).toBe(false);
  });
});
