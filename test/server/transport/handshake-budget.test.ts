import net, { type AddressInfo, type Socket } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { HandshakeBudget } from "../../../server/transport/handshake-budget.ts";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { TlsDoor } from "../../../server/transport/tls-door.ts";
import { FakeClock, settle } from "../../support/fake-clock.ts";
import { until } from "../../support/in-process-server.ts";

function taken(budget: HandshakeBudget, tries: number): number {
  return Array.from({ length: tries }, () => budget.take()).filter((isTaken) => isTaken).length;
}

describe("the budget of handshakes", () => {
  it("[TS1] has two seconds' worth at once, and then so many a second", () => {
    const clock = new FakeClock(5_000);
    const budget = new HandshakeBudget(clock, 100);
    expect(taken(budget, 500)).toBe(200);
    clock.advance(9);
    expect(budget.take()).toBe(false);
    clock.advance(1);
    expect(taken(budget, 5)).toBe(1);
    clock.advance(1_000);
    expect(taken(budget, 500)).toBe(100);
    clock.advance(3_600_000);
    expect(taken(budget, 500)).toBe(200);
  });

  it("[TS1] never lets more begin than that, and wastes none", () => {
    const step = fc.record({ waitMs: fc.integer({ min: 0, max: 900 }), tries: fc.nat(60) });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: 1, max: 50 }),
        (steps, rate) => {
          const clock = new FakeClock();
          const budget = new HandshakeBudget(clock, rate);
          const startMs = clock.nowMs();
          let begun = 0;
          for (const { waitMs, tries } of steps) {
            clock.advance(waitMs);
            const now = taken(budget, tries);
            begun += now;
            const most = 2 * rate + ((clock.nowMs() - startMs) * rate) / 1000;
            expect(begun).toBeLessThanOrEqual(most + 1e-6);
            // Nobody is refused while one is left.
            if (now < tries) expect(budget.take()).toBe(false);
          }
        },
      ),
    );
  });
});

it("[TS2] begins a few handshakes per turn of the event loop, in order, less those that went", async () => {
  const { handshakesPerTurn } = TRANSPORT_LIMITS;
  const door = new TlsDoor(
    {
      clock: new FakeClock(),
      telemetry: new MemoryTelemetry(),
      tls: { mode: "required", certFile: "", keyFile: "", dir: "", handshakesPerSecond: 100 },
    },
    () => {},
  );
  const connections: Socket[] = [];
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    // Reads what comes, and keeps it.
    socket.on("readable", () => {});
    connections.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const count = 3 * handshakesPerTurn;
  const clients = Array.from({ length: count }, () => net.connect(port, "127.0.0.1"));
  for (const client of clients) client.on("error", () => {}).write(Buffer.of(0x16));
  await until(
    () => connections.filter(({ readableLength }) => readableLength > 0).length === count,
  );

  for (const connection of connections) door.take(connection);
  connections[1]?.destroy();
  const begun = () => connections.filter(({ readableLength }) => readableLength === 0).length;
  expect(begun()).toBe(0);
  for (const expected of [handshakesPerTurn, 2 * handshakesPerTurn, count]) {
    await settle();
    // The one that was destroyed has its turn, and keeps its byte.
    expect(begun()).toBe(expected - 1);
  }
  for (const socket of [...connections, ...clients]) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});
