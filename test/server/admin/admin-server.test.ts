import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { AdminServer, type AdminServerOptions } from "../../../server/admin/admin-server.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const PAGE = "http://127.0.0.1:8080";

async function open(over: Partial<AdminServerOptions> = {}) {
  const ids = ["psess-1"];
  const admin = new AdminServer({
    health: () => ({ isHealthy: true, phase: "active" }),
    nextPlayerSession: () => ids.shift(),
    mayReach: (origin) => origin === PAGE,
    ...over,
  });
  closing.push(() => admin.close());
  const port = await admin.listen([0]);
  return { admin, port, ask: (path: string, how: Ask = {}) => ask(port, path, how) };
}

interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Not fetch: that sets Host itself. */
function ask(port: number, path: string, { method = "GET", headers = {}, body }: Ask) {
  return new Promise<Answer>((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, method, headers, agent: false };
    const request = httpRequest(options, (response) => {
      text(response).then(
        (answer) =>
          resolve({ status: response.statusCode, headers: response.headers, body: answer }),
        reject,
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

const NEXT = "/local/next-player-session";

describe("AdminServer", () => {
  it("[AM1] says that the server is well", async () => {
    const { ask } = await open();
    const { status, headers, body } = await ask("/healthz");
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({ status: "ok", phase: "active" });
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
  });

  it("[AM1] says with 503 that it is not, also when it cannot tell", async () => {
    const unwell = await open({ health: () => ({ isHealthy: false, phase: "stuck" }) });
    const answer = await unwell.ask("/healthz");
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body)).toEqual({ status: "unhealthy", phase: "stuck" });
    const broken = await open({
      health: () => {
        throw new Error("secret detail");
      },
    });
    const { status, body } = await broken.ask("/healthz");
    expect(status).toBe(500);
    expect(body).not.toContain("secret");
  });

  it("[AM2] hands out a player session id, then says that there is none", async () => {
    const { ask } = await open();
    const first = await ask(NEXT, { method: "POST" });
    expect([first.status, JSON.parse(first.body)]).toEqual([200, { playerSessionId: "psess-1" }]);
    const second = await ask(NEXT, { method: "POST" });
    expect(second.status).toBe(409);
    expect(JSON.parse(second.body)).toEqual({
      error: "no player session is free now; try again when the next match starts",
    });
  });

  it("[AM2] has no such route without a local fleet", async () => {
    const { ask } = await open({ nextPlayerSession: undefined });
    expect((await ask(NEXT, { method: "POST" })).status).toBe(404);
  });

  it.each(["/", "/metrics", "/healthz/", "/HEALTHZ", "//healthz", "/local", "/healthz%00"])(
    "[AM1] answers 404 to %s",
    async (path) => {
      const { ask } = await open();
      expect((await ask(path)).status).toBe(404);
    },
  );

  it("[AM1] names the methods a route takes", async () => {
    const { ask } = await open();
    const answer = await ask(NEXT);
    expect([answer.status, answer.headers.allow]).toEqual([405, "POST"]);
    expect((await ask("/healthz", { method: "DELETE" })).status).toBe(405);
    expect(await ask("/healthz", { method: "HEAD" })).toMatchObject({ status: 200, body: "" });
  });

  it.each(["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.1"])(
    "[AM3] refuses the Host %j",
    async (host) => {
      const { ask } = await open();
      const { status, body } = await ask(NEXT, { method: "POST", headers: { host } });
      expect(status).toBe(403);
      expect(body).not.toContain("psess");
    },
  );

  it.each(["localhost", "LOCALHOST:9", "127.0.0.1:7000", "127.0.0.2", "[::1]:80"])(
    "[AM3] takes the Host %s",
    async (host) => {
      const { ask } = await open();
      expect((await ask("/healthz", { headers: { host } })).status).toBe(200);
    },
  );

  it("[AM3] refuses a request without Host, with an empty one and with two", async () => {
    const { port } = await open();
    for (const hosts of ["", "Host:\r\n", "Host: localhost\r\nHost: localhost\r\n"]) {
      const socket = connect(port, "127.0.0.1");
      socket.write(`GET /healthz HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`);
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 (400|403) /);
    }
  });

  it.each(["https://evil.example", "null", "http://127.0.0.1:8081", "x"])(
    "[AM4] refuses the web origin %s",
    async (origin) => {
      const { ask } = await open();
      const { status, headers } = await ask(NEXT, { method: "POST", headers: { origin } });
      expect(status).toBe(403);
      expect(headers).not.toHaveProperty("access-control-allow-origin");
      expect((await ask(NEXT, { method: "OPTIONS", headers: { origin } })).status).toBe(403);
    },
  );

  it("[AM4] lets an allowed web origin read the answer, refusals too", async () => {
    const { ask } = await open();
    for (const status of [200, 409]) {
      const answer = await ask(NEXT, { method: "POST", headers: { origin: PAGE } });
      expect(answer.status).toBe(status);
      expect(answer.headers).toMatchObject({
        "access-control-allow-origin": PAGE,
        vary: "Origin",
      });
    }
  });

  it("[AM4] answers an allowed page's preflight and hands nothing out for it", async () => {
    const { ask } = await open();
    const { status, headers, body } = await ask(NEXT, {
      method: "OPTIONS",
      headers: { origin: PAGE },
    });
    expect([status, body]).toEqual([204, ""]);
    expect(headers).toMatchObject({
      "access-control-allow-origin": PAGE,
      "access-control-allow-methods": "GET, POST",
    });
    expect((await ask(NEXT, { method: "POST" })).status).toBe(200);
  });

  it("[AM5] refuses a body over 4 KB, announced or not", async () => {
    const { ask } = await open();
    const body = "x".repeat(5_000);
    expect((await ask(NEXT, { method: "POST", body: "x".repeat(4_096) })).status).toBe(200);
    const announced = ask(NEXT, { method: "POST", body });
    expect((await announced).status).toBe(413);
    const headers = { "transfer-encoding": "chunked" };
    await expect(ask(NEXT, { method: "POST", body, headers })).rejects.toThrow();
    expect((await ask("/healthz")).status).toBe(200);
  });

  it("[AM5] survives what is no HTTP, odd methods and an upgrade", async () => {
    const { port, ask } = await open();
    const host = "Host: localhost\r\n";
    const hostile = [
      "\x16\x03\x01\x00\xee\r\n\r\n",
      `BREW /healthz HTTP/1.1\r\n${host}\r\n`,
      `CONNECT a:1 HTTP/1.1\r\n${host}\r\n`,
      `GET http://a.example/healthz HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
      `GET /healthz HTTP/1.1\r\n${host}Connection: upgrade, close\r\nUpgrade: websocket\r\n\r\n`,
      `GET /healthz HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
      `POST /healthz HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`,
      `OPTIONS * HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
    ];
    for (const bytes of hostile) {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.end(bytes);
      await text(socket).catch(() => "");
    }
    expect((await ask("/healthz")).status).toBe(200);
  });

  it("[AM6] takes the first free port of its list, on this machine's loopback only", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    closing.push(() => taken.close());
    const { port } = taken.address() as AddressInfo;
    const admin = new AdminServer({ health: () => ({ isHealthy: true }), mayReach: () => false });
    closing.push(() => admin.close());
    await expect(admin.listen([port])).rejects.toMatchObject({ code: "PORT_TAKEN" });
    const opened = await admin.listen([port, 0]);
    expect(opened).not.toBe(port);
    expect((await ask(opened, "/healthz", {})).status).toBe(200);
  });

  it("[AM6] closes with connections open, twice without complaint", async () => {
    const { admin, port } = await open();
    const socket = connect(port, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    const ended = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {});
    await admin.close();
    await admin.close();
    await ended;
  });
});
