import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ledger } from "../../../server/session/ledger.ts";
import { Seats } from "../../../server/session/seats.ts";

const sit = (seats: Seats, number: number, session = number) =>
  seats.occupy({
    sessionId: `session-${session}`,
    playerId: `player-${number}`,
    playerSessionId: `psess-${session}`,
  });

describe("seats", () => {
  it("[SE10] gives the lowest free seat and gives it again once it is free", () => {
    const seats = new Seats();
    const numbers = [1, 2, 3].map((number) => sit(seats, number).holder.seat);
    expect(numbers).toEqual([0, 1, 2]);
    expect(seats.vacate("session-2")?.playerId).toBe("player-2");
    expect(sit(seats, 4).holder.seat).toBe(1);
    expect(sit(seats, 5).holder.seat).toBe(3);
    expect(seats.heldCount).toBe(4);
  });

  it("[SE10] moves a player's seat to his new connection, and the old one holds nothing", () => {
    const seats = new Seats();
    const first = sit(seats, 1);
    const second = sit(seats, 1, 9);
    expect(second.previous).toBe(first.holder);
    expect(second.holder.seat).toBe(0);
    expect(seats.ofSession("session-1")).toBeUndefined();
    expect(seats.vacate("session-1")).toBeUndefined();
    expect(seats.ofPlayer("player-1")).toBe(second.holder);
    expect(seats.holders()).toEqual([second.holder]);
  });

  it("[SE10] never gives one seat to two, whatever comes and goes", () => {
    const step = fc.record({ number: fc.nat(9), comes: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const seats = new Seats();
        let sessions = 100;
        for (const { number, comes } of steps) {
          if (comes) sit(seats, number, sessions++);
          else seats.vacate(seats.ofPlayer(`player-${number}`)?.sessionId ?? "");
          const holders = seats.holders();
          expect(new Set(holders.map(({ seat }) => seat)).size).toBe(holders.length);
          for (const holder of holders) {
            expect(seats.ofSession(holder.sessionId)).toBe(holder);
            expect(holder.seat).toBeLessThan(10);
          }
        }
      }),
    );
  });
});

describe("the ledger", () => {
  it("[SE11] takes an entry once, until it is free again", () => {
    const ledger = new Ledger();
    expect(ledger.take("a")).toBe(true);
    expect(ledger.take("a")).toBe(false);
    ledger.free("a");
    expect(ledger.take("a")).toBe(true);
    expect(ledger.stateOf("a")).toBe("reserved");
  });

  it("[SE11] uses only what is reserved, once", () => {
    const ledger = new Ledger();
    expect(ledger.use("a")).toBe(false);
    ledger.take("a");
    expect([ledger.use("a"), ledger.use("a")]).toEqual([true, false]);
    expect(ledger.take("a")).toBe(false);
    ledger.free("a");
    expect(ledger.stateOf("a")).toBeUndefined();
  });

  it("[SE11] never frees what was spent", () => {
    const ledger = new Ledger();
    ledger.take("a");
    ledger.use("a");
    ledger.spend("a");
    ledger.free("a");
    expect(ledger.stateOf("a")).toBe("spent");
    expect([ledger.take("a"), ledger.use("a")]).toEqual([false, false]);
  });
});
