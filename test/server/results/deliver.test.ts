import { describe, expect, it } from "vitest";
import { readConfig } from "../../../server/config.ts";
import { deliverResult } from "../../../server/results/deliver.ts";
import type { ResultSink } from "../../../server/results/results.ts";
import { resultSinks } from "../../../server/results/sinks.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { RESULT } from "../../contract/result-sink-contract.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const { resultId } = RESULT;
const works: ResultSink = { deliver: async () => {} };
const hangs: ResultSink = { deliver: () => new Promise(() => {}) };
const fails: ResultSink = { deliver: () => Promise.reject(new Error("refused")) };

/** Fails so often, then works; notes when it was tried. */
function failing(times: number, clock: FakeClock) {
  const triedAtMs: number[] = [];
  const sink: ResultSink = {
    async deliver() {
      triedAtMs.push(clock.nowMs());
      if (triedAtMs.length <= times) throw new Error("refused");
    },
  };
  return { sink, triedAtMs };
}

function start(
  sinks: readonly ResultSink[],
  over: { signal?: AbortSignal; clock?: FakeClock } = {},
) {
  const clock = over.clock ?? new FakeClock();
  const telemetry = new MemoryTelemetry();
  let isDone = false;
  const done = deliverResult({
    sinks,
    result: RESULT,
    telemetry,
    deadlineMs: 10_000,
    ...over,
    clock,
  });
  void done.then(() => {
    isDone = true;
  });
  return { clock, telemetry, done, isDone: () => isDone };
}

describe("deliverResult", () => {
  it("[RS4] delivers to every sink and says so once for each", async () => {
    const { telemetry, done, clock } = start([works, works]);
    await done;
    const delivered = { event: "resultDelivered", info: { resultId, attempts: 1 } };
    expect(telemetry.events).toEqual([delivered, delivered]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[RS4] tries again after 0.2 s, doubling up to 2 s", async () => {
    const clock = new FakeClock();
    const { sink, triedAtMs } = failing(6, clock);
    const { telemetry } = start([sink], { clock });
    await clock.advanceAsync(9_999);
    expect(triedAtMs).toEqual([0, 200, 600, 1_400, 3_000, 5_000, 7_000]);
    expect(telemetry.of("resultDelivered")).toEqual([{ resultId, attempts: 7 }]);
  });

  it("[RS4] lets no sink hold up another", async () => {
    const { telemetry, clock, done, isDone } = start([hangs, fails, works]);
    await clock.advanceAsync(0);
    expect(telemetry.of("resultDelivered")).toHaveLength(1);
    expect(isDone()).toBe(false);
    await clock.advanceAsync(10_000);
    await done;
    expect(telemetry.of("resultNotDelivered")).toHaveLength(2);
  });

  it("[RS4] gives up at the deadline and keeps the cause", async () => {
    const { telemetry, clock, done } = start([fails]);
    await clock.advanceAsync(10_000);
    await done;
    const [report] = telemetry.of("resultNotDelivered");
    expect(report).toMatchObject({
      resultId,
      attempts: 8,
      cause: { code: "RESULT_NOT_DELIVERED", cause: { message: "refused" } },
    });
    expect(clock.pendingTimers).toBe(0);
  });

  it("[RS4] gives up at once with its signal", async () => {
    const given = new AbortController();
    const { telemetry, done, clock } = start([hangs, fails], { signal: given.signal });
    await clock.advanceAsync(100);
    given.abort();
    await done;
    expect(telemetry.of("resultNotDelivered")).toHaveLength(2);
  });

  it("[RS4] survives a sink that throws instead of rejecting", async () => {
    const throws: ResultSink = {
      deliver: () => {
        throw new Error("thrown");
      },
    };
    const { telemetry, clock, done } = start([throws]);
    await clock.advanceAsync(10_000);
    await done;
    expect(telemetry.of("resultNotDelivered")).toHaveLength(1);
  });
});

describe("resultSinks", () => {
  it.each([
    ["", "", 0],
    ["/x", "", 1],
    ["", "http://127.0.0.1", 1],
    ["/x", "http://127.0.0.1", 2],
  ])("[RS5] has a sink for each place that is configured: %j and %j", (directory, url, count) => {
    const env = { FLEETROOM_RESULTS_DIR: directory, FLEETROOM_RESULTS_URL: url };
    const config = readConfig({ env, argv: [], cwd: "/", readFile: () => undefined });
    expect(resultSinks(config, new FakeClock())).toHaveLength(count);
  });
});
