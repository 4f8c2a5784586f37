import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { lobbySettings } from "../../../backend/lobby/config.ts";
import { REFUSALS, type RefusalCode, refusalRow } from "../../../backend/lobby/refusals.ts";

const page = readFileSync(path.join(import.meta.dirname, "../../../docs/LOBBY.md"), "utf8");
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").map((cell) => cell.trim().replaceAll("`", "")));

it("[LB17] has a row for every setting, with its default", () => {
  const told = rows.filter(([, name]) => name?.startsWith("LOBBY_"));
  expect(told.map(([, name]) => name)).toEqual(Object.keys(lobbySettings));
  for (const [, name, shown] of told) {
    const { defaultText } = lobbySettings[name as keyof typeof lobbySettings];
    if (defaultText) expect(shown).toBe(defaultText);
  }
});

it("[LB17] has a row for every refusal, with its status and when to ask again", () => {
  const codes = Object.keys(REFUSALS) as RefusalCode[];
  const told = rows.filter(([, code]) => code !== undefined && code in REFUSALS);
  expect(told.map(([, code]) => code)).toEqual(codes);
  for (const [, code, status, retryAfter] of told) {
    const row = refusalRow(code as RefusalCode);
    expect([status, retryAfter]).toEqual([String(row.status), `${row.retryAfterSeconds ?? ""}`]);
  }
});
