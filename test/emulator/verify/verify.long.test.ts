import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { durations } from "../../../emulator/plane/durations.ts";
import type { Report } from "../../../emulator/verify/report.ts";
import { EVERY_RULE } from "../../../emulator/verify/rules/every-rule.ts";
import { FAULTS, type Fault } from "./fixture/faults.ts";
import { FIXTURE_CLIENT, verifyCleanFixture, verifyFixture } from "./fixture/verify-fixture.ts";

/** Lives lived at one time: most of a life is waiting. */
const AT_ONCE = 6;

function find({ break: name, life = "match", needsClient, heartbeats, isSlow }: Fault) {
  const beats = heartbeats === undefined ? [] : ["--heartbeat-ms", "1000"];
  return verifyFixture(["--break", name, ...beats], {
    lives: [life],
    client: needsClient ? FIXTURE_CLIENT : undefined,
    durations: durations(isSlow ? 50 : 10, heartbeats === undefined ? 1 : 60),
    heartbeats: heartbeats ?? 0,
  });
}

/** Begins all at once, so many at a time, and lets each be waited for. */
function inTurns<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Map<T, Promise<R>> {
  const results = new Map(items.map((item) => [item, Promise.withResolvers<R>()]));
  const waiting = [...items];
  const work = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const { resolve, reject } = results.get(item) ?? Promise.withResolvers<R>();
      await run(item).then(resolve, reject);
    }
  };
  for (let worker = 0; worker < AT_ONCE; worker++) void work();
  const promises = [...results].map(([item, { promise }]) => [item, promise] as const);
  // Whoever waits for one is told of it.
  for (const [, promise] of promises) promise.catch(() => {});
  return new Map(promises);
}

describe("a server that breaks one rule", () => {
  let reports: ReturnType<typeof inTurns<Fault, Report>>;
  beforeAll(() => {
    reports = inTurns(FAULTS, find);
  });
  // However few of them were asked for, none is left behind.
  afterAll(() => Promise.allSettled(reports.values()), 300_000);

  it.each(FAULTS)("[EY2] is found by name: $break breaks $rule", async (fault) => {
    const report = await reports.get(fault);
    const result = report?.rules.find(({ name }) => name === fault.rule);
    expect(result?.verdict, result?.seen).toBe(fault.verdict ?? "broken");
  });

  it("[EY2] is there for every rule", () => {
    const found = new Set(FAULTS.map(({ rule }) => rule));
    expect(EVERY_RULE.map(({ name }) => name).filter((name) => !found.has(name))).toEqual([]);
  });
});

describe("a server that breaks none", () => {
  it("[EY3] passes clean in every life", async () => {
    const report = await verifyCleanFixture(3_000);
    const wrong = report.rules.filter(({ verdict }) => verdict !== "kept");
    expect(wrong.map(({ name }) => name)).toEqual(["asks-backfill-properly"]);
    expect(report.isClean).toBe(true);
  });
});
