import { createServer, type IncomingMessage } from "node:http";
import { duplexPair } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { upgradeRequest } from "../../../server/transport/upgrade-request.ts";
import { exchanged } from "./client-pair.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const PLAIN = [
  "Host: game.example:7777",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  `Sec-WebSocket-Key: ${KEY}`,
];
/** What is read of a request; `host` is not, but given twice it makes a request doubtful. */
const READ = [
  "upgrade",
  "connection",
  "sec-websocket-key",
  "sec-websocket-version",
  "origin",
  "x-forwarded-for",
  "host",
];

const headOf = (lines: readonly string[], requestLine = "GET /play HTTP/1.1") =>
  Buffer.from(`${[requestLine, ...lines].join("\r\n")}\r\n\r\n`, "latin1");

interface Handed {
  readonly request: IncomingMessage;
  readonly head: Buffer;
}

const server = createServer({ maxHeaderSize: TRANSPORT_LIMITS.headerBytesMax });
server.maxHeadersCount = TRANSPORT_LIMITS.headersMax;
server.on("clientError", (_error, stream) => stream.destroy());
server.on("request", (request) => request.socket.destroy());

/** What Node makes of the first bytes of a connection, if it is an upgrade. */
async function nodesReading(bytes: Buffer): Promise<Handed | undefined> {
  let handed: Handed | undefined;
  const onUpgrade = (request: IncomingMessage, _stream: unknown, head: Buffer) => {
    handed = { request, head };
  };
  server.on("upgrade", onUpgrade);
  const [near, far] = duplexPair();
  far.on("error", () => {});
  server.emit("connection", near);
  far.write(bytes);
  await exchanged(3);
  server.off("upgrade", onUpgrade);
  near.destroy();
  return handed;
}

/** @returns Whether ours took it; fails if Node read it in another way. */
async function isReadAlike(bytes: Buffer): Promise<boolean> {
  const ours = upgradeRequest(bytes);
  if (ours === undefined) return false;
  const nodes = await nodesReading(bytes);
  expect(nodes, bytes.toString("latin1")).toBeDefined();
  const { request, head } = nodes as Handed;
  expect([ours.method, ours.url, ours.httpVersion]).toEqual([
    request.method,
    request.url,
    request.httpVersion,
  ]);
  for (const name of READ)
    expect([name, ours.headers[name]]).toEqual([name, request.headers[name]]);
  expect(head).toEqual(bytes.subarray(ours.headBytes));
  return true;
}

describe("the request of a WebSocket client", () => {
  it.each([
    ["in the fewest words", PLAIN],
    [
      "as a browser writes it",
      [
        PLAIN[0] as string,
        "Connection: Upgrade",
        "Pragma: no-cache",
        "Cache-Control: no-cache",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0",
        "Upgrade: websocket",
        "Origin: http://localhost:8080",
        "Sec-WebSocket-Version: 13",
        "Accept-Encoding: gzip, deflate, br, zstd",
        "Accept-Language: de-DE,de;q=0.9",
        `Sec-WebSocket-Key: ${KEY}`,
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
      ],
    ],
    [
      "as another browser writes it",
      [
        ...PLAIN.filter((line) => !line.startsWith("Connection")),
        "Connection: keep-alive, Upgrade",
        "Sec-Fetch-Dest: empty",
      ],
    ],
    [
      "as a proxy writes it",
      [
        ...PLAIN.map((line) => line.toLowerCase().replace(/(key: ).*/, `$1${KEY}`)),
        "x-forwarded-for: 203.0.113.7, 10.0.0.1",
      ],
    ],
  ])("[WR10] %s is read, and as Node reads it", async (_what, lines) => {
    expect(await isReadAlike(headOf(lines))).toBe(true);
    expect(
      await isReadAlike(Buffer.concat([headOf(lines), Buffer.of(0x82, 0x80, 0, 13, 10, 0)])),
    ).toBe(true);
  });

  it.each<[string, Buffer]>([
    ["that is cut off", headOf(PLAIN).subarray(0, -1)],
    ["of another method", headOf(PLAIN, "POST /play HTTP/1.1")],
    ["of another version of HTTP", headOf(PLAIN, "GET /play HTTP/1.0")],
    ["with an absolute target", headOf(PLAIN, "GET http://a/play HTTP/1.1")],
    ["with a target that this port has none of", headOf(PLAIN, "GET /pl@y HTTP/1.1")],
    ["with two spaces", headOf(PLAIN, "GET  /play HTTP/1.1")],
    ["with an empty line before it", Buffer.concat([Buffer.from("\r\n"), headOf(PLAIN)])],
    ["with bare line feeds", Buffer.from(headOf(PLAIN).toString().replaceAll("\r\n", "\n"))],
    ["with a folded header", headOf([...PLAIN, "X-A: 1", " 2"])],
    ["with no space after the colon", headOf([...PLAIN, "X-A:1"])],
    ["with two spaces after the colon", headOf([...PLAIN, "X-A:  1"])],
    ["with a space before the colon", headOf([...PLAIN, "X-A : 1"])],
    ["with a space at a line's end", headOf([...PLAIN, "X-A: 1 "])],
    ["with an empty header", headOf([...PLAIN, "X-A: "])],
    ["with a tab", headOf([...PLAIN, "X-A: 1\t2"])],
    ["with a byte above ASCII", headOf([...PLAIN, "X-A: \xe9"])],
    ["with a zero", headOf([...PLAIN, "X-A: a\0b"])],
    ["with a body's length", headOf([...PLAIN, "Content-Length: 0"])],
    ["with a body in chunks", headOf([...PLAIN, "transfer-encoding: chunked"])],
    ["that expects", headOf([...PLAIN, "Expect: 100-continue"])],
    ["with a subprotocol", headOf([...PLAIN, "Sec-WebSocket-Protocol: chat"])],
    ["without Host", headOf(PLAIN.slice(1))],
    ["without Connection", headOf(PLAIN.filter((line) => !line.startsWith("Conn")))],
    ["without Upgrade", headOf(PLAIN.filter((line) => !line.startsWith("Upgr")))],
    [
      "whose Connection says more",
      headOf(PLAIN.map((line) => line.replace(/^Connection.*/, "$&, close"))),
    ],
    [
      "with more than 64 headers",
      headOf([...PLAIN, ...Array.from({ length: 60 }, (_, at) => `X-${at}: 1`)]),
    ],
    ["above 8 KB", headOf([...PLAIN, `X-A: ${"a".repeat(8_100)}`])],
    ["that is no HTTP", Buffer.from("\x16\x03\x01 nothing\r\n\r\n", "latin1")],
    ["of nothing", Buffer.alloc(0)],
  ])("[WR10] %s is left to Node", (_what, bytes) => {
    expect(upgradeRequest(bytes)).toBeUndefined();
  });

  it.each(READ)("[WR10] with two headers %s is left to Node, alike or not", (name) => {
    const [first] = PLAIN.filter((line) => line.toLowerCase().startsWith(`${name}:`));
    const lines = first === undefined ? [...PLAIN, `${name}: a`] : PLAIN;
    expect(upgradeRequest(headOf(lines))).toBeDefined();
    expect(upgradeRequest(headOf([...lines, first ?? `${name}: a`]))).toBeUndefined();
    expect(upgradeRequest(headOf([`${name.toUpperCase()}: other`, ...lines]))).toBeUndefined();
  });

  it("[WR10] at the limits is read: 64 headers, 8 KB", async () => {
    const many = Array.from({ length: 59 }, (_, at) => `X-${at}: 1`);
    expect(await isReadAlike(headOf([...PLAIN, ...many]))).toBe(true);
    const room = TRANSPORT_LIMITS.headerBytesMax - headOf([...PLAIN, "X-A: "]).length;
    expect(await isReadAlike(headOf([...PLAIN, `X-A: ${"a".repeat(room)}`]))).toBe(true);
    expect(upgradeRequest(headOf([...PLAIN, `X-A: ${"a".repeat(room + 1)}`]))).toBeUndefined();
  });

  const token = fc.string({
    unit: fc.constantFrom(..."aZ09-_!#$%&'*+.^`|~"),
    minLength: 1,
    maxLength: 12,
  });
  const value = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'aZ0 ,;:"()<>@[]{}\\/?=%~!'), maxLength: 20 }),
    fc.string({
      unit: fc.constantFrom("a", " ", "\t", "\r", "\n", "\0", "\x7f", "\xff"),
      maxLength: 8,
    }),
  );
  const named = fc.constantFrom(
    ...READ,
    ...[
      "Content-Length",
      "Transfer-Encoding",
      "Proxy-Connection",
      "Expect",
      "Keep-Alive",
      "TE",
      "Trailer",
    ],
    ...[
      "Sec-WebSocket-Protocol",
      "Sec-WebSocket-Extensions",
      "HTTP2-Settings",
      "Cookie",
      "Set-Cookie",
    ],
    ...["__proto__", "constructor", "Upgrade-Insecure-Requests", "Connection "],
  );
  const colon = fc.oneof(
    { weight: 8, arbitrary: fc.constant(": ") },
    fc.constantFrom(":", ":  ", ":\t", " : "),
  );
  const extra = fc
    .tuple(
      fc.oneof(token, named),
      colon,
      fc.oneof(value, fc.constantFrom("upgrade", "websocket", "0", "chunked", "close")),
    )
    .map((parts) => parts.join(""));
  const target = fc.oneof(
    fc.constantFrom(
      "/play",
      "/any/match?sessionId=abc",
      "/",
      "*",
      "//",
      "/a/../b",
      "/?",
      "/%00",
      "/#a",
    ),
    fc
      .string({ unit: fc.constantFrom(...'aZ09/._-~%?=&#:@!\\" <'), maxLength: 20 })
      .map((rest) => `/${rest}`),
  );

  it("[WR10] that ours takes is read by Node alike, whatever it is; most good ones are taken", async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ weight: 3, arbitrary: fc.constant("/play") }, target),
        fc.array(extra, { maxLength: 4 }),
        fc.shuffledSubarray(PLAIN, { minLength: 4 }),
        fc.nat(8),
        fc.constantFrom("\r\n", "\r\n", "\r\n", "\r\n", "\n"),
        fc.uint8Array({ maxLength: 20 }),
        async (itsTarget, more, plain, place, lineEnd, after) => {
          const lines = [...plain.slice(0, place), ...more, ...plain.slice(place)];
          const text = [`GET ${itsTarget} HTTP/1.1`, ...lines, "", ""].join(lineEnd);
          if (await isReadAlike(Buffer.concat([Buffer.from(text, "latin1"), after]))) taken++;
        },
      ),
      { numRuns: 1_500 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  it("[WR10] with any byte changed is still read alike, or left to Node", async () => {
    const good = headOf([...PLAIN, "Origin: http://a", "X-Forwarded-For: 203.0.113.7"]);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 1),
        fc.nat(255),
        fc.boolean(),
        async (at, byte, isAdded) => {
          const bytes = Buffer.concat([
            good.subarray(0, at),
            Buffer.of(byte),
            good.subarray(isAdded ? at : at + 1),
          ]);
          await isReadAlike(bytes);
        },
      ),
      { numRuns: 1_500 },
    );
  });
});
