import { describe, expect, it } from "vitest";
import type { MatchResult, ResultSink } from "../../server/results/results.ts";

export const RESULT: MatchResult = {
  resultId: "0b8f2c1e-result-1",
  gameSessionId: "arn:aws:gamelift:local::gamesession/fleet-local/gsess-1",
  room: "arena",
  outcome: "completed",
  why: "over",
  startedAt: "2026-01-01T00:00:00.000Z",
  endedAt: "2026-01-01T00:03:00.000Z",
  ticks: 5400,
  stateHash: "0123456789abcdef",
  players: [
    { playerId: "anna <&>\u2028", seat: 0, score: 7, isWinner: true },
    { playerId: "ben", seat: 1, score: -2, isWinner: false },
  ],
};

export interface SinkUnderTest {
  readonly sink: ResultSink;
  /** What has arrived, one entry per result however often it was delivered. */
  arrived(): Promise<readonly unknown[]>;
}

const never = new AbortController().signal;

/** What every result sink promises. */
export function describeResultSinkContract(name: string, make: () => Promise<SinkUnderTest>): void {
  describe(`${name} keeps the result sink contract`, () => {
    it("[RS1] delivers a result whole", async () => {
      const { sink, arrived } = await make();
      await sink.deliver(RESULT, never);
      expect(await arrived()).toEqual([RESULT]);
    });

    it("[RS1] counts a result once, however often it is delivered", async () => {
      const { sink, arrived } = await make();
      await sink.deliver(RESULT, never);
      await sink.deliver(RESULT, never);
      await Promise.all([sink.deliver(RESULT, never), sink.deliver(RESULT, never)]);
      expect(await arrived()).toEqual([RESULT]);
    });

    it("[RS1] keeps results apart by their id", async () => {
      const { sink, arrived } = await make();
      await sink.deliver(RESULT, never);
      await sink.deliver({ ...RESULT, resultId: "another" }, never);
      expect(await arrived()).toHaveLength(2);
    });

    it("[RS1] rejects, and delivers nothing, when it is given up before", async () => {
      const { sink, arrived } = await make();
      await expect(sink.deliver(RESULT, AbortSignal.abort())).rejects.toThrow();
      expect(await arrived()).toEqual([]);
    });
  });
}
