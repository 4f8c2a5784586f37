/**
 * Where a project's rooms module is.
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** Looked for in this order when nobody names one. */
const USUAL_ROOMS = ["rooms.ts", "rooms/index.ts", "rooms.js"] as const;
/** The server's own default. */
const CONFIG_FILE = "fleetroom.json";

export interface RoomsQuestion {
  /** The project's folder, absolute. */
  readonly folder: string;
  /** Of `--rooms`. */
  readonly given?: string | undefined;
  /** Of `--config`. */
  readonly configFile?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type RoomsAnswer =
  | {
      /** From the project's folder, as launch parameters can name it. */
      readonly name: string;
      /** Absolute. */
      readonly file: string;
    }
  | {
      /** What is wrong, and what to do. */
      readonly mistake: string;
    };

/** By `--rooms`, else `FLEETROOM_ROOMS`, else `rooms` of the configuration file, else a usual name. */
export function findRooms({ folder, given, configFile, env }: RoomsQuestion): RoomsAnswer {
  const named = given ?? (env["FLEETROOM_ROOMS"] || undefined);
  const config = configFile ?? (env["FLEETROOM_CONFIG"] || CONFIG_FILE);
  const configured = named === undefined ? roomsIn(path.resolve(folder, config)) : undefined;
  if (typeof configured === "object") return { mistake: `${config}: ${configured.mistake}` };
  const wanted = named ?? configured;
  const candidates = wanted === undefined ? USUAL_ROOMS : [wanted];
  const name = candidates.find((each) => existsSync(path.resolve(folder, each)));
  if (name === undefined) {
    return {
      mistake: wanted === undefined ? noRooms(folder) : `there is no ${wanted} in ${folder}`,
    };
  }
  const file = path.resolve(folder, name);
  return { file, name: path.relative(folder, file) || name };
}

/** @returns `undefined` when the file names none. The server itself judges the rest of it. */
function roomsIn(configFile: string): string | undefined | { mistake: string } {
  let text: string;
  try {
    text = readFileSync(configFile, "utf8");
  } catch {
    return undefined;
  }
  try {
    const { rooms } = (JSON.parse(text) ?? {}) as { rooms?: unknown };
    if (rooms === undefined || rooms === "") return undefined;
    return typeof rooms === "string" ? rooms : { mistake: '"rooms" is to be the path of a module' };
  } catch {
    return { mistake: "is not JSON; correct it, or remove it" };
  }
}

function noRooms(folder: string): string {
  return `there is no rooms module in ${folder}: ${USUAL_ROOMS.join(", ")} are looked for. It maps names to Colyseus Room classes and Simulations, for example in rooms.ts:

  import { MyRoom } from "./my-room";
  export const rooms = { my_room: MyRoom };

One that is called otherwise is named by --rooms FILE, or by { "rooms": "FILE" } in ${CONFIG_FILE}.`;
}
