import type { Socket } from "node:net";
import { type Duplex, duplexPair } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { PREAMBLE } from "../../../protocol/frame.ts";
import { FirstBytes, type Languages } from "../../../server/transport/first-bytes.ts";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { until } from "../../support/in-process-server.ts";
import { closeSockets, socketPair } from "./socket-pair.ts";

afterEach(closeSockets);

interface Sorted {
  readonly near: Duplex;
  readonly far: Duplex;
  /** Who took it, with the rest that he was given. */
  readonly taken: string[];
  /** What the stream emits to him, if it was put back. */
  emitted: string;
  spoke: number;
}

const PAIRS = {
  "a socket": () => socketPair(),
  "another stream": async () => {
    const [near, far] = duplexPair();
    return { near, far };
  },
} as const;

async function sorted(kind: keyof typeof PAIRS, clock = new FakeClock()): Promise<Sorted> {
  const { near, far } = await PAIRS[kind]();
  const it: Sorted = { near, far, taken: [], emitted: "", spoke: 0 };
  const emits = (language: string) => (stream: Duplex) => {
    it.taken.push(language);
    stream.on("data", (bytes: Buffer) => {
      it.emitted += bytes.toString("latin1");
    });
  };
  const languages: Languages = {
    onHttp: emits("http"),
    onHandshake: emits("tls"),
    onFrames: (_stream, rest) => it.taken.push(`frames ${rest.toString("latin1")}`),
    onUpgrade: ({ url }, _stream, rest) =>
      it.taken.push(`upgrade ${url} ${rest.toString("latin1")}`),
  };
  new FirstBytes(clock, 10).sort(near, languages, () => it.spoke++);
  return it;
}

/** So that each is read by itself. */
async function say(far: Duplex, chunks: readonly string[]): Promise<void> {
  for (const chunk of chunks) {
    far.write(Buffer.from(chunk, "latin1"));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const MAGIC = Buffer.from(PREAMBLE).toString("latin1");
const UPGRADE =
  "GET /play HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

describe.each(Object.keys(PAIRS) as (keyof typeof PAIRS)[])("the first bytes of %s", (kind) => {
  it.each([
    ["the preamble alone", [MAGIC], "frames ", ""],
    ["the preamble and more", [`${MAGIC}abc`], "frames abc", ""],
    ["the preamble byte by byte", [...MAGIC, "later"], "frames ", ""],
    ["an upgrade", [UPGRADE], "upgrade /play ", ""],
    ["an upgrade and more", [`${UPGRADE}abc`], "upgrade /play abc", ""],
    ["an upgrade in pieces", [UPGRADE.slice(0, 40), UPGRADE.slice(40)], "http", UPGRADE],
    ["another request", ["POST / HTTP/1.1\r\n", "\r\n"], "http", "POST / HTTP/1.1\r\n\r\n"],
    ["a handshake", ["\x16\x03\x01", "\x02"], "tls", "\x16\x03\x01\x02"],
    ["nonsense", ["\x00\xff", "\x01"], "http", "\x00\xff\x01"],
  ])(
    "[CP1] %s goes to who speaks it, with nothing lost and nothing twice",
    async (_what, chunks, taker, emitted) => {
      const it = await sorted(kind);
      await say(it.far, chunks);
      await until(() => it.taken.length > 0 && it.emitted.length >= emitted.length);
      expect([it.taken, it.emitted, it.spoke]).toEqual([[taker], emitted, 1]);
    },
  );

  it("[CP1] are looked at once: what comes later from somebody whom nobody took over goes nowhere", async () => {
    const it = await sorted(kind);
    await say(it.far, [UPGRADE, UPGRADE, MAGIC]);
    expect(it.taken).toEqual(["upgrade /play "]);
  });

  it.each([
    ["nothing", []],
    ["half a preamble", [MAGIC.slice(0, 2)]],
  ])("[CP1] that are %s end with their peer", async (_what, chunks) => {
    const it = await sorted(kind);
    await say(it.far, chunks);
    it.far.end();
    await until(() => it.near.destroyed);
    expect(it.taken).toEqual([]);
  });

  it("[CP1] that begin no preamble, and a silence, are cut", async () => {
    const clock = new FakeClock();
    const wrong = await sorted(kind);
    const silent = await sorted(kind, clock);
    await say(wrong.far, [`${MAGIC.slice(0, 3)}x`]);
    clock.advance(TRANSPORT_LIMITS.helloTimeoutMs);
    await until(() => wrong.near.destroyed && silent.near.destroyed);
    expect([wrong.taken, silent.taken]).toEqual([[], []]);
  });
});

describe("many sockets at once", () => {
  it("[CP1] each keep what they said, though all are read into one memory", async () => {
    const many = await Promise.all(Array.from({ length: 30 }, () => sorted("a socket")));
    const words = many.map((_, nth) => `POST /${nth} ${"x".repeat(nth * 300)}`);
    for (const [nth, { far }] of many.entries()) far.write(words[nth] as string);
    await until(() => many.every(({ emitted }, nth) => emitted.length === words[nth]?.length));
    expect(many.map(({ emitted }) => emitted)).toEqual(words);
    const [first] = many as [Sorted];
    // Far more than the stream takes in at once.
    const flood = Buffer.alloc(3_000_000, "y");
    (first.near as Socket).pause();
    first.far.write(flood);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((first.near as Socket).readableLength).toBeLessThan(300_000);
    (first.near as Socket).resume();
    await until(() => first.emitted.length === flood.length + (words[0]?.length ?? 0));
  });
});
