import { realpathSync } from "node:fs";
import path from "node:path";
import { inLaunchRoot, isInside, type LaunchTarget } from "../launch-path.ts";
import { SUPERVISOR_LIMITS } from "../limits.ts";

/** A file or folder whose logs are collected. */
export interface LogSource {
  /** As the process named it. */
  readonly named: string;
  readonly file: string;
  /** Its path in a zip: as on an instance, without the first slash. */
  readonly nameInZip: string;
}

/** What the service's agent refuses. */
const FORBIDDEN = /[<>"'|*?[\]\n\r\\\0]/;

/**
 * Finds a log path that a process named in ProcessReady, by the rules of the service: relative to the folder of its
 * program, or absolute below `/local/game`, which the launch root stands for.
 * @returns In words what is wrong with it; whether anything is there is not looked at.
 */
export function logSource(named: string, target: LaunchTarget): LogSource | string {
  if (named === "") return "is empty";
  const { logPathCharactersMax } = SUPERVISOR_LIMITS;
  const absolute = path.resolve(path.dirname(target.program), inLaunchRoot(named, target.root));
  if (named.length > logPathCharactersMax || absolute.length > logPathCharactersMax) {
    return `has more than ${logPathCharactersMax} characters`;
  }
  if (FORBIDDEN.test(named)) return `has one of < > " ' | * ? [ ] \\ or a line end in it`;
  if (!isInside(absolute, target.root)) return "lies outside of the launch root";
  // The way to it may go over links, as long as it stays inside.
  const folder = absolute === target.root ? absolute : path.dirname(absolute);
  const realFolder = realPath(folder);
  if (realFolder !== undefined && !isInside(realFolder, realPath(target.root) ?? target.root)) {
    return "leads outside of the launch root";
  }
  const inRoot = path.relative(target.root, absolute);
  return { named, file: absolute, nameInZip: path.posix.join("local/game", inRoot) };
}

function realPath(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}
