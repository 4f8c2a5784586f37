import { describe, expect, it } from "vitest";
import { sleep } from "../../../server/clock.ts";
import { SESSION_LIMITS } from "../../../server/session/limits.ts";
import { settle } from "../../support/fake-clock.ts";
import { playerSession } from "../../support/scripted-fleet.ts";
import { AdmissionWorld, holdingDescriptions, REFUSED, TRY_AGAIN } from "./admission-world.ts";

const { describeRetryMs, describeTimeoutMs, rosterWaitMs } = SESSION_LIMITS;
/** Between two descriptions of a fleet that allows four a second. */
const TURN_MS = 250;

describe("the roster", () => {
  it("[AD30] describes once for all who ask at the same moment", async () => {
    const world = new AdmissionWorld(200);
    const ids = Array.from({ length: 200 }, (_, index) => `psess-${index + 1}`);
    const found = Promise.all(ids.map((id) => world.roster.find(id)));
    await world.clock.advanceAsync(0);
    expect((await found).every(({ outcome }) => outcome === "found")).toBe(true);
    expect(world.fleet.describes).toBe(1);
    await Promise.all(ids.map((id) => world.roster.find(id)));
    expect(world.fleet.describes).toBe(1);
  });

  it("[AD30] describes once and then four times a second, however many ask, whenever", async () => {
    const world = new AdmissionWorld(1);
    const asked: Promise<unknown>[] = [];
    for (let at = 0; at < 3_000; at += 10) {
      for (let number = 0; number < 5; number++) asked.push(world.ask(`psess-x${number}`));
      await world.clock.advanceAsync(10);
    }
    await world.clock.advanceAsync(TURN_MS);
    expect(await Promise.all(asked)).toEqual(asked.map(() => REFUSED));
    expect(world.fleet.describes).toBe(1 + 3 * 4);
  });

  it("[AD30] keeps that rate when the fleet refuses accepts", async () => {
    const world = new AdmissionWorld(20, { maximumPlayerSessionCount: 100 });
    world.fleet.answerAccept = async () => ({ outcome: "refused" });
    for (let number = 1; number <= 20; number++) {
      const sessionId = await world.ask(`psess-${number}`);
      if (typeof sessionId === "string") await world.claim(sessionId);
      void world.ask(`psess-x${number}`);
      await world.clock.advanceAsync(10);
    }
    expect(world.fleet.describes).toBe(1);
    await world.clock.advanceAsync(50);
    expect(world.fleet.describes).toBe(2);
  });

  it("[AD30] asks a fleet that allows more as often as that", async () => {
    const world = new AdmissionWorld(0, {}, 50);
    for (let at = 0; at < 1_000; at += 2) {
      void world.ask("psess-x");
      await world.clock.advanceAsync(2);
    }
    expect(world.fleet.describes).toBeGreaterThanOrEqual(1 + 48);
    expect(world.fleet.describes).toBeLessThanOrEqual(1 + 51);
  });

  it.each([
    [4, 255],
    [50, 25],
  ])(
    "[AD36] answers 500 unknown ids a second through a fleet of %d descriptions a second within %d ms each",
    async (perSecond, withinMs) => {
      const world = new AdmissionWorld(0, {}, perSecond);
      world.fleet.answerDescribe = async () => {
        await sleep(world.clock, 5);
        return [];
      };
      const tookMs: number[] = [];
      for (let number = 0; number < 2_000; number++) {
        const askedAtMs = world.clock.nowMs();
        void world.ask(`psess-x${number}`).then((answer) => {
          expect(answer).toEqual(REFUSED);
          tookMs.push(world.clock.nowMs() - askedAtMs);
        });
        await world.clock.advanceAsync(2);
      }
      await world.clock.advanceAsync(300);
      expect(tookMs).toHaveLength(2_000);
      expect(Math.max(...tookMs)).toBeLessThanOrEqual(withinMs);
      expect(world.fleet.describes).toBeLessThanOrEqual(1 + 4.3 * perSecond);
    },
  );

  it("[AD37] asks the fleet nothing about an id whose time is known to be over, until it hints at a change", async () => {
    const world = new AdmissionWorld(1);
    world.add(playerSession(2, { status: "TIMEDOUT" }));
    world.add(playerSession(3, { status: "COMPLETED" }));
    await world.reserve("psess-1");
    for (let times = 0; times < 10; times++) {
      expect(await world.ask("psess-2")).toEqual(REFUSED);
      expect(await world.ask("psess-3")).toEqual(REFUSED);
    }
    expect(world.fleet.describes).toBe(1);
    world.add(playerSession(2));
    world.roster.invalidate();
    expect(typeof (await world.reserve("psess-2"))).toBe("string");
    expect(world.fleet.describes).toBe(2);
  });

  it("[AD30] does not ask the fleet to accept an id again that it refused and that is no longer reserved", async () => {
    const world = new AdmissionWorld(1);
    await world.reserve("psess-99");
    world.add(playerSession(1, { status: "TIMEDOUT" }));
    expect(await world.join("psess-1")).toEqual(REFUSED);
    expect(await world.join("psess-1")).toEqual(REFUSED);
    expect(await world.join("psess-1")).toEqual(REFUSED);
    expect(world.fleet.accepts).toEqual(["psess-1"]);
    expect(world.reasons).toEqual(["unknown", "fleet_refused", "expired", "expired"]);
  });

  it("[AD31] learns of player sessions that were created after it first asked", async () => {
    const world = new AdmissionWorld(1);
    expect(await world.reserve("psess-2")).toEqual(REFUSED);
    world.add(playerSession(2));
    expect((await world.join("psess-2")).outcome).toBe("claimed");
    world.add(playerSession(3));
    expect((await world.join("psess-3")).outcome).toBe("claimed");
  });

  it("[AD31] asks anew for who came while a description was under way: it may be older than his id", async () => {
    const { world, fleet } = holdingDescriptions();
    const early = world.roster.find("psess-1");
    await world.clock.advanceAsync(0);
    const late = world.roster.find("psess-2");
    await world.clock.advanceAsync(250);
    expect(world.fleet.describes).toBe(2);
    await fleet.answer([]);
    expect(await early).toEqual({ outcome: "unknown" });
    await fleet.answer([playerSession(2)]);
    expect((await late).outcome).toBe("found");
  });

  it("[AD31] finds at once who is named by a description that was under way when he asked", async () => {
    const { world, fleet } = holdingDescriptions();
    void world.roster.find("psess-1");
    await world.clock.advanceAsync(0);
    const late = world.roster.find("psess-2");
    await fleet.answer([playerSession(1), playerSession(2)]);
    expect(await late).toMatchObject({ outcome: "found", isFresh: true });
    expect(world.fleet.describes).toBe(1);
  });

  it("[AD31] asks at once after the fleet's hint that something changed", async () => {
    const world = new AdmissionWorld(1);
    await world.reserve("psess-2");
    await world.reserve("psess-2");
    world.add(playerSession(2));
    world.roster.invalidate();
    const asked = world.ask("psess-2");
    await world.clock.advanceAsync(0);
    expect(typeof (await asked)).toBe("string");
  });

  it("[AD32] lets 256 wait and tells the next to try again", async () => {
    const { world, fleet } = holdingDescriptions();
    const most = SESSION_LIMITS.rosterWaitersMax;
    const waiting = Array.from({ length: most }, (_, index) => world.ask(`psess-${index}`));
    expect(await world.ask("psess-late")).toEqual(TRY_AGAIN);
    expect(world.reasons).toEqual(["busy"]);
    await world.clock.advanceAsync(0);
    await fleet.answer([]);
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => REFUSED));
    const next = world.ask("psess-late");
    await world.clock.advanceAsync(250);
    await fleet.answer([]);
    expect(await next).toEqual(REFUSED);
  });

  it("[AD33] gives a description up after 2 s, asks once more, and again for the next", async () => {
    const { world, fleet } = holdingDescriptions();
    const asked = world.ask("psess-1");
    await world.clock.advanceAsync(describeTimeoutMs - 1);
    expect(world.telemetry.of("fleetCallFailed")).toEqual([]);
    await world.clock.advanceAsync(1);
    expect(world.telemetry.of("fleetCallFailed")).toMatchObject([
      { action: "describe_player_sessions" },
    ]);
    await world.clock.advanceAsync(describeRetryMs - 1);
    expect(world.fleet.describes).toBe(1);
    await world.clock.advanceAsync(1);
    expect(world.fleet.describes).toBe(2);
    await fleet.answer([]);
    await fleet.answer([playerSession(1)]);
    expect(typeof (await asked)).toBe("string");
  });

  it("[AD33] tells who waited 4 s in all to try again, and its time is over though others still wait", async () => {
    const { world } = holdingDescriptions();
    const answers: unknown[] = [];
    void world.ask("psess-1").then((answer) => answers.push(["early", answer]));
    await world.clock.advanceAsync(describeTimeoutMs);
    void world.ask("psess-2").then((answer) => answers.push(["late", answer]));
    await world.clock.advanceAsync(rosterWaitMs - describeTimeoutMs - 1);
    expect([answers, world.fleet.describes]).toEqual([[], 2]);
    await world.clock.advanceAsync(1);
    expect(answers).toEqual([["early", TRY_AGAIN]]);
    await world.clock.advanceAsync(describeTimeoutMs);
    expect(answers).toEqual([
      ["early", TRY_AGAIN],
      ["late", TRY_AGAIN],
    ]);
    await world.clock.advanceAsync(rosterWaitMs);
    expect([world.fleet.describes, world.clock.pendingTimers]).toEqual([3, 0]);
    expect(world.reasons).toEqual(["fleet_unavailable", "fleet_unavailable"]);
  });

  it("[AD33] seats all who lost one answer by the next, which they share with who came meanwhile", async () => {
    const { world, fleet } = holdingDescriptions();
    const lost = [world.ask("psess-1"), world.ask("psess-2"), world.ask("psess-x")];
    await world.clock.advanceAsync(0);
    await fleet.fail(new Error("throttled"));
    const meanwhile = world.ask("psess-3");
    await world.clock.advanceAsync(TURN_MS);
    expect(world.fleet.describes).toBe(2);
    await fleet.answer([playerSession(1), playerSession(2), playerSession(3)]);
    const answers = await Promise.all([...lost, meanwhile]);
    expect(answers.map((answer) => typeof answer)).toEqual([
      "string",
      "string",
      "object",
      "string",
    ]);
    expect(answers[2]).toEqual(REFUSED);
    expect(world.reasons).toEqual(["unknown"]);
  });

  it("[AD33] answers with try again when the fleet fails twice, and keeps who is known", async () => {
    const { world, fleet } = holdingDescriptions();
    const first = world.ask("psess-1");
    await world.clock.advanceAsync(0);
    await fleet.answer([playerSession(1), playerSession(2)]);
    await first;
    const failing = world.ask("psess-3");
    await world.clock.advanceAsync(250);
    await fleet.fail(new Error("throttled"));
    expect(typeof (await world.ask("psess-2"))).toBe("string");
    await world.clock.advanceAsync(250);
    await fleet.fail(new Error("throttled"));
    expect(await failing).toEqual(TRY_AGAIN);
    expect(world.fleet.describes).toBe(3);
  });

  it("[AD38] keeps the rate while every description fails, however many ask", async () => {
    const world = new AdmissionWorld();
    let isDown = false;
    // Every second answer is lost, so that the fleet is asked all the time.
    world.fleet.answerDescribe = async () => {
      isDown = !isDown;
      if (isDown) throw new Error("throttled");
      return [];
    };
    const answers: unknown[] = [];
    for (let at = 0; at < 3_000; at += 10) {
      void world.ask(`psess-x${at}`).then((answer) => answers.push(answer));
      await world.clock.advanceAsync(10);
    }
    await world.clock.advanceAsync(500);
    expect(answers).toEqual(Array(300).fill(REFUSED));
    expect(world.fleet.describes).toBeLessThanOrEqual(1 + 3.5 * 4);
  });

  it("[AD38] does not try again once the fleet is asked no more", async () => {
    const world = new AdmissionWorld();
    world.fleet.answerDescribe = () => Promise.reject(new Error("down"));
    const answers: unknown[] = [];
    for (let number = 0; number < 3; number++) {
      void world.ask("psess-x").then((answer) => answers.push(answer));
      await world.clock.advanceAsync(2 * describeRetryMs);
    }
    // The fifth failure in a row was the third join's first try.
    expect(answers).toEqual(Array(3).fill(TRY_AGAIN));
    expect(world.fleet.describes).toBe(SESSION_LIMITS.breakerFailuresMax);
    await world.clock.advanceAsync(10_000);
    expect(world.fleet.describes).toBe(SESSION_LIMITS.breakerFailuresMax);
  });

  it("[AD38] asks for an accept once, however it fails", async () => {
    const world = new AdmissionWorld(1);
    world.fleet.answerAccept = () => Promise.reject(new Error("lost"));
    expect(await world.join("psess-1")).toEqual(TRY_AGAIN);
    await world.clock.advanceAsync(60_000);
    expect(world.fleet.accepts).toEqual(["psess-1"]);
  });

  it("[AD34] lets no slow, older description undo a newer one", async () => {
    const { world, fleet } = holdingDescriptions();
    const slow = world.roster.find("psess-1");
    await world.clock.advanceAsync(250);
    const quick = world.roster.find("psess-2");
    await world.clock.advanceAsync(0);
    expect(fleet.count).toBe(2);
    await fleet.answerNewest([playerSession(1), playerSession(2)]);
    expect((await quick).outcome).toBe("found");
    await fleet.answer([]);
    expect((await slow).outcome).toBe("found");
    expect((await world.roster.find("psess-2")).outcome).toBe("found");
  });

  it("[AD35] lets nobody wait once it is closed, and asks no more", async () => {
    const { world } = holdingDescriptions();
    await world.clock.advanceAsync(0);
    const waiting = world.ask("psess-1");
    await world.clock.advanceAsync(0);
    const next = world.ask("psess-2");
    world.roster.close();
    await settle();
    expect([await waiting, await next]).toEqual([TRY_AGAIN, TRY_AGAIN]);
    expect(await world.ask("psess-3")).toEqual(TRY_AGAIN);
    expect(world.fleet.describes).toBe(1);
    expect(world.telemetry.of("fleetCallFailed")).toEqual([]);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it("[AD35] lets nobody wait for a second try once it is closed", async () => {
    const { world, fleet } = holdingDescriptions();
    const waiting = world.ask("psess-1");
    await world.clock.advanceAsync(0);
    await fleet.fail(new Error("throttled"));
    world.roster.close();
    await settle();
    expect(await waiting).toEqual(TRY_AGAIN);
    await world.clock.advanceAsync(describeRetryMs);
    expect([world.fleet.describes, world.clock.pendingTimers]).toEqual([1, 0]);
  });
});
