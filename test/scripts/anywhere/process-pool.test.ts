import { describe, expect, it } from "vitest";
import { ProcessPool } from "../../../scripts/anywhere/process-pool.ts";
import { settle } from "../../support/fake-clock.ts";
import { anywhereWorld, SDK_ENDPOINT } from "./anywhere-world.ts";

const NEVER = new AbortController().signal;

function poolWorld({ processes = 1, stopMs = 40_000 } = {}) {
  const world = anywhereWorld();
  let ids = 0;
  const tokens = { next: Promise.resolve<string | undefined>("token-1") };
  const pool = new ProcessPool({
    ...world,
    fleetId: "fleet-1",
    computeName: "laptop",
    processes,
    stopMs,
    newProcessId: () => `process-${++ids}`,
    freshToken: (signal) =>
      Promise.race([
        tokens.next,
        new Promise<undefined>((resolve) => {
          signal.addEventListener("abort", () => resolve(undefined), { once: true });
        }),
      ]),
  });
  return {
    ...world,
    pool,
    tokens,
    async start() {
      pool.start(SDK_ENDPOINT);
      await world.clock.advanceAsync(100 * processes);
    },
    /** Ends the newest process and lets a moment pass. */
    async endNewest(code: number | null) {
      world.processes.at(-1)?.end(code);
      await world.clock.advanceAsync(0);
    },
  };
}

describe("the processes of a compute", () => {
  it("[AN13] get the five values each, a process id of their own, and start a tenth of a second apart", async () => {
    const { start, processes, pool, the } = poolWorld({ processes: 50 });
    await start();
    expect(pool.size).toBe(50);
    expect(processes.map(({ startedAtMs }) => startedAtMs)).toEqual(
      Array.from({ length: 50 }, (_, at) => at * 100),
    );
    expect(processes[0]?.connection).toEqual({
      webSocketUrl: SDK_ENDPOINT,
      authToken: "token-1",
      fleetId: "fleet-1",
      hostId: "laptop",
      processId: "process-1",
    });
    expect(new Set(processes.map(({ connection }) => connection.processId)).size).toBe(50);
    expect(the("processStarted").map(({ slot }) => slot)).toEqual(
      Array.from({ length: 50 }, (_, at) => at + 1),
    );
  });

  it("[AN13] that follow get a new process id and the newest token", async () => {
    const { start, processes, tokens, clock, endNewest } = poolWorld();
    await start();
    await clock.advanceAsync(60_000);
    tokens.next = Promise.resolve("token-2");
    await endNewest(0);
    expect(processes).toHaveLength(2);
    expect(processes[1]?.connection).toMatchObject({
      authToken: "token-2",
      processId: "process-2",
    });
  });

  it("[AN10] wait for a token that may be used", async () => {
    const { start, processes, tokens } = poolWorld();
    const waited = Promise.withResolvers<string>();
    tokens.next = waited.promise;
    await start();
    expect(processes).toEqual([]);
    waited.resolve("token-9");
    await settle();
    expect(processes.map(({ connection }) => connection.authToken)).toEqual(["token-9"]);
  });
});

describe("a process that ended with 0", () => {
  it("[AN15] is replaced at once, with no word of a crash", async () => {
    const { start, processes, clock, endNewest, events, the } = poolWorld();
    await start();
    for (let match = 1; match <= 20; match++) {
      await clock.advanceAsync(1_000);
      await endNewest(0);
      expect(processes).toHaveLength(match + 1);
    }
    expect(events()).not.toContain("processCrashed");
    expect(the("processEnded")[1]).toEqual({
      event: "processEnded",
      slot: 1,
      pid: 101,
      processId: "process-2",
      livedMs: 1_000,
    });
  });

  it("[AN15] within a second is replaced when the second is over", async () => {
    const { start, processes, clock, endNewest } = poolWorld();
    await start();
    await endNewest(0);
    await clock.advanceAsync(899);
    expect(processes).toHaveLength(1);
    await clock.advanceAsync(1);
    expect(processes).toHaveLength(2);
  });
});

describe("a process that crashed", () => {
  it("[AN16] soon after its start, time and again, is replaced after pauses that double up to a minute", async () => {
    const { start, processes, clock, endNewest, the } = poolWorld();
    await start();
    const pausesMs = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000];
    for (const [at, pauseMs] of pausesMs.entries()) {
      await clock.advanceAsync(9_999 - (clock.nowMs() - (processes.at(-1)?.startedAtMs ?? 0)));
      await endNewest(1);
      expect(the("processCrashed").at(-1)).toMatchObject({
        slot: 1,
        code: 1,
        quickCrashes: at + 1,
        restartInMs: pauseMs,
      });
      await clock.advanceAsync(pauseMs - 1);
      expect(processes).toHaveLength(at + 1);
      await clock.advanceAsync(1);
      expect(processes).toHaveLength(at + 2);
    }
  });

  it.each([
    ["one that ran 10 s before it crashed", 10_000, 1, 0],
    ["one that ended with 0", 2_000, 0, 0],
  ])("[AN16] is forgiven after %s", async (_, livedMs, code, pauseMs) => {
    const { start, processes, clock, endNewest, the } = poolWorld();
    await start();
    await endNewest(1);
    await clock.advanceAsync(1_000);
    expect(processes).toHaveLength(2);
    await clock.advanceAsync(livedMs);
    await endNewest(code);
    await clock.advanceAsync(pauseMs);
    expect(processes).toHaveLength(3);
    await clock.advanceAsync(2_000);
    await endNewest(null);
    expect(the("processCrashed").at(-1)).toMatchObject({ quickCrashes: 1, restartInMs: 500 });
  });

  it("[AN16] says with what, and does not hold up the others", async () => {
    const { start, processes, clock, the } = poolWorld({ processes: 2 });
    await start();
    processes[0]?.end(null);
    await clock.advanceAsync(60_000);
    expect(the("processCrashed")).toHaveLength(1);
    expect(the("processCrashed")[0]).toMatchObject({ slot: 1, code: null, signal: "SIGKILL" });
    processes[1]?.end(0);
    await clock.advanceAsync(0);
    expect(processes).toHaveLength(4);
  });
});

describe("stopping the processes", () => {
  it("[AN18] asks each once, waits for all, and starts none in place of them", async () => {
    const { start, processes, pool, clock, events } = poolWorld({ processes: 3 });
    await start();
    for (const each of processes) each.onKill = () => {};
    let isStopped = false;
    const stopping = pool.stop(NEVER).then(() => {
      isStopped = true;
    });
    processes[0]?.end(0);
    processes[1]?.end(1);
    await clock.advanceAsync(39_999);
    expect(isStopped).toBe(false);
    processes[2]?.end(0);
    await settle();
    await stopping;
    expect(processes.map(({ killedWith }) => killedWith)).toEqual(Array(3).fill(["SIGTERM"]));
    expect(processes).toHaveLength(3);
    expect(events()).not.toContain("processesKilled");
    expect(clock.pendingTimers).toBe(0);
  });

  it("[AN18] kills what is left when the time is over, and says how many", async () => {
    const { start, processes, pool, clock, the } = poolWorld({ processes: 2, stopMs: 5_000 });
    await start();
    const [deaf] = processes;
    if (deaf) deaf.onKill = (signal) => signal === "SIGKILL" && deaf.end(null);
    const stopping = pool.stop(NEVER);
    await clock.advanceAsync(4_999);
    expect(deaf?.killedWith).toEqual(["SIGTERM"]);
    await clock.advanceAsync(1);
    await stopping;
    expect(deaf?.killedWith).toEqual(["SIGTERM", "SIGKILL"]);
    expect(the("processesKilled").map(({ processes: count }) => count)).toEqual([1]);
  });

  it("[AN18] is over 5 s later, though a killed process never goes", async () => {
    const { start, processes, pool, clock } = poolWorld({ stopMs: 1_000 });
    await start();
    for (const each of processes) each.onKill = () => {};
    const stopping = pool.stop(NEVER);
    await clock.advanceAsync(6_000);
    await stopping;
    expect(clock.pendingTimers).toBe(0);
  });

  it("[AN19] asks again with a second signal, and kills 2 s later", async () => {
    const { start, processes, pool, clock } = poolWorld();
    await start();
    const [deaf] = processes;
    if (deaf) deaf.onKill = (signal) => signal === "SIGKILL" && deaf.end(null);
    const hurry = new AbortController();
    const stopping = pool.stop(hurry.signal);
    await clock.advanceAsync(1_000);
    hurry.abort();
    await clock.advanceAsync(1_999);
    expect(deaf?.killedWith).toEqual(["SIGTERM", "SIGTERM"]);
    await clock.advanceAsync(1);
    await stopping;
    expect(deaf?.killedWith).toEqual(["SIGTERM", "SIGTERM", "SIGKILL"]);
  });

  it("[AN18] starts none with a token that came in the same moment", async () => {
    const { start, pool, tokens, processes } = poolWorld();
    const waited = Promise.withResolvers<string>();
    tokens.next = waited.promise;
    await start();
    waited.resolve("token-1");
    await pool.stop(NEVER);
    expect(processes).toEqual([]);
  });

  it("[AN18] ends waits for a token, a pause or a turn to start", async () => {
    const { pool, tokens, clock, processes, endNewest } = poolWorld({ processes: 3 });
    pool.start(SDK_ENDPOINT);
    await clock.advanceAsync(0);
    await endNewest(1);
    tokens.next = new Promise(() => {});
    await clock.advanceAsync(150);
    await pool.stop(NEVER);
    expect(processes).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });
});
