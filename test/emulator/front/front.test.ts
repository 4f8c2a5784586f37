import { once } from "node:events";
import net from "node:net";
import { networkInterfaces } from "node:os";
import { text } from "node:stream/consumers";
import tls from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import type { FrontOptions, LoopbackHost } from "../../../emulator/front/front.ts";
import { selfSigned } from "../../../emulator/front/self-signed.ts";
import { AWS_HEADERS, FrontWorld, told, UPGRADE_HEADERS } from "./front-world.ts";

const worlds: FrontWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world[Symbol.asyncDispose]();
});

async function open(over: Partial<FrontOptions> = {}): Promise<FrontWorld> {
  const world = await FrontWorld.open(over);
  worlds.push(world);
  return world;
}

describe("the port", () => {
  it.each(["127.0.0.1", "localhost", "::1"] as const)("[EF1] opens on %s", async (host) => {
    const { front } = await open({ host });
    expect(front.url).toMatch(
      host === "::1" ? /^http:\/\/\[::1\]:\d+$/ : /^http:\/\/[a-z0-9.]+:\d+$/,
    );
    expect(front.webSocketUrl).toBe(front.url.replace("http://", "ws://"));
    expect((await fetch(`${front.url}/console`)).status).toBe(200);
  });

  it("[EF1] opens on no address that others reach", async () => {
    for (const host of ["0.0.0.0", "::"]) {
      await expect(open({ host: host as LoopbackHost })).rejects.toMatchObject({
        code: "EMULATOR_NOT_LOOPBACK",
      });
    }
    const outer = Object.values(networkInterfaces())
      .flat()
      .find((each) => each?.family === "IPv4" && !each.internal);
    const { port } = await open();
    if (outer === undefined) return;
    const [error] = (await once(net.connect(port, outer.address), "error")) as [{ code: string }];
    expect(error.code).toBe("ECONNREFUSED");
  });

  it("[EF1] says which port is taken and what to do", async () => {
    const { port } = await open();
    await expect(open({ port })).rejects.toMatchObject({
      code: "EMULATOR_PORT_TAKEN",
      message: expect.stringMatching(new RegExp(`port ${port}; --port`)),
      cause: { code: "EADDRINUSE" },
    });
  });

  it("[EF14] ends everything when it closes, and may be closed twice", async () => {
    const world = await open();
    const { front } = world;
    world.answer = () => new Promise(() => {});
    const idle = world.connect();
    const waiting = world.connect();
    waiting.write(world.bytes({}));
    const socket = world.connect();
    socket.write(world.bytes({ path: "/", headers: UPGRADE_HEADERS }));
    const [head] = (await once(socket, "data")) as [Buffer];
    expect(told(head.toString()).status).toBe(101);
    await expect.poll(() => world.reached.length).toBe(1);
    const ended = [idle, waiting, socket].map((each) => once(each.resume(), "close"));
    // More than goes out at once.
    const lastWords = "last words".repeat(3_000_000);
    world.upgrades[0]?.socket.write(lastWords);
    const rest = text(socket);
    const { port } = world;
    await front.close();
    await Promise.all(ended);
    expect((await rest) === lastWords).toBe(true);
    await front.close();
    const [error] = (await once(net.connect(port, "127.0.0.1"), "error")) as [{ code: string }];
    expect(error.code).toBe("ECONNREFUSED");
  });
});

describe("an upgrade", () => {
  const upgrade = (world: FrontWorld, headers: readonly string[], path = "/?pID=a+b%20c") =>
    world.ask({ path, headers: [...UPGRADE_HEADERS, ...headers] });

  it("[EF15] reaches the Server SDK's part with its query as it was written", async () => {
    const sockets = new WebSocketServer({ noServer: true });
    const world = await open({
      upgrade: (request, socket, head) =>
        sockets.handleUpgrade(request, socket, head, (webSocket) => {
          webSocket.send(request.url ?? "");
        }),
    });
    const client = new WebSocket(`${world.front.webSocketUrl}/?pID=a+b%20c`);
    const [message] = (await once(client, "message")) as [Buffer];
    expect(message.toString()).toBe("/?pID=a+b%20c");
    client.terminate();
  });

  it.each([
    ["of a foreign page", "Origin: http://evil.example"],
    ["of another port", "Origin: http://127.0.0.1:1"],
    ["of nowhere", "Origin: null"],
    ["of another site", "Sec-Fetch-Site: cross-site"],
  ])("[EF15] %s is refused in words and closed", async (_what, header) => {
    const world = await open();
    const { status, headers, body } = await upgrade(world, [header]);
    expect([status, headers["connection"]]).toEqual([403, "close"]);
    expect(JSON.parse(body)).toEqual({ error: expect.any(String) });
    expect(world.upgrades).toEqual([]);
  });

  it.each(["/console", "//", "/x?pID=1", "/%2f", "/_fleetroom/"])(
    "[EF15] at %s is refused",
    async (path) => {
      const world = await open();
      expect((await upgrade(world, [], path)).status).toBe(404);
      expect([world.upgrades, world.reached]).toEqual([[], []]);
    },
  );

  it("[EF15] that is refused is closed even if the client holds on", async () => {
    const world = await open();
    const socket = net.connect({ port: world.port, host: "127.0.0.1", allowHalfOpen: true });
    socket.write(world.bytes({ path: "/x", headers: UPGRADE_HEADERS }));
    await once(socket.resume(), "end");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {});
    // Nobody is there any more to read this, which only a second attempt can tell.
    const writing = setInterval(() => socket.write("x"), 5);
    await closed;
    clearInterval(writing);
  });

  it("[EF15] to another protocol is not taken up, and the request is answered as it is", async () => {
    const world = await open();
    const h2c = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"];
    const socket = world.connect();
    socket.write(
      world.bytes({ method: "POST", path: "/", headers: [...AWS_HEADERS, ...h2c], body: "{}" }),
    );
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(told(answer.toString()).status).toBe(200);
    socket.destroy();
    expect(world.reached.map(({ part }) => part)).toEqual(["api"]);
  });

  it("[EF15] whose handler throws is closed and the fault reported", async () => {
    const world = await open();
    const fault = new Error("broken");
    world.onUpgrade = () => {
      throw fault;
    };
    expect((await upgrade(world, [])).status).toBe(0);
    expect(world.faults).toEqual([fault]);
  });
});

describe("with a certificate", () => {
  const pair = selfSigned("fleetroom emulator");
  const ca = pair.certificate;

  it.each(["127.0.0.1", "::1", "localhost"] as const)(
    "[EF16] speaks HTTPS and wss on %s, under names that it has",
    async (host) => {
      const world = await open({ host, tls: pair });
      expect(world.front.url).toMatch(/^https:/);
      const socket = tls.connect({
        port: world.port,
        host,
        ca,
        servername: host === "localhost" ? host : "",
      });
      await once(socket, "secureConnect");
      expect(socket.authorized).toBe(true);
      socket.write(
        `GET /console HTTP/1.1\r\nHost: localhost:${world.port}\r\nConnection: close\r\n\r\n`,
      );
      expect(told(await text(socket)).status).toBe(200);
      const client = new WebSocket(world.front.webSocketUrl, { ca });
      await once(client, "error");
      expect(world.upgrades).toHaveLength(1);
    },
  );

  it("[EF16] knows its own origin by https", async () => {
    const world = await open({ tls: pair });
    const ask = async (origin: string) => {
      const socket = tls.connect({ port: world.port, host: "127.0.0.1", ca });
      socket.write(world.bytes({ headers: [`Origin: ${origin}`] }));
      return told(await text(socket)).status;
    };
    expect(await ask(world.front.url)).toBe(200);
    expect(await ask(world.front.url.replace("https", "http"))).toBe(403);
  });

  it("[EF16] gives plain HTTP no answer, and one that says nothing its time", async () => {
    const world = await open({ tls: pair, limits: { headersTimeoutMs: 50 } });
    expect((await world.ask()).status).toBe(0);
    const silent = world.connect();
    expect(await text(silent)).toBe("");
    expect(world.reached).toEqual([]);
  });
});
