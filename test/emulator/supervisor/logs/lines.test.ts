import { describe, expect, it } from "vitest";
import { LineRate, LineReader, printable } from "../../../../emulator/supervisor/logs/lines.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

function read(pieces: readonly (string | Buffer)[]): string[] {
  const lines: string[] = [];
  const reader = new LineReader((line) => lines.push(line));
  for (const piece of pieces) reader.take(Buffer.from(piece));
  reader.end();
  return lines;
}

describe("lines of a process", () => {
  it("[EV13] are whole, wherever the pieces end", () => {
    const text = "one\n\ntwo é\r\nthree";
    const bytes = Buffer.from(text);
    const expected = ["one", "", "two é", "three"];
    expect(read([bytes])).toEqual(expected);
    for (let at = 1; at < bytes.length; at++) {
      expect(read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(expected);
    }
    expect(read([...bytes].map((byte) => Buffer.of(byte)))).toEqual(expected);
    expect(read([])).toEqual([]);
    expect(read(["a\n"])).toEqual(["a"]);
  });

  it("[EV13] are cut at 16 KB, so that little waits", () => {
    const long = "x".repeat(40_000);
    const lines = read([long, "y\n", "z".repeat(16_384), "\nend\n"]);
    expect(lines.map((line) => line.length)).toEqual([
      16_384,
      16_384,
      40_001 - 2 * 16_384,
      16_384,
      3,
    ]);
    expect(lines.slice(0, 3).join("")).toBe(`${long}y`);
  });

  it("[EV13] pass at so many in a second", () => {
    const clock = new FakeClock();
    const rate = new LineRate(clock, 3);
    const take = () => [1, 2, 3, 4, 5].filter(() => rate.take()).length;
    expect(take()).toBe(3);
    clock.advance(999);
    expect(take()).toBe(0);
    clock.advance(1);
    expect(take()).toBe(3);
  });

  it("[EV13] move no cursor when they are printed, and are not endless", () => {
    expect(printable("\u001b[31mred\u001b[0m\tx\u0007\u001b]0;title\u0007y\u009b2Jz\r")).toBe(
      "red x yz ",
    );
    expect(printable("x".repeat(3_000))).toHaveLength(2_000);
  });
});
