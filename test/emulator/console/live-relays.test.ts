import { once } from "node:events";
import type { IncomingMessage, RequestListener } from "node:http";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { AdminPorts } from "../../../emulator/console/admin-ports.ts";
import { CONSOLE_LIMITS } from "../../../emulator/console/limits.ts";
import { type LiveRelay, LiveRelays } from "../../../emulator/console/live-relays.ts";
import { settle } from "../../support/fake-clock.ts";
import { PlaneWorld } from "../plane/plane-world.ts";

const servers: Server[] = [];
const streams: Readable[] = [];

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.destroy();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const EVENTS = { "Content-Type": "text/event-stream" };

/** A server process at game port 7777, whose admin port answers `/live` with `listener`. */
async function world(listener: RequestListener) {
  const server = createServer((request, response) => {
    if (request.url === "/live") listener(request, response);
    else response.end('{"port":7777}');
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const plane = new PlaneWorld();
  const process = plane.ready("p");
  const { clock } = plane;
  const ports = [(server.address() as AddressInfo).port];
  const admin = new AdminPorts({ ports, clock, processes: () => plane.plane.processes.list() });
  const { happenings } = plane.plane;
  const relays = new LiveRelays({ admin, clock, happenings });
  const { fleetId, computeName, processId } = process;
  const identity = { fleetId, computeName, processId };
  const open = async (authorization?: string) =>
    streamOf(await relays.open(identity, authorization));
  return { plane, process, clock, relays, identity, open, server };
}

function streamOf(relay: LiveRelay): Readable {
  if (!("stream" in relay)) throw new Error(relay.error);
  streams.push(relay.stream);
  return relay.stream;
}

async function isClosed(stream: Readable): Promise<void> {
  while (!stream.closed) await settle();
}

describe("a relay of a live view", () => {
  it("[EC10] passes on what the server streams, and to it the token that was brought", async () => {
    const asked: (string | undefined)[] = [];
    const { open, clock } = await world((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.writeHead(200, EVENTS);
      response.write('data: {"version":1}\n\n');
    });
    const timers = clock.pendingTimers;
    const stream = await open("Bearer secret");
    const [first] = await once(stream, "data");
    expect(String(first)).toBe('data: {"version":1}\n\n');
    await open();
    expect(asked).toEqual(["GET /live Bearer secret", "GET /live undefined"]);
    expect(clock.pendingTimers).toBe(timers);
  });

  it("[EC10] is one of eight, and its place is free when its reader goes", async () => {
    const gone: Promise<unknown>[] = [];
    const { open, relays, identity } = await world((request, response) => {
      gone.push(once(request.socket, "close"));
      response.writeHead(200, EVENTS);
      response.flushHeaders();
    });
    // Also while they are being opened.
    const opened = await Promise.all(
      Array.from({ length: 20 }, () => relays.open(identity, undefined)),
    );
    const open8 = opened.flatMap((relay) => ("stream" in relay ? [relay.stream] : []));
    streams.push(...open8);
    expect(open8).toHaveLength(CONSOLE_LIMITS.liveRelaysMax);
    expect(opened.find((relay) => "error" in relay)).toEqual({
      status: 429,
      error: "8 live views are open, which is the most; close one",
    });
    open8[0]?.destroy();
    await gone[0];
    await isClosed(open8[0]!);
    await open();
    expect(await relays.open(identity, undefined)).toMatchObject({ status: 429 });
  });

  it("[EC10] ends with the process, even if its port goes on", async () => {
    const { open, plane, process, relays, identity } = await world((_, response) => {
      response.writeHead(200, EVENTS);
      response.flushHeaders();
    });
    const other = plane.connect({ ...identity, processId: "other" });
    const stream = await open();
    plane.plane.processes.ending(other);
    plane.plane.processes.disconnected(other, plane.link(other));
    await settle();
    expect(other.state).toBe("ENDED");
    expect(stream.destroyed).toBe(false);
    plane.plane.processes.ending(process);
    plane.plane.processes.disconnected(process, plane.link(process));
    await isClosed(stream);
    expect(await relays.open(identity, undefined)).toMatchObject({ status: 404 });
  });

  it("[EC10] ends with the server's stream", async () => {
    const { open, server } = await world((_, response) => {
      response.writeHead(200, EVENTS);
      response.flushHeaders();
    });
    const stream = await open();
    stream.resume();
    server.closeAllConnections();
    await isClosed(stream);
  });

  it("[EC10] holds the server's stream back for a reader who takes nothing", async () => {
    let sender: { readonly writableLength: number } | undefined;
    const piece = `data: ${"x".repeat(60_000)}\n\n`;
    const { open } = await world((_, response) => {
      sender = response;
      response.writeHead(200, EVENTS);
      for (let count = 0; count < 500; count++) response.write(piece);
    });
    const stream = await open();
    let before = -1;
    // Until nothing moves any more.
    for (let quiet = 0; quiet < 50; quiet = before === sender?.writableLength ? quiet + 1 : 0) {
      before = sender?.writableLength ?? 0;
      await settle();
    }
    expect(sender?.writableLength).toBeGreaterThan(10_000_000);
    expect(stream.readableLength).toBeLessThan(300_000);
  });

  it.each([
    [401, 401, "this needs the server's admin token, as Authorization: Bearer TOKEN"],
    [404, 404, "this server has no live view"],
    [503, 503, "the server shows itself to as many readers as it may already"],
    [302, 502, "the server's admin port answered with status 302"],
    [200, 502, "the server's admin port answered with status 200"],
  ])("[EC10] is none for what answers with %i and is no stream", async (given, status, error) => {
    const { relays, identity, open } = await world((_, response) => {
      response.writeHead(given, { "Content-Type": "text/html", Location: "http://127.0.0.1:1/" });
      response.end("<script>");
    });
    for (let count = 0; count < 10; count++) {
      expect(await relays.open(identity, "Bearer x")).toEqual({ status, error });
    }
    await expect(open()).rejects.toThrow(error);
  });

  it("[EC10] is none for a port that does not answer in time, or breaks off", async () => {
    const asked: IncomingMessage[] = [];
    const { relays, identity, clock } = await world((request) => asked.push(request));
    const timers = clock.pendingTimers;
    const opening = relays.open(identity, undefined);
    while (asked.length === 0) await settle();
    clock.advance(CONSOLE_LIMITS.adminTimeoutMs);
    expect(await opening).toMatchObject({ status: 504 });
    const again = relays.open(identity, undefined);
    while (asked.length === 1) await settle();
    asked[1]?.socket.destroy();
    expect(await again).toMatchObject({ status: 504 });
    expect(clock.pendingTimers).toBe(timers);
  });

  it("[EC10] is none for a process that nobody knows", async () => {
    const { relays, identity } = await world(() => {});
    for (const wrong of [{ fleetId: "x" }, { computeName: "" }, { processId: "q" }]) {
      const relay = await relays.open({ ...identity, ...wrong }, undefined);
      expect(relay).toMatchObject({ status: 404 });
    }
  });
});
