import { afterEach, describe, expect, it } from "vitest";
import { BufferedSink } from "../../../../server/telemetry/log-sinks/buffered-sink.ts";
import { LOG_SINK_LIMITS } from "../../../../server/telemetry/log-sinks/limits.ts";
import { PipeOutlet } from "../../../../server/telemetry/log-sinks/pipe-outlet.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { Fifo } from "../../../support/log-places.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function open(options: { isRead?: boolean; path?: string } = {}) {
  const fifo = new Fifo();
  if (options.isRead !== false) fifo.openReader();
  const clock = new FakeClock();
  const outlet = new PipeOutlet({ path: options.path ?? fifo.path });
  const identity = { fleetId: "", computeName: "compute-1" };
  const sink = new BufferedSink({ name: "stdout", outlet, clock, identity });
  closers.push(() => sink.close());
  return { fifo, clock, sink };
}

const numbered = (from: number, count: number) =>
  Array.from(
    { length: count },
    (_, index) => `{"line":${from + index},"text":"${"x".repeat(180)}"}`,
  );

const lostBy = (sink: BufferedSink) =>
  Object.values(sink.losses.dropped).reduce((sum, count) => sum + count, 0);
const isReport = (line: string) => line.includes("log_lines_dropped");

describe("a sink whose reader reads", () => {
  it("[LO1] gathers lines for 20 ms, and none longer", () => {
    const { fifo, clock, sink } = open();
    sink.write("a", false);
    clock.advance(19);
    sink.write("b", false);
    expect(fifo.read()).toEqual([]);
    clock.advance(1);
    expect(fifo.read()).toEqual(["a", "b"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[LO1] writes a precious line in the same moment, with those that wait before it", () => {
    const { fifo, clock, sink } = open();
    sink.write("a", false);
    sink.write("b", true);
    clock.advance(0);
    expect(fifo.read()).toEqual(["a", "b"]);
    clock.advance(1_000);
    expect(fifo.read()).toEqual([]);
  });

  it("[LO1] writes lines of any length and any letters whole", () => {
    const { fifo, clock, sink } = open();
    const lines = ["é".repeat(3_000), "y".repeat(4_095), "z".repeat(4_096), "", "w".repeat(30_000)];
    for (const line of lines) sink.write(line, false);
    clock.advance(20);
    expect(fifo.read()).toEqual(lines.map((line) => Buffer.from(line).toString("latin1")));
  });
});

describe("a sink whose reader stalls", () => {
  it("[LO2] keeps a bounded number of bytes, a quarter of them for precious lines", () => {
    const { sink } = open();
    const line = "x".repeat(1_023);
    for (let index = 0; index < 2_000; index++) sink.write(line, false);
    expect(sink.losses.dropped.full).toBe(2_000 - 768);
    for (let index = 0; index < 2_000; index++) sink.write(line, true);
    expect(sink.losses.dropped.full).toBe(4_000 - 1_024);
  });

  it("[LO3] goes on in the middle of where it stopped, says first what was lost, and counts every line", () => {
    const { fifo, clock, sink } = open();
    const made = numbered(0, 12_000);
    for (const line of made) {
      sink.write(line, false);
      clock.advance(5);
    }
    const lost = lostBy(sink);
    expect(lost).toBeGreaterThan(1_000);
    expect(sink.losses.dropped).toEqual({ full: lost, disk: 0, gone: 0 });
    const found: string[] = [];
    const atOnce = fifo.read();
    expect(atOnce.some(isReport)).toBe(false);
    for (let round = 0; round < 200; round++) {
      clock.advance(500);
      found.push(...fifo.read());
    }
    expect(JSON.parse(found[0] ?? "")).toEqual({
      time: expect.stringMatching(/T00:01:00/),
      level: "warn",
      event: "log_lines_dropped",
      computeName: "compute-1",
      sink: "stdout",
      reason: "full",
      count: lost,
    });
    const lines = [...atOnce, ...found].filter((line) => !isReport(line));
    expect(lines).toEqual(made.slice(0, lines.length));
    expect(lines.length).toBe(made.length - lost);
    expect(sink.losses.lines).toBe(lines.length);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[LO1] goes on in the middle of a line that the pipe took a piece of", () => {
    const { fifo, clock, sink } = open();
    const lines = ["a", "b", "c"].map((letter) => letter.repeat(50_000));
    for (const line of lines) sink.write(line, false);
    const found: string[] = [];
    for (let round = 0; round < 10; round++) {
      clock.advance(400);
      found.push(...fifo.read());
    }
    expect(found).toEqual(lines);
  });

  it("[LO3] tells of losses once a second at most while they go on", () => {
    const { fifo, clock, sink } = open();
    const found: string[] = [];
    const made = 100_000;
    for (const [index, line] of numbered(0, made).entries()) {
      sink.write(line, false);
      if (index % 10 === 0) clock.advance(1);
      // The reader takes a third of what is made.
      if (index % 1_000 === 0) found.push(...fifo.read());
    }
    for (let round = 0; round < 100; round++) {
      clock.advance(100);
      found.push(...fifo.read());
    }
    const told = found.filter(isReport).map((line) => JSON.parse(line).count as number);
    expect(told.length).toBeGreaterThan(2);
    expect(told.length).toBeLessThan(20);
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(lostBy(sink));
    expect(found.length - told.length).toBe(made - lostBy(sink));
  });
});

describe("a sink whose reader is gone", () => {
  it("[LO7] keeps what fits for the next reader of a FIFO, and counts the rest", () => {
    const { fifo, clock, sink } = open();
    const made = numbered(0, 10_000);
    const found: string[] = [];
    for (const line of made.slice(0, 100)) sink.write(line, false);
    clock.advance(20);
    found.push(...fifo.read());
    fifo.closeReader();
    for (const line of made.slice(100, 9_000)) {
      sink.write(line, false);
      clock.advance(1);
    }
    expect(sink.losses.dropped.gone).toBeGreaterThan(1_000);
    expect(sink.losses.dropped.full).toBe(0);
    fifo.openReader();
    for (let round = 0; round < 30; round++) {
      clock.advance(100);
      found.push(...fifo.read());
    }
    for (const line of made.slice(9_000)) sink.write(line, false);
    for (let round = 0; round < 30; round++) {
      clock.advance(100);
      found.push(...fifo.read());
    }
    const lines = found.filter((line) => !isReport(line));
    expect(lines.length).toBe(made.length - lostBy(sink));
    expect(found.filter(isReport)).toMatchObject([expect.stringContaining('"reason":"gone"')]);
    expect(lines.at(-1)).toBe(made.at(-1));
  });

  it("[LO7] waits for a FIFO's first reader", () => {
    const { fifo, clock, sink } = open({ isRead: false });
    sink.write("a", true);
    clock.advance(2_500);
    fifo.openReader();
    clock.advance(1_000);
    expect(fifo.read()).toEqual(["a"]);
  });

  it("[LO7] gives the next reader a whole line where the last one had a piece", () => {
    const { fifo, clock, sink } = open();
    const long = (letter: string) => letter.repeat(50_000);
    sink.write(long("a"), false);
    sink.write(long("b"), false);
    clock.advance(20);
    // The pipe holds 65,536 bytes: all of the first line and a piece of the second one.
    expect(fifo.read()).toEqual([long("a")]);
    fifo.closeReader();
    clock.advance(400);
    fifo.openReader();
    clock.advance(1_000);
    const [piece, ...rest] = fifo.read();
    expect(piece).toMatch(/^b{10000,20000}$/);
    expect(rest).toEqual([long("b")]);
  });
});

describe("closing a sink", () => {
  it("[LO9] writes what waits, and a line that comes after it", () => {
    const { fifo, sink, clock } = open();
    for (const line of ["a", "b"]) sink.write(line, false);
    sink.close();
    sink.write("late", false);
    expect(fifo.read()).toEqual(["a", "b", "late"]);
    expect(clock.pendingTimers).toBe(0);
    expect(lostBy(sink)).toBe(0);
  });

  it("[LO9] ends soon when the reader stalls, and counts what it could not write", () => {
    const { fifo, sink } = open();
    const made = numbered(0, 2_000);
    for (const line of made) sink.write(line, true);
    const startMs = performance.now();
    sink.close();
    expect(performance.now() - startMs).toBeLessThan(1_000);
    expect(fifo.read().length).toBe(made.length - lostBy(sink));
    expect(sink.losses.dropped.full).toBeGreaterThan(1_000);
  });

  it("[LO9] counts what waits as lost when nobody is there to read", () => {
    const { sink } = open({ isRead: false });
    for (const line of numbered(0, 10)) sink.write(line, true);
    sink.close();
    sink.write("late", true);
    expect(sink.losses).toEqual({
      sink: "stdout",
      lines: 0,
      dropped: { full: 0, disk: 0, gone: 11 },
    });
  });
});

describe("a sink on a device that is full", () => {
  it("[LO5] tries again in growing rests, 5 s at most", () => {
    const { clock, sink } = open({ path: "/dev/full" });
    for (const line of numbered(0, 10_000)) sink.write(line, false);
    clock.advance(20);
    const before = lostBy(sink);
    expect(before).toBeGreaterThan(1_000);
    clock.advance(60_000);
    expect(clock.pendingTimers).toBe(1);
    for (const line of numbered(0, 10)) sink.write(line, false);
    expect(sink.losses.dropped).toEqual({ full: before, disk: 10, gone: 0 });
    const { waitingBytesMax, reservedBytes } = LOG_SINK_LIMITS;
    const room = waitingBytesMax - reservedBytes;
    expect((10_000 - before) * numbered(0, 1)[0]!.length).toBeLessThan(room);
  });
});
