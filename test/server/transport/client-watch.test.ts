import { duplexPair } from "node:stream";
import { describe, expect, it } from "vitest";
import { CloseCode } from "../../../protocol/close-codes.ts";
import { Seats } from "../../../server/session/seats.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import type { Visitor } from "../../../server/transport/address-budgets.ts";
import { ClientWatch } from "../../../server/transport/client-watch.ts";
import { GameClient } from "../../../server/transport/game-client.ts";
import { Heartbeat } from "../../../server/transport/heartbeat.ts";
import type { Seating } from "../../../server/transport/seating.ts";
import { TcpWire } from "../../../server/transport/tcp-wire.ts";
import { CLIENT_LIMITS } from "../../support/client-limits.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { QUEUE } from "./client-pair.ts";

/** A client with a seat whose join is not told yet, and all that is told and done in order. */
function seated(isToldAtOnce: boolean) {
  const clock = new FakeClock();
  const telemetry = new MemoryTelemetry();
  const wire = new TcpWire(duplexPair()[0], clock);
  const current = {
    admission: { seats: new Seats() },
    room: { messageFailed: () => {} },
  } as unknown as NonNullable<Seating["current"]>;
  const visitor = { connectionId: 7, forget: () => {} } as unknown as Visitor;
  const deps = { clock, telemetry, heartbeat: new Heartbeat(clock) };
  const watch = new ClientWatch(deps, current, wire, visitor, "session", () => {});
  const client = new GameClient("session", wire, clock, watch, QUEUE, CLIENT_LIMITS);
  client.isToldAtOnce = isToldAtOnce;
  const order: string[] = [];
  client.ref.on("close", () => order.push("room closed"));
  watch.seated(client, () => order.push("joined"));
  return { client, watch, order, telemetry };
}

describe("when a join is told", () => {
  it("[TM2] once whoever came in one step has been welcomed, and not twice", () => {
    const { client, watch, order } = seated(true);
    expect(order).toEqual([]);
    watch.tellJoin();
    watch.tellJoin();
    client.end(CloseCode.MALFORMED);
    expect(order).toEqual(["joined", "room closed"]);
  });

  it("[TM2] before the room or anybody hears that he has gone", () => {
    const { client, order, telemetry } = seated(true);
    client.end(CloseCode.MALFORMED);
    expect(order).toEqual(["joined", "room closed"]);
    expect(telemetry.of("connectionClosed")).toHaveLength(1);
  });

  it("[TM2] before a fault of his message", () => {
    const { watch, order } = seated(true);
    watch.onMessageFault(new Error("thrown by a room"));
    expect(order).toEqual(["joined"]);
  });

  it("[TM2] at once for the stock SDK, which is welcomed when it asks for it", () => {
    expect(seated(false).order).toEqual(["joined"]);
  });
});
