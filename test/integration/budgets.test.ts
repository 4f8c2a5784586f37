import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Guest } from "../hostile/guest.ts";
import {
  ping,
  // biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
} from "../support/adapter.mjs";
import { ServerProcess } from "../support/server-process.ts";

/** One of the arena that is too long, which is dropped and no more. */
const LONG_COMMAND = Buffer.concat([Buffer.from("11a163", "hex"), Buffer.alloc(3_990)]);

let server: ServerProcess;

beforeAll(async () => {
  server = await ServerProcess.start({
    FLEETROOM_CLIENT_MESSAGES_PER_SECOND: "30",
    FLEETROOM_CLIENT_BYTES_PER_SECOND: "4096",
    FLEETROOM_IDLE_SECONDS: "1",
    FLEETROOM_RECONNECT_SECONDS: "0",
  });
  await server.line("game_session_started");
});
afterAll(() => server.kill());

async function seated(transport: "tcp" | "ws", id: string): Promise<Guest> {
  const guest = await Guest.join(server.port, transport, id);
  if (typeof guest === "number") throw new Error(`no seat: ${guest}`);
  return guest;
}

/** What a guest was closed with in the end. */
async function endOf(guest: Guest): Promise<number | undefined> {
  await guest.closed;
  return guest.code;
}

describe("a player", () => {
  it.each(["tcp", "ws"] as const)(
    "[TP39] who sends nothing is closed with 4417 and gives the seat up, over %s",
    async (transport) => {
      const guest = await seated(
        transport,
        transport === "tcp" ? "psess-local-1" : "psess-local-2",
      );
      expect(await endOf(guest)).toBe(4417);
      const dropped = await server.line("player_left", transport === "tcp" ? 1 : 2);
      expect(dropped["playerId"]).toBe(transport === "tcp" ? "player-1" : "player-2");
    },
  );

  it("[TP27] who sends more messages than is set is closed with 4416", async () => {
    const guest = await seated("tcp", "psess-local-3");
    for (let sent = 0; sent < 60; sent++) guest.send(ping());
    expect(await endOf(guest)).toBe(4416);
  });

  it("[TP38] who sends more bytes than are set is closed with 4416", async () => {
    const guest = await seated("ws", "psess-local-4");
    for (let sent = 0; sent < 4; sent++) guest.send(LONG_COMMAND);
    expect(await endOf(guest)).toBe(4416);
  });
});
