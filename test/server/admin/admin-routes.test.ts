import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { ADMIN_LIMITS } from "../../../server/admin/limits.ts";
import { JOIN_OUTCOMES } from "../../../server/telemetry/catalogue/labels.ts";
import { settle } from "../../support/fake-clock.ts";
import { AdminWorld, type Ask, PAGE, TOKEN } from "./admin-world.ts";

const NEXT = "/local/next-player-session";
const PAGE_DIR = new URL("../../../server/admin/page/", import.meta.url);
/** Every file of the page as it is asked for. */
const FILES = readdirSync(PAGE_DIR)
  .filter((name) => /\.(html|css|js)$/.test(name))
  .map((name) => (name === "index.html" ? "/" : `/page/${name}`));

describe("/metrics", () => {
  it("[AM7] is the text as it is, of its content type", async () => {
    await using world = await AdminWorld.open();
    const { status, headers, body } = await world.ask("/metrics");
    expect([status, body]).toEqual([200, "scrapes 1\n"]);
    expect(headers).toMatchObject({
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    expect(await world.ask("/metrics", { method: "HEAD" })).toMatchObject({
      status: 200,
      body: "",
    });
  });

  it("[AM7] is rendered once however many ask at once, and not again for 100 ms", async () => {
    let rendered = 0;
    let render = (_: string) => {};
    const text = () => {
      rendered++;
      return new Promise<string>((resolve) => {
        render = resolve;
      });
    };
    await using world = await AdminWorld.open({ metrics: { contentType: "text/plain", text } });
    const first = Array.from({ length: 20 }, () => world.ask("/metrics"));
    while (rendered === 0) await settle();
    // Also whoever comes long after it began.
    world.clock.advance(60_000);
    const late = world.ask("/metrics");
    for (let turn = 0; turn < 20; turn++) await settle();
    render("one");
    for (const { body } of await Promise.all([...first, late])) expect(body).toBe("one");
    world.clock.advance(ADMIN_LIMITS.renewMs - 1);
    expect((await world.ask("/metrics")).body).toBe("one");
    expect(rendered).toBe(1);
    world.clock.advance(1);
    const next = world.ask("/metrics");
    while (rendered === 1) await settle();
    render("two");
    expect((await next).body).toBe("two");
  });

  it("[AM7] says with 500 that it could not be made, without why, and is made anew", async () => {
    let isBroken = true;
    const text = async () => {
      if (isBroken) throw new Error("secret detail");
      return "well";
    };
    await using world = await AdminWorld.open({ metrics: { contentType: "text/plain", text } });
    for (const { status, body } of await Promise.all([
      world.ask("/metrics"),
      world.ask("/metrics"),
    ])) {
      expect(status).toBe(500);
      expect(body).not.toContain("secret");
    }
    isBroken = false;
    world.clock.advance(ADMIN_LIMITS.renewMs);
    expect((await world.ask("/metrics")).body).toBe("well");
  });

  it("[AM7] is not there without metrics, nor the live view without a picture", async () => {
    await using world = await AdminWorld.open({ metrics: undefined, live: undefined });
    for (const path of ["/metrics", "/live", ...FILES]) {
      expect((await world.ask(path)).status, path).toBe(404);
    }
  });
});

describe("the live page's files", () => {
  it.each(FILES)(
    "[AM9] has a strict policy, and nothing inline or from elsewhere: %s",
    async (path) => {
      await using world = await AdminWorld.open();
      const { status, headers, body } = await world.ask(path);
      expect(status).toBe(200);
      expect(headers).toMatchObject({
        "content-security-policy":
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
      });
      expect(body).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/i);
      expect(body).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|eval\(/);
      expect(body.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:\/\//);
    },
  );

  it("[AM9] names only files that are there", async () => {
    await using world = await AdminWorld.open();
    const named = new Set<string>();
    for (const file of FILES) {
      const { body } = await world.ask(file);
      for (const [, name] of body.matchAll(/(?:from "\.|"\/page)\/([\w.-]+)"/g)) {
        named.add(`/page/${name}`);
      }
    }
    expect([...named].sort()).toEqual(FILES.filter((file) => file !== "/").sort());
  });

  it("[AM9] is nothing else of the folder or of the machine", async () => {
    await using world = await AdminWorld.open();
    for (const path of [
      "/page/tsconfig.json",
      "/page/live-shape.ts",
      "/page/",
      "/index.html",
      "/page/../admin-server.ts",
      "/page/..%2fadmin-server.ts",
      "/page/main.js/",
      "/__proto__",
      "/constructor",
      "//",
    ]) {
      expect((await world.ask(path)).status, path).toBe(404);
    }
    expect((await world.ask("/", { method: "POST" })).status).toBe(405);
  });

  it("[AM9] has words for every outcome of a join", () => {
    const words = readFileSync(new URL("live-words.js", PAGE_DIR), "utf8");
    for (const outcome of JOIN_OUTCOMES) expect(words).toMatch(new RegExp(`^  ${outcome}: "`, "m"));
  });
});

describe("the admin token", () => {
  const wrong: [string, Record<string, string>][] = [
    ["none", {}],
    ["another", { authorization: "Bearer another-token-that-is-long" }],
    ["a part of it", { authorization: `Bearer ${TOKEN.slice(1)}` }],
    ["more than it", { authorization: `Bearer ${TOKEN}x` }],
    ["no scheme", { authorization: TOKEN }],
    ["another scheme", { authorization: `Basic ${btoa(`:${TOKEN}`)}` }],
    ["an empty one", { authorization: "Bearer " }],
    ["a cookie", { cookie: `token=${TOKEN}` }],
  ];

  it.each(wrong)(
    "[AM10] that is %s gets nothing but health and the page",
    async (_what, headers) => {
      await using world = await AdminWorld.open({ token: TOKEN });
      for (const [path, method] of [
        ["/metrics", "GET"],
        ["/live", "GET"],
        [NEXT, "POST"],
        [`/metrics?token=${TOKEN}`, "GET"],
      ] as const) {
        const answer = await world.ask(path, { method, headers });
        expect([answer.status, answer.headers["www-authenticate"]], path).toEqual([401, "Bearer"]);
        expect(answer.body).not.toMatch(/psess|scrapes|picture/);
        expect(answer.body).not.toContain(TOKEN.slice(1, -1));
      }
      expect((await world.ask("/healthz", { headers })).status).toBe(200);
      for (const file of FILES) expect((await world.ask(file, { headers })).status).toBe(200);
      expect([world.scrapes, world.pictures]).toEqual([0, 0]);
    },
  );

  it("[AM10] opens every route", async () => {
    await using world = await AdminWorld.open({ token: TOKEN });
    for (const authorization of [`Bearer ${TOKEN}`, `bearer ${TOKEN}`]) {
      const headers = { authorization };
      expect((await world.ask("/metrics", { headers })).status).toBe(200);
      expect((await world.begin("/live", { headers })).statusCode).toBe(200);
      expect((await world.ask(NEXT, { method: "POST", headers })).status).toBe(200);
    }
  });

  it("[AM10] that was set to nothing is none, and is not what an empty one opens", async () => {
    await using world = await AdminWorld.open({ token: "" });
    expect((await world.ask("/metrics")).status).toBe(200);
  });
});

describe("a page of elsewhere", () => {
  const asked = (how: Ask) =>
    ["/metrics", "/live", "/", "/page/main.js"].map((path) => [path, how] as const);

  it("[AM4] may not have metrics or the live view, even if its origin may join", async () => {
    await using world = await AdminWorld.open();
    for (const [path, how] of asked({ headers: { origin: PAGE } })) {
      expect((await world.ask(path, how)).status, path).toBe(403);
    }
    expect([world.scrapes, world.pictures]).toEqual([0, 0]);
  });

  it.each(["cross-site", "same-site"])(
    "[AM4] may not fetch without an origin, such as by an image: %s",
    async (site) => {
      await using world = await AdminWorld.open();
      const headers = { "sec-fetch-site": site, "sec-fetch-mode": "no-cors" };
      for (const [path, how] of asked({ headers })) {
        expect((await world.ask(path, how)).status, path).toBe(403);
      }
      expect([world.scrapes, world.pictures]).toEqual([0, 0]);
      const frame = { ...headers, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" };
      expect((await world.ask("/", { headers: frame })).status).toBe(403);
      const link = { ...frame, "sec-fetch-dest": "document" };
      expect((await world.ask("/", { headers: link })).status).toBe(200);
    },
  );

  it("[AM4] is none that this port served itself", async () => {
    await using world = await AdminWorld.open({ mayReach: () => false });
    const host = `127.0.0.1:${world.port}`;
    const own = { host, origin: `http://${host}`, "sec-fetch-site": "same-origin" };
    expect((await world.ask("/metrics", { headers: own })).status).toBe(200);
    const another = { ...own, origin: `http://127.0.0.1:${world.port + 1}` };
    expect((await world.ask("/metrics", { headers: another })).status).toBe(403);
  });
});

it("[AM9] is checked by a tsconfig of its own, which the types script runs", () => {
  const { scripts } = createRequire(import.meta.url)("../../../package.json");
  expect(scripts.types).toContain("tsc -p server/admin/page");
});
