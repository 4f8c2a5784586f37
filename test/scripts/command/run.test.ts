import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import packageJson from "../../../package.json" with { type: "json" };
import { COMMANDS } from "../../../scripts/command/commands.ts";
import { run } from "../../../scripts/command/run.ts";

const PROGRAM = path.join(import.meta.dirname, "../../../scripts/fleetroom.ts");

/** @param words - What is typed; an absolute folder among them is where. */
async function typed(...words: string[]) {
  const folder = words.find((word) => path.isAbsolute(word)) ?? "/nowhere";
  const refused = vi.spyOn(console, "error").mockImplementation(() => {});
  const said: string[] = [];
  const place = { folder, env: {}, print: (line: string) => said.push(line) };
  const code = await run(
    words.filter((word) => word !== folder),
    place,
  );
  return { code, said: said.join("\n"), refused: refused.mock.calls.join("\n") };
}
afterEach(() => vi.restoreAllMocks());

describe("fleetroom", () => {
  it("[PK5] says what commands there are, and each what it takes", async () => {
    const help = await typed("--help");
    expect(help.code).toBe(0);
    for (const { name, flags } of COMMANDS) {
      expect(help.said).toContain(`fleetroom ${name}`);
      const own = await typed(name, "--help");
      expect(own.code).toBe(0);
      for (const flag of flags) expect(own.said).toContain(`--${flag.name}`);
    }
    expect((await typed("--version")).said).toBe(packageJson.version);
  });

  it.each([
    [["dve"], '"dve": there is no such command; there are dev, start, build, verify, anywhere'],
    [
      ["dev", "--prot", "1"],
      "fleetroom dev: --prot: there is no such flag; there are --rooms FILE",
    ],
    [["dev", "--port", "99999"], "--port 99999: a whole number from 0 to 65535 is allowed"],
    [["doctor", "x"], "fleetroom doctor: x: only flags are allowed"],
    [["start"], "fleetroom start: there is no rooms module in /nowhere"],
    [["build", "--rooms", "a.ts"], "fleetroom build: there is no a.ts in /nowhere"],
    [["anywhere", "--rooms", "a.ts", "--", "x"], "--rooms: not with a command behind --"],
  ])("[PK5] refuses %o with what to do", async (words, refusal) => {
    const { code, refused } = await typed(...words);
    expect(code).toBe(1);
    expect(refused).toContain(refusal);
  });

  it("[PK8] starts nothing with rooms that do not load, and says why", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-broken-"));
    try {
      writeFileSync(path.join(folder, "rooms.ts"), "export const rooms = { a: 1 };");
      const { code, said, refused } = await typed("dev", folder);
      expect([code, said]).toEqual([1, ""]);
      expect(refused).toContain('"a" is neither a Simulation nor a Room class');
      expect(readdirSync(folder)).toEqual(["rooms.ts"]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("[PK4] says in one sentence that a Node is too old, and loads nothing", () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-old-node-"));
    try {
      const old = path.join(folder, "old.mjs");
      writeFileSync(old, 'Object.defineProperty(process.versions, "node", { value: "20.20.0" });');
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ["--import", old, PROGRAM, "dev"],
        { encoding: "utf8" },
      );
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(
        /^fleetroom needs Node 24 or newer, and this is 20\.20\.0: [^\n]+\.\n$/,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
