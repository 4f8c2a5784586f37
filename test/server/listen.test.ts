import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { GameServerError } from "../../server/errors.ts";
import { listenOnFirstFree } from "../../server/listen.ts";

const HOST = "127.0.0.1";
const opened: Server[] = [];

afterEach(async () => {
  for (const server of opened.splice(0)) await new Promise((resolve) => server.close(resolve));
});

const portOf = (server: Server) => (server.address() as AddressInfo).port;

function newServer(): Server {
  const server = createServer((socket) => socket.destroy());
  opened.push(server);
  return server;
}

/** A port that somebody holds. */
async function taken(): Promise<number> {
  const server = newServer().listen(0, HOST);
  await once(server, "listening");
  return portOf(server);
}

const listen = (server: Server, ports: readonly number[], host = HOST) =>
  listenOnFirstFree(server, ports, host, 16);

async function refusal(ports: readonly number[], host?: string): Promise<GameServerError> {
  const error = await listen(newServer(), ports, host).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(GameServerError);
  return error as GameServerError;
}

describe("a list of ports", () => {
  it("[SH24] has its first free one opened, which takes connections", async () => {
    const [busy, alsoBusy] = [await taken(), await taken()];
    const server = newServer();
    const port = await listen(server, [busy, alsoBusy, 0]);
    expect([busy, alsoBusy]).not.toContain(port);
    expect(portOf(server)).toBe(port);
    const socket = connect(port, HOST);
    await once(socket, "connect");
    socket.destroy();
  });

  it("[SH24] is tried in its own order, and no further than the first free one", async () => {
    const free = await listen(newServer(), [0]);
    const last = opened.pop();
    await new Promise((resolve) => last?.close(resolve));
    expect(await listen(newServer(), [free, await taken(), 0])).toBe(free);
  });

  it("[SH24] leaves nothing behind on the server, however many were taken", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    const busy = await taken();
    const server = newServer();
    await listen(server, [...Array(30).fill(busy), 0]);
    expect(["error", "listening"].map((event) => server.listenerCount(event))).toEqual([0, 0]);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });
});

describe("ports that are all taken", () => {
  it("[SH25] are named in a PORT_TAKEN error that keeps its cause", async () => {
    const busy = await taken();
    const error = await refusal([busy]);
    expect(error.code).toBe("PORT_TAKEN");
    expect(error.message).toContain(`127.0.0.1, port ${busy}: `);
    expect(error.message).toContain("EADDRINUSE");
    expect(error.cause).toMatchObject({ code: "EADDRINUSE", port: busy });
  });

  it("[SH25] are named as they were listed, runs by their ends", async () => {
    const busy = await taken();
    const { message } = await refusal([busy, busy, busy]);
    expect(message).toContain(`port ${busy}, ${busy}, ${busy}: `);
    // No port at all can be opened there.
    expect((await refusal([7000, 7001, 7002, 9000, 8000, 8001], "192.0.2.1")).message).toContain(
      "cannot listen on 192.0.2.1, port 7000 to 7002, 9000, 8000 to 8001: ",
    );
  });

  it.each([
    ["an address of another machine", [0], "192.0.2.1", "EADDRNOTAVAIL"],
    ["no port", [70_000], HOST, "ERR_SOCKET_BAD_PORT"],
  ])("[SH25] or cannot be opened for %s: the error says so", async (_what, ports, host, code) => {
    const error = await refusal(ports, host);
    const cause = error.cause as NodeJS.ErrnoException;
    expect(error.message).toContain(cause.message);
    expect(cause.code).toBe(code);
  });
});
