import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AWS_HEADERS, FrontWorld, JSON_HEADERS } from "./front-world.ts";

let world: FrontWorld;
beforeAll(async () => {
  world = await FrontWorld.open();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  world.reached.length = 0;
});

const nobodyReached = () => expect(world.reached).toEqual([]);
const TARGET = "X-Amz-Target: GameLift.ListFleets";

describe("the routes", () => {
  it.each([
    ["api", { method: "POST", path: "/", headers: AWS_HEADERS, body: '{"Limit":1}' }],
    ["logs", { path: "/logs/a%2Fb?c=%20d&e" }],
    ["control", { path: "/_fleetroom/state" }],
    ["control", { path: "/_fleetroom" }],
    ["control", { method: "POST", path: "/_fleetroom/x", headers: JSON_HEADERS, body: "[]" }],
    ["console", { path: "/console" }],
    ["console", { path: "/console/events?after=7" }],
    ["console", { method: "POST", path: "/console/act", headers: JSON_HEADERS, body: "{}" }],
  ] as const)("[EF5] lead to %s as it was asked", async (part, ask) => {
    expect((await world.ask(ask)).status).toBe(200);
    const [path, query = ""] = ask.path.split("?");
    expect(world.reached).toHaveLength(1);
    expect(world.reached[0]).toMatchObject({
      part,
      request: { method: "method" in ask ? ask.method : "GET", path },
    });
    const { request } = world.reached[0]!;
    expect([...request.query]).toEqual([...new URLSearchParams(query)]);
    expect(request.body.toString()).toBe("body" in ask ? ask.body : "");
    expect(request.headers.host).toBe(world.ownHost);
  });

  it.each(["GET", "HEAD"])("[EF5] lead from %s / to the console", async (method) => {
    const { status, headers } = await world.ask({ method, path: "/" });
    expect([status, headers["location"]]).toEqual([302, "/console"]);
    nobodyReached();
  });

  it("[EF5] end at 404 and words for whatever else there is", async () => {
    const segment = fc.stringMatching(/^[A-Za-z0-9_.~:@-]{1,12}$/);
    const odd = fc.constantFrom("consoles", "Console", "_Fleetroom", "log", "_fleetroom;a", "aws");
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(segment, odd), { minLength: 1 }), async (segments) => {
        const [first = ""] = segments;
        fc.pre(!["console", "_fleetroom", "logs", "service"].includes(first));
        fc.pre(!segments.some((each) => each === "." || each === ".."));
        const { status, body } = await world.ask({ path: `/${segments.join("/")}` });
        expect(status).toBe(404);
        expect(JSON.parse(body)).toEqual({ error: expect.stringContaining("/console") });
        nobodyReached();
      }),
      { numRuns: 50 },
    );
  });

  /** Ways to write a path that somebody may take for another one. */
  const before = ["/", "//", "/./", "/x/../", "/%2e%2e/", "/%2E/", "\\", "/%5c", "/console//"];
  const inside = ["_fleetroom/x", "%5ffleetroom/x", "_fleetroom%2fx", "console%00", "%63onsole"];
  const behind = ["", "/", "//", "/..", "/%2e%2e", "/.", "/%", "/%zz", "/%c3", "\\x", "/%0d%0a"];
  const disguised = before.flatMap((first) =>
    inside.flatMap((second) => behind.map((third) => first + second + third)),
  );

  it("[EF6] know a path by its one spelling and take nothing for another", async () => {
    for (const path of disguised) {
      world.reached.length = 0;
      const ask = { method: "POST", path, headers: JSON_HEADERS, body: "{}" };
      const { status } = await world.ask(ask);
      const isPlain = /^\/_fleetroom\/x\/?$/.test(path);
      if (isPlain) expect(status, path).toBe(200);
      else expect([400, 404], path).toContain(status);
      expect(world.reached.map(({ part }) => part)).toEqual(isPlain ? ["control"] : []);
    }
    expect(disguised.length).toBeGreaterThan(400);
  });

  it("[EF6] take paths of 4,096 characters and no more", async () => {
    const path = `/console/${"a".repeat(4_096 - "/console/".length)}`;
    expect((await world.ask({ path })).status).toBe(200);
    expect((await world.ask({ path: `${path}a` })).status).toBe(400);
  });

  it.each(["*", "", "x", "//", "http://127.0.0.1/console", "127.0.0.1:80"])(
    "[EF6] refuse %j, which is no path",
    async (path) => {
      const { status } = await world.ask({ method: "OPTIONS", path });
      expect(status).toBe(400);
      nobodyReached();
    },
  );
});

describe("the AWS API's route", () => {
  const [TYPE = ""] = AWS_HEADERS;
  const post = (headers: readonly string[], path = "/") =>
    world.ask({ method: "POST", path, headers, body: "{}" });

  it.each([
    ["no content type", []],
    ["plain JSON", ["Content-Type: application/json"]],
    ["the version before", ["Content-Type: application/x-amz-json-1.0"]],
    ["a parameter", ["Content-Type: application/x-amz-json-1.1; charset=utf-8"]],
    ["what a form sends", ["Content-Type: text/plain"]],
    ["a form", ["Content-Type: application/x-www-form-urlencoded"]],
    ["two of them", [TYPE, TYPE]],
    ["a right and a wrong one", [TYPE, "Content-Type: text/plain"]],
    ["capitals", ["Content-Type: APPLICATION/X-AMZ-JSON-1.1"]],
    ["CBOR", ["Content-Type: application/cbor"]],
  ])("[EF7] refuses %s in words that AWS clients read", async (_what, headers) => {
    const { status, headers: answered, body } = await post([TARGET, ...headers]);
    expect(status).toBe(415);
    expect(answered).toMatchObject({
      "content-type": "application/x-amz-json-1.1",
      "x-amzn-errortype": "UnsupportedMediaTypeException",
      "x-amzn-requestid": "00000000-0000-4000-8000-000000000001",
    });
    expect(JSON.parse(body)).toEqual({
      __type: "com.amazonaws.gamelift#UnsupportedMediaTypeException",
      Message: expect.stringContaining("AWS JSON 1.1"),
    });
    nobodyReached();
  });

  it("[EF7] refuses a content type that a page may send unasked", async () => {
    const types = fc
      .tuple(
        fc.stringMatching(/^[a-z]{1,8}\/[a-z0-9.+-]{1,20}$/),
        fc.constantFrom("", "; q=1", ","),
      )
      .map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(types, async (type) => {
        expect((await post([TARGET, `Content-Type: ${type}`])).status).toBe(415);
        nobodyReached();
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ["missing", []],
    ["empty", ["X-Amz-Target:"]],
    ["there twice", [TARGET, TARGET]],
  ])("[EF7] refuses a target header that is %s", async (_how, headers) => {
    const { status, body } = await post(["Content-Type: application/x-amz-json-1.1", ...headers]);
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({
      __type: "com.amazonaws.gamelift#UnknownOperationException",
      Message: expect.stringContaining("X-Amz-Target"),
    });
    nobodyReached();
  });

  it.each(["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])("[EF7] refuses %s", async (method) => {
    const { status, body } = await world.ask({ method, path: "/", headers: AWS_HEADERS });
    expect(status).toBe(405);
    expect(JSON.parse(body)).toMatchObject({
      __type: "com.amazonaws.gamelift#MethodNotAllowedException",
    });
    nobodyReached();
  });

  it("[EF8] leads CBOR to the part that refuses it in its own form", async () => {
    const cbor = ["Smithy-Protocol: rpc-v2-cbor", "Content-Type: application/cbor"];
    expect((await post(cbor, "/service/GameLift/operation/ListFleets")).status).toBe(200);
    expect(world.reached.map(({ part }) => part)).toEqual(["api"]);
  });

  it.each(["/service", "/service/GameLift/operation/ListFleets"])(
    "[EF8] refuses what is not CBOR at %s",
    async (path) => {
      for (const headers of [AWS_HEADERS, JSON_HEADERS, ["Smithy-Protocol: rpc-v2-cbor"]]) {
        const { status, body } = await post(headers, path);
        expect(status).toBe(415);
        expect(JSON.parse(body).Message).toContain("AWS JSON 1.1");
      }
      expect((await world.ask({ path })).status).toBe(405);
      nobodyReached();
    },
  );
});

describe.each(["/_fleetroom/x", "/console/x"])("%s", (path) => {
  it.each([
    ["no content type", []],
    ["a parameter", ["Content-Type: application/json; charset=utf-8"]],
    ["what a form sends", ["Content-Type: text/plain"]],
    ["AWS JSON", ["Content-Type: application/x-amz-json-1.1"]],
    ["two of them", ["Content-Type: application/json", "Content-Type: application/json"]],
  ])("[EF9] refuses a POST with %s", async (_what, headers) => {
    const { status, body } = await world.ask({ method: "POST", path, headers, body: "{}" });
    expect(status).toBe(415);
    expect(JSON.parse(body)).toEqual({ error: "the content type must be application/json" });
    nobodyReached();
  });

  it.each(["PUT", "DELETE", "PATCH", "OPTIONS"])("[EF9] refuses %s", async (method) => {
    const { status, headers } = await world.ask({ method, path, headers: JSON_HEADERS });
    expect([status, headers["allow"]]).toEqual([405, "GET, POST"]);
    nobodyReached();
  });

  it("[EF9] refuses a GET with a body, however it is announced", async () => {
    for (const headers of [["Content-Length: 2"], ["Transfer-Encoding: chunked"]]) {
      const body = headers[0] === "Content-Length: 2" ? "{}" : "0\r\n\r\n";
      const socket = world.connect();
      socket.write(world.bytes({ path, headers: [...headers, "Connection: close"] }) + body);
      expect(String((await socket.toArray()).join(""))).toMatch(/^HTTP\/1\.1 400 /);
    }
    nobodyReached();
  });
});

describe("/logs", () => {
  it("[EF9] is read only", async () => {
    const ask = { method: "POST", path: "/logs/token", headers: JSON_HEADERS, body: "{}" };
    const { status, headers } = await world.ask(ask);
    expect([status, headers["allow"]]).toEqual([405, "GET"]);
    nobodyReached();
  });
});
