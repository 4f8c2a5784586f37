import net from "node:net";
import { expect } from "vitest";
import { until } from "../support/in-process-server.ts";
import * as adapter from "./adapter.ts";
import { Guest } from "./guest.ts";
import { HonestPlayer } from "./honest-player.ts";
import { HostileServer } from "./hostile-server.ts";
import { upgradeRequest } from "./raw-bytes.ts";
import { inParallel, pause, percentile, report } from "./report.ts";
import { Random, seedOf } from "./seeded.ts";

/** The goal, and what a busy machine may add; both ends measure it by clocks of their own. */
const OUTLIVES_MS = 6_000;
const SLACK_MS = 2_500;
const DRIP_EVERY_MS = 400;

const REQUEST = Buffer.from(
  "POST /matchmake/joinById/match HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n{",
);

/** What is said at once, and what is said on and on in single bytes. */
type Holding = (random: Random) => { first: Buffer; drip: Buffer };

const nothing = Buffer.alloc(0);
const hello = () => adapter.frame("tcp", adapter.join("tcp", "secret-nobody").hello);
const magic = adapter.preamble("tcp");

const HOLDINGS: Readonly<Record<string, Holding>> = {
  silence: () => ({ first: nothing, drip: nothing }),
  "a dripping HELLO": () => ({ first: magic, drip: hello() }),
  "half a magic": (random) => ({ first: magic.subarray(0, 1 + random.below(3)), drip: nothing }),
  "half a frame": (random) => ({
    first: Buffer.concat([magic, hello().subarray(0, 1 + random.below(20))]),
    drip: nothing,
  }),
  "half a request": (random) => ({
    first: REQUEST.subarray(0, 1 + random.below(REQUEST.length)),
    drip: nothing,
  }),
  "a dripping body": () => ({ first: REQUEST, drip: Buffer.alloc(900, 0x20) }),
  "dripping headers": () => ({
    first: Buffer.from("GET /play HTTP/1.1\r\nHost: a\r\n"),
    drip: Buffer.from("X-A: b\r\n".repeat(50)),
  }),
  "a WebSocket without HELLO": (random) => ({
    first: upgradeRequest(random, "/play"),
    drip: nothing,
  }),
  "a WebSocket with a dripping HELLO": (random) => ({
    first: upgradeRequest(random, "/play"),
    drip: adapter.frame("ws", adapter.join("ws", "secret-nobody").hello),
  }),
  "dripping bodies on a kept connection": () => ({
    first: Buffer.from("OPTIONS /x HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n"),
    drip: Buffer.alloc(900, 0x20),
  }),
};

/** Connections that are held open and say too little; players join meanwhile. */
export async function holdSockets(options: { sockets: number; joins: number }): Promise<void> {
  const seed = seedOf("held sockets");
  const random = new Random(seed);
  const server = await HostileServer.start(random, { players: 2 + 2 * options.joins });
  const honest = await HonestPlayer.join(server, { doAttackersGiveWay: false });
  const kinds = Object.keys(HOLDINGS);
  const lastedMs = new Map<string, number>();

  function hold(number: number): Promise<void> {
    return new Promise((resolve) => {
      const kind = kinds[number % kinds.length] ?? "silence";
      const { first, drip } = HOLDINGS[kind]!(random);
      let startMs = performance.now();
      const socket = net.connect({
        port: server.port,
        host: "127.0.0.1",
        localAddress: `127.0.${1 + (number % 8)}.1`,
      });
      let at = 0;
      const dripping = setInterval(() => {
        if (at < drip.length) socket.write(drip.subarray(at, ++at));
      }, DRIP_EVERY_MS);
      const given = setTimeout(() => socket.destroy(), 15_000);
      socket.on("connect", () => {
        startMs = performance.now();
        socket.write(first);
      });
      // What is answered is read, so that the end is seen.
      socket.resume();
      socket.on("error", () => {});
      socket.on("close", () => {
        clearInterval(dripping);
        clearTimeout(given);
        lastedMs.set(kind, Math.max(lastedMs.get(kind) ?? 0, performance.now() - startMs));
        resolve();
      });
    });
  }

  async function timedJoins(): Promise<number[]> {
    const tookMs: number[] = [];
    await inParallel(options.joins, 4, async (number) => {
      const startMs = performance.now();
      const id = server.nextId();
      const guest = await Guest.join(server.port, number % 2 === 0 ? "tcp" : "ws", id);
      if (typeof guest === "number") throw new Error(`a player was refused with ${guest}`);
      tookMs.push(performance.now() - startMs);
      await guest.leave();
      await pause(60);
    });
    return tookMs;
  }

  try {
    const alone = await timedJoins();
    const control = await honest.undisturbed(1_000);
    const filesBefore = server.openFiles;
    let joins: number[] = [];
    let filesHeld = 0;
    const attacked = await honest.during(async () => {
      const held = inParallel(options.sockets, options.sockets, hold);
      await pause(1_000);
      filesHeld = server.openFiles - filesBefore;
      joins = await timedJoins();
      await held;
    });
    await until(() => server.openFiles <= filesBefore + 2, 5_000);
    const longestMs = Math.max(...lastedMs.values());
    report("held_sockets", {
      sockets: options.sockets,
      heldAtOnce: filesHeld,
      longestMs: Math.round(longestMs),
      joins: joins.length,
      joinP99Ms: percentile(joins, 0.99),
      joinP99AloneMs: percentile(alone, 0.99),
      control,
      attacked,
      ...server.cpu(),
      filesBefore,
      filesAfter: server.openFiles,
    });
    const late = [...lastedMs].filter(([, ms]) => ms > OUTLIVES_MS + SLACK_MS);
    expect(late).toEqual([]);
    expect(lastedMs.size).toBe(kinds.length);
    expect(joins).toHaveLength(options.joins);
    expect(filesHeld).toBeGreaterThan(options.sockets / 2);
    expect(attacked.missedTicks).toBe(0);
    expect(attacked.closeCode).toBeUndefined();
    expect(server.lives).toBe(true);
  } finally {
    await honest.leave();
    await server.stop();
  }
}
