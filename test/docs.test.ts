import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import { ErrorCode } from "../server/errors.ts";
import { MemoryTelemetry } from "../server/telemetry/memory/memory-telemetry.ts";

const ROOT = path.join(import.meta.dirname, "..");
const PAGES = [
  ...["README.md", "CHANGELOG.md", "emulator/README.md"],
  ...globSync("docs/**/*.md", { cwd: ROOT }),
].sort();

const read = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");

/** The cells of every table row of a page, without code marks; `|` inside code is not used in our tables. */
function rowsOf(page: string): string[][] {
  return read(page)
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.replaceAll("`", "").trim()),
    );
}

function firstCells(page: string): Set<string> {
  return new Set(rowsOf(page).map(([first = ""]) => first));
}

function missingFrom(known: ReadonlySet<string>, wanted: readonly string[]): string[] {
  return wanted.filter((each) => !known.has(each));
}

/** Rule ids in titles of tests, as `[AD1] ...` at the start of a string. */
function idsInTests(): Set<string> {
  const files = globSync("test/**/*.ts", { cwd: ROOT });
  const ids = files.flatMap((file) =>
    [...read(file).matchAll(/["'`]\[([A-Z]{2}\d+)\] /g)].map((match) => match[1] ?? ""),
  );
  return new Set(ids);
}

function idsInSpec(): string[] {
  return [...read("docs/SPEC.md").matchAll(/^- \*\*([A-Z]{2}\d+)\*\* /gm)].map(
    (match) => match[1] ?? "",
  );
}

/** GitHub's anchors: lower case, blanks to hyphens, everything else but letters, digits, `_` and `-` dropped. */
function anchorsOf(page: string): Set<string> {
  const headings = [...read(page).matchAll(/^#{1,6} (.+)$/gm)].map((match) => match[1] ?? "");
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

function brokenLinks(page: string): string[] {
  const prose = read(page).replaceAll(/^```[\s\S]*?^```/gm, "");
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? page : path.join(path.dirname(page), file);
    if (!existsSync(path.join(ROOT, target))) return true;
    return anchor !== undefined && !anchorsOf(target).has(anchor);
  });
}

describe("docs/SPEC.md", () => {
  const spec = idsInSpec();

  it("[DC1] has every rule that a test title names", () => {
    expect(missingFrom(new Set(spec), [...idsInTests()])).toEqual([]);
  });

  it("[DC1] has no rule without a test", () => {
    expect(missingFrom(idsInTests(), spec)).toEqual([]);
  });

  it("[DC1] has every rule once", () => {
    expect(spec.filter((id, index) => spec.indexOf(id) !== index)).toEqual([]);
  });
});

describe("the pages of reference", () => {
  it("[DC2] tell what to do about every error code", () => {
    expect(missingFrom(firstCells("docs/RUNBOOK.md"), Object.values(ErrorCode))).toEqual([]);
  });

  it.each(Object.entries(CLOSE_CODES))(
    "[DC3] explain close code %s",
    (code, { name, mayRetry }) => {
      const row = rowsOf("docs/PROTOCOL.md").find(([first]) => first === code);
      expect(row?.[1]).toBe(name);
      expect(row?.at(-1)).toBe(mayRetry ? "yes" : "no");
    },
  );

  it("[DC4] list every event", () => {
    // The base class has one method per event of the port; the compiler sees to that.
    const base = Object.getPrototypeOf(MemoryTelemetry.prototype) as object;
    const methods = Object.getOwnPropertyNames(base).filter((name) => name !== "constructor");
    const events = methods.map((name) => name.replace(/[A-Z]/g, (big) => `_${big.toLowerCase()}`));
    expect(events.length).toBeGreaterThan(20);
    expect(missingFrom(firstCells("docs/TELEMETRY.md"), events)).toEqual([]);
  });
});

describe.each(PAGES)("%s", (page) => {
  it("[DC5] links to what exists", () => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it("[DC6] names only commands that exist", () => {
    const named = [...read(page).matchAll(/\bnpm run ([a-z][a-z0-9:-]*)/g)].map(
      (match) => match[1] ?? "",
    );
    expect(missingFrom(new Set(Object.keys(packageJson.scripts)), named)).toEqual([]);
  });
});
