import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { FileSink } from "../../../../server/telemetry/log-sinks/file-sink.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { until } from "../../../support/in-process-server.ts";
import { newFolder } from "../../../support/log-places.ts";

const ODD: Readonly<Record<string, (file: string) => void>> = {
  "a FIFO": (file) => execFileSync("mkfifo", [file]),
  "a link to a FIFO": (file) => {
    execFileSync("mkfifo", [`${file}.fifo`]);
    symlinkSync(`${file}.fifo`, file);
  },
  "a device": (file) => symlinkSync("/dev/null", file),
  "a device that is full": (file) => symlinkSync("/dev/full", file),
  "a terminal": (file) => symlinkSync("/dev/tty", file),
  "a directory": (file) => mkdirSync(path.join(file, "somebody's"), { recursive: true }),
  "a link to itself": (file) => symlinkSync(file, file),
};

function open(dir: string) {
  const clock = new FakeClock();
  const told: string[] = [];
  const limits = { fileBytes: 100, fileMs: 86_400_000, filesMax: 3 };
  const sink = new FileSink({ dir, clock, ...limits, onFault: (message) => told.push(message) });
  const written = (count: number) =>
    until(() => {
      clock.advance(100);
      return sink.losses.lines >= count;
    });
  return { clock, told, sink, written };
}

it.for(Object.keys(ODD))(
  "[LO12] leaves %s alone that is where the log file should be, and goes on when it is gone",
  async (what) => {
    const dir = newFolder();
    const file = path.join(dir, "server.jsonl");
    ODD[what]?.(file);
    const { clock, told, sink, written } = open(dir);
    sink.write('{"line":0}', true);
    await until(() => {
      clock.advance(100);
      return told.length > 0;
    });
    clock.advance(5_000);
    expect(told).toEqual([
      expect.stringMatching(/^log: file cannot be written \([A-Z_]+\); its lines wait/),
    ]);
    rmSync(file, { recursive: true });
    await written(1);
    sink.close();
    expect(readFileSync(file, "utf8")).toBe('{"line":0}\n');
  },
);

it.for(Object.keys(ODD))("[LO12] ends at once and counts its lines beside %s", (what) => {
  const dir = newFolder();
  ODD[what]?.(path.join(dir, "server.jsonl"));
  const { sink } = open(dir);
  sink.write('{"line":0}', true);
  sink.close();
  expect(sink.losses).toMatchObject({ lines: 0, dropped: { disk: 1 } });
});

it("[LO12] rotates past directories that have the names of old files", async () => {
  const dir = newFolder();
  for (const index of [2, 3, 9]) {
    mkdirSync(path.join(dir, `server.${index}.jsonl`, "full"), { recursive: true });
  }
  const { sink, written, told } = open(dir);
  for (let line = 0; line < 50; line++) {
    sink.write(JSON.stringify({ line }), true);
    await written(line + 1);
  }
  sink.close();
  expect(told).toEqual([]);
  expect(readFileSync(path.join(dir, "server.jsonl"), "utf8")).toContain('{"line":49}');
});

it("[LO13] says why no file can be made, once until one can", async () => {
  const parent = newFolder();
  const inTheWay = path.join(parent, "logs");
  writeFileSync(inTheWay, "");
  const { sink, written, told, clock } = open(path.join(inTheWay, "00"));
  for (let line = 0; line < 5; line++) {
    sink.write(JSON.stringify({ line }), true);
    await until(() => {
      clock.advance(100);
      return told.length > 0;
    });
  }
  expect(told).toEqual([expect.stringContaining("log: file cannot be written (ENOTDIR)")]);
  rmSync(inTheWay);
  await written(5);
  rmSync(inTheWay, { recursive: true });
  writeFileSync(inTheWay, "");
  clock.advance(2_000);
  sink.write('{"line":5}', true);
  await until(() => {
    clock.advance(100);
    return told.length > 1;
  });
  sink.close();
});
