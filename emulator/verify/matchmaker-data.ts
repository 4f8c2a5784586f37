import { readFileSync } from "node:fs";
import { EmulatorError, EmulatorErrorCode } from "../errors.ts";
import { VERIFY_LIMITS } from "./limits.ts";

/** @throws EmulatorError EMULATOR_VERIFY_FAILED when a matchmaker would not have written it. */
export function readMatchmakerData(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw failed(`cannot be read (${code}): --matchmaker-data names ${file}`, cause);
  }
  const max = VERIFY_LIMITS.matchmakerDataCharsMax;
  if (text.length > max) throw failed(`has more than ${max} characters`);
  if (matchedPlayerIds(text).length === 0)
    throw failed("has no teams with players: it is the JSON that a game session is created with");
  return text;
}

/** Those whom a matchmaker put into teams, in their order; nobody where it is no matchmaker's. */
export function matchedPlayerIds(matchmakerData: string): readonly string[] {
  const teams = membersOf(parsed(matchmakerData))["teams"];
  return listOf(teams)
    .flatMap((team) => listOf(membersOf(team)["players"]))
    .map((player) => membersOf(player)["playerId"])
    .filter((playerId) => typeof playerId === "string");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function failed(why: string, cause?: unknown): EmulatorError {
  const { EMULATOR_VERIFY_FAILED } = EmulatorErrorCode;
  return new EmulatorError(EMULATOR_VERIFY_FAILED, `the matchmaker's data ${why}`, { cause });
}
