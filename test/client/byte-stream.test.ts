import net from "node:net";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ArenaReceiver } from "../../client/arena/arena-receiver.ts";
import { runBot } from "../../client/bot.ts";
import { type JoinOptions, joinMatch, type MatchConnection } from "../../client/connection.ts";
import { NOT_IN_A_BROWSER } from "../../client/refusal.ts";
import { selfSigned } from "../../emulator/front/self-signed.ts";
import type { ArenaReplica } from "../../rooms/arena/replica.ts";
import { arena } from "../../rooms/arena/simulation.ts";
import { type InProcessServer, startInProcess, until } from "../support/in-process-server.ts";
import { ScriptedFleet } from "../support/scripted-fleet.ts";

const { certificate: cert, key } = selfSigned("front");
const fleet = new ScriptedFleet(13);
const streams = new Set<net.Socket>();
let server: InProcessServer;
let front: tls.Server;
let port = 0;

beforeAll(async () => {
  vi.spyOn(console, "info").mockImplementation(() => {});
  server = await startInProcess({
    fleet,
    name: "arena",
    game: { kind: "simulation", simulation: arena },
  });
  await server.place();
  // Takes the TLS off; the server behind it is plain.
  front = tls.createServer({ cert, key }, (near) => {
    const far = net.connect(server.port, "127.0.0.1");
    for (const stream of [near, far]) {
      streams.add(stream);
      stream.on("error", () => {});
      stream.on("close", () => {
        streams.delete(stream);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  front.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  ({ port } = front.address() as net.AddressInfo);
});

afterAll(async () => {
  for (const stream of streams) stream.destroy();
  await new Promise((resolve) => front.close(resolve));
  await server.close();
});

const join = (id: string, options: JoinOptions) => joinMatch<ArenaReplica>(id, options);

/** A player's snapshots, as they are read. */
class Stream {
  read = 0;
  readonly othersPlaces = new Set<number>();

  constructor(connection: MatchConnection<ArenaReplica>) {
    const { welcome } = connection;
    const receiver = new ArenaReceiver(welcome, () => connection.state);
    connection.takeSnapshots((payload) => {
      const isRead = receiver.snapshot(payload) !== undefined;
      if (isRead) this.read++;
      for (const { seat, body } of receiver.view.ships.values()) {
        if (seat !== welcome.seat && body !== undefined) this.othersPlaces.add(body.x);
      }
      return isRead;
    });
  }
}

describe.each([
  ["ws", "psess-10", "psess-11"],
  ["tcp", "psess-12", "psess-13"],
])("snapshots over %s", (scheme, lateId, blindId) => {
  const url = () => `${scheme}://127.0.0.1:${server.port}`;

  test("[FE10] are handed over from the first on, also to somebody who comes a little later", async () => {
    const outcome = await join(lateId, { url: url() });
    if (outcome.state !== "joined") throw new Error(outcome.refusal.text);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const stream = new Stream(outcome.connection);
    expect(stream.read).toBeGreaterThan(1);
    await until(() => stream.read > 8);
    expect(outcome.connection.phase).toBe("playing");
    await outcome.connection.leave();
    await until(() => server.life.seatsHeld === 0);
  });

  test("[FE10] end the connection in words when they cannot be read", async () => {
    const ended = vi.fn();
    const outcome = await join(blindId, { url: url(), listener: { ended } });
    if (outcome.state !== "joined") throw new Error(outcome.refusal.text);
    outcome.connection.takeSnapshots((payload) => payload[0] === undefined);
    await until(() => ended.mock.calls.length === 1);
    expect(ended.mock.calls[0]?.[0]).toMatchObject({
      code: 1002,
      text: "The server sent something that cannot be read.",
    });
    expect(outcome.connection.phase).toBe("ended");
    await until(() => server.life.seatsHeld === 0);
  });
});

describe("bots", () => {
  test.each([
    ["ws", "psess-4", "psess-5"],
    ["tcp", "psess-6", "psess-7"],
    ["tls", "psess-8", "psess-9"],
  ])("[CL7] join by %s and move their ship", async (scheme, watcherId, playerSessionId) => {
    const watcher = await join(watcherId, { url: server.url });
    if (watcher.state !== "joined") throw new Error(watcher.refusal.text);
    const url = `${scheme}://127.0.0.1:${scheme === "tls" ? port : server.port}`;
    const home = new AbortController();
    const bot = runBot({
      game: "arena",
      url,
      tlsTrusted: cert,
      playerSessionId,
      seed: 1,
      signal: home.signal,
    });
    const stream = new Stream(watcher.connection);
    await until(() => stream.othersPlaces.size > 10);
    home.abort();
    expect(await bot).toMatchObject({ hasPlayed: true, refusal: { code: 4000 } });
    await watcher.connection.leave();
    await until(() => server.life.seatsHeld === 0);
  });
});

describe("a connection over TLS", () => {
  test.each([
    ["127.0.0.1", "psess-1"],
    ["localhost", "psess-2"],
  ])("[CL17] joins, plays and returns at %s", async (host, id) => {
    const outcome = await join(id, { url: `tls://${host}:${port}`, tlsTrusted: cert });
    if (outcome.state !== "joined") throw new Error(outcome.refusal.text);
    const { connection } = outcome;
    const stream = new Stream(connection);
    await until(() => stream.read > 3);
    for (const stream of streams) stream.destroy();
    await until(() => connection.phase === "reconnecting");
    await until(() => connection.phase === "playing");
    await connection.leave();
  });

  test("[CL17] says in words that a certificate is not trusted, and sends nothing", async () => {
    const before = fleet.accepts.length;
    const outcome = await join("psess-3", { url: `tls://127.0.0.1:${port}` });
    expect(outcome).toMatchObject({
      state: "refused",
      refusal: { code: 1015, text: "The server's certificate is not trusted.", mayRetry: false },
    });
    const other = await join("psess-3", {
      url: `tls://127.0.0.1:${port}`,
      tlsTrusted: selfSigned("another").certificate,
    });
    expect(other).toMatchObject({ state: "refused", refusal: { code: 1015 } });
    expect(fleet.accepts).toHaveLength(before);
  });

  test("[CL14] says in words that there are no byte streams in a browser", async () => {
    const spy = vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined);
    for (const scheme of ["tcp", "tls"]) {
      const outcome = await join("psess-3", { url: `${scheme}://127.0.0.1:${port}` });
      expect(outcome).toMatchObject({ state: "refused", refusal: { code: NOT_IN_A_BROWSER } });
    }
    spy.mockRestore();
  });
});
