import { expect, it } from "vitest";
import { TRANSPORT_LIMITS } from "../../../server/transport/limits.ts";
import { MinuteBudget, SeatRecords } from "../../../server/transport/seat-records.ts";

const holder = (sessionId: string) => ({
  sessionId,
  seat: 0,
  playerId: "player-1",
  playerSessionId: `psess-${sessionId}`,
  playerSessionHash: "",
});

it("[SE7] counts what happened within any minute, and not what was too often", () => {
  const budget = new MinuteBudget(3);
  expect(budget.lastMs).toBeUndefined();
  expect([0, 10_000, 59_000].map((atMs) => budget.take(atMs))).toEqual([true, true, true]);
  expect([59_999, 59_999].map((atMs) => budget.take(atMs))).toEqual([false, false]);
  expect(budget.lastMs).toBe(59_000);
  expect([60_000, 60_001, 70_000, 70_001].map((atMs) => budget.take(atMs))).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

it("[SE7] a newer player session of the same player goes on with the seat's budgets", () => {
  const records = new SeatRecords();
  const [first, second, stranger] = [holder("a"), holder("b"), holder("c")];
  const { returnsPerMinuteMax } = TRANSPORT_LIMITS;
  const before = records.begin(first, undefined, true);
  for (let count = 0; count < returnsPerMinuteMax; count++) before.returns.take(0);
  before.resyncs.take(7);
  const after = records.begin(second, first, false);
  expect(after.returns.take(1)).toBe(false);
  expect([after.resyncs.lastMs, after.takesFullStates]).toEqual([7, false]);
  expect(records.of(second)).toBe(after);
  expect(records.begin(stranger, undefined, false).returns.take(1)).toBe(true);
  expect(records.of(holder("a"))).toBeUndefined();
});
