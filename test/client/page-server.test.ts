import { once } from "node:events";
import { request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildPage, type PageFiles } from "../../scripts/dev/page-build.ts";
import { type BotOrder, servePage } from "../../scripts/dev/page-server.ts";

let server: Server;
let url = "";
let files: PageFiles;
let lobbyUrl: string | undefined = "http://127.0.0.1:1";
const orders: BotOrder[] = [];

beforeAll(async () => {
  files = await buildPage();
  const source = {
    files: () => files,
    lobbyUrl: () => lobbyUrl,
    addBots: (order: BotOrder) => {
      orders.push(order);
      return order.game === "arena" ? { added: order.count, total: order.count } : undefined;
    },
  };
  ({ server, url } = await servePage(source, 0));
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly origin?: string;
  readonly body?: string;
}

/** `fetch` does not let a test choose Host and Origin. */
async function ask(ask: Ask): Promise<{ status: number; csp: string; body: string }> {
  const { port } = server.address() as AddressInfo;
  const headers: Record<string, string> = { host: ask.host ?? `127.0.0.1:${port}` };
  if (ask.origin !== undefined) headers["origin"] = ask.origin;
  const { method = "GET", path = "/" } = ask;
  const call = request({ host: "127.0.0.1", port, method, path, headers });
  call.end(ask.body);
  const [response] = await once(call, "response");
  let body = "";
  for await (const piece of response.setEncoding("utf8")) body += piece;
  const csp = String(response.headers["content-security-policy"]);
  return { status: response.statusCode, csp, body };
}

const order = (change: Ask): Ask => ({
  method: "POST",
  path: "/api/bots",
  origin: url,
  body: JSON.stringify({ game: "arena", count: 3 }),
  ...change,
});

describe("page server", () => {
  test("[CL9] serves the page under a policy that allows no inline script or style", async () => {
    const page = await ask({});
    expect(page.status).toBe(200);
    expect(page.csp).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(page.csp).not.toContain("unsafe");
    expect(page.body).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son[a-z]+=|\sstyle=/i);
  });

  test("[CL9] serves every file that the page asks for", async () => {
    const { body } = await ask({});
    const paths = [...body.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1] ?? "");
    expect(paths.length).toBeGreaterThanOrEqual(3);
    for (const path of paths) expect((await ask({ path })).status).toBe(200);
  });

  test("[CL9] builds a page that never writes markup from data", () => {
    const script = Buffer.from(files.get("/main.js")?.body ?? []).toString();
    expect(script.split("//# sourceMappingURL")[0]).not.toMatch(/\.(?:innerHTML|outerHTML)\s*=/);
  });

  test("[CL10] tells the page where the lobby is, while it is there", async () => {
    const { body } = await ask({ path: "/lobby.json" });
    expect(JSON.parse(body)).toEqual({ lobbyUrl: "http://127.0.0.1:1", botsPath: "/api/bots" });
    lobbyUrl = undefined;
    expect((await ask({ path: "/lobby.json" })).status).toBe(503);
    lobbyUrl = "http://127.0.0.1:1";
  });

  test.each(["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8080"])(
    "[CL10] answers nothing under the foreign name %o",
    async (host) => {
      expect((await ask({ host })).status).not.toBe(200);
      expect((await ask({ host, path: "/lobby.json" })).status).not.toBe(200);
    },
  );

  test("[CL10] takes orders for bots from its own page only", async () => {
    expect((await ask(order({}))).status).toBe(200);
    const before = orders.length;
    expect((await ask(order({ origin: "http://127.0.0.1:9" }))).status).toBe(403);
    expect((await ask(order({ origin: "null" }))).status).toBe(403);
    const { origin: _, ...bare } = order({});
    expect((await ask(bare)).status).toBe(403);
    expect(orders).toHaveLength(before);
  });

  test.each(["", "{", "[]", '{"game":"arena"}', '{"game":1,"count":1}', "x".repeat(5000)])(
    "[CL10] refuses the order %o",
    async (body) => {
      expect((await ask(order({ body }))).status).toBe(400);
    },
  );

  test.each([0, 9, 1.5, -1, "3", null])("[CL10] refuses to add %o bots", async (count) => {
    const body = JSON.stringify({ game: "arena", count });
    expect((await ask(order({ body }))).status).toBe(400);
  });

  test("[CL10] takes the next port when one is taken", async () => {
    const { port } = server.address() as AddressInfo;
    const source = { files: () => files, lobbyUrl: () => undefined };
    const second = await servePage(source, port);
    expect(second.url).not.toBe(url);
    second.server.close();
  });
});
