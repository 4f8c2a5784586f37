import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { AdminPorts } from "../../../emulator/console/admin-ports.ts";
import { CONSOLE_LIMITS } from "../../../emulator/console/limits.ts";
import { settle } from "../../support/fake-clock.ts";
import { PlaneWorld } from "../plane/plane-world.ts";

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function answering(body: string): Promise<number> {
  return serve((_, response) => response.end(body));
}

/** A server process at game port 7777, and the admin ports that are asked. */
function world(ports: readonly number[]) {
  const plane = new PlaneWorld();
  const process = plane.ready("p");
  const { clock } = plane;
  const admin = new AdminPorts({ ports, clock, processes: () => plane.plane.processes.list() });
  return { plane, process, clock, admin };
}

describe("admin ports", () => {
  it("[EC5] tell how the server process of the port in the answer is", async () => {
    const asked: string[] = [];
    const port = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.statusCode = 503;
      response.end(JSON.stringify({ port: 7777, ticks: "stalled", ranTicks: 12, deep: { a: 1 } }));
    });
    const { admin, process } = world([port]);
    expect(await admin.read()).toEqual([
      {
        fleetId: process.fleetId,
        computeName: "laptop",
        processId: "p",
        adminPort: port,
        health: { port: 7777, ticks: "stalled", ranTicks: 12 },
      },
    ]);
    expect(asked).toEqual(["GET /healthz"]);
  });

  it("[EC5] are asked once a second, however many want to know", async () => {
    let count = 0;
    const port = await serve((_, response) => {
      count++;
      response.end('{"port":7777}');
    });
    const { admin, clock } = world([port]);
    await Promise.all([admin.read(), admin.read()]);
    await admin.read();
    expect(count).toBe(1);
    clock.advance(CONSOLE_LIMITS.adminKeptMs);
    await admin.read();
    expect(count).toBe(2);
  });

  it.each([
    ["another port", '{"port":7778}'],
    ["no port", "{}"],
    ["no JSON", "hello"],
    ["a list", "[7777]"],
    ["more than 4 KB", JSON.stringify({ port: 7777, long: "x".repeat(5_000) })],
  ])("[EC5] that answer with %s are left out", async (_what, body) => {
    const { admin } = world([await answering(body)]);
    expect(await admin.read()).toEqual([]);
  });

  it("[EC5] that do not answer in time or are closed are left out, and keep nobody else out", async () => {
    const hanging = await serve(() => {});
    const leading = await serve((_, response) => {
      response.writeHead(302, { Location: "http://127.0.0.1:1/" });
      response.end();
    });
    const { admin, clock } = world([1, hanging, leading, await answering('{"port":7777}')]);
    const timers = clock.pendingTimers;
    const read = admin.read();
    // Three are through with it, one way or the other.
    while (clock.pendingTimers > timers + 1) await settle();
    clock.advance(CONSOLE_LIMITS.adminTimeoutMs);
    expect(await read).toHaveLength(1);
    expect(clock.pendingTimers).toBe(timers);
  });

  it("[EC5] are shown with sixteen short members at most", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`m${n}`, "x".repeat(80)]),
    );
    const { admin } = world([await answering(JSON.stringify({ port: 7777, ...many }))]);
    const [answer] = await admin.read();
    expect(Object.keys(answer?.health ?? {})).toHaveLength(CONSOLE_LIMITS.adminMembersMax);
    expect(answer?.health["m0"]).toHaveLength(CONSOLE_LIMITS.adminTextCharsMax);
  });

  it("[EC5] say nothing of a port that two processes have, or one that is over", async () => {
    const { admin, plane, process, clock } = world([await answering('{"port":7777}')]);
    const other = plane.ready("other");
    expect(await admin.read()).toEqual([]);
    plane.plane.processes.ending(other);
    plane.plane.processes.disconnected(other, plane.link(other));
    expect(await admin.read()).toHaveLength(1);
    plane.plane.processes.ending(process);
    plane.plane.processes.disconnected(process, plane.link(process));
    clock.advance(CONSOLE_LIMITS.adminKeptMs);
    expect(await admin.read()).toEqual([]);
  });
});
