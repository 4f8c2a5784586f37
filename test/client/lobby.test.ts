import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { askLobby } from "../../client/lobby.ts";
import { LOBBY_REFUSED, UNREACHABLE } from "../../client/refusal.ts";

const SEAT = {
  playerSessionId: "psess-1",
  gameSessionId: "gsess-1",
  host: "127.0.0.1",
  port: 7000,
  transports: ["ws", "tcp"],
  playerId: "player-1",
  playerToken: "player-1.abc",
};

let server: Server;
let url: string;
let answer: { status: number; body: string };
const asked: { path: string; type: string; body: string }[] = [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request.setEncoding("utf8")) body += piece;
    const { url: path = "", headers } = request;
    asked.push({ path, type: String(headers["content-type"]), body });
    response.writeHead(answer.status).end(answer.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  asked.length = 0;
  answer = { status: 200, body: JSON.stringify(SEAT) };
});

test("[CL21] asks a lobby for a seat, and says who it is if it was here before", async () => {
  const outcome = await askLobby(url, { game: "arena", playerToken: "player-1.abc" });
  expect(outcome).toEqual({
    state: "seated",
    seat: {
      url: "ws://127.0.0.1:7000",
      playerSessionId: "psess-1",
      playerToken: "player-1.abc",
    },
  });
  const body = '{"game":"arena","playerToken":"player-1.abc"}';
  expect(asked).toEqual([{ path: "/v1/join", type: "application/json", body }]);
});

test.each([
  [{ host: "2001:db8::1" }, "ws://[2001:db8::1]:7000"],
  [{ host: "seven.example", transports: ["wss", "tls"] }, "wss://seven.example:7000"],
])("[CL21] reads where to go from %j", async (more, expected) => {
  answer = { status: 200, body: JSON.stringify({ ...SEAT, ...more }) };
  const outcome = await askLobby(url, { game: "arena" });
  expect(outcome).toMatchObject({ state: "seated", seat: { url: expected } });
});

test("[CL21] shows a player the lobby's own words", async () => {
  const message = "All servers are busy right now. Try again in a few seconds. Really.";
  const body = JSON.stringify({ code: "no_server_free", message, retryAfterSeconds: 5 });
  answer = { status: 503, body };
  expect(await askLobby(url, { game: "arena" })).toEqual({
    state: "refused",
    refusal: {
      code: LOBBY_REFUSED,
      text: "All servers are busy right now.",
      advice: "Try again in a few seconds. Really.",
      mayRetry: true,
    },
  });
  answer = { status: 404, body: JSON.stringify({ code: "unknown_game", message: "No." }) };
  expect(await askLobby(url, { game: "chess" })).toMatchObject({
    refusal: { text: "No.", advice: "Try to join again.", mayRetry: false },
  });
});

test.each([
  [200, "{}"],
  [200, JSON.stringify({ ...SEAT, port: "7000" })],
  [200, "null"],
  [200, "<html>"],
  [502, "<html>"],
  [503, "{}"],
])("[CL21] takes an answer %i %s for no answer", async (status, body) => {
  answer = { status, body };
  expect(await askLobby(url, { game: "arena" })).toMatchObject({
    state: "refused",
    refusal: { code: UNREACHABLE },
  });
});

test("[CL21] ends when nobody is there, or when it is given up", async () => {
  expect(await askLobby("http://127.0.0.1:1", { game: "arena" })).toMatchObject({
    refusal: { code: UNREACHABLE },
  });
  const outcome = await askLobby(url, { game: "arena" }, AbortSignal.abort());
  expect(outcome).toMatchObject({ refusal: { code: UNREACHABLE } });
});
