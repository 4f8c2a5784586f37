import net from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { selfSigned } from "../../../emulator/front/self-signed.ts";
import type { Door } from "../../../server/transport/door.ts";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import {
  frame,
  join,
  preamble,
  // biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
} from "../../support/adapter.mjs";
import { FakeClock } from "../../support/fake-clock.ts";
import { until } from "../../support/in-process-server.ts";
import { DoorWorld } from "./door-world.ts";
import { plainTalk, secured, secureTalk, TlsFiles, ticketOf } from "./tls-world.ts";

const GET = "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n";
const MAGIC = "\xc5FLR";
/** CLOSE 4400 `tls_required`, framed. */
const CLOSE = "\x0f\x00\x00\x00\x03\x30\x11tls_required";
const { helloTimeoutMs } = TRANSPORT_LIMITS;

const files = new TlsFiles();
let world: DoorWorld;
let port: number;
const doors: Door[] = [];

beforeAll(async () => {
  world = await DoorWorld.open(20, { tls: files.settings("required") });
  ({ port } = world);
  await world.place();
});
afterAll(async () => {
  // Not one after the other: each waits by the one clock.
  const closed = doors.map((door) => door.close());
  await world.close();
  await Promise.all(closed);
});
beforeEach(() => world.telemetry.clear());

const trusting = () => ({ ca: files.current.certificate });
const reasons = () => world.telemetry.of("handshakeFailed").map(({ reason }) => reason);

async function openDoor(...args: Parameters<DoorWorld["anotherDoor"]>): Promise<number> {
  const door = world.anotherDoor(...args);
  doors.push(door);
  return door.listen([0], "127.0.0.1");
}

/** What came to the port before this has been read: somebody who came later has his answer. */
async function heard(there = port): Promise<void> {
  const visitor = secureTalk(there, trusting());
  visitor.socket.write(GET);
  await visitor.closed;
  expect(visitor.got).toMatch(/^HTTP\/1\.1 404 /);
}

describe("a port that requires TLS", () => {
  it("[TS7] answers inside TLS", async () => {
    const visitor = secureTalk(port, trusting());
    visitor.socket.write(GET);
    await visitor.closed;
    expect(visitor.got).toMatch(/^HTTP\/1\.1 404 /);
    expect(world.telemetry.of("requestRefused")).toEqual([{ status: 404 }]);
  });

  it("[TS7] refuses plain HTTP with 426 and words", async () => {
    const visitor = plainTalk(port, GET);
    await visitor.closed;
    const [head = "", body = ""] = visitor.got.split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\n/);
    expect(JSON.parse(body)).toMatchObject({ code: 4400, error: expect.stringContaining("TLS") });
    expect(head).toContain(`content-length: ${body.length}`);
    expect(world.telemetry.of("requestRefused")).toEqual([{ status: 426 }]);
  });

  it("[TS7] closes plain frames with 4400 `tls_required`", async () => {
    const visitor = plainTalk(port, MAGIC);
    visitor.socket.once("data", () => visitor.socket.end());
    await visitor.closed;
    expect(visitor.got).toBe(CLOSE);
    expect(world.telemetry.of("connectionClosed")).toMatchObject([{ closeCode: 4400 }]);
  });

  it("[TS7] drops whatever else it gets, plain or inside, TLS inside TLS as well", async () => {
    const junk = plainTalk(port, "\x00\x01\x02");
    await junk.closed;
    expect(junk.got).toBe("");
    const inside = secureTalk(port, trusting());
    inside.socket.write(Buffer.from("160301000101", "hex"));
    await inside.closed;
    expect(inside.got).toMatch(/^HTTP\/1\.1 400 /);
    expect(world.telemetry.of("requestRefused")).toEqual([]);
  });
});

describe("a port that takes TLS beside plain connections", () => {
  it("[TS7] speaks HTTP and frames both ways", async () => {
    const both = await openDoor({ tls: files.settings("optional") });
    const plain = plainTalk(both, GET);
    const secure = secureTalk(both, trusting());
    secure.socket.write(GET);
    for (const visitor of [plain, secure]) {
      await visitor.closed;
      expect(visitor.got).toMatch(/^HTTP\/1\.1 404 /);
    }
    const frames = [plainTalk(both, MAGIC), secureTalk(both, trusting())];
    frames[1]?.socket.write(MAGIC, "latin1");
    for (const visitor of frames) {
      // An empty frame is malformed.
      visitor.socket.write(Buffer.alloc(4));
      visitor.socket.once("data", () => visitor.socket.end());
      await visitor.closed;
      expect(visitor.got).toBe("\x0c\x00\x00\x00\x03\x30\x11malformed");
    }
  });
});

describe("a port without TLS", () => {
  it.each([["off" as const], [undefined]])(
    "[TS7] takes a handshake for no language of its own (%s)",
    async (mode) => {
      const tls = mode && { tls: { ...files.settings(mode), certFile: "/nowhere" } };
      const none = await openDoor({ ...tls });
      const visitor = secureTalk(none, trusting());
      await visitor.closed;
      expect(visitor.error).toBe("ERR_SSL_WRONG_VERSION_NUMBER");
    },
  );
});

describe("TLS at the port", () => {
  it("[TS8] is 1.2 or 1.3, and nothing older", async () => {
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const visitor = secureTalk(port, { ...trusting(), minVersion: version, maxVersion: version });
      await secured(visitor);
      expect(visitor.socket.getProtocol()).toBe(version);
      visitor.socket.end();
    }
    const ciphers = "DEFAULT@SECLEVEL=0";
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers } as const;
    const visitor = secureTalk(port, { ...trusting(), ...old });
    await visitor.closed;
    expect(visitor.error).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
    expect(reasons()).toEqual(["too_old"]);
  });

  it("[TS8] makes no second handshake on a connection", async () => {
    const visitor = secureTalk(port, { ...trusting(), maxVersion: "TLSv1.2" });
    await secured(visitor);
    let isRenewed = false;
    visitor.socket.renegotiate({}, () => {
      isRenewed = true;
      visitor.socket.end();
    });
    await visitor.closed;
    expect([isRenewed, visitor.error]).toEqual([false, "ERR_SSL_NO_RENEGOTIATION"]);
  });

  it("[TS8] speaks HTTP/1.1 by name to who asks for it, and has nothing else to offer", async () => {
    const asks = secureTalk(port, { ...trusting(), ALPNProtocols: ["h2", "http/1.1"] });
    await secured(asks);
    expect(asks.socket.alpnProtocol).toBe("http/1.1");
    asks.socket.end();
    const wants = secureTalk(port, { ...trusting(), ALPNProtocols: ["h2"] });
    await wants.closed;
    expect(wants.error).toBe("ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL");
    expect(reasons()).toEqual(["nothing_in_common"]);
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)(
    "[TS8] resumes a session of %s on the next connection",
    async (version) => {
      const options = { ...trusting(), minVersion: version, maxVersion: version };
      const first = secureTalk(port, options);
      const session = await ticketOf(first);
      expect(first.socket.isSessionReused()).toBe(false);
      first.socket.destroy();
      const second = secureTalk(port, { ...options, session });
      second.socket.write(GET);
      await secured(second);
      expect(second.socket.isSessionReused()).toBe(true);
      await second.closed;
      expect(second.got).toMatch(/^HTTP\/1\.1 404 /);
    },
  );

  it("[TS8] counts a client that does not trust it, and one that sends no handshake", async () => {
    // 1.2 asks the client before the handshake is over.
    const wary = secureTalk(port, { maxVersion: "TLSv1.2" });
    await wary.closed;
    const wrong = plainTalk(port, "\x16\x03\x01\x00\x05\xff\xff\xff\xff\xff");
    await wrong.closed;
    expect(wary.error).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    expect(reasons()).toContain("malformed");
  });
});

describe("a handshake that does not end", () => {
  it.each([
    ["stops after its first byte", "\x16"],
    ["stops in the middle", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    ["comes in records of one byte", "\x16\x03\x01\x00\x01\x01\x16\x03\x01\x00\x01\x00"],
  ])("[TS9] is cut 5 s after the connection's first moment: it %s", async (_what, bytes) => {
    const { clock } = world;
    const visitor = plainTalk(port, bytes);
    await heard();
    await clock.advanceAsync(helloTimeoutMs - 100);
    if (bytes.length > 8) visitor.socket.write("\x16\x03\x01\x00\x01\x01", "latin1");
    await heard();
    expect(visitor.isClosed).toBe(false);
    await clock.advanceAsync(100);
    await visitor.closed;
    expect(visitor.got).toBe("");
    await until(() => reasons().length > 0);
    expect(reasons()).toEqual(["unfinished"]);
  });

  it.each([
    ["nothing", ""],
    ["half a magic", "\xc5F"],
    ["half a HELLO", `${MAGIC}\x20\x00\x00\x00\x01`],
    ["half a request", "POST /matchmake/join/match HTTP/1.1\r\nHost: a\r\n"],
  ])("[TS9] nor are 5 s counted anew inside TLS, where a client says %s", async (_what, bytes) => {
    const { clock } = world;
    // Comes to the port, and to its handshake a second later.
    const connection = net.connect(port, "127.0.0.1");
    await new Promise((resolve) => connection.once("connect", resolve));
    await heard();
    await clock.advanceAsync(1_000);
    const visitor = secureTalk(port, { ...trusting(), socket: connection });
    await secured(visitor);
    if (bytes !== "") visitor.socket.write(bytes, "latin1");
    await heard();
    await clock.advanceAsync(helloTimeoutMs - 1_001);
    await heard();
    expect(visitor.isClosed).toBe(false);
    await clock.advanceAsync(1);
    await visitor.closed;
    expect(reasons()).toEqual([]);
  });
});

it("[TS9] takes a peer for gone who ends his side in the middle of his handshake", async () => {
  for (const bytes of ["\x16", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"]) {
    world.telemetry.clear();
    const visitor = plainTalk(port, bytes);
    await heard();
    visitor.socket.end();
    await visitor.closed;
    await until(() => reasons().length === 1);
    expect(reasons()).toEqual(["unfinished"]);
  }
});

it("[TS9] gives a seated player all the time there is, and his address its place back", async () => {
  const budgets = { unadmittedMax: 1, failedJoinsMax: 40, limitsLoopback: true };
  const narrow = await openDoor({ tls: files.settings("required"), budgets });
  const { hello } = join("tcp", "psess-1");
  const player = secureTalk(narrow, trusting());
  player.socket.write(Buffer.concat([preamble("tcp"), frame("tcp", hello)]));
  // The roster asks the fleet by the clock.
  await until(() => {
    world.clock.advance(1);
    return world.telemetry.of("playerJoined").length === 1;
  });
  await world.clock.advanceAsync(helloTimeoutMs + 100);
  await heard(narrow);
  expect(player.isClosed).toBe(false);
  expect(world.telemetry.of("playerDropped")).toEqual([]);
  player.socket.destroy();
  await until(() => world.telemetry.of("playerDropped").length === 1);
});

describe("the budgets", () => {
  it("[TS1] refuse a handshake too many without a byte, and have one again later", async () => {
    const scarce = await openDoor({ tls: files.settings("optional", 1) });
    for (let taken = 0; taken < 2; taken++) {
      const visitor = secureTalk(scarce, trusting());
      await secured(visitor);
      visitor.socket.end();
    }
    const refused = secureTalk(scarce, trusting());
    await refused.closed;
    expect([refused.error, refused.socket.bytesRead]).toEqual(["ECONNRESET", 0]);
    expect(reasons()).toEqual(["over_budget"]);
    const reset = plainTalk(scarce, "\x16");
    await reset.closed;
    expect(reset.error).toBe("ECONNRESET");
    // Plain connections have no part in it.
    const plain = plainTalk(scarce, GET);
    await plain.closed;
    expect(plain.got).toMatch(/ 404 /);
    world.clock.advance(1_000);
    const later = secureTalk(scarce, trusting());
    await secured(later);
    later.socket.end();
  });

  it("[TS10] of an address count TLS connections, handshake or not, until they are gone", async () => {
    const budgets = { unadmittedMax: 2, failedJoinsMax: 40, limitsLoopback: true };
    const narrow = await openDoor({ tls: files.settings("required"), budgets });
    const unfinished = plainTalk(narrow, "\x16");
    const secure = secureTalk(narrow, trusting());
    await secured(secure);
    const third = secureTalk(narrow, trusting());
    await third.closed;
    expect(third.error).toBe("ECONNRESET");
    unfinished.socket.destroy();
    await until(() => reasons().length === 1);
    await heard(narrow);
    const again = secureTalk(narrow, trusting());
    await secured(again);
    for (const { socket } of [secure, again]) socket.destroy();
  });

  it("[TS10] of an address count failed joins inside TLS", async () => {
    const budgets = { unadmittedMax: 64, failedJoinsMax: 1, limitsLoopback: true };
    const narrow = await openDoor({ tls: files.settings("required"), budgets });
    const body = JSON.stringify({ playerSessionId: "psess 1" });
    const request = `POST /matchmake/join/match HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const statuses: string[] = [];
    for (let tries = 0; tries < 3; tries++) {
      const visitor = secureTalk(narrow, trusting());
      visitor.socket.write(request);
      await visitor.closed;
      statuses.push(visitor.got.slice(9, 12));
    }
    expect(statuses).toEqual(["525", "503", "503"]);
  });
});

describe("a certificate that changes", () => {
  it("[TS6] is shown in new handshakes, while open connections stay and old sessions end", async () => {
    const files = new TlsFiles();
    const there = await openDoor({ tls: files.settings("required") });
    world.telemetry.clear();
    const trusting = () => ({ ca: files.current.certificate });
    const old = files.current;
    const stays = secureTalk(there, { ca: old.certificate });
    const session = await ticketOf(stays);
    files.write(selfSigned("two"));
    world.clock.advance(TRANSPORT_LIMITS.certificateLookMs);
    await until(() => world.telemetry.of("certificateLoaded").length === 1);

    const late = secureTalk(there, { ca: old.certificate });
    await late.closed;
    expect(late.error).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    const fresh = secureTalk(there, { ...trusting(), session });
    await secured(fresh);
    expect(fresh.socket.getPeerCertificate().subject.CN).toBe("two");
    expect(fresh.socket.isSessionReused()).toBe(false);
    fresh.socket.end();
    stays.socket.write(GET);
    await stays.closed;
    expect(stays.got).toMatch(/^HTTP\/1\.1 404 /);

    // Half a pair: what is shown stays.
    const shown = files.current;
    files.write({ certificate: old.certificate, key: shown.key });
    files.current = shown;
    world.clock.advance(TRANSPORT_LIMITS.certificateLookMs);
    await until(() => world.telemetry.of("certificateRejected").length === 1);
    const still = secureTalk(there, trusting());
    await secured(still);
    still.socket.end();
  });
});

describe("a door that closes", () => {
  it("[TS11] ends secure streams and unfinished handshakes, and looks for no certificate", async () => {
    const clock = new FakeClock();
    const files = new TlsFiles();
    const door = world.anotherDoor({ clock, tls: files.settings("optional") });
    const there = await door.listen([0], "127.0.0.1");
    const unfinished = plainTalk(there, "\x16");
    const secure = secureTalk(there, { ca: files.current.certificate });
    await secured(secure);
    // Two deadlines and the watch.
    expect(clock.pendingTimers).toBe(3);
    // Real time: nobody has to be cut after a second.
    await Promise.all([door.close(), unfinished.closed, secure.closed]);
    await until(() => clock.pendingTimers === 0);
  });
});
