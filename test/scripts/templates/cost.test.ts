import { describe, expect, it } from "vitest";
import { costOf } from "../../../scripts/templates/cost.ts";

const match = (players: number, cpuMsPerPlayerMinute: number, kilobytesPerSecond = 10) => ({
  what: "",
  ...{ players, cpuMsPerPlayerMinute, kilobytesPerSecond },
});

describe("what 1,000 players cost", () => {
  it("[IF12] is bound by memory where matches are small", () => {
    // 20 processes leave 102 MB of heap for each, of 4 GB; 16 are played in, by 160 players.
    expect(costOf(match(10, 150))).toEqual({
      processes: 20,
      limitedBy: "memory",
      // 16 matches of 1.5 s of CPU in a minute, on two processors.
      cpuShare: expect.closeTo(0.2),
      playersPerInstance: 160,
      instances: 6.25,
      sentGigabytesPerHour: expect.closeTo(36),
      logGigabytesPerHour: expect.closeTo((6.25 * 20 * 0.157) / 24),
    });
  });

  it("[IF12] is bound by CPU where they are large, and never uses more of it than it may", () => {
    // A match takes a fifth of a processor: 1.2 processors bear 6 that are played, 7.5 with the free ones.
    expect(costOf(match(200, 60))).toMatchObject({ processes: 5, limitedBy: "CPU" });
    for (const cpuMs of [5, 20, 40, 80, 120]) {
      expect(costOf(match(200, cpuMs)).cpuShare).toBeLessThanOrEqual(0.6);
    }
  });
});
