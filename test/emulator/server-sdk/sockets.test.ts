import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { selfSigned } from "../../../emulator/front/self-signed.ts";
import { SERVICE_LIMITS } from "../../../emulator/server-sdk/limits.ts";
import { granted, LOCATION } from "../plane/plane-world.ts";
import { ACTIVATION } from "./service-world.ts";
import { ask, SocketWorld } from "./socket-world.ts";

let world: SocketWorld;

beforeEach(async () => {
  world = await SocketWorld.open();
});

afterEach(() => world[Symbol.asyncDispose]());

/** Status and words of a refused upgrade. */
async function refusalOf(...dial: Parameters<SocketWorld["dial"]>): Promise<string> {
  const socket = world.dial(...dial);
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  const body = await response.setEncoding("utf8").toArray();
  return `${response.statusCode} ${response.headers["content-type"]} ${body.join("")}`;
}

/** All that a raw connection is answered until it ends. */
async function rawAnswer(text: string): Promise<string> {
  const socket = connect(Number(new URL(world.url).port), "127.0.0.1");
  socket.on("error", () => {});
  socket.end(text);
  return (
    await socket
      .setEncoding("utf8")
      .toArray()
      .catch(() => [])
  ).join("");
}

describe("an upgrade over HTTP", () => {
  it("[ES3] that is refused has a status and words", async () => {
    expect(await refusalOf({ Authorization: "wrong" })).toMatch(
      /^403 text\/plain; charset=utf-8 The auth token is not one of compute laptop.*\n$/,
    );
    expect(await refusalOf({ pID: "" })).toMatch(/^400 .* pID is missing/);
    expect(await refusalOf({}, "/other")).toMatch(/^404 .* path \/\n$/);
  });

  it("[ES3] offers neither subprotocol nor compression", async () => {
    const socket = await world.connect();
    expect([socket.protocol, socket.extensions]).toEqual(["", ""]);
    socket.terminate();
  });

  it("[ES1] of any form leaves the service in order", async () => {
    const line = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Version: 7",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol: chat",
      ),
    );
    const target = fc.oneof(
      fc.string(),
      fc.constantFrom("/", "/?", `/?${"&".repeat(1_000)}`, "/?pID=%ff%fe&pID=2", "http://x/?pID=1"),
    );
    await fc.assert(
      fc.asyncProperty(target, fc.array(line, { maxLength: 6 }), async (to, lines) => {
        const upgrade = ["Host: x", "Connection: Upgrade", "Upgrade: websocket", ...lines];
        const answer = await rawAnswer(`GET ${to} HTTP/1.1\r\n${upgrade.join("\r\n")}\r\n\r\n`);
        expect(answer).not.toMatch(/^HTTP\/1.1 (101|5)/);
      }),
      { numRuns: 50 },
    );
    const socket = await world.connect();
    expect(await ask(socket, "GetComputeCertificate")).toMatchObject({ StatusCode: 200 });
    expect(world.service.connectionCount).toBe(1);
    socket.terminate();
  });
});

describe("a WebSocket", () => {
  it("[ES13] ends with a frame of more than a megabyte, and the process may come back", async () => {
    const socket = await world.connect({ IdempotencyToken: "again" });
    expect(await ask(socket, "ActivateServerProcess", ACTIVATION)).toMatchObject({
      StatusCode: 200,
    });
    // Fewer characters than that, and more bytes.
    socket.send("€".repeat(SERVICE_LIMITS.frameBytesMax / 2));
    const [code] = await once(socket, "close");
    expect(code).toBe(1009);
    const back = await world.connect({ IdempotencyToken: "again" });
    expect(await ask(back, "ActivateServerProcess", ACTIVATION)).toMatchObject({ StatusCode: 409 });
    back.terminate();
  });

  it("[ES13] that leaves 8 MB unread is cut off", async () => {
    const socket = await world.connect();
    await ask(socket, "ActivateServerProcess", ACTIVATION);
    await ask(socket, "HeartbeatServerProcess", { HealthStatus: true });
    const { gameSessionId: GameSessionId } = granted(
      world.plane.gameSessions.create({
        fleetId: world.fleet.fleetId,
        location: LOCATION,
        maximumPlayerSessionCount: 200,
      }),
    );
    await ask(socket, "ActivateGameSession", { GameSessionId });
    const players = Array.from({ length: 200 }, (_, index) => ({
      playerId: `player-${index}`,
      playerData: "x".repeat(2_048),
    }));
    granted(world.plane.playerSessions.create(GameSessionId, players));
    socket.pause();
    const process = world.plane.processes.list()[0]!;
    for (let index = 0; index < 200 && process.isConnected; index++) {
      // The same request again and again, for the rates let no other through.
      const question = { Action: "DescribePlayerSessions", GameSessionId, Limit: 1024 };
      socket.send(JSON.stringify({ RequestId: "again", ...question }));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => process.isConnected).toBe(false);
    expect(process.state).toBe("READY");
    socket.terminate();
  });

  it("[ES15] goes dead, is reset and is closed as a fault wants it", async () => {
    const identity = {
      fleetId: world.fleet.fleetId,
      computeName: "laptop",
      processId: "process-1",
    };
    const socket = await world.connect({ IdempotencyToken: "again" });
    await ask(socket, "ActivateServerProcess", ACTIVATION);
    await ask(socket, "HeartbeatServerProcess", { HealthStatus: true });
    world.service.cut(identity, { kind: "half-open" });
    const heard: unknown[] = [];
    socket.on("message", (data) => heard.push(String(data)));
    void ask(socket, "GetComputeCertificate");
    world.plane.processes.terminate(world.plane.processes.find(identity)!, 60_000);
    const other = await world.connect({ pID: "process-2" });
    await ask(other, "GetComputeCertificate");
    expect(heard).toEqual([]);
    expect(socket.readyState).toBe(socket.OPEN);
    expect(world.sightings.filter(({ kind }) => kind === "request")).toHaveLength(3);
    socket.terminate();
    await expect.poll(() => world.plane.processes.find(identity)?.isConnected).toBe(false);
    const back = await world.connect({ IdempotencyToken: "again" });
    world.service.cut(identity, { kind: "reset" });
    expect((await once(back, "close"))[0]).toBe(1006);
    world.service.cut(
      { ...identity, processId: "process-2" },
      {
        kind: "close",
        code: 1011,
        reason: "a fault",
      },
    );
    expect((await once(other, "close"))[0]).toBe(1011);
  });

  it("[ES15] over TLS is cut as well", async () => {
    const { certificate: cert, key } = selfSigned("localhost");
    await using secure = await SocketWorld.open({ cert, key });
    const socket = await secure.connect();
    const { fleetId } = secure.fleet;
    const identity = { fleetId, computeName: "laptop", processId: "process-1" };
    secure.service.cut(identity, { kind: "reset" });
    expect((await once(socket, "close"))[0]).toBe(1006);
  });

  it("[ES4] is closed with 1001 when the service ends, and cut when it does not close", async () => {
    const [polite, deaf] = [await world.connect(), await world.connect({ pID: "process-2" })];
    deaf.pause();
    world.service.close();
    expect((await once(polite, "close"))[0]).toBe(1001);
    await expect.poll(() => world.service.connectionCount, { timeout: 3_000 }).toBe(0);
    deaf.terminate();
  });
});
