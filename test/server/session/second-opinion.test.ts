import { describe, expect, it } from "vitest";
import type { PlayerSession } from "../../../server/fleet/fleet.ts";
import { SESSION_LIMITS } from "../../../server/session/limits.ts";
import { playerSession } from "../../support/scripted-fleet.ts";
import { ACCEPTED, AdmissionWorld, FULL, REFUSED, TRY_AGAIN } from "./admission-world.ts";
import { hang, LifeWorld } from "./life-world.ts";

const { breakerFailuresMax, breakerTryMs, rosterFreshMs, rosterWaitMs } = SESSION_LIMITS;
const down = () => Promise.reject(new Error("down"));

/** A world with a second opinion that says what the test wants, once a second. */
function doubted(players: number, session = {}) {
  const second = {
    records: [] as PlayerSession[],
    asked: 0,
    answer: undefined as (() => Promise<readonly PlayerSession[]>) | undefined,
  };
  const world = new AdmissionWorld(players, session, 4, {
    descriptionsPerSecond: 1,
    playerSessions: async () => {
      second.asked++;
      return second.answer?.() ?? second.records;
    },
  });
  second.records = [...world.fleet.records.values()];
  const turns = () =>
    world.telemetry.of("fleetBreakerTurned").map(({ isOpen, source }) => [source, isOpen]);
  return { world, second, turns };
}

describe("a second opinion", () => {
  it("[AD43] that agrees lets a player in, and one description of it serves all who come", async () => {
    const { world, second } = doubted(8);
    const reserved = await Promise.all(
      Array.from({ length: 8 }, (_, at) => world.ask(`psess-${at + 1}`)),
    );
    for (const each of reserved) expect((await world.claim(each)).outcome).toBe("claimed");
    expect([second.asked, world.fleet.describes]).toEqual([1, 1]);
  });

  it.each<[string, readonly PlayerSession[]]>([
    ["knows no such player session", [playerSession(2)]],
    ["knows it for another player", [playerSession(1, { playerId: "player-2" })]],
    ["knows it for another game session", [playerSession(1, { gameSessionId: "gsess-2" })]],
    ["has it as ACTIVE", [playerSession(1, { status: "ACTIVE" })]],
    ["has it as COMPLETED", [playerSession(1, { status: "COMPLETED" })]],
    ["has it as TIMEDOUT", [playerSession(1, { status: "TIMEDOUT" })]],
  ])(
    "[AD43] that %s refuses as any other id is refused, and costs no accept",
    async (_how, records) => {
      const { world, second } = doubted(1);
      second.records = [...records];
      expect(await world.reserve("psess-1")).toEqual(REFUSED);
      expect([world.reasons, world.fleet.accepts]).toEqual([["contradicted"], []]);
    },
  );

  it("[AD43] is not asked about an id that the fleet does not know, or for which no seat is free", async () => {
    const { world, second } = doubted(2, { maximumPlayerSessionCount: 1 });
    expect(await world.reserve("psess-x")).toEqual(REFUSED);
    expect(second.asked).toBe(0);
    await world.seated("psess-1");
    expect(second.asked).toBe(1);
    await world.clock.advanceAsync(2 * rosterFreshMs);
    expect(await world.reserve("psess-2")).toEqual(FULL);
    expect(second.asked).toBe(1);
  });

  it("[AD43] leaves no gap: who came while it was asked has his seat, and the ledger entry is taken once", async () => {
    const { world, second } = doubted(3, { maximumPlayerSessionCount: 1 });
    const answer = Promise.withResolvers<readonly PlayerSession[]>();
    second.answer = () => answer.promise;
    const asked = ["psess-1", "psess-1", "psess-2"].map((id) => world.ask(id));
    await world.clock.advanceAsync(100);
    answer.resolve([playerSession(1), playerSession(2)]);
    await world.clock.advanceAsync(0);
    expect(await Promise.all(asked)).toEqual([expect.any(String), REFUSED, FULL]);
  });

  it.each([
    ["fails", down],
    ["is silent", hang],
  ])(
    "[AD44] that %s tells the player to try again, in time, and keeps the id",
    async (_how, answer) => {
      const { world, second } = doubted(1);
      second.answer = answer;
      const asked = world.ask("psess-1");
      await world.clock.advanceAsync(rosterWaitMs);
      expect([await asked, world.reasons]).toEqual([TRY_AGAIN, ["fleet_unavailable"]]);
      expect(world.telemetry.of("fleetCallFailed")[0]?.action).toBe("ask_second_opinion");
      expect(world.fleet.accepts).toEqual([]);
      second.answer = undefined;
      const again = world.ask("psess-1");
      await world.clock.advanceAsync(1_000);
      expect(await again).toEqual(expect.any(String));
    },
  );

  it("[AD44] that was good until it grew old counts as none", async () => {
    const { world, second } = doubted(2);
    await world.seated("psess-1");
    await world.clock.advanceAsync(rosterFreshMs);
    second.answer = down;
    const asked = world.ask("psess-2");
    await world.clock.advanceAsync(rosterWaitMs);
    expect([await asked, world.fleet.accepts]).toEqual([TRY_AGAIN, ["psess-1"]]);
  });

  it("[AD44] shares the one time there is with the fleet's own answer", async () => {
    const { world, second } = doubted(1);
    const slow = Promise.withResolvers<readonly PlayerSession[]>();
    world.fleet.answerDescribe = () => slow.promise;
    second.answer = hang;
    const answers: unknown[] = [];
    void world.ask("psess-1").then((answer) => answers.push(answer));
    await world.clock.advanceAsync(1_900);
    slow.resolve([playerSession(1)]);
    await world.clock.advanceAsync(rosterWaitMs - 1_900 - 1);
    expect(answers).toEqual([]);
    await world.clock.advanceAsync(1);
    expect([answers, world.clock.pendingTimers]).toEqual([[TRY_AGAIN], 1]);
  });

  it("[AD45] keeps to its own rate, however many valid players come", async () => {
    const { world, second } = doubted(200, { maximumPlayerSessionCount: 200 });
    for (let number = 1; number <= 200; number++) {
      void world.ask(`psess-${number}`);
      await world.clock.advanceAsync(50);
    }
    expect(second.asked).toBeLessThanOrEqual(1 + 10);
  });

  it("[AD45] that is down has a breaker of its own, and the fleet is asked as before", async () => {
    const { world, second, turns } = doubted(1);
    second.answer = down;
    while (turns().length === 0) {
      void world.ask("psess-1");
      await world.clock.advanceAsync(1_000);
    }
    expect([turns(), second.asked]).toEqual([[["second_opinion", true]], breakerFailuresMax]);
    expect(await world.ask("psess-1")).toEqual(TRY_AGAIN);
    expect(await world.reserve("psess-x")).toEqual(REFUSED);
    second.answer = undefined;
    await world.clock.advanceAsync(breakerTryMs);
    const again = world.ask("psess-1");
    await world.clock.advanceAsync(1_000);
    expect(await again).toEqual(expect.any(String));
    expect(turns().at(-1)).toEqual(["second_opinion", false]);
  });

  it("[AD43] is asked in a game session whose fleet has one, and no longer once that ends", async () => {
    const world = new LifeWorld();
    let asked = 0;
    const answer = Promise.withResolvers<readonly PlayerSession[]>();
    Object.assign(world.fleet, {
      secondOpinion: {
        descriptionsPerSecond: 1,
        playerSessions: async () => (++asked <= 2 ? [playerSession(1)] : answer.promise),
      },
    });
    world.fleet.answerAccept = async () => ACCEPTED;
    await world.place();
    await world.join(1);
    const join = () => world.join(2).catch((error: Error) => error.message);
    const contradicted = join();
    await world.pass(1_000);
    expect([await contradicted, asked]).toEqual(["refused with 4401", 2]);
    const late = join();
    await world.pass(1_000);
    expect(asked).toBe(3);
    world.room.events.onDisposed();
    await world.pass(0);
    expect([await late, world.isDone, world.clock.pendingTimers]).toEqual([
      ...["refused with 4403", true, 0],
    ]);
  });

  it("[AD45] that is down in a game session leaves the fleet's own answers as they are", async () => {
    const world = new LifeWorld();
    const secondOpinion = { descriptionsPerSecond: 1, playerSessions: down };
    Object.assign(world.fleet, { secondOpinion });
    await world.place();
    while (world.telemetry.of("fleetBreakerTurned").length === 0) {
      void world.join(1).catch(() => {});
      await world.pass(1_000);
    }
    await expect(world.join(99)).rejects.toThrow("4401");
    expect(world.telemetry.of("fleetBreakerTurned")).toEqual([
      { isOpen: true, source: "second_opinion" },
    ]);
  });
});
