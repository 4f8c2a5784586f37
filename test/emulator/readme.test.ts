import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EmulatorErrorCode } from "../../emulator/errors.ts";
import { type Flag, flags } from "../../emulator/flags.ts";
import schema from "../../emulator/fleet.schema.json" with { type: "json" };

const README = readFileSync("emulator/README.md", "utf8");

/** The rows of the table under a heading, without code marks. */
function tableUnder(heading: string): string[][] {
  const section = README.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) => line.split(" | ").map((cell) => cell.replaceAll(/[`|]/g, "").trim()));
}

describe("emulator/README.md", () => {
  it("[EM17] has a row for every flag, in order, with its default", () => {
    const rows = tableUnder("Flags");
    const table: Flag<unknown>[] = Object.values(flags);
    expect(rows.map(([flag]) => flag)).toEqual(table.map(({ flag }) => `--${flag}`));
    for (const [index, { value, defaultText }] of table.entries()) {
      if (defaultText === undefined) continue;
      expect(rows[index]?.[1]).toBe(value === undefined ? "off" : defaultText);
    }
  });

  it("[EM17] has a row for every error code, and for every member of a fleet file", () => {
    expect(tableUnder("When it cannot start").map(([code]) => code)).toEqual(
      expect.arrayContaining(Object.values(EmulatorErrorCode)),
    );
    const members = tableUnder("The fleet file").flatMap(([names = ""]) => names.split(", "));
    expect(["$schema", ...members]).toEqual(Object.keys(schema.properties));
  });
});
