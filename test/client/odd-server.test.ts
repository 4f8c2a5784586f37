import net from "node:net";
import { Encoder, Reflection, schema, t } from "@colyseus/schema";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import { type ConnectionListener, joinMatch } from "../../client/connection.ts";
import { CONNECTION_LIMITS } from "../../client/limits.ts";
import { type Refusal, UNREACHABLE } from "../../client/refusal.ts";
import { CloseCode } from "../../protocol/close-codes.ts";
import {
  Control,
  decodeHello,
  encodeClose,
  encodeNonce,
  encodeSeat,
  PROTOCOL_VERSION,
} from "../../protocol/control.ts";
import { FrameReader, frameOf, PREAMBLE } from "../../protocol/frame.ts";
import { until } from "../support/in-process-server.ts";

const ShipReplica = schema({ x: t.float32().default(1) }, "OddServerShip");
const StateReplica = schema(
  { tick: t.uint32().default(7), name: t.string().default("a name"), ships: t.map(ShipReplica) },
  "OddServer",
);

/** What an honest server says to a client that it lets in. */
const HONEST = honestMessages();

function honestMessages(): Record<"seat" | "join" | "state" | "welcome", Buffer> {
  const replica = new StateReplica();
  for (let seat = 0; seat < 5; seat++) replica.ships.set(`${seat}`, new ShipReplica());
  const encoder = new Encoder(replica);
  const text = (words: string) => Buffer.from([words.length, ...Buffer.from(words)]);
  const reflection = Buffer.from(Reflection.encode(encoder));
  const length = Buffer.from([0xcd, reflection.length & 0xff, reflection.length >> 8]);
  const token = text("AbCdEfGhIjKlMnOpQrStUv");
  // A message by name, then a map of one field in MessagePack.
  const welcome = Buffer.from([13, 0xa7, ...Buffer.from("welcome"), 0x81, 0xa1, 0x76, 1]);
  return {
    seat: Buffer.from(encodeSeat({ protocolVersion: PROTOCOL_VERSION, seat: 0, sessionId: "s" })),
    join: Buffer.concat([Buffer.of(10), token, text("schema"), length, reflection]),
    state: Buffer.concat([Buffer.of(14), encoder.encodeAll({ offset: 0 })]),
    welcome,
  };
}

/** JOIN_ROOM for who kept the schema. */
const schemaless = Buffer.concat([HONEST.join.subarray(0, 31), Buffer.of(0)]);
const inOrder = [HONEST.seat, HONEST.join, HONEST.welcome, HONEST.state];

/** Answers a HELLO with what the test says, then ends the connection. */
interface OddServer {
  readonly url: string;
  close(): Promise<void>;
}

/** What is sent now, and what was heard. */
let script: {
  messages: readonly Uint8Array[];
  raw?: Uint8Array;
  stays?: boolean;
  isDeaf?: boolean;
};
let heard: Uint8Array[] = [];

async function startTcp(): Promise<OddServer> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    const reader = new FrameReader(4096);
    let preamble = 0;
    socket.on("data", (chunk) => {
      const skipped = Math.min(chunk.length, PREAMBLE.length - preamble);
      expect([...chunk.subarray(0, skipped)]).toEqual(PREAMBLE.slice(preamble, preamble + skipped));
      preamble += skipped;
      reader.push(chunk.subarray(skipped), (payload) => {
        heard.push(new Uint8Array(payload));
        if (payload[0] !== Control.HELLO) return true;
        for (const message of script.messages) socket.write(frameOf(message));
        if (script.raw !== undefined) socket.write(script.raw);
        if (script.stays !== true) socket.end();
        if (script.isDeaf === true) socket.pause();
        return true;
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    url: `tcp://127.0.0.1:${port}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function startWebSocket(): Promise<OddServer> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, path: "/play" });
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    socket.on("message", (data: Buffer) => {
      heard.push(new Uint8Array(data));
      if (data[0] !== Control.HELLO) return;
      for (const message of script.messages) socket.send(message);
      if (script.raw !== undefined) socket.send(script.raw.toString());
      if (script.stays !== true) socket.terminate();
      if (script.isDeaf === true) socket.pause();
    });
  });
  await new Promise<void>((resolve) => server.on("listening", () => resolve()));
  const { port } = server.address() as net.AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}`,
    close: () => {
      for (const socket of server.clients) socket.terminate();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Joins, and waits for the end. @returns Why it ended. */
async function met(url: string, timeoutMs = 4_000): Promise<Refusal> {
  const end = Promise.withResolvers<Refusal>();
  const listener: ConnectionListener = { ended: end.resolve };
  const options = { url, listener, mayReconnect: false, timeoutMs };
  const outcome = await joinMatch("psess-1", options);
  return outcome.state === "refused" ? outcome.refusal : end.promise;
}

/** Shortens the waits of one length to `inMs`. `end` says how many there were. */
function hurrying(waitMs: number, inMs: number): { end(): number } {
  let waits = 0;
  const wait = globalThis.setTimeout;
  const spy = vi.spyOn(globalThis, "setTimeout").mockImplementation(((
    late: () => void,
    ms: number,
  ) => {
    if (ms !== waitMs) return wait(late, ms);
    waits++;
    return wait(late, inMs);
  }) as typeof setTimeout);
  return {
    end() {
      spy.mockRestore();
      return waits;
    },
  };
}

const servers = { tcp: startTcp, ws: startWebSocket };

describe.each(["tcp", "ws"] as const)("an odd server over %s", (transport) => {
  let server: OddServer;

  beforeAll(async () => {
    // The SDK complains on the console about what it cannot decode.
    for (const level of ["info", "warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation(() => {});
    }
    server = await servers[transport]();
  });
  beforeEach(() => {
    heard = [];
  });
  afterAll(() => server.close());

  test("[CL15] is joined when it is honest", async () => {
    script = { messages: inOrder, stays: true };
    const outcome = await joinMatch<{ tick: number }>("psess-1", {
      url: server.url,
      clientVersion: "1.2",
      mayReconnect: false,
    });
    if (outcome.state !== "joined") throw new Error(outcome.refusal.text);
    expect(outcome.connection.state.tick).toBe(7);
    expect(decodeHello(heard[0] ?? new Uint8Array())).toMatchObject({
      kind: 1,
      credential: "psess-1",
      clientVersion: "1.2",
    });
    expect(heard).toHaveLength(1);
    // It does not know what to do with a player who leaves.
    const hurry = hurrying(CONNECTION_LIMITS.leaveTimeoutMs, 50);
    await outcome.connection.leave();
    expect(hurry.end()).toBe(1);
    expect(outcome.connection.phase).toBe("ended");
  });

  const unreadable: [string, readonly Uint8Array[]][] = [
    ["something else than SEAT first", [HONEST.join]],
    ["SEAT of another protocol version", [Uint8Array.of(2, 9, 0, 0, 1, 65)]],
    ["SEAT that breaks off", [HONEST.seat.subarray(0, 5)]],
    ["a state before its schema", [HONEST.seat, HONEST.state]],
    ["a room of an unknown kind", [HONEST.seat, Uint8Array.of(10, 1, 65, 1, 65, 0)]],
    ["a join that breaks off", [HONEST.seat, HONEST.join.subarray(0, 60)]],
    [
      "a section of negative length",
      [HONEST.seat, Buffer.concat([HONEST.join, Buffer.of(1, 0xfe)])],
    ],
    [
      "a join without a schema",
      [HONEST.seat, Uint8Array.of(10, 1, 65, 6, ...Buffer.from("schema"), 0), HONEST.state],
    ],
  ];
  test.each(unreadable)("[CL15] is left in words when it says %s", async (_what, messages) => {
    script = { messages, stays: true };
    expect(await met(server.url)).toMatchObject({
      code: 1002,
      text: "The server sent something that cannot be read.",
      mayRetry: false,
    });
  });

  test("[CL19] is given up when it takes nothing, long before memory is full", async () => {
    script = { messages: inOrder, stays: true, isDeaf: true };
    const ended = vi.fn();
    const options = { url: server.url, listener: { ended }, mayReconnect: false };
    const outcome = await joinMatch("psess-1", options);
    if (outcome.state !== "joined") throw new Error(outcome.refusal.text);
    const { connection } = outcome;
    const piece = new Uint8Array(32 * 1024);
    // What the kernel takes for a peer that does not read is some megabytes; only what it does not take counts.
    let sent = 0;
    while (connection.sendCommand(piece) && sent < 2_000) {
      sent++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(sent).toBeLessThan(2_000);
    await until(() => ended.mock.calls.length === 1);
    expect(ended.mock.calls[0]?.[0]).toMatchObject({ code: UNREACHABLE });
  });

  test("[CL15] is left in words whatever it says", async () => {
    // What stands inside a schema or a state is decoded by the SDK, which believes lengths: it can take minutes over
    // bytes made for it. Everything around them is ours.
    const rubbish = fc.uint8Array({ minLength: 1, maxLength: 64 });
    const opcode = fc.constantFrom(0, 2, 3, 4, 5, 11, 12, 13, 16, 17, 18, 20, 0x2d, 0xff);
    const message = fc.tuple(opcode, rubbish).map(([code, rest]) => Uint8Array.of(code, ...rest));
    const early = fc.tuple(fc.constantFrom(10, 14, 15), rubbish);
    const beforeJoin = early.map(([code, rest]) => [HONEST.seat, Uint8Array.of(code, ...rest)]);
    const afterSome = fc
      .tuple(fc.nat({ max: 4 }), fc.array(message, { maxLength: 6 }))
      .map(([honest, rest]) => [...inOrder.slice(0, honest), ...rest]);
    const damage = fc.tuple(fc.constantFrom(0, 2), fc.nat(), fc.nat({ max: 255 }));
    const damaged = fc.array(damage, { minLength: 1, maxLength: 4 }).map((damages) => {
      const copies = inOrder.map((each) => Buffer.from(each));
      for (const [which, at, byte] of damages) {
        const copy = copies[which];
        if (copy !== undefined) copy[at % copy.length] = byte;
      }
      return copies;
    });
    const scripts = fc.oneof(beforeJoin, afterSome, damaged);
    await fc.assert(
      fc.asyncProperty(scripts, async (messages) => {
        script = { messages };
        const refusal = await met(server.url);
        expect(refusal.text).not.toBe("");
        expect(refusal.advice).not.toBe("");
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});

test("[CL15] a server that sends text over WebSocket is left in words", async () => {
  const server = await startWebSocket();
  script = { messages: inOrder, raw: Buffer.from("text"), stays: true };
  expect(await met(server.url)).toMatchObject({ code: 1002 });
  await server.close();
});

describe("an odd server over tcp alone", () => {
  let server: OddServer;
  beforeAll(async () => {
    server = await startTcp();
  });
  afterAll(() => server.close());

  test.each([
    ["a length of 0", [0, 0, 0, 0]],
    ["a length of 16 MB and a byte", [1, 0, 0, 1]],
    ["the answer of a web server", [...Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")]],
    ["a CLOSE without a code", [...frameOf(Uint8Array.of(3, 1))]],
    ["a CLOSE with a code below 1000", [...frameOf(encodeClose(2, ""))]],
    ["a PING that is none", [...frameOf(Uint8Array.of(4, 1))]],
  ])("[CL15] is left in words when it says %s", async (_what, bytes) => {
    script = { messages: inOrder, raw: Uint8Array.from(bytes), stays: true };
    expect(await met(server.url)).toMatchObject({ code: 1002 });
    script = { messages: [], raw: Uint8Array.from(bytes), stays: true };
    expect(await met(server.url)).toMatchObject({ code: 1002 });
  });

  test("[CL15] is left in words whatever bytes it sends", async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), async (raw, isLate) => {
        script = { messages: isLate ? inOrder : [], raw };
        expect((await met(server.url, 1_000)).text).not.toBe("");
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  test("[CL16] gets a PONG for each PING, before and after SEAT, with its nonce", async () => {
    heard = [];
    const ping = (nonce: number) => encodeNonce(Control.PING, nonce);
    script = { messages: [ping(1), HONEST.seat, ping(0xffffffff), ...inOrder.slice(1), ping(7)] };
    await met(server.url);
    await until(() => heard.filter(([first]) => first === Control.PONG).length === 3);
    const pongs = heard.filter(([first]) => first === Control.PONG);
    expect(pongs).toEqual([1, 0xffffffff, 7].map((nonce) => encodeNonce(Control.PONG, nonce)));
  });

  test.each([
    [CloseCode.REFUSED, CloseCode.REFUSED],
    [CloseCode.TRY_AGAIN, CloseCode.TRY_AGAIN],
    [CloseCode.UPDATE_CLIENT, CloseCode.UPDATE_CLIENT],
    [1006, UNREACHABLE],
  ])("[CL2] puts a CLOSE with %i into the same words as a WebSocket's", async (sent, told) => {
    script = { messages: [encodeClose(sent, "reason")], stays: true };
    expect(await met(server.url)).toMatchObject({ code: told });
    script = { messages: [...inOrder, encodeClose(sent, "reason")], stays: true };
    expect(await met(server.url)).toMatchObject({ code: told });
  });

  test("[CL16] counts as gone when it is silent for 10 s", async () => {
    const hurry = hurrying(CONNECTION_LIMITS.silenceMs, 200);
    script = { messages: inOrder, stays: true };
    expect(await met(server.url)).toMatchObject({ code: UNREACHABLE });
    expect(hurry.end()).toBeGreaterThan(1);
  });

  test("[CL16] is tried again by who returns and gets no answer within 5 s", async () => {
    const said: string[] = [];
    const back = Promise.withResolvers<void>();
    const listener = { dropped: () => said.push("dropped"), reconnected: () => back.resolve() };
    script = { messages: inOrder };
    const outcome = await joinMatch("psess-1", { url: server.url, listener });
    if (outcome.state !== "joined") throw new Error(outcome.refusal.text);
    // Silence, then a refusal that may be tried again, then a seat.
    const hurry = hurrying(CONNECTION_LIMITS.returnTimeoutMs, 50);
    script = { messages: [], stays: true };
    heard = [];
    const hellos = () => heard.filter(([first]) => first === Control.HELLO);
    await until(() => hellos().length === 1);
    script = { messages: [encodeClose(CloseCode.TRY_AGAIN, "")] };
    await until(() => hellos().length === 3);
    script = { messages: [HONEST.seat, schemaless, HONEST.state, HONEST.welcome], stays: true };
    await back.promise;
    expect(hurry.end()).toBeGreaterThanOrEqual(3);
    expect(said).toEqual(["dropped"]);
    for (const hello of hellos()) {
      expect(decodeHello(hello)).toMatchObject({ kind: 3, credential: "AbCdEfGhIjKlMnOpQrStUv" });
    }
    const leaving = hurrying(CONNECTION_LIMITS.leaveTimeoutMs, 50);
    await outcome.connection.leave();
    leaving.end();
  });
});
