import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ProcessOutputs } from "../../../../emulator/supervisor/logs/process-output.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

let folder: string;
let printed: string[];
let clock: FakeClock;
let outputs: ProcessOutputs;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-output-"));
  printed = [];
  clock = new FakeClock();
  outputs = new ProcessOutputs({ clock, print: (line) => printed.push(line), folder });
  outputs.open();
});

afterEach(() => rmSync(folder, { recursive: true }));

const id = (at: number) => `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`;
const kept = (at: number) => readFileSync(path.join(folder, `${id(at)}.log`), "utf8");
/** Lets the disk work. */
async function turnsUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

const say = (text: string) => Buffer.from(text);

describe("the output of a process", () => {
  it("[EV13] is printed behind its prefix and kept in a file of its own, both streams in whole lines", async () => {
    const output = outputs.of(id(1), "[games 1] ", "");
    output.out(say("one\ntw"));
    output.errorOut(say("wrong\n"));
    output.out(say("o\nrest"));
    output.end();
    await output.ended;
    expect(printed).toEqual(["one", "wrong", "two", "rest"].map((line) => `[games 1] ${line}`));
    expect(kept(1)).toBe("one\nwrong\ntwo\nrest\n");
    expect(statSync(path.join(folder, `${id(1)}.log`)).mode & 0o777).toBe(0o600);
  });

  it("[EV13] never shows the token that the process was given", async () => {
    const output = outputs.of(id(1), "", "secret-token");
    output.out(say("TOKEN=secret-token, again secret-token\n"));
    output.end();
    await output.ended;
    expect(printed).toEqual(["TOKEN=[token], again [token]"]);
    expect(kept(1)).toBe("TOKEN=[token], again [token]\n");
  });

  it("[EV13] is printed at 20 lines a second, and the rest is counted", async () => {
    const output = outputs.of(id(1), "", "");
    const lines = Array.from({ length: 100 }, (_, at) => `line ${at}`);
    output.out(say(lines.map((line) => `${line}\n`).join("")));
    expect(printed).toEqual(lines.slice(0, 20));
    clock.advance(1_000);
    output.out(say("later\n"));
    expect(printed.slice(20)).toEqual([`… 80 lines more, see ${folder}/${id(1)}.log`, "later"]);
    output.end();
    await output.ended;
    expect(kept(1)).toBe([...lines, "later", ""].join("\n"));
  });

  it("[EV13] is printed at 200 lines a second from all processes together", async () => {
    const all = Array.from({ length: 20 }, (_, at) => outputs.of(id(at), "", ""));
    for (const output of all) output.out(say("x\n".repeat(50)));
    expect(printed).toHaveLength(200);
    for (const output of all) output.end();
    await Promise.all(all.map(({ ended }) => ended));
    expect(printed.slice(200).every((line) => line.startsWith("… "))).toBe(true);
  });

  it("[EV13] is kept up to 10 MB, and the file says that it was cut", async () => {
    const output = outputs.of(id(1), "", "");
    const block = Buffer.from(`${"x".repeat(1_023)}\n`.repeat(512));
    const file = path.join(folder, `${id(1)}.log`);
    for (let blocks = 1; blocks <= 24; blocks++) {
      output.out(block);
      const wantedBytes = Math.min(blocks, 20) * block.length;
      // The disk has its turn, so that nothing is dropped for its sake.
      await turnsUntil(() => existsSync(file) && statSync(file).size >= wantedBytes);
    }
    output.end();
    await output.ended;
    expect(kept(1)).toHaveLength(
      10 * 1_024 * 1_024 + Buffer.from("cut here: only 10485760 bytes are kept").length + 3,
    );
    expect(kept(1).endsWith("… cut here: only 10485760 bytes are kept\n")).toBe(true);
  });

  it("[EV13] is dropped where the disk does not follow, which the file says, so that the process never waits", async () => {
    const output = outputs.of(id(1), "", "");
    const lines = 3_000;
    // In one turn nothing reaches the disk.
    output.out(say(`${"x".repeat(1_023)}\n`.repeat(lines)));
    output.end();
    await output.ended;
    const keptLines = kept(1).split("\n").slice(0, -1);
    const [, dropped] = /^… (\d+) lines came too fast to be kept$/.exec(keptLines.at(-1)!)!;
    expect(keptLines.length - 1 + Number(dropped)).toBe(lines);
    expect(keptLines.length - 1).toBe(1_025);
  });

  it("[EV13] ends well where the file cannot be written, which is said once", async () => {
    mkdirSync(path.join(folder, `${id(1)}.log`));
    const output = outputs.of(id(1), "[p] ", "");
    output.out(say("one\n"));
    await turnsUntil(() => printed.some((line) => line.includes("cannot be kept")));
    output.out(say("two\n"));
    output.end();
    await output.ended;
    expect(printed.filter((line) => line.includes("cannot be kept"))).toHaveLength(1);
    expect(printed).toContain("[p] two");
  });

  it("[EV13] is kept of the newest 200 processes, those of earlier runs included", async () => {
    for (let at = 0; at < 210; at++) {
      const file = path.join(folder, `${id(at)}.log`);
      writeFileSync(file, "");
      utimesSync(file, at, at);
    }
    writeFileSync(path.join(folder, "mine.log"), "");
    writeFileSync(path.join(folder, `${id(0)}.txt`), "");
    outputs.open();
    expect(readdirSync(folder)).toHaveLength(202);
    expect(existsSync(path.join(folder, `${id(9)}.log`))).toBe(false);
    expect(existsSync(path.join(folder, `${id(10)}.log`))).toBe(true);

    rmSync(folder, { recursive: true });
    outputs.open();
    const running = outputs.of(id(0), "", "");
    for (let at = 1; at < 205; at++) {
      const output = outputs.of(id(at), "", "");
      output.end();
      await output.ended;
    }
    running.out(say("still here\n"));
    running.end();
    await running.ended;
    expect(readdirSync(folder)).toHaveLength(200);
    expect(kept(0)).toBe("still here\n");
    expect(existsSync(path.join(folder, `${id(5)}.log`))).toBe(false);
    expect(existsSync(path.join(folder, `${id(6)}.log`))).toBe(true);
  });
});
