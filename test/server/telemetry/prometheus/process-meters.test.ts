import { describe, expect, it } from "vitest";
import { everyEvent } from "../../../contract/telemetry-contract.ts";
import { PrometheusWorld } from "./prometheus-world.ts";

const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function hold(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

/** Leaves so much behind that it must be collected. */
function litter(): void {
  for (let time = 0; time < 200; time++) Array.from({ length: 20_000 }, (_, index) => [index]);
}

const delay = (percentile: string) =>
  `fleetroom_event_loop_delay_seconds{percentile="${percentile}"}`;

describe("the process", () => {
  it("[ME5] tells its CPU time, memory, start and descriptors", async () => {
    using world = new PrometheusWorld();
    const before = await world.samples();
    hold(50);
    const kept = Buffer.alloc(32 * 1_048_576, 1);
    const samples = await world.samples();
    const value = (series: string) => samples.get(series) ?? Number.NaN;
    const since = (series: string) => value(series) - (before.get(series) ?? Number.NaN);
    expect(since("process_cpu_seconds_total")).toBeGreaterThan(0.02);
    expect(since("nodejs_external_memory_bytes")).toBeGreaterThan(0.9 * kept.length);
    expect(since("process_resident_memory_bytes")).toBeGreaterThan(0.5 * kept.length);
    const startMs = value("process_start_time_seconds") * 1000;
    expect(Math.abs(startMs + performance.now() - Date.now())).toBeLessThan(60_000);
    const used = value("nodejs_heap_size_used_bytes");
    expect(used).toBeGreaterThan(1_000_000);
    expect(value("nodejs_heap_size_total_bytes")).toBeGreaterThan(used);
    if (process.platform === "linux") expect(value("process_open_fds")).toBeGreaterThan(3);
    else expect(samples.has("process_open_fds")).toBe(false);
  });
});

describe("the event loop", () => {
  it("[ME6] is measured while a game session is here, anew for each text", async () => {
    using world = new PrometheusWorld();
    await rest(60);
    expect((await world.samples()).has(delay("100"))).toBe(false);
    world.telemetry.gameSessionPlaced();
    for (let turn = 0; turn < 3; turn++) {
      await rest(30);
      hold(100);
    }
    await rest(30);
    const held = await world.samples();
    const [median = -1, most = -1, max = -1] = ["50", "99", "100"].map((each) =>
      held.get(delay(each)),
    );
    expect(max).toBeGreaterThan(0.05);
    expect(max).toBeLessThan(5);
    expect(median).toBeGreaterThanOrEqual(0);
    expect(most).toBeGreaterThanOrEqual(median);
    expect(max).toBeGreaterThanOrEqual(most);
    await rest(150);
    expect((await world.samples()).get(delay("100"))).toBeLessThan(max);
    world.telemetry.gameSessionEnded(everyEvent.gameSessionEnded);
    await rest(60);
    expect((await world.samples()).has(delay("100"))).toBe(false);
  });

  it("[ME6] is as late as the steps of a match are, and by a timer when there are none", async () => {
    using world = new PrometheusWorld();
    const step = (lateMs: number) =>
      world.telemetry.tickRan({ durationMs: 1, lateMs, intervalMs: 50, commands: 0 });
    step(9_000);
    expect((await world.samples()).has(delay("100"))).toBe(false);
    world.telemetry.gameSessionPlaced();
    for (let count = 0; count < 98; count++) step(0);
    step(20);
    step(30);
    hold(200);
    const late = await world.samples();
    expect(late.get(delay("50"))).toBe(0);
    expect(late.get(delay("99"))).toBeCloseTo(0.02, 3);
    expect(late.get(delay("100"))).toBeCloseTo(0.03, 3);
    step(-0.001);
    expect((await world.samples()).get(delay("100"))).toBe(0);
    await rest(60);
    hold(200);
    await rest(60);
    expect((await world.samples()).get(delay("100"))).toBeGreaterThan(0.1);
    world.telemetry.gameSessionEnded(everyEvent.gameSessionEnded);
    step(1);
    expect((await world.samples()).has(delay("100"))).toBe(false);
  });

  it("[ME6] is watched for collections while a game session is here", async () => {
    using world = new PrometheusWorld();
    const seconds = async () => {
      const collected = [...(await world.samples())].filter(([series]) =>
        series.startsWith("fleetroom_gc_seconds_total"),
      );
      return collected.reduce((sum, [, value]) => sum + value, 0);
    };
    litter();
    await rest(10);
    expect(await seconds()).toBe(0);
    world.telemetry.gameSessionPlaced();
    litter();
    await rest(10);
    const during = await seconds();
    expect(during).toBeGreaterThan(0);
    expect(during).toBeLessThan(60);
    world.telemetry.gameSessionEnded(everyEvent.gameSessionEnded);
    await rest(10);
    const ended = await seconds();
    litter();
    await rest(10);
    expect(await seconds()).toBe(ended);
  });
});
