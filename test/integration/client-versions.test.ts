import net from "node:net";
import { Client } from "@colyseus/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CredentialKind, decodeClose, encodeHello } from "../../protocol/control.ts";
import { FrameReader, frameOf, PREAMBLE } from "../../protocol/frame.ts";
import { arena } from "../../rooms/arena/simulation.ts";
import { publicSessionId } from "../../server/session/fingerprint.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { joinAs, refusedWith } from "../support/players.ts";
import { ScriptedFleet } from "../support/scripted-fleet.ts";

const SEAT = 2;
const fleet = new ScriptedFleet(8);
let server: InProcessServer;

beforeAll(async () => {
  const simulation = {
    ...arena,
    acceptsClient(clientVersion: string): boolean {
      if (clientVersion === "broken") throw new Error("the game's rule broke");
      return this.name === "arena" && clientVersion.startsWith("2.");
    },
  };
  server = await startInProcess({ fleet, name: "arena", game: { kind: "simulation", simulation } });
  await server.place();
});
afterAll(() => server.close());

/** Says HELLO over TCP. @returns SEAT, or the code of the CLOSE. */
async function greetedWith(playerSessionId: string, clientVersion: string): Promise<number> {
  const socket = net.connect(server.port, "127.0.0.1");
  const hello = encodeHello({
    protocolVersion: 1,
    kind: CredentialKind.PLAYER_SESSION,
    credential: playerSessionId,
    clientVersion,
    options: new Uint8Array(0),
  });
  socket.write(Buffer.from([...PREAMBLE, ...frameOf(hello)]));
  const reader = new FrameReader(1_000_000);
  const answer = await new Promise<number>((resolve) => {
    socket.on("data", (bytes) => {
      reader.push(bytes, (payload) => {
        resolve(decodeClose(payload)?.code ?? payload[0] ?? 0);
        return false;
      });
    });
  });
  socket.destroy();
  return answer;
}

it("[TP35] a game says which client versions may join, over every way in", async () => {
  expect(await greetedWith("psess-1", "1.9")).toBe(4405);
  expect(await greetedWith("psess-1", "")).toBe(4405);
  expect(await refusedWith(joinAs(server, "psess-1"))).toBe(409);
  const old = { clientVersion: "1.9" };
  expect(await refusedWith(joinAs(server, "psess-1", { more: old }))).toBe(409);
  const lobby = new Client(server.url);
  lobby.http.authToken = "psess-1";
  const ticket = { name: "arena", roomId: "match", processId: "any" };
  const sessionId = publicSessionId("psess-1");
  await expect(lobby.consumeSeatReservation({ ...ticket, sessionId })).rejects.toThrow();
  expect(server.telemetry.of("joinRefused").map(({ reason }) => reason)).toEqual(
    Array(5).fill("outdated"),
  );
  expect(fleet.accepts).toEqual([]);
  expect(await greetedWith("psess-1", "2.1")).toBe(SEAT);
  const player = await joinAs(server, "psess-2", { more: { clientVersion: "2.0" } });
  await player.room.leave();
  await until(() => fleet.accepts.length === 2);
});

it("[TP35] a rule that throws has not said yes; a stranger cannot end a match that way", async () => {
  expect(await greetedWith("psess-3", "broken")).toBe(4405);
  expect(await refusedWith(joinAs(server, "psess-3", { more: { clientVersion: "broken" } }))).toBe(
    409,
  );
  expect(server.telemetry.of("clientFault")).toMatchObject([
    { where: "version", playerId: "" },
    { where: "version", playerId: "" },
  ]);
  expect([server.life.phase, server.telemetry.of("roomFault")]).toEqual(["active", []]);
  expect(await greetedWith("psess-3", "2.0")).toBe(SEAT);
});
