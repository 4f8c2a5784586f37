import type { Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { CredentialKind, encodeHello, PROTOCOL_VERSION } from "../../../protocol/control.ts";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { until } from "../../support/in-process-server.ts";
import { DoorWorld, roundTrip, type Visitor } from "./door-world.ts";

const UPGRADE = [
  ...["GET /play HTTP/1.1", "Host: a", "Connection: Upgrade", "Upgrade: websocket"],
  ...["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "", ""],
].join("\r\n");

let world: DoorWorld;
let server: Server;

beforeAll(async () => {
  world = await DoorWorld.open(20);
  server = (await world.servers()).port;
});
afterAll(() => world.close());

describe("the door while no match is open", () => {
  it("[TP29] tells a join to try again, with the time to wait", async () => {
    for (const path of ["joinById/match", "reconnect/match"]) {
      const response = await world.post({ playerSessionId: "psess-1" }, path);
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe("1");
      expect(await response.json()).toMatchObject({ code: 4403 });
    }
    expect(world.fleet.describes).toBe(0);
  });

  it("[TP29] closes a WebSocket with 4403 and no bytes, with a token and without", async () => {
    for (const query of ["abc", "abc&reconnectionToken=AAAAAAAAAAAAAAAAAAAAAA"]) {
      const visitor = world.visit(query);
      expect([await visitor.closed, visitor.got]).toEqual([4403, []]);
    }
  });
});

describe("the door's limits", () => {
  it("[TP26] are those of the table", async () => {
    const { port, http } = await world.servers();
    expect(port.maxConnections).toBe(TRANSPORT_LIMITS.connectionsMax);
    expect(http.maxHeadersCount).toBe(TRANSPORT_LIMITS.headersMax);
  });

  it("[TP26] drop a connection too many without a word, and serve the others", async () => {
    const open = await new Promise<number>((resolve) => {
      server.getConnections((_error, count) => resolve(count));
    });
    server.maxConnections = open + 2;
    try {
      const [first, second] = [await world.connect(), await world.connect()];
      const third = await world.connect();
      let bytes = 0;
      third.on("data", (data) => {
        bytes += data.length;
      });
      await new Promise((resolve) => third.once("close", resolve));
      expect(bytes).toBe(0);
      for (const socket of [first, second]) {
        socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        const answer = await new Promise((resolve) => socket.once("data", resolve));
        expect(String(answer)).toMatch(/^HTTP\/1\.1 404 /);
      }
    } finally {
      server.maxConnections = TRANSPORT_LIMITS.connectionsMax;
    }
  });

  it("[TP26] refuse headers above 8 KB", async () => {
    const answers: string[] = [];
    for (const bytes of [7_000, 9_000]) {
      const socket = await world.connect();
      socket.write(`GET / HTTP/1.1\r\nHost: a\r\nX: ${"a".repeat(bytes)}\r\n\r\n`);
      answers.push(
        String(await new Promise((resolve) => socket.once("data", resolve))).slice(9, 12),
      );
      await new Promise((resolve) => socket.once("close", resolve));
    }
    expect(answers).toEqual(["404", "400"]);
  });
});

describe("a seated client", () => {
  beforeAll(() => world.place());

  it("[TP26] may send 4 KB in 64 pieces, and no byte and no piece more", async () => {
    const most = TRANSPORT_LIMITS.messageBytesMax;
    const message = Buffer.alloc(most, 18);
    const [honest, large, pieces] = [
      await world.seated("psess-1"),
      await world.seated("psess-2"),
      await world.seated("psess-3"),
    ];
    for (let piece = 0; piece < 64; piece++) {
      const part = message.subarray(piece * 64, (piece + 1) * 64);
      honest.socket.send(part, { fin: piece === 63 });
    }
    await roundTrip(honest);
    large.socket.send(Buffer.alloc(most + 1, 18));
    expect(await large.closed).toBe(1009);
    for (let piece = 0; piece < 65; piece++) {
      pieces.socket.send(Uint8Array.of(18), { fin: piece === 64 });
    }
    expect(await pieces.closed).toBe(1009);
    await roundTrip(honest);
  });

  it("[TP30] that does not acknowledge its join is closed after 10 s and gives its seat up", async () => {
    const prompt = await world.seated("psess-4");
    const silent = await world.seated("psess-5", { acknowledges: false });
    await roundTrip(prompt);
    const held = world.life.seatsHeld;
    await world.clock.advanceAsync(TRANSPORT_LIMITS.acknowledgeTimeoutMs - 100);
    expect(world.life.seatsHeld).toBe(held);
    await world.clock.advanceAsync(100);
    expect(await silent.closed).toBe(4400);
    await until(() => world.fleet.removes.includes("psess-5"));
    expect(world.life.seatsHeld).toBe(held - 1);
    await roundTrip(prompt);
    expect(world.fleet.removes).not.toContain("psess-4");
  });

  it("[TP30] that left before leaves no timer behind", async () => {
    const timers = world.clock.pendingTimers;
    const gone = await world.seated("psess-6", { acknowledges: false });
    gone.socket.terminate();
    await until(() => world.telemetry.of("playerDropped").at(-1)?.playerId === "player-6");
    await until(() => world.clock.pendingTimers === timers);
  });

  it("[SD2] of which nothing is heard is cut after 9 s, one that answers stays", async () => {
    const alive = await world.seated("psess-7");
    const dead = await world.seated("psess-8", { autoPong: false });
    await roundTrip(dead);
    const { deadAfterMs, pulseMs } = TRANSPORT_LIMITS;
    for (let passedMs = 0; passedMs < deadAfterMs + 2_000; passedMs += pulseMs) {
      world.clock.advance(pulseMs);
      await roundTrip(alive);
    }
    expect(await dead.closed).toBe(1006);
    expect(world.telemetry.of("playerDropped").at(-1)).toMatchObject({ closeCode: 1006 });
    await roundTrip(alive);
  });

  it("[SD3] that sends and does not answer is closed with 4415", async () => {
    const mute = await world.seated("psess-9", { autoPong: false });
    let isClosed = false;
    void mute.closed.then(() => {
      isClosed = true;
    });
    for (let passedMs = 0; passedMs < 12_000 && !isClosed; passedMs += 500) {
      world.clock.advance(500);
      await Promise.race([roundTrip(mute), mute.closed]);
    }
    expect(await mute.closed).toBe(4415);
  });
});

describe("a client that falls behind", () => {
  const states = ({ got }: Visitor) => got.filter(([opcode]) => opcode === 14).length;

  /** A stock client's claim of a seat, or its return, with its join acknowledged. */
  async function sit(sessionId: string, token = ""): Promise<Visitor> {
    const visitor = world.visit(
      token === "" ? sessionId : `${sessionId}&reconnectionToken=${token}`,
    );
    await until(() => visitor.got.length > 0);
    visitor.socket.send(Uint8Array.of(10));
    await roundTrip(visitor);
    return visitor;
  }

  /** Stops reading for five seconds. @returns How many full states came after that, in another two. */
  async function fallBehind(visitor: Visitor): Promise<number> {
    const before = states(visitor);
    visitor.socket.pause();
    for (let looks = 0; looks < 10; looks++) await world.clock.advanceAsync(500);
    visitor.socket.resume();
    for (let looks = 0; looks < 20; looks++) {
      world.clock.advance(100);
      await roundTrip(visitor);
    }
    return states(visitor) - before;
  }

  it.each([
    ["says nothing of its decoder misses no patch", "psess-10", {}, 0],
    [
      "says that it resyncs gets one full state, also after it returned",
      "psess-11",
      { resyncs: true },
      1,
    ],
  ])("[SD4] and %s", async (_what, playerSessionId, options, owed) => {
    const sessionId = await world.reserve(playerSessionId, options);
    const visitor = await sit(sessionId);
    expect(await fallBehind(visitor)).toBe(owed);
    const welcome = visitor.got[0] ?? Buffer.alloc(2);
    const token = welcome.toString("latin1", 2, 2 + (welcome[1] ?? 0));
    visitor.socket.terminate();
    const drops = () =>
      world.telemetry.of("playerDropped").filter((drop) => drop.closeCode === 1006);
    const before = drops().length;
    await until(() => drops().length > before);
    expect(await fallBehind(await sit(sessionId, token))).toBe(owed);
  });

  it("[SD4] and came in one step gets one full state, as our own protocol asks", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${world.port}/play`);
    const got: Buffer[] = [];
    socket.on("message", (data: Buffer) => got.push(data));
    const closed = new Promise<number>((resolve) => socket.once("close", resolve));
    await new Promise((resolve) => socket.once("open", resolve));
    const hello = {
      protocolVersion: PROTOCOL_VERSION,
      kind: CredentialKind.PLAYER_SESSION,
      credential: "psess-12",
      clientVersion: "",
      options: new Uint8Array(),
    };
    socket.send(encodeHello(hello));
    // The roster asks the fleet by the clock.
    await until(() => {
      world.clock.advance(1);
      return got.length > 1;
    });
    socket.send(Uint8Array.of(10));
    const visitor = { socket, got, closed };
    await roundTrip(visitor);
    expect(await fallBehind(visitor)).toBe(1);
  });
});

describe("a connection that sends many requests in one breath", () => {
  it("[TP36] has one of them judged, and is closed", async () => {
    const before = world.telemetry.of("joinRefused").length;
    const body = '{"playerSessionId":"nobody\'s"}';
    const head = `POST /matchmake/join/match HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;
    const socket = await world.connect();
    socket.resume();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write(`${head}${body}`.repeat(200));
    await closed;
    await world.post({}, "join/elsewhere");
    expect(world.telemetry.of("joinRefused").length - before).toBeLessThanOrEqual(1);
    const alone = await world.post({ playerSessionId: "nobody's" });
    expect(alone.status).toBe(525);
    expect(world.telemetry.of("joinRefused").length - before).toBeGreaterThanOrEqual(1);
  });
});

describe("a connection that is nobody's yet", () => {
  const { helloTimeoutMs } = TRANSPORT_LIMITS;

  /** Whatever was written has been read by the door when a later request has its answer. */
  const heard = () => world.post({}, "join/elsewhere");

  it.each([
    ["says nothing", ""],
    ["stops in the middle of the magic", "\xc5FL"],
    ["stops in the middle of a HELLO", "\xc5FLR\x20\x00\x00\x00\x01\x01"],
    ["stops in the middle of a request", "POST /matchmake/join/match HTTP/1.1\r\nHost: a\r\n"],
    [
      "stops in the middle of a body",
      "POST /matchmake/join/match HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{",
    ],
    ["is a WebSocket without HELLO", UPGRADE],
  ])("[TP34] and %s is cut after 5 s, whatever it drips meanwhile", async (_what, bytes) => {
    const socket = await world.connect();
    let isClosed = false;
    socket.once("close", () => {
      isClosed = true;
    });
    socket.resume();
    if (bytes !== "") socket.write(bytes, "latin1");
    await heard();
    await world.clock.advanceAsync(helloTimeoutMs - 100);
    expect(isClosed).toBe(false);
    if (bytes !== "") socket.write(bytes.startsWith("\xc5") ? "" : " ", "latin1");
    await world.clock.advanceAsync(100);
    await until(() => isClosed);
  });
});
