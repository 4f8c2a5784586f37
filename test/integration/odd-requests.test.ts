import net from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { arena } from "../../rooms/arena/simulation.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { joinAs, type Player } from "../support/players.ts";
import { ScriptedFleet } from "../support/scripted-fleet.ts";

const fleet = new ScriptedFleet(4);
let server: InProcessServer;
let honest: Player;

beforeAll(async () => {
  server = await startInProcess({
    fleet,
    name: "arena",
    game: { kind: "simulation", simulation: arena },
  });
  await server.place();
  honest = await joinAs(server, "psess-1");
});

afterAll(async () => {
  // Whatever came before: the server lives and an honest player never left.
  const before = honest.states;
  await until(() => honest.states > before);
  expect(honest.closes).toEqual([]);
  await server.close();
});

/** Sends bytes and returns all that comes back until the server closes; fails if it does not. */
function exchange(bytes: string | Buffer, withinMs = 8_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = net.connect(server.port, "127.0.0.1", () => socket.write(bytes));
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error("the server kept the connection"));
    }, withinMs);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString("latin1"));
    });
  });
}

const STATUS = /^HTTP\/1\.1 (\d{3}) /;
const statusOf = (answer: string) => Number(STATUS.exec(answer)?.[1] ?? 0);

/** What HTTP lets into a request target or a header, and some that it does not. */
const word = fc.string({
  unit: fc.constantFrom(..."abcXYZ019/._-~%:?#[]@!$&'()*+,;=\\ {}|^`\"<>"),
  maxLength: 40,
});
const method = fc.constantFrom(
  ..."GET HEAD POST PUT DELETE OPTIONS TRACE CONNECT PATCH PROPFIND PURGE BREW M-SEARCH".split(" "),
);

describe("a request nobody should send", () => {
  it("[TP1] with any method, target and Host is answered with a refusal and closed", async () => {
    await fc.assert(
      fc.asyncProperty(method, word, word, async (verb, target, host) => {
        const answer = await exchange(
          `${verb} /${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
        );
        expect(answer === "" || statusOf(answer) >= 400).toBe(true);
        expect(answer.length).toBeLessThan(600);
      }),
      { numRuns: 300 },
    );
  });

  it("[TP2] as an upgrade to any target is refused without a byte of state", async () => {
    await fc.assert(
      fc.asyncProperty(word, word, async (target, host) => {
        const answer = await exchange(
          `GET /${target} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        );
        expect(answer === "" || statusOf(answer) >= 400).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("[TP3] as a matchmaking call that makes rooms, or to another room, is not found", async () => {
    for (const path of [
      "create/arena",
      "create/match",
      "joinOrCreate/other",
      "joinById/constructor",
    ]) {
      const response = await fetch(`${server.url}/matchmake/${path}`, {
        method: "POST",
        body: "{}",
      });
      expect([path, response.status]).toEqual([path, 404]);
    }
  });

  it("[TP4] with a body of 20 MB is refused before it is read", async () => {
    const body = "a".repeat(20_000_000);
    const answer = await exchange(
      `POST /matchmake/joinById/match HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    // The reset that follows may overtake the answer.
    expect([0, 413]).toContain(statusOf(answer));
  });

  it.each([["[]"], ["null"], ["1"], ['"psess-1"'], ["{"], ["\u0000"], ['{"playerSessionId":']])(
    "[TP5] with the body %j is malformed",
    async (body) => {
      const response = await fetch(`${server.url}/matchmake/joinById/match`, {
        method: "POST",
        body,
      });
      expect(response.status).toBe(400);
    },
  );

  it("[TP6] that never ends its headers is cut within seconds", async () => {
    const startMs = performance.now();
    await exchange("POST /matchmake/joinById/match HTTP/1.1\r\nHost: a\r\n");
    expect(performance.now() - startMs).toBeLessThan(6_000);
  });
});

describe("a web page", () => {
  const post = (origin: string) =>
    fetch(`${server.url}/matchmake/joinById/match`, {
      method: "POST",
      headers: { origin },
      body: '{"playerSessionId":"none"}',
    });

  it("[TP7] of a loopback origin may ask, and the answer names that origin", async () => {
    const response = await post("http://127.0.0.1:8080");
    expect(response.status).toBe(525);
    expect(response.headers.get("access-control-allow-origin")).toBe("http://127.0.0.1:8080");
  });

  it.each([["https://evil.example"], ["http://127.0.0.1.evil.example"], ["null"]])(
    "[TP7] of the origin %s may not, over HTTP or WebSocket",
    async (origin) => {
      const response = await post(origin);
      expect(response.status).toBe(403);
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}/p/match?sessionId=abc`, {
        origin,
      });
      const error = await new Promise<Error>((resolve) => socket.once("error", resolve));
      expect(error.message).toContain("403");
    },
  );

  it("[TP8] gets a preflight answer for the matchmaking routes alone", async () => {
    const headers = { origin: "http://localhost:3000" };
    const known = await fetch(`${server.url}/matchmake/join/match`, { method: "OPTIONS", headers });
    expect(known.status).toBe(204);
    const unknown = await fetch(`${server.url}/other`, { method: "OPTIONS", headers });
    expect(unknown.status).toBe(404);
  });
});

describe("a WebSocket", () => {
  const open = (query: string) =>
    new Promise<{ code: number; bytes: number }>((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}/any/match?${query}`);
      let bytes = 0;
      socket.on("message", (data: Buffer) => {
        bytes += data.length;
      });
      socket.on("error", () => {});
      socket.on("close", (code) => resolve({ code, bytes }));
    });

  it("[TP9] without a reservation is closed with the one refusal and gets no bytes", async () => {
    expect(await open("sessionId=AAAAAAAAAAAAAAAAAAAAAA")).toEqual({ code: 4401, bytes: 0 });
    expect(await open(`sessionId=${honest.room.sessionId}`)).toEqual({ code: 4401, bytes: 0 });
    expect(
      await open(`sessionId=${honest.room.sessionId}&reconnectionToken=AAAAAAAAAAAAAAAAAAAAAA`),
    ).toEqual({ code: 4401, bytes: 0 });
  });

  it("[TP10] whose seat was taken by its first claim cannot claim it again", async () => {
    const reply = await fetch(`${server.url}/matchmake/joinById/match`, {
      method: "POST",
      body: '{"playerSessionId":"psess-3"}',
    });
    const { sessionId } = (await reply.json()) as { sessionId: string };
    const first = new WebSocket(`ws://127.0.0.1:${server.port}/any/match?sessionId=${sessionId}`);
    await new Promise((resolve) => first.once("message", resolve));
    expect(await open(`sessionId=${sessionId}`)).toEqual({ code: 4401, bytes: 0 });
    expect(fleet.accepts.filter((id) => id === "psess-3")).toHaveLength(1);
    first.close();
  });

  it("[TP12] that floods is cut with its own code, and nobody else notices", async () => {
    const reply = await fetch(`${server.url}/matchmake/joinById/match`, {
      method: "POST",
      body: '{"playerSessionId":"psess-2"}',
    });
    const { sessionId } = (await reply.json()) as { sessionId: string };
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/any/match?sessionId=${sessionId}`);
    await new Promise((resolve) => socket.once("message", resolve));
    socket.send(Uint8Array.of(10));
    for (let sent = 0; sent < 2_000; sent++) socket.send(Uint8Array.of(18));
    const code = await new Promise((resolve) => socket.once("close", resolve));
    expect(code).toBe(4416);
    expect(honest.closes).toEqual([]);
  });

  it("[TP11] that sends random frames after joining harms nobody else", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => {
        fleet.records.delete("psess-4");
        const id = `psess-h${fleet.records.size}`;
        fleet.add({
          ...[...fleet.records.values()][0]!,
          playerSessionId: id,
          playerId: id,
          status: "RESERVED",
        });
        const reply = await fetch(`${server.url}/matchmake/joinById/match`, {
          method: "POST",
          body: JSON.stringify({ playerSessionId: id }),
        });
        const seat = (await reply.json()) as { sessionId?: string };
        if (seat.sessionId === undefined) return;
        const url = `ws://127.0.0.1:${server.port}/any/match?sessionId=${seat.sessionId}`;
        const socket = new WebSocket(url);
        await new Promise((resolve) => socket.once("message", resolve));
        socket.send(Uint8Array.of(10));
        socket.send(bytes);
        socket.send(Uint8Array.of(12));
        await new Promise((resolve) => socket.once("close", resolve));
      }),
      { numRuns: 6 },
    );
    expect(honest.closes).toEqual([]);
  });
});
