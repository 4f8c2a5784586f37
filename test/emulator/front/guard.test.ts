import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AWS_HEADERS, FrontWorld, JSON_HEADERS, UPGRADE_HEADERS } from "./front-world.ts";

let world: FrontWorld;
beforeAll(async () => {
  world = await FrontWorld.open({ allowHosts: ["Host.Docker.Internal"] });
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  world.reached.length = 0;
  world.upgrades.length = 0;
});

const OWN = ["localhost", "127.0.0.1", "[::1]", "host.docker.internal"];
/** Every way into the emulator. */
const WAYS = [
  { method: "POST", path: "/", headers: AWS_HEADERS, body: "{}" },
  { method: "GET", path: "/", headers: [] },
  { method: "GET", path: "/console", headers: [] },
  { method: "POST", path: "/console/action", headers: JSON_HEADERS, body: "{}" },
  { method: "GET", path: "/_fleetroom/state", headers: [] },
  { method: "POST", path: "/_fleetroom/faults", headers: JSON_HEADERS, body: "{}" },
  { method: "GET", path: "/logs/token", headers: [] },
  { method: "GET", path: "/", headers: UPGRADE_HEADERS },
];
const nobodyReached = () => expect([world.reached, world.upgrades]).toEqual([[], []]);

/** Told apart from the rule itself: by prefix and digits instead of a pattern. */
function isOwn(host: string): boolean {
  const lower = host.toLowerCase();
  return OWN.some(
    (name) =>
      lower === name ||
      (lower.startsWith(`${name}:`) && /^\d{1,5}$/.test(lower.slice(name.length + 1))),
  );
}

const label = fc.constantFrom("evil", "example", "localhost", "127", "0", "1", "rebind", "a-b");
const names = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join("."));
const addresses = fc.oneof(
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
  fc.constantFrom("0.0.0.0", "127.1", "0x7f000001", "2130706433", "[::]", "[::ffff:127.0.0.1]"),
);
const around = fc.tuple(
  fc.constantFrom("", "evil.", "user@", "localhost@", "http://", "[", "\t"),
  fc.oneof(fc.constantFrom(...OWN), names, addresses),
  fc.constantFrom("", ".", ".evil.example", "]", "%00", "/", "#", ", evil.example", "\\"),
  fc.constantFrom("", ":", ":80", ":65535", ":123456", ":x", ":80:80", ":-1"),
);

describe("the Host header", () => {
  it("[EF2] names this machine or is refused, whatever it looks like", async () => {
    await fc.assert(
      fc.asyncProperty(around, async (parts) => {
        world.reached.length = 0;
        const host = parts.join("").trim();
        fc.pre(!isOwn(host));
        const { status } = await world.ask({ host: `Host: ${host}` });
        expect([400, 403]).toContain(status);
        nobodyReached();
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ...OWN,
    "LOCALHOST",
    "localhost:1",
    "127.0.0.1:65535",
    "[::1]:9080",
    "host.Docker.internal:9080",
  ])("[EF2] may be %s", async (host) => {
    expect((await world.ask({ host: `Host: ${host}` })).status).toBe(200);
  });

  it.each([
    ["is missing", ""],
    ["is empty", "Host: "],
    ["comes twice", "Host: localhost\r\nHost: localhost"],
    ["comes twice, once foreign", "Host: localhost\r\nHost: evil.example"],
  ])("[EF2] is refused when it %s", async (_how, host) => {
    const { status } = await world.ask({ host });
    expect([400, 403]).toContain(status);
    nobodyReached();
  });

  it.each(WAYS)("[EF2] is looked at for $method $path", async (way) => {
    const { status, body } = await world.ask({ ...way, host: "Host: evil.example" });
    expect(status).toBe(403);
    expect(body).toContain("--allow-host NAME");
    expect(body).not.toContain("evil");
    nobodyReached();
  });

  it("[EF2] is not outvoted by the request line", async () => {
    const { status } = await world.ask({ path: "http://evil.example/console" });
    expect(status).toBe(400);
    nobodyReached();
  });
});

describe("the Origin header", () => {
  const own = () => `http://${world.ownHost}`;
  const origins = fc.oneof(
    fc.webUrl({ withFragments: false }).map((url) => new URL(url).origin),
    fc
      .tuple(fc.constantFrom("http", "https", "ws", "file", "null", ""), around)
      .map(([scheme, parts]) => `${scheme}://${parts.join("")}`),
    fc.constantFrom("null", "*", "http://localhost", "http://127.0.0.1", "file://", "x"),
  );

  it("[EF3] is this one's own or is refused, whatever it looks like", async () => {
    await fc.assert(
      fc.asyncProperty(origins, fc.constantFrom(...WAYS), async (origin, way) => {
        fc.pre(origin.trim() !== own());
        const headers = [...way.headers, `Origin: ${origin}`];
        const { status, headers: answered } = await world.ask({ ...way, headers });
        expect([400, 403]).toContain(status);
        expect(Object.keys(answered).join()).not.toContain("access-control");
        nobodyReached();
      }),
      { numRuns: 300 },
    );
  });

  it("[EF3] is refused of another port of this machine, another scheme, and in capitals", async () => {
    for (const origin of [
      "http://127.0.0.1:1",
      "http://127.0.0.1",
      `https://${world.ownHost}`,
      `http://localhost:${world.port}`,
      `${own()}/`,
      own().toUpperCase(),
      `${own()}, ${own()}`,
    ]) {
      const { status } = await world.ask({ headers: [`Origin: ${origin}`] });
      expect(status, origin).toBe(403);
    }
    nobodyReached();
  });

  it("[EF3] is refused when it comes twice, its own included", async () => {
    const twice = [`Origin: ${own()}`, `Origin: ${own()}`];
    expect((await world.ask({ headers: twice })).status).toBe(403);
    nobodyReached();
  });

  it.each(WAYS.filter(({ path }) => path !== "/"))(
    "[EF3] may be its own for $method $path",
    async (way) => {
      const headers = [...way.headers, `Origin: ${own()}`];
      expect((await world.ask({ ...way, headers })).status).toBe(200);
    },
  );

  it.each(["/", "/console", "/_fleetroom/faults"])(
    "[EF3] gets no preflight through at %s",
    async (path) => {
      for (const origin of ["http://evil.example", own()]) {
        const { status, headers } = await world.ask({
          method: "OPTIONS",
          path,
          headers: [
            `Origin: ${origin}`,
            "Access-Control-Request-Method: POST",
            "Access-Control-Request-Headers: content-type,x-amz-target",
          ],
        });
        expect([403, 405]).toContain(status);
        expect(Object.keys(headers).join()).not.toContain("access-control");
      }
      nobodyReached();
    },
  );
});

describe("a browser's fetch metadata", () => {
  const metadata = (site: string, mode: string, dest: string) => [
    `Sec-Fetch-Site: ${site}`,
    `Sec-Fetch-Mode: ${mode}`,
    `Sec-Fetch-Dest: ${dest}`,
  ];

  it.each([
    ["an image", metadata("cross-site", "no-cors", "image")],
    ["a script", metadata("cross-site", "no-cors", "script")],
    ["a frame", metadata("cross-site", "navigate", "iframe")],
    ["another port of this machine", metadata("same-site", "no-cors", "empty")],
    ["a site that says both", [...metadata("none", "cors", "empty"), "Sec-Fetch-Site: cross-site"]],
  ])("[EF4] is refused of %s", async (_what, headers) => {
    for (const path of ["/console", "/_fleetroom/state", "/logs/token"]) {
      expect((await world.ask({ path, headers })).status).toBe(403);
    }
    nobodyReached();
  });

  it.each([
    ["this page's own", metadata("same-origin", "cors", "empty")],
    ["an address typed in", metadata("none", "navigate", "document")],
    ["a link elsewhere", metadata("cross-site", "navigate", "document")],
  ])("[EF4] is fine of %s", async (_what, headers) => {
    expect((await world.ask({ headers })).status).toBe(200);
  });

  it("[EF4] is refused of a form elsewhere that posts", async () => {
    const headers = [...JSON_HEADERS, ...metadata("cross-site", "navigate", "document")];
    const { status } = await world.ask({ method: "POST", headers, body: "{}" });
    expect(status).toBe(403);
    nobodyReached();
  });
});
