import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it } from "vitest";
import { FRONT_LIMITS, type FrontLimits } from "../../../emulator/front/limits.ts";
import { BodyReader } from "../../../emulator/front/request-body.ts";
import { type Ask, AWS_HEADERS, FrontWorld, JSON_HEADERS, told } from "./front-world.ts";

const worlds: FrontWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world[Symbol.asyncDispose]();
});

async function open(limits: Partial<FrontLimits> = {}): Promise<FrontWorld> {
  const world = await FrontWorld.open({ limits });
  worlds.push(world);
  return world;
}

/** With everything collected that nobody holds. */
function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const POST = { method: "POST", path: "/_fleetroom/x", headers: JSON_HEADERS };
const API = { method: "POST", path: "/", headers: AWS_HEADERS };
const chunked = (ask: Ask) => ({
  ...ask,
  headers: [...(ask.headers ?? []), "Transfer-Encoding: chunked", "Connection: close"],
});

describe("a body", () => {
  it("[EF10] has as many bytes as are allowed, announced or in chunks", async () => {
    const world = await open({ bodyBytesMax: 1_000 });
    const body = "x".repeat(1_000);
    expect((await world.ask({ ...POST, body })).status).toBe(200);
    const socket = world.connect();
    socket.write(`${world.bytes(chunked(POST))}3e8\r\n${body}\r\n0\r\n\r\n`);
    expect(told(await text(socket)).status).toBe(200);
    expect(world.reached.map(({ request }) => request.body.length)).toEqual([1_000, 1_000]);
  });

  it("[EF10] is refused with one byte more, and its sender lives to read that", async () => {
    const world = await open({ bodyBytesMax: 1_000 });
    const body = "x".repeat(1_001);
    const announced = await world.ask({ ...POST, body });
    expect(announced).toMatchObject({ status: 413, body: expect.stringContaining("1000 bytes") });
    const socket = world.connect();
    socket.write(`${world.bytes(chunked(API))}3e9\r\n${body}\r\n0\r\n\r\n`);
    const answer = told(await text(socket));
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body).__type).toContain("RequestEntityTooLargeException");
    // What is announced is refused before it comes.
    const announcing = world.connect();
    const head = [...JSON_HEADERS, "Content-Length: 1001", "Connection: keep-alive"];
    announcing.write(world.bytes({ ...POST, headers: head }));
    const [early] = (await once(announcing, "data")) as [Buffer];
    expect(told(early.toString()).status).toBe(413);
    announcing.destroy();
    expect(world.reached).toEqual([]);
  });

  it("[EF10] that goes on for ever is cut", async () => {
    const world = await open({ bodyBytesMax: 1_000, discardedBytesMax: 100_000 });
    const socket = world.connect();
    const head = [...JSON_HEADERS, "Content-Length: 99999999", "Connection: keep-alive"];
    socket.write(world.bytes({ ...POST, headers: head }));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const pump = () => {
      while (!socket.destroyed && socket.write("x".repeat(10_000)));
    };
    socket.on("drain", pump).resume();
    pump();
    await closed;
    expect(socket.bytesWritten).toBeLessThan(20_000_000);
    expect(world.reached).toEqual([]);
  });

  it.each([1, 3])(
    "[EF10] costs about its bytes while it is read, in chunks of %i as well",
    async (chunkBytes) => {
      const request = Object.assign(new PassThrough(), { headers: {} });
      const reader = new BodyReader(FRONT_LIMITS);
      const body = reader.read(request as unknown as IncomingMessage);
      const beforeBytes = heapBytes();
      const bodyBytes = 300_000;
      for (let at = 0; at < bodyBytes; at += chunkBytes) {
        request.emit("data", Buffer.alloc(chunkBytes, at % 251));
      }
      // A list of the chunks would take some hundred bytes for each.
      expect(heapBytes() - beforeBytes).toBeLessThan(10 * bodyBytes);
      request.emit("end");
      const expected = Buffer.from(
        Array.from({ length: bodyBytes }, (_, at) => (at - (at % chunkBytes)) % 251),
      );
      expect(expected.equals((await body) as Buffer)).toBe(true);
    },
  );

  it("[EF10] shares what all bodies may hold together, and gives it back", async () => {
    const world = await open({ bodyBytesMax: 1_000, bodiesBytesMax: 1_500 });
    const half = world.connect();
    const head = {
      ...POST,
      headers: [...JSON_HEADERS, "Content-Length: 800", "Connection: close"],
    };
    half.write(world.bytes(head) + "x".repeat(799));
    // A visitor that came later has been read later.
    expect((await world.ask({ ...POST, body: "x".repeat(10) })).status).toBe(200);
    expect((await world.ask({ ...POST, body: "x".repeat(800) })).status).toBe(413);
    half.write("x");
    expect(told(await text(half)).status).toBe(200);
    for (let round = 0; round < 4; round++) {
      expect((await world.ask({ ...POST, body: "x".repeat(800) })).status).toBe(200);
    }
  });

  it("[EF10] that breaks off reaches nobody and gives its share back", async () => {
    const world = await open({ bodyBytesMax: 1_000, bodiesBytesMax: 1_000 });
    for (let round = 0; round < 3; round++) {
      const socket = world.connect();
      const head = { ...POST, headers: [...JSON_HEADERS, "Content-Length: 900"] };
      await new Promise<void>((resolve) => {
        socket.write(world.bytes(head) + "x".repeat(800), () => resolve());
      });
      socket.destroy();
    }
    await expect
      .poll(async () => (await world.ask({ ...POST, body: "x".repeat(1_000) })).status)
      .toBe(200);
    expect(world.reached).toHaveLength(1);
  });
});

describe("a slow or greedy client", () => {
  const QUICK = { checkIntervalMs: 10 };

  it.each([
    ["says nothing", ""],
    ["stops in its request line", "POS"],
    ["stops in its headers", "POST / HTTP/1.1\r\nHost: localhost\r\nX-Sl"],
  ])("[EF11] that %s is answered 408 at most", async (_what, bytes) => {
    const world = await open({ ...QUICK, headersTimeoutMs: 50, requestTimeoutMs: 30_000 });
    const socket = world.connect();
    socket.write(bytes);
    expect(await text(socket)).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it("[EF11] that drips its headers is cut in time", async () => {
    const world = await open({ ...QUICK, headersTimeoutMs: 50, requestTimeoutMs: 30_000 });
    const socket = world.connect();
    let isClosed = false;
    socket.resume().once("close", () => {
      isClosed = true;
    });
    socket.write("GET /console HTTP/1.1\r\n");
    for (let drop = 0; drop < 100 && !isClosed; drop++) {
      socket.write(`X-${drop}: 1\r\n`);
      await delay(10);
    }
    expect(isClosed).toBe(true);
    expect(world.reached).toEqual([]);
  });

  it("[EF11] that drips its body is cut in time", async () => {
    const world = await open({ ...QUICK, headersTimeoutMs: 50, requestTimeoutMs: 80 });
    const socket = world.connect();
    socket.write(world.bytes({ ...API, headers: [...AWS_HEADERS, "Content-Length: 1000"] }));
    socket.write("{");
    expect(await text(socket)).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect(world.reached).toEqual([]);
  });

  it("[EF11] with headers of more than 16 KB gets 431", async () => {
    const world = await open();
    const ask = (bytes: number) => world.ask({ headers: [`X-Long: ${"x".repeat(bytes)}`] });
    expect((await ask(16_000)).status).toBe(200);
    expect((await ask(17_000)).status).toBe(431);
  });

  it("[EF11] has no more connections than are allowed, and they are given back", async () => {
    const world = await open({ connectionsMax: 3 });
    const held = [1, 2, 3].map(() => world.connect());
    await Promise.all(
      held.map((socket) => new Promise((resolve) => socket.once("connect", resolve))),
    );
    expect((await world.ask()).status).toBe(0);
    for (const socket of held) socket.destroy();
    await expect.poll(async () => (await world.ask()).status).toBe(200);
  });

  it.each([
    ["TLS", "\x16\x03\x01\x00\xee\x01\x00\x00\xea\x03\x03\r\n\r\n"],
    ["a made-up method", "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["a tunnel", "CONNECT a:1 HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    [
      "two lengths",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    ],
    [
      "a length and chunks",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["a folded header", "GET /console HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n"],
    ["a bare line feed", "GET /console HTTP/1.1\nHost: localhost\n\n"],
    ["SSH", "SSH-2.0-OpenSSH_9.6\r\n"],
  ])("[EF11] that speaks %s reaches nobody", async (_what, bytes) => {
    const world = await open();
    const socket = world.connect();
    socket.end(bytes, "latin1");
    expect(await text(socket)).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect(world.reached).toEqual([]);
    expect((await world.ask()).status).toBe(200);
  });
});
