/**
 * A look at the rooms module and at the settings that a server would read.
 * @module
 */
import { readFileSync } from "node:fs";
import { readConfig } from "../../../server/config.ts";
import { findRooms } from "../../project/find-rooms.ts";
import { type ListedGame, listRooms } from "../../project/rooms-listing.ts";
import type { Finding, Patient } from "./finding.ts";

export async function roomsFindings(patient: Patient): Promise<Finding[]> {
  const about = "rooms";
  const { folder, env, givenRooms } = patient;
  const found = findRooms({ folder, given: givenRooms, env });
  if ("mistake" in found) {
    return [{ about, state: "wrong", words: found.mistake }, settingsFinding(patient)];
  }
  const listed = await listRooms(found.file, folder);
  if ("mistake" in listed) {
    const advice = "correct the module; fleetroom doctor loads it again";
    return [{ about, state: "wrong", words: listed.mistake, advice }, settingsFinding(patient)];
  }
  const { games } = listed;
  const words = `${found.name}: ${games.map(inWords).join(", ")}`;
  return [{ about, state: "good", words }, settingsFinding(patient, games)];
}

function inWords({ name, kind, seatsMax }: ListedGame): string {
  const what = kind === "simulation" ? "a Simulation" : "a Colyseus room";
  return `${name} (${what}, up to ${seatsMax} players)`;
}

/** By the server's own reader, which says every mistake at once. */
function settingsFinding({ folder, env }: Patient, games?: readonly ListedGame[]): Finding {
  const about = "settings";
  try {
    const { room } = readConfig({ env, argv: [], cwd: folder, readFile: textOf });
    if (room !== "" && games?.some(({ name }) => name === room) === false) {
      const names = games.map(({ name }) => name).join(", ");
      const advice = "name another as room in fleetroom.json or FLEETROOM_ROOM, or none";
      return { about, state: "wrong", words: `room is ${room}; there is ${names}`, advice };
    }
    return { about, state: "good", words: "fleetroom.json and FLEETROOM_ variables can be read" };
  } catch (error) {
    const advice = "docs/CONFIGURATION.md has every setting";
    return { about, state: "wrong", words: (error as Error).message, advice };
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
