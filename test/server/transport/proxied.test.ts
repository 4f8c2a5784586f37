import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { AddressBudgetLimits } from "../../../server/transport/address-budgets.ts";
import type { Door } from "../../../server/transport/door.ts";
import {
  frame,
  join,
  preamble,
  // biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
} from "../../support/adapter.mjs";
import { until } from "../../support/in-process-server.ts";
import { DoorWorld } from "./door-world.ts";
import { plainTalk, secured, secureTalk, type Talk, TlsFiles } from "./tls-world.ts";

const ALICE = "203.0.113.7";
const BOB = "198.51.100.1";
const PROXIED = { unadmittedMax: 3, failedJoinsMax: 2, limitsLoopback: true };
/** Every client of these tests comes from the proxy's address. */
const TRUSTING = { ...PROXIED, trustedProxies: ["127.0.0.1"] };

let world: DoorWorld;
const doors: Door[] = [];

beforeAll(async () => {
  world = await DoorWorld.open(60);
  await world.place();
});
afterAll(async () => {
  // Not one after the other: each waits by the one clock.
  const closed = doors.map((door) => door.close());
  await world.close();
  await Promise.all(closed);
});
beforeEach(() => world.telemetry.clear());

async function openDoor(budgets: AddressBudgetLimits): Promise<number> {
  const door = world.anotherDoor({ budgets });
  doors.push(door);
  return door.listen([0], "127.0.0.1");
}

const addresses = () =>
  world.telemetry.of("joinRefused").map(({ reason, remoteAddress }) => [reason, remoteAddress]);

/** A join with an id that admits nobody. */
async function failingJoin(port: number, forwardedFor?: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/matchmake/joinById/match`, {
    method: "POST",
    headers: forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor },
    body: JSON.stringify({ playerSessionId: "no one" }),
  });
}

interface Upgraded {
  readonly socket: WebSocket;
  /** 101 for one that was let in to say HELLO. */
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly closed: Promise<number>;
}

function upgrade(port: number, forwardedFor: string, target = "/play"): Promise<Upgraded> {
  const headers = { "x-forwarded-for": forwardedFor };
  const socket = new WebSocket(`ws://127.0.0.1:${port}${target}`, { headers });
  socket.on("error", () => {});
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  return new Promise((resolve) => {
    socket.once("open", () => resolve({ socket, status: 101, retryAfter: undefined, closed }));
    socket.once("unexpected-response", (_request, response) => {
      resolve({
        socket,
        status: response.statusCode ?? 0,
        retryAfter: response.headers["retry-after"],
        closed,
      });
      response.destroy();
    });
  });
}

/** Whatever was sent to the port before has been read. */
const heard = (port: number) => fetch(`http://127.0.0.1:${port}/nothing`);

describe("clients behind one proxy", () => {
  it("[BU6] have their failed joins counted apart, by every way in", async () => {
    const port = await openDoor(TRUSTING);
    const statuses: number[] = [];
    for (const from of [ALICE, `${BOB}, ${ALICE}`, ALICE, BOB, BOB, BOB]) {
      statuses.push((await failingJoin(port, from)).status);
    }
    expect(statuses).toEqual([525, 525, 503, 525, 525, 503]);
    expect(addresses()).toEqual([
      ["malformed", ALICE],
      ["malformed", ALICE],
      ["rate_limited", ALICE],
      ["malformed", BOB],
      ["malformed", BOB],
      ["rate_limited", BOB],
    ]);
    const target = "/any/match?sessionId=AAAAAAAAAAAAAAAAAAAAAA";
    const [alice, carol] = [
      await upgrade(port, ALICE, target),
      await upgrade(port, "192.0.2.1", target),
    ];
    expect([await alice.closed, await carol.closed]).toEqual([4403, 4401]);
    for (const [address, code] of [
      [ALICE, 4403],
      ["192.0.2.1", 4401],
    ] as const) {
      const { socket, closed } = await upgrade(port, address);
      socket.send(join("ws", "no one").hello);
      expect(await closed).toBe(code);
    }
    expect(addresses().slice(6)).toEqual([
      ["rate_limited", ALICE],
      ["no_reservation", "192.0.2.1"],
      ["rate_limited", ALICE],
      ["malformed", "192.0.2.1"],
    ]);
  });

  it("[BU6] may wait without a seat in so many connections each, and are told so by 503", async () => {
    const port = await openDoor(TRUSTING);
    const waiting = [];
    for (let count = 0; count < 3; count++) waiting.push(await upgrade(port, ALICE));
    expect(waiting.map(({ status }) => status)).toEqual([101, 101, 101]);
    const fourth = await upgrade(port, ALICE);
    expect([fourth.status, fourth.retryAfter]).toEqual([503, "1"]);
    const posted = await failingJoin(port, ALICE);
    expect([posted.status, posted.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await posted.json()).toMatchObject({ code: 4403 });
    expect(world.telemetry.of("requestRefused")).toEqual([{ status: 503 }, { status: 503 }]);
    const bob = await upgrade(port, BOB);
    expect([bob.status, (await failingJoin(port, BOB)).status]).toEqual([101, 525]);

    waiting[0]?.socket.terminate();
    await waiting[0]?.closed;
    await heard(port);
    const again = await upgrade(port, ALICE);
    expect(again.status).toBe(101);
    for (const { socket } of [...waiting, bob, again]) socket.terminate();
  });

  it("[BU6] are not counted before they have said who they are", async () => {
    const port = await openDoor(TRUSTING);
    const silent = Array.from({ length: 20 }, (_, at) =>
      plainTalk(port, at % 2 === 0 ? "" : "POST /matchmake/join/match HTTP/1.1\r\n"),
    );
    await heard(port);
    expect((await failingJoin(port, ALICE)).status).toBe(525);
    expect(silent.map(({ isClosed }) => isClosed)).not.toContain(true);
    for (const { socket } of silent) socket.destroy();
  });

  it("[BU6] that speak frames are visitors of the proxy's own address", async () => {
    const port = await openDoor(TRUSTING);
    const magic = () => plainTalk(port, preamble("tcp").toString("latin1"));
    const waiting = [magic(), magic(), magic()];
    await heard(port);
    const fourth = magic();
    await fourth.closed;
    expect([fourth.got, waiting.map(({ isClosed }) => isClosed)]).toEqual([
      "",
      [false, false, false],
    ]);
    // As one whose header says nothing that a proxy writes.
    expect((await failingJoin(port, "unknown")).status).toBe(503);
    expect((await failingJoin(port, ALICE)).status).toBe(525);
    waiting[0]?.socket.destroy();
    await waiting[0]?.closed;
    await heard(port);
    expect((await failingJoin(port)).status).toBe(525);
    expect(addresses().at(-1)).toEqual(["malformed", "127.0.0.1"]);
    for (const { socket } of waiting) socket.destroy();
  });

  it("[BU6] play on while their address is at its limit", async () => {
    const port = await openDoor({ ...TRUSTING, unadmittedMax: 1 });
    const { socket, closed } = await upgrade(port, ALICE);
    let isClosed = false;
    void closed.then(() => {
      isClosed = true;
    });
    socket.send(join("ws", "psess-1").hello);
    // The roster asks the fleet by the clock.
    await until(() => {
      world.clock.advance(1);
      return world.telemetry.of("playerJoined").length === 1;
    });
    const next = await upgrade(port, ALICE);
    expect([next.status, (await upgrade(port, ALICE)).status]).toEqual([101, 503]);
    expect(isClosed).toBe(false);
    for (const each of [socket, next.socket]) each.terminate();
  });
});

describe("a header of somebody who is no trusted proxy", () => {
  it("[BU5] is never read: the socket's address counts", async () => {
    for (const trustedProxies of [[], ["127.0.0.2", "10.0.0.0/8"]]) {
      world.telemetry.clear();
      const port = await openDoor({ ...PROXIED, trustedProxies });
      const statuses = [];
      for (const from of ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) {
        statuses.push((await failingJoin(port, from)).status);
      }
      expect(statuses).toEqual([525, 525, 503]);
      expect(addresses().map(([, address]) => address)).toEqual(Array(3).fill("127.0.0.1"));
    }
  });
});

describe("joins that are under way", () => {
  it("[BU7] hold one of their address's each until the fleet has answered", async () => {
    const port = await openDoor({ ...PROXIED, unadmittedMax: 64, failedJoinsMax: 3 });
    const answers: (() => void)[] = [];
    world.fleet.answerAccept = () =>
      new Promise((resolve) => answers.push(() => resolve({ outcome: "accepted" })));
    const joined = world.telemetry.of("playerJoined").length;
    const players: Talk[] = [];
    const knock = (id: string) => {
      const greeting = Buffer.concat([preamble("tcp"), frame("tcp", join("tcp", id).hello)]);
      players.push(plainTalk(port, greeting.toString("latin1")));
    };
    for (const id of ["psess-11", "psess-12", "psess-13"]) knock(id);
    await until(() => {
      world.clock.advance(1);
      return answers.length === 3;
    });
    // One leaves: what he asked for is still under way.
    players[0]?.socket.destroy();
    await players[0]?.closed;
    expect((await failingJoin(port)).status).toBe(503);
    expect(addresses()).toEqual([["rate_limited", "127.0.0.1"]]);
    for (const answer of answers) answer();
    await until(() => world.telemetry.of("playerJoined").length === joined + 2);
    // Two have seats; the one that left led to nothing.
    await until(() => world.telemetry.of("joinRefused").length === 2);
    expect([(await failingJoin(port)).status, (await failingJoin(port)).status]).toEqual([
      525, 525,
    ]);
    expect((await failingJoin(port)).status).toBe(503);
    world.fleet.answerAccept = undefined;
    for (const { socket } of players) socket.destroy();
  });
});

describe("joins that led to a seat, or to its reservation", () => {
  it("[BU7] give back what they held, in both steps of the stock SDK", async () => {
    const port = await openDoor({ ...PROXIED, failedJoinsMax: 1 });
    let seated = 0;
    for (const playerSessionId of ["psess-21", "psess-22", "psess-23"]) {
      seated++;
      const asked = fetch(`http://127.0.0.1:${port}/matchmake/joinById/match`, {
        method: "POST",
        body: JSON.stringify({ playerSessionId }),
      });
      let isAnswered = false;
      void asked.then(() => {
        isAnswered = true;
      });
      await until(() => {
        world.clock.advance(1);
        return isAnswered;
      });
      expect((await asked).status).toBe(200);
      const { sessionId } = (await (await asked).json()) as { sessionId: string };
      const player = await upgrade(port, "", `/any/match?sessionId=${sessionId}`);
      await until(() => world.telemetry.of("playerJoined").length === seated);
      player.socket.terminate();
      await player.closed;
    }
    expect(addresses()).toEqual([]);
  });
});

describe("handshakes", () => {
  it("[TS13] of one address end at its share, and those of a trusted proxy at the budget of all", async () => {
    const files = new TlsFiles();
    const open = async (budgets: AddressBudgetLimits) => {
      const door = world.anotherDoor({ budgets, tls: files.settings("required", 4) });
      doors.push(door);
      return door.listen([0], "127.0.0.1");
    };
    const many = { ...PROXIED, unadmittedMax: 64 };
    for (const [port, most, reason] of [
      [await open(many), 4, "over_share"],
      [await open({ ...many, trustedProxies: ["127.0.0.1"] }), 8, "over_budget"],
    ] as const) {
      world.telemetry.clear();
      for (let begun = 0; begun < most; begun++) {
        const visitor = secureTalk(port, { ca: files.current.certificate });
        await secured(visitor);
        visitor.socket.destroy();
      }
      const refused = secureTalk(port, { ca: files.current.certificate });
      await refused.closed;
      expect([refused.error, refused.socket.bytesRead]).toEqual(["ECONNRESET", 0]);
      const reasons = world.telemetry.of("handshakeFailed").map((failed) => failed.reason);
      expect(reasons).toContain(reason);
      expect(reasons.filter((each) => each.startsWith("over"))).toEqual([reason]);
    }
  });
});
