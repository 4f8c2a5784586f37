import { connect, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { AdminWorld, BEARER, TOKEN } from "./admin-world.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** What Node asks for a socket's two ends; its own getters cannot be replaced. */
interface SocketEnds {
  _getpeername(): { address?: string; port?: number };
  _getsockname(): { address?: string; port?: number };
}
const ends = Socket.prototype as unknown as SocketEnds;

/** Connections seem to come from there. The real ones all stay on this machine's loopback. */
function from(address: string): void {
  vi.spyOn(ends, "_getpeername").mockReturnValue(address === "" ? {} : { address, port: 50_000 });
}

/** As if the listener had been reached under this address of the machine. */
function reachedAt(address: string, port: number): void {
  vi.spyOn(ends, "_getsockname").mockReturnValue({ address, port });
}

const OPEN = { host: "0.0.0.0", peers: ["10.1.0.0/16", "192.0.2.7", "fd00::/64"], token: TOKEN };

describe("a peer of the admin port", () => {
  it.each(["10.1.2.3", "::ffff:10.1.2.3", "192.0.2.7", "fd00::5", "::ffff:0a01:0203"])(
    "[AM11] that is named may ask with the token, for everything: %s",
    async (address) => {
      await using world = await AdminWorld.open(OPEN);
      from(address);
      for (const path of ["/healthz", "/metrics", "/"]) {
        expect((await world.ask(path, { headers: BEARER })).status, path).toBe(200);
        const { status, body } = await world.ask(path);
        expect([path, status, JSON.parse(body).error]).toEqual([
          path,
          401,
          "this needs the admin token, as Authorization: Bearer TOKEN",
        ]);
      }
      expect((await world.begin("/live", { headers: BEARER })).statusCode).toBe(200);
      expect((await world.ask("/nothing")).status).toBe(401);
    },
  );

  it.each(["10.2.0.1", "192.0.2.8", "fd00:0:0:1::5", "::ffff:10.2.0.1", "169.254.1.1", ""])(
    "[AM11] that is not named is cut at once, token or not: %j",
    async (address) => {
      await using world = await AdminWorld.open(OPEN);
      from(address);
      await expect(world.ask("/metrics", { headers: BEARER })).rejects.toThrow(
        /ECONNRESET|hang up/,
      );
      expect(world.scrapes).toBe(0);
      vi.restoreAllMocks();
      expect((await world.ask("/healthz")).status).toBe(200);
    },
  );

  it("[AM11] is nobody where the port is loopback's, whatever is named", async () => {
    await using world = await AdminWorld.open({ ...OPEN, host: "127.0.0.1", peers: ["0.0.0.0/0"] });
    from("10.1.2.3");
    await expect(world.ask("/metrics", { headers: BEARER })).rejects.toThrow();
  });

  it("[AM11] gets nothing where no token was set, not even with an empty one", async () => {
    await using world = await AdminWorld.open({ ...OPEN, token: "" });
    from("10.1.2.3");
    for (const headers of [{}, { authorization: "Bearer " }, { authorization: "Bearer x" }]) {
      expect((await world.ask("/healthz", { headers })).status).toBe(401);
      expect((await world.ask("/metrics", { headers })).status).toBe(401);
    }
    vi.restoreAllMocks();
    expect((await world.ask("/metrics")).status).toBe(200);
  });

  it("[AM11] that floods it with connections is cut, and this machine is still answered", async () => {
    await using world = await AdminWorld.open(OPEN);
    from("10.2.0.1");
    const closed = Array.from({ length: 200 }, async () => {
      const socket = connect(world.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.resume();
      await new Promise((resolve) => socket.once("close", resolve));
    });
    await Promise.all(closed);
    vi.restoreAllMocks();
    expect((await world.ask("/healthz")).status).toBe(200);
  });
});

describe("the Host of an admin port that is not loopback's alone", () => {
  it.each([
    ["10.1.0.9", (port: number) => `10.1.0.9:${port}`],
    ["::ffff:10.1.0.9", (port: number) => `10.1.0.9:${port}`],
    ["fd00::9", (port: number) => `[fd00::9]:${port}`],
    ["fd00::9", (port: number) => `[FD00::9]:${port}`],
    ["10.1.0.9", () => "localhost"],
  ])("[AM3] may be its own address, reached at %s", async (address, hostOf) => {
    await using world = await AdminWorld.open(OPEN);
    reachedAt(address, world.port);
    const headers = { ...BEARER, host: hostOf(world.port) };
    expect((await world.ask("/metrics", { headers })).status).toBe(200);
  });

  it.each([
    (port: number) => `evil.example:${port}`,
    (port: number) => `10.1.0.8:${port}`,
    (port: number) => `10.1.0.9:${port + 1}`,
    (port: number) => `10.1.0.9:${port}.evil.example`,
    () => "10.1.0.9",
  ])("[AM3] is nothing else (%#)", async (hostOf) => {
    await using world = await AdminWorld.open(OPEN);
    reachedAt("10.1.0.9", world.port);
    const headers = { ...BEARER, host: hostOf(world.port) };
    expect((await world.ask("/metrics", { headers })).status).toBe(403);
  });

  it("[AM3] is no address while the port is loopback's", async () => {
    await using world = await AdminWorld.open();
    reachedAt("10.1.0.9", world.port);
    const headers = { host: `10.1.0.9:${world.port}` };
    expect((await world.ask("/metrics", { headers })).status).toBe(403);
  });
});

describe("a flood", () => {
  it("[AM5] of headers, in bytes, in number or without an end, is refused and harms nobody", async () => {
    await using world = await AdminWorld.open({ token: TOKEN });
    const head = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n";
    const floods = [
      `${head}${"X: y\r\n".repeat(20_000)}\r\n`,
      `${head}Authorization: Bearer ${"x".repeat(100_000)}\r\n\r\n`,
      `${head}${"Authorization: Bearer x\r\n".repeat(300)}Connection: close\r\n\r\n`,
      `GET /${"a".repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    ];
    for (const flood of floods) {
      const socket = connect(world.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(flood);
      expect(await text(socket).catch(() => "")).not.toContain("200 OK");
    }
    expect((await world.ask("/healthz")).status).toBe(200);
    expect(world.scrapes).toBe(0);
  });
});
