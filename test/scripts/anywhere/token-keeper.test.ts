import { describe, expect, it } from "vitest";
import { TokenKeeper } from "../../../scripts/anywhere/token-keeper.ts";
import { settle } from "../../support/fake-clock.ts";
import { anywhereWorld } from "./anywhere-world.ts";

const NEVER = new AbortController().signal;
const MINUTE_MS = 60_000;

function keeperWorld() {
  const world = anywhereWorld();
  world.api.put({ computeName: "laptop" });
  const keeper = new TokenKeeper({ ...world, computeName: "laptop" });
  const stop = new AbortController();
  return {
    ...world,
    keeper,
    stop,
    /** With its first token, and kept new from now on. */
    async open() {
      await keeper.open(stop.signal);
      void keeper.keep(stop.signal);
    },
    /** When tokens were asked for, in ms since the start, over so much time. */
    async callsOver(ms: number, stepMs = 100) {
      const seen: number[] = [];
      let before = world.api.calls.length;
      for (let passed = 0; passed < ms; passed += stepMs) {
        await world.clock.advanceAsync(stepMs);
        if (world.api.calls.length > before) seen.push(world.clock.nowMs());
        before = world.api.calls.length;
      }
      return seen;
    },
  };
}

describe("the first token", () => {
  it("[AN9] is there once the keeper is open", async () => {
    const { keeper, open, the } = keeperWorld();
    await open();
    expect(await keeper.fresh(NEVER)).toBe("token-1");
    expect(the("tokenFetched").map(({ expiresAt }) => expiresAt)).toEqual([
      "2026-01-01T00:15:00.000Z",
    ]);
  });

  it("[AN7] is asked for again while the new compute is not found yet", async () => {
    const { keeper, api, clock, stop } = keeperWorld();
    api.fail("GetComputeAuthToken", "notFound", "transient");
    const opening = keeper.open(stop.signal);
    await clock.advanceAsync(3_000);
    await opening;
    expect(await keeper.fresh(NEVER)).toBe("token-1");
  });

  it("[AN20] that is refused is ANYWHERE_NO_TOKEN", async () => {
    const { keeper, api } = keeperWorld();
    api.fail("GetComputeAuthToken", "refused");
    await expect(keeper.open(NEVER)).rejects.toMatchObject({ code: "ANYWHERE_NO_TOKEN" });
  });
});

describe("a token", () => {
  it.each([
    ["every 5 minutes, as long as it lives", 3 * 60 * MINUTE_MS, [5, 10, 15]],
    ["every 5 minutes, when it lives 15", 15 * MINUTE_MS, [5, 10, 15]],
    [
      "after a third of its life, when it lives shorter",
      6 * MINUTE_MS,
      [2, 4, 6, 8, 10, 12, 14, 16],
    ],
  ])("[AN9] is asked for anew %s", async (_, lifetimeMs, minutes) => {
    const { open, api, callsOver } = keeperWorld();
    api.tokenLifetimeMs = lifetimeMs;
    await open();
    const seen = await callsOver(17 * MINUTE_MS, 1_000);
    expect(seen.map((ms) => ms / MINUTE_MS)).toEqual(minutes);
  });

  it("[AN9] is handed out when it is the newest", async () => {
    const { open, keeper, clock } = keeperWorld();
    await open();
    await clock.advanceAsync(5 * MINUTE_MS);
    expect(await keeper.fresh(NEVER)).toBe("token-2");
  });

  it("[AN9] is asked for once a second at most, however short it lives", async () => {
    const { open, api, keeper, callsOver } = keeperWorld();
    api.tokenLifetimeMs = 500;
    await open();
    for (let waiting = 0; waiting < 50; waiting++) void keeper.fresh(NEVER);
    expect(await callsOver(10_000)).toHaveLength(10);
  });

  it("[AN10] stays in use until it expires while no other is to be had, and every failure is told", async () => {
    const { open, api, keeper, clock, the } = keeperWorld();
    await open();
    api.held.add("GetComputeAuthToken");
    await clock.advanceAsync(15 * MINUTE_MS - 1_000);
    expect(await keeper.fresh(NEVER)).toBe("token-1");
    const failed = the("tokenFetchFailed");
    expect(failed.length).toBeGreaterThan(5);
    expect(failed[0]).toMatchObject({ isStillValid: true, failures: 1 });
    expect(failed.map(({ failures }) => failures)).toEqual(failed.map((_, at) => at + 1));
  });

  it("[AN10] is not handed out once it has expired, and the next one is, at once", async () => {
    const { open, api, keeper, clock, the } = keeperWorld();
    await open();
    api.held.add("GetComputeAuthToken");
    await clock.advanceAsync(16 * MINUTE_MS);
    expect(the("tokenFetchFailed").at(-1)).toMatchObject({ isStillValid: false });
    let handed: string | undefined;
    void keeper.fresh(NEVER).then((token) => {
      handed = token;
    });
    await settle();
    expect(handed).toBeUndefined();
    api.held.clear();
    // A call and a rest of 30 s at most.
    await clock.advanceAsync(40_000);
    expect(handed).toBe("token-2");
  });

  it("[AN10] is asked for again with rests that double up to 30 s, refused or not", async () => {
    const { open, api, callsOver } = keeperWorld();
    await open();
    api.fail("GetComputeAuthToken", "transient", "refused", ...Array(5).fill("notFound"));
    const seen = await callsOver(10 * MINUTE_MS);
    const restsS = seen.slice(0, 8).map((ms, at) => (ms - (seen[at - 1] ?? 0)) / 1_000);
    expect(restsS).toEqual([300, 1, 2, 4, 8, 16, 30, 30]);
  });

  it("[AN10] that expired while the machine slept is renewed when somebody needs one", async () => {
    const { open, keeper, clock, api } = keeperWorld();
    await open();
    await clock.advanceAsync(2_000);
    // Asleep: the wall clock goes on, timers do not.
    const { wallMs } = clock;
    clock.wallMs = () => wallMs.call(clock) + 60 * MINUTE_MS;
    const fresh = keeper.fresh(NEVER);
    await clock.advanceAsync(0);
    expect(await fresh).toBe("token-2");
    expect(api.count("GetComputeAuthToken")).toBe(2);
  });
});

describe("keeping a token", () => {
  it("[AN18] ends with a signal in the middle of a call, and says nothing of that", async () => {
    const { open, api, clock, stop, events } = keeperWorld();
    await open();
    api.held.add("GetComputeAuthToken");
    await clock.advanceAsync(5 * MINUTE_MS + 1_000);
    expect(api.count("GetComputeAuthToken")).toBe(2);
    stop.abort();
    await settle();
    expect(events()).toEqual(["tokenFetched"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[AN18] ends with a signal, whatever it waits for", async () => {
    const { open, api, keeper, clock, stop, the } = keeperWorld();
    await open();
    api.held.add("GetComputeAuthToken");
    await clock.advanceAsync(20 * MINUTE_MS);
    const fresh = keeper.fresh(stop.signal);
    const told = the("tokenFetchFailed").length;
    stop.abort();
    expect(await fresh).toBeUndefined();
    await settle();
    expect(clock.pendingTimers).toBe(0);
    expect(the("tokenFetchFailed")).toHaveLength(told);
  });
});
