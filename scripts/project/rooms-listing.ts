/**
 * What a project's rooms module has, found out by a process of its own: loading it runs the project's code.
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { sourceFile } from "../source-files.ts";

/** A module that takes longer waits for something. */
const LOAD_TIMEOUT_MS = 20_000;
/** Last words of a process that died over it. */
const WORDS_MAX = 2_000;

export interface ListedGame {
  /** What players join by. */
  readonly name: string;
  readonly kind: "simulation" | "room";
  /** 1 to 200, as many as Amazon GameLift gives a game session. */
  readonly seatsMax: number;
}

export interface RoomsListing {
  readonly games: readonly ListedGame[];
  /** The project's files that the module is made of, absolute. */
  readonly sources: readonly string[];
}

/** What was found, or what is wrong with the module. */
export type RoomsListed = RoomsListing | { readonly mistake: string };

/**
 * @param file - The rooms module, absolute.
 * @param folder - The project's: the working directory.
 */
export async function listRooms(
  file: string,
  folder: string,
  timeoutMs = LOAD_TIMEOUT_MS,
): Promise<RoomsListed> {
  const child = spawn(process.execPath, [sourceFile("scripts/project/list-rooms.ts"), file], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-WORDS_MAX);
  });
  let listed: RoomsListed | undefined;
  child.on("message", (message: RoomsListed) => {
    listed = message;
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, timeoutMs);
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  clearTimeout(timer);
  if (listed !== undefined) return listed;
  if (isLate) {
    const seconds = timeoutMs / 1000;
    return { mistake: `${file} is not loaded after ${seconds} s: it waits for something` };
  }
  const how = signal ?? `exit code ${code}`;
  return { mistake: `${file} ended the process that loaded it (${how}). ${words}`.trim() };
}
