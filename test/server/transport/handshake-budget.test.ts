import net, { type AddressInfo, type Socket } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { HandshakeBudget } from "../../../server/transport/handshake-budget.ts";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { TlsDoor } from "../../../server/transport/tls-door.ts";
import { FakeClock, settle } from "../../support/fake-clock.ts";
import { until } from "../../support/in-process-server.ts";

/** How many of `tries` begin. */
function taken(budget: HandshakeBudget, tries: number, network?: string): number {
  const rulings = Array.from({ length: tries }, () => budget.take(network));
  return rulings.filter((ruling) => ruling === "begins").length;
}

describe("the budget of handshakes", () => {
  it("[TS1] has two seconds' worth at once, and then so many a second", () => {
    const clock = new FakeClock(5_000);
    const budget = new HandshakeBudget(clock, 100);
    expect(taken(budget, 500)).toBe(200);
    clock.advance(9);
    expect(budget.take(undefined)).toBe("over_budget");
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
            if (now < tries) expect(budget.take(undefined)).toBe("over_budget");
          }
        },
      ),
    );
  });
});

describe("the share of one network", () => {
  const SCHOOL = "203.0.113.7";
  const OTHER = "198.51.100.1";

  it("[TS13] is half of what there is at once, then a quarter a second", () => {
    const clock = new FakeClock(5_000);
    const budget = new HandshakeBudget(clock, 100);
    expect(taken(budget, 500, SCHOOL)).toBe(100);
    expect(budget.take(SCHOOL)).toBe("over_share");
    clock.advance(1_000);
    expect(taken(budget, 500, SCHOOL)).toBe(25);
    clock.advance(3_600_000);
    expect(taken(budget, 500, SCHOOL)).toBe(100);
  });

  it("[TS13] leaves the others theirs, however long one network floods", () => {
    const clock = new FakeClock(5_000);
    const budget = new HandshakeBudget(clock, 100);
    for (let second = 0; second < 60; second++) {
      taken(budget, 10_000, SCHOOL);
      // Fifty players of as many networks, each with the two handshakes of a stock join.
      for (let player = 0; player < 25; player++) {
        expect(taken(budget, 2, `192.0.2.${player}`)).toBe(2);
      }
      clock.advance(1_000);
    }
  });

  it("[TS13] lets 40 players of one address in at once, with the two handshakes of a stock join", () => {
    const budget = new HandshakeBudget(new FakeClock(), 100);
    expect(taken(budget, 80, SCHOOL)).toBe(80);
  });

  it("[TS13] is two at least, and takes nothing where there is none left of all", () => {
    const clock = new FakeClock();
    const budget = new HandshakeBudget(clock, 1);
    expect(taken(budget, 5, SCHOOL)).toBe(2);
    expect(budget.take(OTHER)).toBe("over_budget");
    clock.advance(2_000);
    // It was not charged for what it was refused.
    expect(taken(budget, 5, OTHER)).toBe(2);
  });

  it("[TS13] is no matter of those whose network is not known or not limited", () => {
    const budget = new HandshakeBudget(new FakeClock(), 100);
    expect(taken(budget, 500)).toBe(200);
  });

  it("[TS13] is never exceeded, and is remembered as long as it is not whole", () => {
    const act = fc.record({ waitMs: fc.nat(3_000), tries: fc.nat(30), network: fc.nat(3) });
    fc.assert(
      fc.property(
        fc.array(act, { maxLength: 60 }),
        fc.integer({ min: 1, max: 40 }),
        (acts, rate) => {
          const clock = new FakeClock();
          const budget = new HandshakeBudget(clock, rate);
          const most = Math.max(2, rate);
          const left = [most, most, most, most];
          let seenMs = clock.nowMs();
          for (const { waitMs, tries, network } of acts) {
            clock.advance(waitMs);
            const earned = ((clock.nowMs() - seenMs) * rate) / 4_000;
            for (const [at, each] of left.entries()) left[at] = Math.min(most, each + earned);
            seenMs = clock.nowMs();
            const begun = taken(budget, tries, String(network));
            left[network] = (left[network] ?? 0) - begun;
            expect(left[network]).toBeGreaterThanOrEqual(-1e-6);
            if (begun === tries) continue;
            const ruling = budget.take(String(network));
            if (ruling === "over_share") expect(left[network]).toBeLessThan(1 + 1e-6);
            else expect(ruling).toBe("over_budget");
          }
        },
      ),
    );
  });

  it("[TS13] is remembered of so many networks, and those known before stay known", () => {
    const { networksMax } = TRANSPORT_LIMITS;
    const budget = new HandshakeBudget(new FakeClock(), 10_000);
    expect(taken(budget, 20_000, SCHOOL)).toBe(10_000);
    for (let network = 1; network < networksMax; network++) budget.take(`network ${network}`);
    expect(budget.take(SCHOOL)).toBe("over_share");
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

  for (const connection of connections) door.take(connection, undefined);
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
