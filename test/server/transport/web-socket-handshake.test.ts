import { type Duplex, duplexPair } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import {
  acceptHandshake,
  handshakeFault,
  refuseHandshake,
  type UpgradeRequest,
} from "../../../server/transport/web-socket-handshake.ts";
import { exchanged } from "./client-pair.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const GOOD: UpgradeRequest = {
  method: "GET",
  url: "/play",
  httpVersion: "1.1",
  headers: {
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-key": KEY,
    "sec-websocket-version": "13",
  },
};

function but(more: Partial<UpgradeRequest>): UpgradeRequest {
  return { ...GOOD, ...more };
}
const withHeader = (name: string, value: string | undefined) =>
  but({ headers: { ...GOOD.headers, [name]: value } });

/** All that comes back for a request, and whether the stream was closed. */
async function answerTo(
  judge: (stream: Duplex) => void,
): Promise<{ answer: string; isClosed: boolean }> {
  const [near, far] = duplexPair();
  let answer = "";
  far.on("data", (chunk: Buffer) => {
    answer += chunk.toString("latin1");
  });
  near.on("error", () => {});
  judge(near);
  await exchanged(4);
  return { answer, isClosed: near.destroyed };
}

function oursTo(request: UpgradeRequest) {
  return answerTo((stream) => {
    const fault = handshakeFault(request);
    if (fault === undefined) acceptHandshake(request, stream);
    else refuseHandshake(stream, fault);
  });
}

const acceptor = new WebSocketServer({ noServer: true });
function theirsTo(request: UpgradeRequest) {
  return answerTo((stream) => {
    acceptor.handleUpgrade(request as never, stream, Buffer.alloc(0), (socket) => {
      socket.on("error", () => {});
    });
  });
}

describe("the handshake of a WebSocket", () => {
  it("[WR9] is answered as the RFC's own example is", async () => {
    const { answer, isClosed } = await oursTo(GOOD);
    expect(answer.split("\r\n")).toEqual([
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
      "",
      "",
    ]);
    expect(isClosed).toBe(false);
  });

  const key = fc.oneof(
    fc
      .uint8Array({ minLength: 14, maxLength: 18 })
      .map((bytes) => Buffer.from(bytes).toString("base64")),
    fc.constantFrom(undefined, "", KEY, KEY.slice(1), `${KEY}=`, KEY.replace("=", ""), ` ${KEY}`),
  );

  it("[WR9] gets the answers that ws gives, to every mistake", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("GET", "GET", "GET", "POST", "get", undefined),
        fc.constantFrom("websocket", "WebSocket", "h2c", "", undefined),
        key,
        fc.constantFrom("13", "13", "7", "", "thirteen", "13, 8", undefined),
        async (method, upgrade, itsKey, version) => {
          const request = {
            ...but({
              headers: {
                ...GOOD.headers,
                upgrade,
                "sec-websocket-key": itsKey,
                "sec-websocket-version": version,
              },
            }),
            method,
          } as UpgradeRequest;
          const theirs = await theirsTo(request);
          // We speak no draft.
          const answer = theirs.answer.replace("Version: 13, 8", "Version: 13");
          expect(await oursTo(request)).toEqual({ ...theirs, answer });
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each([
    ["another version of HTTP", but({ httpVersion: "1.0" }), 400],
    [
      "a Connection that is not to be upgraded",
      withHeader("connection", "keep-alive, upgraded"),
      400,
    ],
    ["no Connection", withHeader("connection", undefined), 400],
    ["a draft's version", withHeader("sec-websocket-version", "8"), 400],
    ["another method", but({ method: "POST" }), 405],
  ])("[WR9] with %s is refused and closed", async (_what, request, status) => {
    const { answer, isClosed } = await oursTo(request);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} .*\r\nConnection: close\r\n`));
    expect(isClosed).toBe(true);
  });

  it("[WR9] may name its upgrade among other things, in any letters", () => {
    for (const connection of [
      "upgrade",
      "UPGRADE",
      "keep-alive, Upgrade",
      "upgrade ,close",
      "a,\tUpgrade",
    ]) {
      expect(handshakeFault(withHeader("connection", connection))).toBeUndefined();
    }
  });

  it("[WR9] takes no extension and no subprotocol", async () => {
    const { answer } = await oursTo(
      but({
        headers: {
          ...GOOD.headers,
          "sec-websocket-extensions": "permessage-deflate",
          "sec-websocket-protocol": "chat, superchat",
        },
      }),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer).not.toMatch(/sec-websocket-(extensions|protocol)/i);
  });

  it("[WR9] of a peer that has left already is not answered, and cut", async () => {
    const [near, far] = duplexPair();
    far.end();
    near.resume();
    await new Promise((resolve) => near.once("end", resolve));
    expect(acceptHandshake(GOOD, near)).toBe(false);
    expect(near.destroyed).toBe(true);
  });
});
