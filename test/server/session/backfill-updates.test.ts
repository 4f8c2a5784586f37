import { describe, expect, it } from "vitest";
import { SESSION_LIMITS } from "../../../server/session/limits.ts";
import { BackfillWorld } from "./backfill-world.ts";

const fail = (): Promise<never> => Promise.reject(new Error("down"));

describe("new matchmaker data", () => {
  it("[BF14] end the ticket; newcomers take a seat before they come, and are known to the next ticket", async () => {
    const world = await BackfillWorld.open();
    world.update("matchmaking_data", "ticket-1", { red: "ab", blue: "ce" });
    await world.pass(30_000);
    world.seat("e");
    expect([world.calls.length, world.ends]).toEqual([1, ["ticket-1 matched"]]);
    world.leave("a");
    await world.pass(2_000);
    expect(world.calls.at(-1)).toBe("34 start ticket-2: b/red c/blue e/blue");
  });

  it("[BF14] that leave seats free lead to another ticket, with those who are on their way", async () => {
    const world = BackfillWorld.full();
    world.leave("bd");
    await world.pass(2_000);
    world.update("matchmaking_data", "ticket-1", { red: "a", blue: "ce" });
    await world.pass(2_000);
    expect(world.calls.at(-1)).toBe("4 start ticket-2: a/red c/blue e/blue");
    world.seat("e");
    await world.pass(10_000);
    expect(world.calls).toHaveLength(2);
  });

  it("[BF14] about players who do not come in 65 s lead to others", async () => {
    const world = await BackfillWorld.open();
    world.update("matchmaking_data", "ticket-1", { red: "ab", blue: "ce" });
    await world.pass(64_999);
    expect(world.calls).toHaveLength(1);
    await world.pass(2_001);
    expect(world.calls.at(-1)).toBe("69 start ticket-2: a/red b/red c/blue");
  });

  it("[BF14] that still name who left meanwhile do not make him come", async () => {
    const world = await BackfillWorld.open();
    const stopped = Promise.withResolvers<void>();
    world.fleet.onStop = () => stopped.promise;
    world.leave("c");
    world.update("matchmaking_data", "ticket-1", { red: "ab", blue: "ce" });
    await world.pass(2_000);
    expect(world.calls.at(-1)).toBe("4 start ticket-2: a/red b/red e/blue");
    expect(world.ends).toEqual(["ticket-1 matched"]);
  });

  it("[BF14] may bring back who left", async () => {
    const world = await BackfillWorld.open();
    world.update("matchmaking_data", "ticket-1", { red: "abd", blue: "c" });
    await world.pass(10_000);
    expect(world.calls).toHaveLength(1);
    world.seat("d");
    world.leave("a");
    await world.pass(2_000);
    expect(world.calls.at(-1)).toBe("14 start ticket-2: b/red c/blue d/red");
  });

  it("[BF14] that cannot be read end the ticket and change nothing else", async () => {
    const world = await BackfillWorld.open();
    world.update("matchmaking_data", "ticket-1");
    await world.pass(2_000);
    expect(world.calls.at(-1)).toBe("4 start ticket-2: a/red b/red c/blue");
  });

  it("[BF14] name who came before they did, and who is waited for no more when he leaves", async () => {
    const world = BackfillWorld.full();
    world.leave("bd");
    await world.pass(2_000);
    world.seat("e");
    await world.pass(0);
    world.update("matchmaking_data", "ticket-1", { red: "a", blue: "ce" });
    await world.pass(2_000);
    expect(world.calls.slice(1)).toEqual([
      ...["2 stop ticket-1", "4 start ticket-2: a/red c/blue e/blue"],
    ]);
    world.leave("e");
    await world.pass(2_000);
    expect(world.calls.slice(3)).toEqual(["4 stop ticket-2", "6 start ticket-3: a/red c/blue"]);
  });

  it("[BF14] leave those their teams whom they do not name", async () => {
    const world = await BackfillWorld.open();
    world.update("matchmaking_data", "ticket-1", { red: "ab", blue: "e" });
    world.leave("a");
    await world.pass(2_000);
    expect(world.calls.at(-1)).toBe("4 start ticket-2: b/red c/blue e/blue");
  });

  it("[BF14] of somebody else's ticket are taken, too", async () => {
    const world = await BackfillWorld.open();
    world.update("matchmaking_data", "not ours", { red: "abf", blue: "c" });
    await world.pass(10_000);
    expect(world.calls.slice(1)).toEqual(["2 stop ticket-1"]);
    world.leave("a");
    await world.pass(2_000);
    expect(world.calls.at(-1)).toBe("14 start ticket-2: b/red c/blue f/red");
  });

  it("[BF14] stand for the time until they come: matched players are waited for 65 s after the start", async () => {
    const world = new BackfillWorld();
    await world.pass(300_000);
    world.backfill.activated();
    world.seat("ab");
    world.leave("b");
    await world.pass(2_000);
    expect(world.calls).toEqual(["302 start ticket-1: a/red c/blue d/blue"]);
    world.seat("c");
    await world.pass(62_999);
    expect(world.calls).toHaveLength(1);
    await world.pass(2_001);
    expect(world.calls.slice(1)).toEqual(["365 stop ticket-1", "367 start ticket-2: a/red c/blue"]);
  });
});

describe("a ticket that comes to nothing", () => {
  it.each([
    ["backfill_failed", "failed"],
    ["backfill_timed_out", "timed_out"],
    ["backfill_cancelled", "cancelled"],
  ] as const)("[BF15] by %s is followed by the next after a rest", async (reason, outcome) => {
    const world = await BackfillWorld.open();
    for (let count = 1; count <= 3; count++) {
      world.update(reason, `ticket-${count}`);
      await world.pass(8_000);
    }
    expect(world.calls.map((call) => call.split(":")[0])).toEqual([
      ...["2 start ticket-1", "4 start ticket-2", "14 start ticket-3", "26 start ticket-4"],
    ]);
    expect(world.ends).toEqual([1, 2, 3].map((count) => `ticket-${count} ${outcome}`));
  });

  it("[BF15] is tried ten times, at last a minute apart, and again when somebody else leaves", async () => {
    const world = BackfillWorld.full();
    world.fleet.onStart = fail;
    world.leave("d");
    await world.pass(3_600_000);
    expect(world.calls.map((call) => Number(call.split(" ")[0]))).toEqual([
      ...[2, 4, 8, 16, 32, 64, 124, 184, 244, 304],
    ]);
    expect(world.calls).toHaveLength(SESSION_LIMITS.backfillTriesMax);
    expect(world.telemetry.of("fleetCallFailed")).toHaveLength(10);
    expect(world.telemetry.of("backfillGivenUp")).toEqual([
      { gameSessionId: "gsess-1", tries: 10 },
    ]);
    world.leave("c");
    await world.pass(2_000);
    expect(world.calls).toHaveLength(11);
  });

  it("[BF15] keeps its rest whatever happens in it", async () => {
    const world = await BackfillWorld.open();
    world.fleet.onStart = fail;
    world.update("backfill_failed", "ticket-1");
    await world.pass(14_000);
    expect(world.calls.at(-1)).toBe("16 start ticket-4: a/red b/red c/blue");
    world.backfill.setOpen(false);
    world.backfill.setOpen(true);
    await world.pass(15_999);
    expect(world.calls).toHaveLength(4);
    await world.pass(1);
    expect(world.calls.at(-1)).toBe("32 start ticket-5: a/red b/red c/blue");
  });

  it("[BF15] is forgotten once one was matched", async () => {
    const world = await BackfillWorld.open();
    world.update("backfill_timed_out", "ticket-1");
    await world.pass(2_000);
    world.update("backfill_timed_out", "ticket-2");
    await world.pass(4_000);
    world.update("matchmaking_data", "ticket-3", { red: "ab", blue: "c" });
    await world.pass(2_000);
    world.update("backfill_timed_out", "ticket-4");
    await world.pass(2_000);
    expect(world.calls.at(-1)).toBe("12 start ticket-5: a/red b/red c/blue");
  });
});

describe("an update", () => {
  it.each(["backfill_failed", "backfill_timed_out", "backfill_cancelled"] as const)(
    "[BF16] %s of an older or unknown ticket changes nothing",
    async (reason) => {
      const world = await BackfillWorld.open();
      world.leave("c");
      await world.pass(2_000);
      world.update(reason, "ticket-1");
      world.update(reason, "not ours");
      await world.pass(600_000);
      expect(world.calls).toHaveLength(3);
      expect(world.ends).toEqual(["ticket-1 stopped"]);
    },
  );

  it("[BF16] counts once", async () => {
    const world = await BackfillWorld.open();
    for (let times = 0; times < 3; times++) world.update("backfill_failed", "ticket-1");
    await world.pass(10_000);
    expect([world.calls.length, world.ends]).toEqual([2, ["ticket-1 failed"]]);
  });

  it("[BF16] that names no ticket means the one there is", async () => {
    const world = await BackfillWorld.open();
    world.update("backfill_failed", "");
    await world.pass(2_000);
    expect(world.calls.at(-1)).toBe("4 start ticket-2: a/red b/red c/blue");
  });

  it.each([
    ["matchmaking_data", "matched", 0],
    ["backfill_cancelled", "cancelled", 1],
  ] as const)(
    "[BF16] %s before the start is answered counts as soon as it is",
    async (reason, outcome, more) => {
      const world = BackfillWorld.full();
      const started = Promise.withResolvers<string>();
      world.fleet.onStart = (ticketId) =>
        ticketId === "ticket-1" ? started.promise : Promise.resolve(ticketId);
      world.leave("d");
      await world.pass(2_000);
      for (let other = 0; other < 3; other++) world.update("backfill_failed", `other-${other}`);
      world.update(reason, "ticket-1", { red: "ab", blue: "cd" });
      started.resolve("ticket-1");
      await world.pass(60_000);
      expect([world.calls.length, world.ends]).toEqual([1 + more, [`ticket-1 ${outcome}`]]);
    },
  );

  it("[BF16] before an answer counts however many others came before an earlier one", async () => {
    const world = BackfillWorld.full();
    let answer = (): void => {};
    world.fleet.onStart = (ticketId) =>
      new Promise((resolve) => {
        answer = () => resolve(ticketId);
      });
    world.leave("d");
    await world.pass(2_000);
    for (let other = 0; other < 9; other++) world.update("backfill_failed", `other-${other}`);
    answer();
    await world.pass(0);
    world.update("backfill_failed", "ticket-1");
    await world.pass(2_000);
    world.update("backfill_cancelled", "ticket-2");
    answer();
    await world.pass(0);
    expect(world.ends).toEqual(["ticket-1 failed", "ticket-2 cancelled"]);
  });

  it("[BF16] with data of a ticket that was stopped too late counts, unless newer ones were there", async () => {
    const world = BackfillWorld.full();
    world.leave("cd");
    await world.pass(2_000);
    world.leave("b");
    await world.pass(2_000);
    expect(world.calls.at(-1)).toBe("4 start ticket-2: a/red");
    // It had been matched before it was stopped.
    world.update("matchmaking_data", "ticket-1", { red: "ab", blue: "e" });
    await world.pass(2_000);
    expect(world.calls.slice(3)).toEqual(["4 stop ticket-2", "6 start ticket-3: a/red e/blue"]);
    world.update("matchmaking_data", "ticket-3", { red: "af", blue: "e" });
    world.update("matchmaking_data", "ticket-2", { red: "ag", blue: "h" });
    await world.pass(2_000);
    expect(world.calls.slice(5)).toEqual(["8 start ticket-4: a/red e/blue f/red"]);
  });
});
