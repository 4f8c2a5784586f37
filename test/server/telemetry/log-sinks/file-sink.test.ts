import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { FileSink } from "../../../../server/telemetry/log-sinks/file-sink.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { until } from "../../../support/in-process-server.ts";
import { mayMount, newFolder, SmallDisk } from "../../../support/log-places.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

const isReport = (line: string) => line.includes("log_lines_dropped");
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => from + index);

function open(options: Partial<ConstructorParameters<typeof FileSink>[0]> = {}) {
  const dir = options.dir ?? path.join(newFolder(), "logs", "00");
  const clock = new FakeClock();
  const limits = { fileBytes: 1_000_000, fileMs: 86_400_000, filesMax: 3 };
  const sink = new FileSink({ dir, clock, ...limits, ...options });
  closers.push(() => sink.close());
  let made = 0;
  const file = path.join(dir, "server.jsonl");
  const lines = (name = "server.jsonl") =>
    readFileSync(path.join(dir, name), "utf8").split("\n").slice(0, -1);
  return {
    dir,
    file,
    clock,
    sink,
    make(count: number): void {
      for (const line of numbers(made, made + count)) sink.write(`{"line":${line}}`, true);
      made += count;
    },
    /** Lets milliseconds pass until so many lines have been written in all. */
    written: (count: number) =>
      until(() => {
        clock.advance(1);
        return sink.losses.lines >= count;
      }),
    /** Whether a timer leads to the next write, or there is nothing to be written: none is under way. */
    isAtRest: () => {
      const { lines: out, dropped } = sink.losses;
      return clock.pendingTimers > 0 || out + dropped.disk + dropped.full === made;
    },
    lines,
    /** Numbers of the lines in a file, reports left out; throws at a torn line. */
    numbersIn: (name?: string): number[] =>
      lines(name)
        .filter((line) => !isReport(line))
        .map((line) => JSON.parse(line).line as number),
  };
}

describe("a log file", () => {
  it("[LO4] is made with its directory, for its owner and his group alone", async () => {
    const log = open();
    log.make(3);
    await log.written(3);
    expect(log.numbersIn()).toEqual([0, 1, 2]);
    expect(statSync(log.file).mode & 0o777).toBe(0o640 & ~process.umask());
    expect(statSync(log.dir).mode & 0o777).toBe(0o750 & ~process.umask());
    expect(log.clock.pendingTimers).toBe(0);
  });

  it("[LO4] is rotated before it grows beyond its size, and as many are kept as may be", async () => {
    const log = open({ fileBytes: 100, filesMax: 3 });
    for (let round = 1; round <= 8; round++) {
      log.make(5);
      await log.written(round * 5);
    }
    expect(readdirSync(log.dir).sort()).toEqual([
      "server.1.jsonl",
      "server.2.jsonl",
      "server.jsonl",
    ]);
    expect(log.numbersIn()).toEqual(numbers(35, 40));
    expect(log.numbersIn("server.1.jsonl")).toEqual(numbers(30, 35));
    expect(log.numbersIn("server.2.jsonl")).toEqual(numbers(25, 30));
  });

  it("[LO4] is rotated when it is old and more is to be written", async () => {
    const log = open({ fileMs: 3_600_000 });
    log.make(1);
    await log.written(1);
    log.clock.advance(3_599_000);
    log.make(1);
    await log.written(2);
    log.clock.advance(2_000);
    expect(readdirSync(log.dir)).toEqual(["server.jsonl"]);
    log.make(1);
    await log.written(3);
    expect(log.numbersIn("server.1.jsonl")).toEqual([0, 1]);
    expect(log.numbersIn()).toEqual([2]);
  });

  it("[LO4] can be the only one", async () => {
    const log = open({ fileBytes: 30, filesMax: 1 });
    log.make(1);
    await log.written(1);
    log.make(2);
    await log.written(3);
    expect(readdirSync(log.dir)).toEqual(["server.jsonl"]);
    expect(log.numbersIn()).toEqual([1, 2]);
  });

  it("[LO4] of an earlier process is put away, and what is more than may be kept is removed", async () => {
    const dir = newFolder();
    for (const name of ["server.jsonl", "server.1.jsonl", "server.7.jsonl", "other.7.jsonl"]) {
      writeFileSync(path.join(dir, name), `{"line":"${name}"}\n`);
    }
    const log = open({ dir });
    log.make(1);
    await log.written(1);
    expect(log.numbersIn()).toEqual([0]);
    expect(log.numbersIn("server.1.jsonl")).toEqual(["server.jsonl"]);
    expect(log.numbersIn("server.2.jsonl")).toEqual(["server.1.jsonl"]);
    expect(readdirSync(dir)).toContain("other.7.jsonl");
    expect(readdirSync(dir)).not.toContain("server.7.jsonl");
  });
});

describe("a log file that somebody takes away", () => {
  it("[LO6] is made again with its directory, and has the lines that nobody can have seen", async () => {
    const log = open();
    log.make(10);
    await log.written(10);
    log.clock.advance(1_000);
    log.make(5);
    await log.written(15);
    rmSync(path.dirname(log.dir), { recursive: true });
    log.make(5);
    await log.written(20);
    log.clock.advance(1_000);
    log.make(5);
    await log.written(25);
    expect(log.numbersIn()).toEqual(numbers(10, 25));
    expect(log.sink.losses.dropped).toEqual({ full: 0, disk: 0, gone: 0 });
  });

  it("[LO6] keeps the lines that it has when it is renamed", async () => {
    const log = open();
    log.make(10);
    await log.written(10);
    renameSync(log.file, path.join(log.dir, "mine"));
    writeFileSync(log.file, "");
    log.make(5);
    await log.written(15);
    log.clock.advance(1_000);
    log.make(5);
    await log.written(20);
    expect(log.numbersIn("mine")).toEqual(numbers(0, 15));
    expect(log.numbersIn()).toEqual(numbers(15, 20));
  });

  it("[LO6] is looked at again before it is rotated", async () => {
    const log = open({ fileBytes: 200 });
    log.make(5);
    await log.written(5);
    rmSync(log.file);
    log.make(15);
    await log.written(20);
    expect(log.numbersIn()).toEqual(numbers(0, 20));
  });

  it("[LO6] counts the lines that were too many to keep", async () => {
    const log = open();
    const line = "x".repeat(999);
    log.make(1);
    await log.written(1);
    rmSync(log.file);
    for (let index = 1; index <= 400; index++) log.sink.write(line, true);
    await log.written(401);
    log.clock.advance(1_000);
    log.make(1);
    await log.written(402);
    expect(log.sink.losses.dropped.disk).toBe(401);
    log.clock.advance(1_000);
    log.make(1);
    await log.written(403);
    expect(log.lines()).toMatchObject([
      '{"line":1}',
      expect.stringMatching(/"log_lines_dropped","sink":"file","reason":"disk","count":401/),
      '{"line":2}',
    ]);
  });

  it("[LO6] goes on where it was emptied", async () => {
    const log = open();
    log.make(10);
    await log.written(10);
    truncateSync(log.file);
    log.make(2);
    await log.written(12);
    expect(log.numbersIn()).toEqual([10, 11]);
  });

  it("[LO6] goes on once it may be made again", async () => {
    const log = open();
    // A file where the directory should be.
    mkdirSync(path.dirname(log.dir), { recursive: true });
    writeFileSync(log.dir, "");
    log.make(5);
    await log.clock.advanceAsync(100);
    expect(log.sink.losses.lines).toBe(0);
    rmSync(log.dir);
    // It is tried again after a second.
    await until(() => {
      log.clock.advance(100);
      return log.sink.losses.lines === 5;
    });
    expect(log.numbersIn()).toEqual(numbers(0, 5));
  });
});

describe.skipIf(!mayMount)("a log file on a full disk (only root may mount one)", () => {
  function openOnDisk(kilobytes: number) {
    const disk = new SmallDisk(kilobytes);
    closers.push(() => disk.remove());
    return { disk, ...open({ dir: path.join(disk.dir, "00"), fileBytes: 1e8 }) };
  }

  /** Lets time pass, and waits until no write is under way: the real disk may take longer than the clock. */
  async function pass({ clock, isAtRest }: ReturnType<typeof open>, ms: number): Promise<void> {
    await clock.advanceAsync(ms);
    await until(isAtRest);
  }

  async function seconds(log: ReturnType<typeof open>, count: number): Promise<void> {
    for (let step = 0; step < count * 10; step++) await pass(log, 100);
  }

  it("[LO5] holds whole lines, goes on by itself, and counts what did not fit", async () => {
    const log = openOnDisk(64);
    const ballast = path.join(log.disk.dir, "ballast");
    writeFileSync(ballast, Buffer.alloc(32_768 - 100));
    for (let round = 0; round < 120; round++) {
      log.make(1_000);
      await pass(log, 20);
    }
    await seconds(log, 6);
    const before = log.numbersIn();
    expect(before).toEqual(numbers(0, before.length));
    expect(log.sink.losses.dropped.disk).toBeGreaterThan(10_000);
    const filling = statSync(log.file).size;
    log.make(1);
    await seconds(log, 6);
    expect(statSync(log.file).size).toBe(filling);
    log.disk.grow(8_192);
    await seconds(log, 6);
    log.make(1);
    await seconds(log, 1);
    const { lines, dropped } = log.sink.losses;
    const after = log.numbersIn();
    expect(after).toHaveLength(120_002 - dropped.disk - dropped.full);
    expect(after).toHaveLength(lines);
    expect(after.at(-1)).toBe(120_001);
    const told = log
      .lines()
      .filter(isReport)
      .map((line) => JSON.parse(line).count as number);
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(dropped.disk + dropped.full);
    expect(isReport(log.lines()[before.length] ?? "")).toBe(true);
  });

  it("[LO9] ends soon, and counts what could not be written", async () => {
    const log = openOnDisk(16);
    for (let index = 0; index < 1_000; index++) log.sink.write("x".repeat(99), true);
    const startMs = performance.now();
    log.sink.close();
    expect(performance.now() - startMs).toBeLessThan(1_000);
    const { lines, dropped } = log.sink.losses;
    expect(lines).toBeGreaterThan(50);
    expect(lines + dropped.disk).toBe(1_000);
    expect(log.lines()).toHaveLength(lines);
    expect(readFileSync(log.file, "utf8").endsWith("x\n")).toBe(true);
  });
});

describe("closing a log file", () => {
  it("[LO9] writes what waits behind what is under way, and a line that comes after it", async () => {
    for (let round = 0; round < 20; round++) {
      const log = open();
      log.make(1);
      await log.written(1);
      log.make(500);
      log.clock.advance(0);
      // The thread is writing the 500; nothing tells this one so until the turn is over.
      await Promise.resolve();
      log.make(3);
      log.sink.close();
      log.make(1);
      expect(log.numbersIn()).toEqual(numbers(0, 505));
      expect(log.sink.losses.lines).toBe(505);
      expect(log.clock.pendingTimers).toBe(0);
    }
  });

  it("[LO9] makes the file if there was no time for it yet", () => {
    const log = open();
    log.make(3);
    log.clock.advance(0);
    log.sink.close();
    expect(log.numbersIn()).toEqual([0, 1, 2]);
  });

  it.each([1, 3])("[LO4] keeps %i files of processes that end before anything else", (filesMax) => {
    const dir = path.join(newFolder(), "logs", "p0");
    for (let process = 0; process < 100; process++) {
      const { make, sink } = open({ dir, fileBytes: 100, filesMax });
      make(5);
      sink.close();
    }
    const names = readdirSync(dir).sort();
    expect(names).toEqual(["server.1.jsonl", "server.2.jsonl", "server.jsonl"].slice(-filesMax));
    // Nobody looks at the size within the lines of one process.
    for (const name of names) expect(statSync(path.join(dir, name)).size).toBeLessThan(200);
    for (const name of names.slice(0, -1))
      expect(statSync(path.join(dir, name)).size).toBeGreaterThanOrEqual(100);
  });

  it("[LO9] brings the lines of a file that was removed into the next one", async () => {
    const log = open();
    log.make(2);
    await log.written(2);
    rmSync(log.file);
    log.make(1);
    await log.written(3);
    log.make(1);
    log.sink.close();
    expect(log.numbersIn()).toEqual([0, 1, 2, 3]);
  });
});
