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
    FLEETROOM_TRUSTED_PROXIES: "127.0.0.1",
    FLEETROOM_JOINS_PER_ADDRESS: "2",
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

describe("a server behind a proxy", () => {
  it("[BU6] limits two visitors of the proxy apart, and logs their own addresses", async () => {
    const join = async (from: string) => {
      const reply = await fetch(`${server.url}/matchmake/joinById/match`, {
        method: "POST",
        headers: { "x-forwarded-for": from },
        body: '{"playerSessionId":"psess-nobody"}',
      });
      return reply.status;
    };
    const [alice, bob] = ["203.0.113.7", "2001:db8:1::5"];
    expect([await join(alice), await join(alice), await join(alice)]).toEqual([525, 525, 503]);
    expect([await join(bob), await join(alice), await join(bob)]).toEqual([525, 503, 525]);
    expect(await join("2001:db8:1:0:ffff::1")).toBe(503);
    const first = await server.line("join_refused");
    expect(first).toMatchObject({ reason: "unknown", remoteAddress: alice });
  });
});

describe("a player of it", () => {
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
