import { describe, expect, it } from "vitest";
import { BackfillWorld } from "./backfill-world.ts";

const fail = (): Promise<never> => Promise.reject(new Error("down"));
const hang = (): Promise<never> => new Promise(() => {});

describe("calls to the fleet", () => {
  it("[BF17] to start have 25 s; a ticket told of later is stopped, whatever runs then", async () => {
    const world = BackfillWorld.full();
    const started = Promise.withResolvers<string>();
    world.fleet.onStart = (ticketId) =>
      ticketId === "ticket-1" ? started.promise : Promise.resolve(ticketId);
    world.leave("d");
    await world.pass(26_999);
    expect(world.fleet.signals[0]?.aborted).toBe(false);
    await world.pass(1);
    expect(world.fleet.signals[0]?.aborted).toBe(true);
    expect(world.telemetry.of("fleetCallFailed")).toMatchObject([
      { action: "start_match_backfill" },
    ]);
    await world.pass(2_000);
    expect(world.calls.at(-1)).toBe("29 start ticket-2: a/red b/red c/blue");
    started.resolve("ticket-1");
    await world.pass(60_000);
    expect(world.calls.slice(2)).toEqual(["29 stop ticket-1"]);
  });

  it.each([
    ["fail", fail, [2, 3, 5, 7]],
    ["hang", hang, [2, 8, 15, 22]],
  ] as const)(
    "[BF17] to stop that %s are made three times, then the next ticket replaces that one",
    async (_what, answer, at) => {
      const world = await BackfillWorld.open();
      world.fleet.onStop = answer;
      world.leave("c");
      await world.pass(60_000);
      expect(world.calls.slice(1)).toEqual([
        ...at.slice(0, 3).map((s) => `${s} stop ticket-1`),
        `${at[3]} start ticket-2: a/red b/red`,
      ]);
      expect(world.ends).toEqual(["ticket-1 abandoned"]);
      const failed = world.telemetry.of("fleetCallFailed").map(({ action }) => action);
      expect(failed).toEqual(Array(3).fill("stop_match_backfill"));
    },
  );

  it("[BF17] to stop end with the news that the ticket is over", async () => {
    const world = await BackfillWorld.open();
    world.fleet.onStop = hang;
    world.leave("c");
    await world.pass(1_000);
    world.update("backfill_cancelled", "ticket-1");
    await world.pass(2_000);
    expect(world.calls.slice(1)).toEqual(["2 stop ticket-1", "5 start ticket-2: a/red b/red"]);
    expect(world.ends).toEqual(["ticket-1 cancelled"]);
    expect(world.telemetry.of("fleetCallFailed")).toEqual([]);

    const failing = await BackfillWorld.open();
    failing.fleet.onStop = fail;
    failing.leave("c");
    await failing.pass(1_500);
    failing.update("backfill_cancelled", "ticket-1");
    await failing.pass(2_000);
    expect(failing.calls.slice(1).map((call) => call.split(":")[0])).toEqual([
      ...["2 stop ticket-1", "3 stop ticket-1", "5.5 start ticket-2"],
    ]);
  });

  it.each([
    ["a moment before", 188_999, [0, 0, 0, 1, 2, 4]],
    ["just after", 189_000, [0, 0, 0, 1, 2, 3]],
  ])(
    "[BF17] are three at once and then one a second, though all that the fleet owes comes %s the next",
    async (_what, atMs, seconds) => {
      const world = BackfillWorld.full();
      const answers: (() => void)[] = [];
      world.fleet.onStart = (ticketId) =>
        new Promise((resolve) => answers.push(() => resolve(ticketId)));
      world.leave("d");
      await world.pass(atMs);
      for (const answer of answers) answer();
      await world.pass(20_000);
      const after = world.calls
        .map((call) => Number(call.split(" ")[0]))
        .filter((at) => at >= atMs / 1000)
        .map((at) => Math.floor(at - atMs / 1000));
      expect(answers).toHaveLength(6);
      expect(after).toEqual(seconds);
    },
  );

  it("[BF17] that throw are failed calls", async () => {
    const world = BackfillWorld.full();
    world.fleet.onStart = () => {
      throw new Error("not ready");
    };
    world.leave("d");
    await world.pass(2_000);
    expect(world.telemetry.of("fleetCallFailed")).toHaveLength(1);
  });
});

describe("the end of a backfill", () => {
  const isSettled = (work: Promise<void>) => {
    const seen = { yet: false };
    void work.then(() => {
      seen.yet = true;
    });
    return seen;
  };

  it("[BF18] is at once when no ticket is open, and for good", async () => {
    const world = BackfillWorld.full();
    await world.backfill.close();
    world.leave("bcd");
    world.update("matchmaking_data", "ticket-1", { red: "ae" });
    world.backfill.setOpen(true);
    expect(world.clock.pendingTimers).toBe(0);
    await world.pass(600_000);
    await world.backfill.close();
    expect(world.calls).toEqual([]);
  });

  it("[BF18] waits until the open ticket is stopped", async () => {
    const world = await BackfillWorld.open();
    const stopped = Promise.withResolvers<void>();
    world.fleet.onStop = () => stopped.promise;
    const seen = isSettled(world.backfill.close());
    await world.pass(1_000);
    expect([world.calls.at(-1), seen.yet]).toEqual(["2 stop ticket-1", false]);
    stopped.resolve();
    await world.pass(0);
    expect([seen.yet, world.ends, world.clock.pendingTimers]).toEqual([
      ...[true, ["ticket-1 stopped"], 0],
    ]);
  });

  it("[BF18] waits for a start under way and stops its ticket", async () => {
    const world = BackfillWorld.full();
    const started = Promise.withResolvers<string>();
    world.fleet.onStart = () => started.promise;
    world.leave("d");
    await world.pass(2_000);
    const seen = isSettled(world.backfill.close());
    await world.pass(10_000);
    expect(seen.yet).toBe(false);
    started.resolve("ticket-1");
    await world.pass(0);
    expect([world.calls.at(-1), seen.yet]).toEqual(["12 stop ticket-1", true]);
  });

  it("[BF18] waits until a ticket that was told of too late is stopped", async () => {
    const world = BackfillWorld.full();
    const [started, stopped] = [Promise.withResolvers<string>(), Promise.withResolvers<void>()];
    world.fleet.onStart = () => started.promise;
    world.fleet.onStop = () => stopped.promise;
    world.leave("d");
    await world.pass(28_000);
    started.resolve("ticket-1");
    await world.pass(0);
    const seen = isSettled(world.backfill.close());
    await world.pass(1_000);
    expect([world.calls.at(-1), seen.yet]).toEqual(["28 stop ticket-1", false]);
    stopped.resolve();
    await world.pass(0);
    expect(seen.yet).toBe(true);
  });

  it("[BF18] comes within the time of the calls, though nothing is ever answered", async () => {
    const world = await BackfillWorld.open();
    world.fleet.onStop = hang;
    const seen = isSettled(world.backfill.close());
    await world.pass(17_999);
    expect(seen.yet).toBe(false);
    await world.pass(1);
    expect([seen.yet, world.clock.pendingTimers]).toEqual([true, 0]);
  });
});
