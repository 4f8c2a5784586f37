import type { Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientFrame, closePayload, Opcode } from "./client-frames.ts";
import { DoorWorld } from "./door-world.ts";
import { secureTalk, TlsFiles } from "./tls-world.ts";

let world: DoorWorld;
let http: Server;
let byNode = 0;

beforeAll(async () => {
  world = await DoorWorld.open();
  await world.place();
  ({ http } = await world.servers());
  http.on("connection", () => byNode++);
});
afterAll(() => world.close());

const HANDSHAKE = [
  ...["Host: a", "Connection: Upgrade", "Upgrade: websocket"],
  ...["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="],
];
const upgrade = (target: string, lines: readonly string[] = HANDSHAKE) =>
  [`GET ${target} HTTP/1.1`, ...lines, "", ""].join("\r\n");
const swapped = (from: string, to: string) => HANDSHAKE.map((line) => line.replace(from, to));

/** So the peer of an open WebSocket leaves, in the same breath as its request. */
const LEAVES = clientFrame({ opcode: Opcode.CLOSE, payload: closePayload(4000) });

/** What comes back for chunks that are read one after the other, and whether Node's HTTP server saw the connection. */
async function exchange(chunks: readonly Buffer[]): Promise<{ answer: string; sawNode: boolean }> {
  const socket = await world.connect();
  let answer = "";
  socket.on("data", (bytes) => {
    answer += bytes.toString("latin1");
  });
  const closed = new Promise((resolve) => socket.once("close", resolve));
  let before = byNode;
  for (const [at, chunk] of chunks.entries()) {
    // Whatever was written has been read by the door when a later request has its answer.
    if (at > 0) {
      await world.post({}, "join/elsewhere");
      before++;
    }
    socket.write(chunk);
  }
  await closed;
  return { answer, sawNode: byNode > before };
}

/** A case, its request, and what its answer holds. */
const CASES: readonly [string, string, ...string[]][] = [
  ["to /play", upgrade("/play"), "HTTP/1.1 101 ", "\x88\x02\x0f\xa0"],
  ["to a seat that nobody has", upgrade("/any/match?sessionId=abc"), "HTTP/1.1 101 ", "\x88"],
  ["to nothing", upgrade("/nothing"), "HTTP/1.1 404 "],
  ["to another room", upgrade("/any/other?sessionId=abc"), "HTTP/1.1 404 "],
  [
    "from another page",
    upgrade("/play", [...HANDSHAKE, "Origin: https://evil.example"]),
    "HTTP/1.1 403 ",
  ],
  ["of a draft", upgrade("/play", swapped(": 13", ": 8")), "HTTP/1.1 400 ", "Version: 13\r\n"],
  ["with half a key", upgrade("/play", swapped("dGhl", "")), "HTTP/1.1 400 "],
  ["to another protocol", upgrade("/play", swapped("websocket", "h2c")), "HTTP/1.1 400 "],
];

describe("an upgrade", () => {
  it.each(CASES)(
    "[TP40] %s is answered with the same bytes whoever read it",
    async (_what, request, ...parts) => {
      const whole = Buffer.concat([Buffer.from(request), LEAVES]);
      const [atOnce, inHalves, oddly] = [
        await exchange([whole]),
        await exchange([whole.subarray(0, 30), whole.subarray(30)]),
        await exchange([
          Buffer.from(whole.toString("latin1").replace("Host: a", "Host:a"), "latin1"),
        ]),
      ];
      for (const part of parts) expect(atOnce.answer).toContain(part);
      expect([inHalves.answer, oddly.answer]).toEqual([atOnce.answer, atOnce.answer]);
      expect([atOnce.sawNode, inHalves.sawNode, oddly.sawNode]).toEqual([false, true, true]);
    },
  );

  it("[TP40] inside TLS is read alike", async () => {
    const files = new TlsFiles();
    const door = world.anotherDoor({ tls: files.settings("required") });
    const port = await door.listen([0], "127.0.0.1");
    const ca = files.current.certificate;
    const talk = secureTalk(port, { ca, checkServerIdentity: () => undefined });
    talk.socket.write(Buffer.concat([Buffer.from(upgrade("/play")), LEAVES]));
    await talk.closed;
    expect(talk.got).toBe(
      (await exchange([Buffer.concat([Buffer.from(upgrade("/play")), LEAVES])])).answer,
    );
    const closed = door.close(0);
    await world.clock.advanceAsync(0);
    await closed;
  });
});
