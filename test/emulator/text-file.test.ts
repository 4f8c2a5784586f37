import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readFleetFile } from "../../emulator/fleet-file.ts";
import { readTextFile } from "../../emulator/text-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-text-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each(["a", "é", "€", "😀", "\ud800"])(
  "[EM20] A text of %j is read whole up to its bound, and never seems shorter beyond",
  (unit) => {
    const file = path.join(folder, "text");
    const max = 70_000;
    for (const count of [0, 1, max / 2, max, max + 2, 5 * max]) {
      const text = unit.repeat(count);
      writeFileSync(file, text);
      const read = readTextFile(file, max);
      // A lone surrogate has no UTF-8.
      if (text.length <= max) expect(read === text.toWellFormed()).toBe(true);
      else expect(read.length).toBeGreaterThan(max);
    }
  },
);

it("[EM20] A fleet file without an end is refused for its size", () => {
  expect(() => readFleetFile("/dev/zero")).toThrow(
    expect.objectContaining({
      code: "EMULATOR_FLEET_FILE_INVALID",
      message: expect.stringContaining("too many characters; allowed are 1048576"),
    }),
  );
});
