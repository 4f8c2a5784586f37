import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { newFolder } from "../../../support/log-places.ts";

const WRITER = fileURLToPath(new URL("./stdout-writer.ts", import.meta.url));

interface Told {
  readonly made: number;
  readonly lines: number;
  readonly dropped: Readonly<Record<string, number>>;
}

const linesOf = (text: string) =>
  text
    .split("\n")
    .filter((line) => line.startsWith("{") && !line.includes("log_lines_dropped"))
    .map((line) => JSON.parse(line).line as number);
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const toldBy = (stderr: string): Told => JSON.parse(stderr.trim().split("\n").at(-1) ?? "");
const lost = ({ dropped }: Told) => Object.values(dropped).reduce((sum, count) => sum + count, 0);

/** Runs the writer in a shell, whose words for its standard output stand where `OUT` is. */
function inShell(command: string): { out: string; err: string } {
  const folder = newFolder();
  const err = path.join(folder, "err");
  const line = command.replace("WRITER", `"${process.execPath}" "${WRITER}"`);
  const out = execFileSync("/bin/sh", ["-c", line], { cwd: folder, env: { ERR: err } });
  return { out: out.toString(), err: readFileSync(err, "utf8") };
}

describe("the log on standard output", () => {
  it("[LO8] comes whole through a pipe", () => {
    const { out, err } = inShell('WRITER 3 2000 5 2>"$ERR" | /bin/cat');
    expect(linesOf(out)).toEqual(numbers(6_000));
    expect(toldBy(err)).toMatchObject({ made: 6_000, lines: 6_000 });
  });

  it("[LO8] comes whole into a file that standard error shares", () => {
    const { out, err } = inShell('WRITER 3 200 30 >out 2>&1; /bin/cat out; echo "{}" >"$ERR"');
    expect(linesOf(out.replace(/^.*"made".*$/m, ""))).toEqual(numbers(600));
    expect(out).toMatch(/^begun$/m);
    expect(out).toContain('"made":600');
    expect(err).toBe("{}\n");
  });

  it("[LO8] goes on behind what a file has", () => {
    const { out } = inShell('echo before >out; WRITER 1 5 2>"$ERR" >>out; /bin/cat out');
    expect(out.startsWith("before\n")).toBe(true);
    expect(linesOf(out)).toEqual(numbers(5));
  });

  it("[LO8] counts all lines as lost on a device that is full", () => {
    const { err } = inShell('WRITER 2 10 50 2>"$ERR" >/dev/full');
    expect(toldBy(err)).toMatchObject({ made: 20, lines: 0, dropped: { disk: 20 } });
  });

  it("[LO7] outlives a pipe's reader, and counts what he did not get", () => {
    const { out, err } = inShell('WRITER 20 1000 20 2>"$ERR" | /usr/bin/head -n 10');
    expect(linesOf(out)).toEqual(numbers(10));
    expect(toldBy(err).dropped["gone"]).toBeGreaterThan(10_000);
  });

  it("[LO8] comes whole through a socket, and outlives its reader", async () => {
    const start = (args: string[]) => {
      const writer = spawn(process.execPath, [WRITER, ...args], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      const text = { out: "", err: "" };
      writer.stdout.on("data", (chunk) => {
        text.out += chunk;
      });
      writer.stderr.on("data", (chunk) => {
        text.err += chunk;
      });
      return { writer, text, exited: once(writer, "close") };
    };
    const whole = start(["3", "2000", "20"]);
    expect(await whole.exited).toEqual([0, null]);
    expect(linesOf(whole.text.out)).toEqual(numbers(6_000));
    const cut = start(["30", "1000", "20"]);
    await once(cut.writer.stderr, "data");
    cut.writer.stdout.destroy();
    expect(await cut.exited).toEqual([0, null]);
    expect(toldBy(cut.text.err).dropped["gone"]).toBeGreaterThan(10_000);
  });

  it("[LO2] keeps a bounded number of bytes for a socket's reader who stalls", async () => {
    const stdio = ["ignore", "pipe", "pipe"] as const;
    const writer = spawn(process.execPath, [WRITER, "10", "4000", "50"], { stdio: [...stdio] });
    let err = "";
    writer.stderr.on("data", (chunk) => {
      err += chunk;
    });
    writer.stdout.pause();
    await once(writer, "exit");
    const told = toldBy(err);
    expect(told.dropped["full"]).toBeGreaterThan(20_000);
    expect(told.lines + lost(told)).toBe(40_000);
    writer.stdout.resume();
  });
});
