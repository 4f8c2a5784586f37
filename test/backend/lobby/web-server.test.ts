import { once } from "node:events";
import { type IncomingHttpHeaders, request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JoinRates } from "../../../backend/lobby/join-rates.ts";
import { LOBBY_LIMITS } from "../../../backend/lobby/limits.ts";
import { type RefusalCode, refusalRow } from "../../../backend/lobby/refusals.ts";
import { WebServer, type WebServerDeps } from "../../../backend/lobby/web-server.ts";
import { LobbyWorld } from "./lobby-world.ts";
import { ADDRESS } from "./scripted-fleet-api.ts";

const PAGE = "http://127.0.0.1:8080";

let world: LobbyWorld;
let web: WebServer;
let port: number;
let arena: string;

/** Time passes by itself here: HTTP is real, and joins have nothing to wait for. */
async function open(more: Partial<WebServerDeps> = {}): Promise<void> {
  world = new LobbyWorld();
  arena = world.fleet.open("arena", 40);
  const { lobby, clock, logged } = world;
  web = new WebServer({
    lobby,
    rates: new JoinRates(clock, 1000),
    log: (_level, event, fields) => logged.push({ event, fields }),
    origins: new Set([PAGE]),
    hostNames: new Set(["127.0.0.1", "lobby.example", "[::1]"]),
    proxies: 0,
    isGameTls: false,
    ...more,
  });
  port = await web.listen(0, "127.0.0.1");
}

interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON the lobby says.
  readonly body: any;
}

/** `fetch` does not let a test choose Host and Origin. */
async function ask({
  method = "POST",
  path = "/v1/join",
  body,
  headers = {},
}: Ask): Promise<Answer> {
  const call = request({
    host: "127.0.0.1",
    port,
    method,
    path,
    headers: { "content-type": "application/json", ...headers },
  });
  call.end(method === "POST" ? body : undefined);
  const answered = once(call, "response");
  const passing = setInterval(() => world.clock.advance(LOBBY_LIMITS.passIntervalMs), 1);
  const [response] = await answered;
  let text = "";
  for await (const piece of response.setEncoding("utf8")) text += piece;
  clearInterval(passing);
  return {
    status: response.statusCode,
    headers: response.headers,
    body: text === "" ? undefined : JSON.parse(text),
  };
}

const join = (more: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  ask({ body: JSON.stringify({ game: "arena", ...more }), headers });

function expectRefused(answer: Answer, code: RefusalCode): void {
  const { status, message, retryAfterSeconds } = refusalRow(code);
  expect(answer.status).toBe(status);
  expect(answer.body).toEqual({
    code,
    message,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
  expect(answer.headers["retry-after"]).toBe(retryAfterSeconds?.toString());
}

beforeEach(() => open());
afterEach(() => web.close());

describe("POST /v1/join", () => {
  it("[LB12] answers with the seat, where to take it, and who the player is from now on", async () => {
    const { status, headers, body } = await join({ playerName: "Ada" });
    expect(status).toBe(200);
    expect(headers["cache-control"]).toBe("no-store");
    const [taken] = world.fleet.playerSessions;
    expect(body).toEqual({
      playerSessionId: taken?.playerSessionId,
      gameSessionId: arena,
      host: ADDRESS.ipAddress,
      port: ADDRESS.port,
      transports: ["ws", "tcp"],
      playerId: taken?.playerId,
      playerToken: expect.stringContaining(`${taken?.playerId}.`),
    });
    expect(taken?.playerData).toBe('{"name":"Ada"}');
    const again = await join({ playerToken: body.playerToken });
    expect(again.body.playerSessionId).toBe(body.playerSessionId);
  });

  it("[LB12] says the name that a certificate is good for where game ports speak TLS", async () => {
    await web.close();
    await open({ isGameTls: true });
    expect((await join()).body).toMatchObject({
      host: ADDRESS.dnsName,
      transports: ["wss", "tls"],
    });
  });

  it.each<[string, RefusalCode]>([
    ["", "malformed"],
    ["{", "malformed"],
    ["[]", "malformed"],
    ["null", "malformed"],
    ['"arena"', "malformed"],
    ["{}", "malformed"],
    ['{"game":1}', "malformed"],
    ['{"game":"arena","playerName":1}', "malformed"],
    ['{"game":"arena","playerName":""}', "malformed"],
    [`{"game":"arena","playerName":"${"x".repeat(65)}"}`, "malformed"],
    ['{"game":"arena","playerToken":null}', "malformed"],
    ['{"game":"chess"}', "unknown_game"],
    [JSON.stringify({ game: "arena", x: "x".repeat(5000) }), "too_large"],
  ])("[LB12] refuses %s", async (body, code) => {
    expectRefused(await ask({ body }), code);
    expect(world.fleet.calls).toEqual([]);
  });

  it("[LB9] refuses a body that grows too large without announcing it", async () => {
    const call = request({
      host: "127.0.0.1",
      port,
      method: "POST",
      path: "/v1/join",
      headers: { "content-type": "application/json", "transfer-encoding": "chunked" },
    });
    call.on("error", () => {});
    call.write("x".repeat(LOBBY_LIMITS.bodyBytesMax + 1));
    const [response] = await once(call, "response");
    expect(response.statusCode).toBe(413);
    call.destroy();
  });

  it("[LB12] demands JSON, so that no page of a stranger can ask without being asked first", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"]) {
      expectRefused(await join({}, { "content-type": type }), "not_json");
    }
    expect((await join({}, { "content-type": "Application/JSON; charset=utf-8" })).status).toBe(
      200,
    );
  });

  it("[LB6] says that all servers are busy, and when to ask again", async () => {
    const answering = join({ game: "duel" });
    const busy = await answering;
    expectRefused(busy, "no_server_free");
    expect(busy.body.message).toMatch(/^All servers are busy right now\. /);
  });

  it("[LB9] refuses more joins of one network than its setting, in either form", async () => {
    await web.close();
    await open({ rates: new JoinRates(world.clock, 1) });
    expect((await join()).status).toBe(200);
    expectRefused(await join(), "too_many_requests");
    const colyseus = await ask({ path: "/matchmake/join/arena", body: "{}" });
    expect(colyseus.body).toMatchObject({ code: 4403, reason: "too_many_requests" });
  });

  it("[LB6] forgets a player who hangs up while he waits", async () => {
    const call = request({
      host: "127.0.0.1",
      port,
      method: "POST",
      path: "/v1/join",
      headers: { "content-type": "application/json" },
    });
    call.on("error", () => {});
    call.end('{"game":"duel"}');
    await expect.poll(() => world.clock.pendingTimers).toBeGreaterThan(0);
    await world.pass(0);
    expect(world.fleet.count("place")).toBe(1);
    call.destroy();
    await expect
      .poll(async () => {
        await world.pass(LOBBY_LIMITS.passIntervalMs);
        return world.fleet.count("cancelPlacement");
      })
      .toBe(1);
  });
});

describe("other requests", () => {
  it("[LB12] are told the games", async () => {
    const answer = await ask({ method: "GET", path: "/v1/games" });
    expect(answer.body).toEqual({
      games: [
        { game: "arena", playersMax: 4 },
        { game: "duel", playersMax: 2 },
      ],
    });
  });

  it.each<[string, string, RefusalCode]>([
    ["GET", "/", "not_found"],
    ["POST", "/", "not_found"],
    ["GET", "/v1/join", "wrong_method"],
    ["DELETE", "/v1/join", "wrong_method"],
    ["POST", "/v1/games", "wrong_method"],
    ["POST", "/v1/join/", "not_found"],
    ["POST", "/v1/../v1/join", "not_found"],
    ["GET", "/matchmake/join/arena", "wrong_method"],
    ["POST", "/matchmake/join", "not_found"],
    ["POST", "/matchmake/join/a%2fb", "not_found"],
    ["OPTIONS", "*", "not_found"],
  ])("[LB12] as %s %s are refused", async (method, path, code) => {
    expectRefused(await ask({ method, path, body: "{}" }), code);
  });
});

describe("strangers", () => {
  it.each([
    "evil.example",
    "127.0.0.1.evil.example",
    "lobby.example.evil.example",
    "evil.example:8090",
    "127.0.0.1@evil.example",
    "127.0.0.1:80:80",
  ])("[LB11] under the host name %o are refused", async (host) => {
    expectRefused(await join({}, { host }), "not_allowed");
  });

  it.each(["127.0.0.1:9", "LOBBY.example", "lobby.example:443", "[::1]:80"])(
    "[LB11] no more are those under %s",
    async (host) => {
      expect((await join({}, { host })).status).toBe(200);
    },
  );

  it.each(["null", "http://evil.example", `${PAGE}.evil.example`, "https://127.0.0.1:8080"])(
    "[LB11] of the web page %s are refused, without the right to read the answer",
    async (origin) => {
      for (const method of ["POST", "OPTIONS"]) {
        const answer = await ask({ method, body: '{"game":"arena"}', headers: { origin } });
        expectRefused(answer, "not_allowed");
        expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
      }
      expect(world.fleet.calls).toEqual([]);
    },
  );

  it("[LB11] do not include a listed page, which is answered before and after its preflight", async () => {
    const headers = { origin: PAGE };
    const before = await ask({ method: "OPTIONS", headers });
    expect(before.status).toBe(204);
    const answer = await join({}, headers);
    for (const { headers: said } of [before, answer]) {
      expect(said["access-control-allow-origin"]).toBe(PAGE);
      expect(said["access-control-allow-credentials"]).toBe("true");
      expect(said["access-control-allow-headers"]).toContain("content-type");
      expect(said.vary).toBe("origin");
    }
    expect(answer.status).toBe(200);
  });
});

describe("a fault of the lobby's own", () => {
  it("[LB12] is answered without its words, and noted", async () => {
    world.fleet.faults.push(new TypeError("the secret inside"));
    const answer = await join();
    expectRefused(answer, "internal");
    expect(world.logged).toContainEqual({
      event: "fleet_call_failed",
      fields: expect.objectContaining({ error: "TypeError: the secret inside" }),
    });
  });
});
