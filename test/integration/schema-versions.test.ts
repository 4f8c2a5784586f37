import net from "node:net";
import { Client } from "@colyseus/sdk";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import WebSocket from "ws";
import { joinMatch, resumeMatch } from "../../client/connection.ts";
import { CredentialKind, decodeClose, encodeHello } from "../../protocol/control.ts";
import { FrameReader, frameOf, PREAMBLE } from "../../protocol/frame.ts";
import { arena } from "../../rooms/arena/simulation.ts";
import { publicSessionId } from "../../server/session/fingerprint.ts";
import { type InProcessServer, startInProcess } from "../support/in-process-server.ts";
import { joinAs, refusedWith } from "../support/players.ts";
import { ScriptedFleet } from "../support/scripted-fleet.ts";

const SEAT = 2;
const OUTDATED = 4405;
const fleet = new ScriptedFleet(30);
/** What the game's own rule was asked, in order. */
let asked: [string, string][] = [];
let server: InProcessServer;
let last = 0;
const nextId = () => `psess-${++last}`;

beforeAll(async () => {
  const simulation = {
    ...arena,
    schemaVersion: "7",
    acceptsClient(clientVersion: string, schemaVersion: string): boolean {
      asked.push([clientVersion, schemaVersion]);
      return clientVersion !== "banned";
    },
  };
  server = await startInProcess({ fleet, name: "arena", game: { kind: "simulation", simulation } });
  await server.place({ maximumPlayerSessionCount: 30 });
});
beforeEach(() => {
  asked = [];
  fleet.accepts.length = 0;
});
afterAll(() => server.close());

interface Said {
  credential: string;
  kind?: CredentialKind;
  options?: unknown;
}

const helloOf = ({ credential, kind = CredentialKind.PLAYER_SESSION, options }: Said) =>
  encodeHello({
    protocolVersion: 1,
    kind,
    credential,
    clientVersion: "",
    options: Buffer.from(options === undefined ? "" : JSON.stringify(options)),
  });

/** Says HELLO over TCP. @returns SEAT, or the code of the CLOSE. */
async function overTcp(said: Said): Promise<number> {
  const socket = net.connect(server.port, "127.0.0.1");
  socket.write(Buffer.from([...PREAMBLE, ...frameOf(helloOf(said))]));
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

/** The same over the WebSocket at /play. */
async function overWebSocket(said: Said): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/play`);
  socket.on("open", () => socket.send(helloOf(said)));
  const answer = await new Promise<number>((resolve) => {
    socket.on("message", (message: Buffer) => resolve(message[0] ?? 0));
    socket.on("close", resolve);
  });
  socket.terminate();
  return answer;
}

/** Asks the matchmaking route. @returns The status and the code of a refusal. */
async function overHttp(method: string, body: object): Promise<[number, number | undefined]> {
  const response = await fetch(`${server.url}/matchmake/${method}/match`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  return [response.status, ((await response.json()) as { code?: number }).code];
}

it.each([
  ["TCP", overTcp],
  ["the WebSocket of the one-step join", overWebSocket],
])(
  "[TP37] a client of another schema is told to update over %s, before the fleet is asked",
  async (_way, greet) => {
    const credential = nextId();
    expect(await greet({ credential, options: { schemaVersion: "6" } })).toBe(OUTDATED);
    expect(fleet.accepts).toEqual([]);
    expect(await greet({ credential, options: { schemaVersion: "7" } })).toBe(SEAT);
    expect(await greet({ credential: nextId(), options: {} })).toBe(SEAT);
    expect(await greet({ credential: nextId() })).toBe(SEAT);
    expect(asked).toEqual([
      ["", "7"],
      ["", ""],
      ["", ""],
    ]);
  },
);

it("[TP37] so is one of the stock SDK, which says it among its join options", async () => {
  const playerSessionId = nextId();
  const old = { schemaVersion: "6" };
  expect(await refusedWith(joinAs(server, playerSessionId, { more: old }))).toBe(409);
  expect(await overHttp("joinById", { playerSessionId, ...old })).toEqual([409, OUTDATED]);
  expect(fleet.accepts).toEqual([]);
  const player = await joinAs(server, playerSessionId, { more: { schemaVersion: "7" } });
  await player.room.leave();
  await (await joinAs(server, nextId())).room.leave();
});

it.each([["7".repeat(65)], [6], [["6"]], [{}], [null], [true]])(
  "[TP37] a schema that is too long or no text is none (%j)",
  async (schemaVersion) => {
    const options = { schemaVersion };
    expect(await overTcp({ credential: nextId(), options })).toBe(SEAT);
    expect((await overHttp("joinById", { playerSessionId: nextId(), ...options }))[0]).toBe(200);
    expect(asked).toEqual([
      ["", ""],
      ["", ""],
    ]);
  },
);

it("[TP37] a return is judged like a join, and its token stays good", async () => {
  const player = await joinAs(server, nextId());
  const { reconnectionToken } = player.room;
  const credential = reconnectionToken.slice("match:".length);
  const old = { schemaVersion: "6" };
  const back = { credential, kind: CredentialKind.TOKEN };
  expect(await overTcp({ ...back, options: old })).toBe(OUTDATED);
  expect(await overHttp("reconnect", { reconnectionToken: credential, ...old })).toEqual([
    409,
    OUTDATED,
  ]);
  expect(player.closes).toEqual([]);
  expect(await overTcp({ ...back, options: { schemaVersion: "7" } })).toBe(SEAT);
});

it("[TP37] options of a return that are no JSON object are malformed, as those of a join", async () => {
  const kind = CredentialKind.TOKEN;
  expect(await overTcp({ credential: "x", kind, options: [] })).toBe(4400);
  expect(await overTcp({ credential: "x", options: [] })).toBe(4400);
});

it("[TP35] a lobby's seat has no options: the game's rule is asked with no version", async () => {
  const id = nextId();
  const client = new Client(server.url);
  client.http.authToken = id;
  const ticket = { name: "arena", roomId: "match", processId: "any" };
  const room = await client.consumeSeatReservation({ ...ticket, sessionId: publicSessionId(id) });
  expect(asked).toEqual([["", ""]]);
  await room.leave();
});

it("[CL20] the reference client says the schema it was given, at a join and at a return", async () => {
  const url = `tcp://127.0.0.1:${server.port}`;
  const id = nextId();
  const outdated = await joinMatch(id, { url, schemaVersion: "6" });
  expect(outdated).toMatchObject({ state: "refused", refusal: { code: OUTDATED } });
  const joined = await joinMatch(id, { url, schemaVersion: "7" });
  if (joined.state !== "joined") throw new Error(joined.refusal.text);
  const token = joined.connection.reconnectionToken;
  const late = await resumeMatch(token, { url, schemaVersion: "6" });
  expect(late).toMatchObject({ state: "refused", refusal: { code: OUTDATED } });
  const back = await resumeMatch(token, { url, schemaVersion: "7" });
  if (back.state !== "joined") throw new Error(back.refusal.text);
  expect(asked.at(-1)).toEqual(["", "7"]);
  await joined.connection.leave();
  await back.connection.leave();
  await expect(joinMatch(id, { url, schemaVersion: "7".repeat(65) })).rejects.toThrow(RangeError);
});
