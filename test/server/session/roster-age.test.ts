import { describe, expect, it } from "vitest";
import { sleep } from "../../../server/clock.ts";
import { SESSION_LIMITS } from "../../../server/session/limits.ts";
import { playerSession } from "../../support/scripted-fleet.ts";
import { AdmissionWorld, holdingDescriptions, REFUSED, TRY_AGAIN } from "./admission-world.ts";

const { describeTimeoutMs, rosterFreshMs } = SESSION_LIMITS;
/** Between two descriptions of a fleet that allows four a second. */
const TURN_MS = 250;

describe("a description that has grown old", () => {
  it("[AD39] answers for a second from one description, then asks again, once for all who come", async () => {
    const world = new AdmissionWorld(4);
    await world.reserve("psess-1");
    await world.clock.advanceAsync(rosterFreshMs - TURN_MS);
    expect(typeof (await world.ask("psess-2"))).toBe("string");
    expect(world.fleet.describes).toBe(1);
    await world.clock.advanceAsync(1);
    world.add(playerSession(3, { status: "TIMEDOUT" }));
    expect(await Promise.all([world.ask("psess-3"), world.ask("psess-4")])).toEqual([
      REFUSED,
      expect.any(String),
    ]);
    expect([world.fleet.describes, world.reasons, world.fleet.accepts]).toEqual([
      ...[2, ["expired"], []],
    ]);
  });

  it("[AD39] counts the second from when the description began, not from its answer", async () => {
    const { world, fleet } = holdingDescriptions();
    const first = world.ask("psess-1");
    await world.clock.advanceAsync(rosterFreshMs + 1);
    await fleet.answer([playerSession(1), playerSession(2)]);
    expect(typeof (await first)).toBe("string");
    const second = world.ask("psess-2");
    await world.clock.advanceAsync(0);
    expect(world.fleet.describes).toBe(2);
    await fleet.answer([playerSession(1), playerSession(2)]);
    expect(typeof (await second)).toBe("string");
  });

  it("[AD39] takes a description under way for a record that has grown old", async () => {
    const { world, fleet } = holdingDescriptions();
    void world.roster.find("psess-1");
    await world.clock.advanceAsync(0);
    await fleet.answer([playerSession(1)]);
    await world.clock.advanceAsync(rosterFreshMs + 1);
    void world.roster.find("psess-new");
    await world.clock.advanceAsync(0);
    const old = world.roster.find("psess-1");
    await fleet.answer([playerSession(1)]);
    expect(await old).toMatchObject({ outcome: "found", isFresh: true });
    expect(world.fleet.describes).toBe(2);
  });

  it.each([
    ["fails", async () => Promise.reject(new Error("down"))],
    ["has no answer in time", () => new Promise<never>(() => {})],
  ])(
    "[AD33] lets a known player in by an old record after one description that %s",
    async (_how, answer) => {
      const world = new AdmissionWorld(2);
      await world.reserve("psess-1");
      await world.clock.advanceAsync(rosterFreshMs);
      world.fleet.answerDescribe = answer;
      const known = world.ask("psess-2");
      await world.clock.advanceAsync(describeTimeoutMs);
      expect(typeof (await known)).toBe("string");
      expect(world.fleet.describes).toBe(2);
    },
  );

  it("[AD32] lets a known player in by an old record while 256 wait", async () => {
    const world = new AdmissionWorld(1);
    await world.reserve("psess-nobody");
    await world.clock.advanceAsync(rosterFreshMs);
    world.fleet.answerDescribe = () => new Promise<never>(() => {});
    for (let at = 0; at < SESSION_LIMITS.rosterWaitersMax; at++) void world.ask(`psess-x${at}`);
    expect(await world.ask("psess-y")).toEqual(TRY_AGAIN);
    expect(typeof (await world.ask("psess-1"))).toBe("string");
  });

  it("[AD39] keeps 200 players who arrive within a second waiting for one turn at most, beside 500 made-up ids a second", async () => {
    const world = new AdmissionWorld(200, { maximumPlayerSessionCount: 200 });
    world.fleet.answerDescribe = async () => {
      await sleep(world.clock, 100);
      return [...world.fleet.records.values()];
    };
    const waitedMs: number[] = [];
    for (let atMs = 0; atMs < 1_000; atMs += 2) {
      void world.ask(`psess-x${atMs}`);
      if (atMs % 5 === 0) {
        for (const number of [atMs / 5 + 1, atMs / 5 + 2]) {
          const askedAtMs = world.clock.nowMs();
          void world.ask(`psess-${number}`).then((answer) => {
            expect(answer).toEqual(expect.any(String));
            waitedMs.push(world.clock.nowMs() - askedAtMs);
          });
        }
      }
      await world.clock.advanceAsync(2);
    }
    await world.clock.advanceAsync(2 * TURN_MS);
    expect(waitedMs).toHaveLength(200);
    expect(Math.max(...waitedMs)).toBeLessThanOrEqual(TURN_MS + 100);
    expect(world.fleet.describes).toBeLessThanOrEqual(1 + 1.5 * 4);
  });
});
