import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CredentialKind, PROTOCOL_VERSION } from "../../../protocol/control.ts";
import { AddressBudgets, type Visitor } from "../../../server/transport/address-budgets.ts";
import { Arrivals } from "../../../server/transport/arrivals.ts";
import { Heartbeat } from "../../../server/transport/heartbeat.ts";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { deafListener, type Wire } from "../../../server/transport/wire.ts";
import { CLIENT_LIMITS } from "../../support/client-limits.ts";
import { settle } from "../../support/fake-clock.ts";
import { until } from "../../support/in-process-server.ts";
import { DoorWorld, roundTrip } from "./door-world.ts";

const { returnsPerMinuteMax, resyncsPerMinuteMax, resyncIntervalMs, slowAfterMs } =
  TRANSPORT_LIMITS;
const ROOM_STATE = 14;
let world: DoorWorld;

beforeAll(async () => {
  world = await DoorWorld.open(8);
  await world.place();
});
afterAll(() => world.close());

const lastReason = () => world.telemetry.of("joinRefused").at(-1)?.reason;

/** What a JOIN_ROOM says of the way back. */
function tokenOf(join: Uint8Array | undefined): string {
  const text = Buffer.from(join ?? []);
  return text.toString("latin1", 2, 2 + (text[1] ?? 0));
}

describe("a seat that is returned to again and again", () => {
  const returning = (sessionId: string, token: string) =>
    world.visit(`${sessionId}&reconnectionToken=${token}`);

  /** Comes back over the stock SDK's WebSocket. */
  async function back(sessionId: string, token: string) {
    const visitor = returning(sessionId, token);
    await until(() => visitor.got.length > 0);
    visitor.socket.send(Uint8Array.of(10));
    await roundTrip(visitor);
    return visitor;
  }

  async function seated(playerSessionId: string) {
    const sessionId = await world.reserve(playerSessionId);
    const visitor = world.visit(sessionId);
    await until(() => visitor.got.length > 0);
    visitor.socket.send(Uint8Array.of(10));
    await roundTrip(visitor);
    return { sessionId, visitor };
  }

  it("[SE7] is given 20 times a minute, then told to try again, and its token stays good", async () => {
    const { sessionId, visitor: first } = await seated("psess-1");
    let visitor = first;
    for (let count = 0; count < returnsPerMinuteMax; count++) {
      visitor = await back(sessionId, tokenOf(visitor.got[0]));
    }
    const token = tokenOf(visitor.got[0]);
    for (let tries = 0; tries < 3; tries++) {
      const late = returning(sessionId, token);
      expect(await late.closed).toBe(4403);
      expect([late.got, lastReason()]).toEqual([[], "too_many_returns"]);
    }
    // It ended nothing: the connection that is there stays.
    await roundTrip(visitor);
    visitor.socket.terminate();
    await until(() => world.telemetry.of("playerDropped").at(-1)?.closeCode === 1006);
    expect(await returning(sessionId, token).closed).toBe(4403);
    expect([world.fleet.removes, world.fleet.accepts]).toEqual([[], ["psess-1"]]);
    world.clock.advance(60_000);
    await back(sessionId, token);
  });

  it("[SE7] is not used up by who only knows its session id", async () => {
    const { sessionId, visitor } = await seated("psess-2");
    for (let tries = 0; tries <= returnsPerMinuteMax; tries++) {
      expect(await returning(sessionId, "AbCdEfGhIjKlMnOpQrStUv").closed).toBe(4401);
    }
    expect(lastReason()).toBe("bad_token");
    await back(sessionId, tokenOf(visitor.got[0]));
  });
});

/** A wire without a network, whose pulse the test feels. */
class PalmWire implements Wire {
  readonly transport = "tcp";
  readyState: 1 | 3 = 1;
  readonly queuedBytes = 0;
  readonly queuedBytesAtMost = 0;
  countQueuedBytes(): number {
    return 0;
  }
  readonly messagesReceived = 0;
  readonly messagesSent = 0;
  readonly lastPong = undefined;
  readonly roundTripMs = undefined;
  listener = deafListener;
  readonly got: Uint8Array[] = [];
  readonly closes: number[] = [];

  send(payload: Uint8Array): void {
    this.got.push(Uint8Array.from(payload));
  }
  sendFinal(payload: Uint8Array): void {
    this.send(payload);
  }
  sendNext(payload: Uint8Array): void {
    this.send(payload);
  }
  flush(): void {}
  ping(): void {}
  close(code: number): void {
    this.closes.push(code);
    this.drop(code);
  }
  drop(code: number): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.listener.onClose(code);
  }
  destroy(): void {
    this.drop(1006);
  }
  get states(): number {
    return this.got.filter(([opcode]) => opcode === ROOM_STATE).length;
  }
}

describe("a client that is slow again and again", () => {
  it("[SD6] gets no new full states by returning", async () => {
    const { clock, telemetry, life } = world;
    const arrivals = new Arrivals({
      seating: life,
      clock,
      telemetry,
      heartbeat: new Heartbeat(clock),
      sendQueue: { bytesMax: 256 * 1024, softBytes: 64 * 1024 },
      clients: CLIENT_LIMITS,
    });
    const budgets = new AddressBudgets(clock, {
      unadmittedMax: 64,
      failedJoinsMax: 40,
      limitsLoopback: false,
    });
    const greet = async (kind: CredentialKind, credential: string) => {
      const wire = new PalmWire();
      const options = new Uint8Array();
      const hello = { protocolVersion: PROTOCOL_VERSION, clientVersion: "", options };
      const visitor = budgets.enter("127.0.0.1") as Visitor;
      const greeted = arrivals.greet(wire, { ...hello, kind, credential }, visitor);
      await clock.advanceAsync(250);
      await greeted;
      wire.listener.onMessage(Buffer.of(10));
      return wire;
    };
    /** Falls behind by a patch and catches up. */
    const fallBehind = async (wire: PalmWire) => {
      wire.listener.onPulse({ lagMs: slowAfterMs + 1, readUpToMs: 0 });
      await clock.advanceAsync(200);
      wire.listener.onPulse({ lagMs: 0, readUpToMs: clock.nowMs() });
      await clock.advanceAsync(resyncIntervalMs - 200);
    };
    let wire = await greet(CredentialKind.PLAYER_SESSION, "psess-3");
    let resyncs = 0;
    for (let connections = 0; connections < 4; connections++) {
      for (let times = 0; times < resyncsPerMinuteMax / 4; times++) await fallBehind(wire);
      resyncs += wire.states - 1;
      const token = tokenOf(wire.got.find(([opcode]) => opcode === 10));
      wire.drop(1006);
      await settle();
      wire = await greet(CredentialKind.TOKEN, token);
    }
    expect(resyncs).toBe(resyncsPerMinuteMax);
    await fallBehind(wire);
    expect([wire.closes, wire.states]).toEqual([[4415], 1]);
  });
});
