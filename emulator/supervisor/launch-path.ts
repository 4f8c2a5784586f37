/**
 * Where a launch path leads on this machine. Programs are started from below the launch roots alone, whatever a fleet's
 * configuration, which anybody who reaches the API may write, says.
 * @module
 */
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import path from "node:path";

/** The folder of the game on a Linux instance; launch roots stand for it. */
const GAME_FOLDER = "/local/game";

export interface LaunchTarget {
  /** Absolute. As it was named, links unresolved: a program may look at the name it is called by. */
  readonly program: string;
  /** The launch root that it was found in: the working directory, as `/local/game` is on an instance. */
  readonly root: string;
}

export interface LaunchRefusal {
  /** For the person who wrote the configuration, with what to do. */
  readonly refusal: string;
}

/**
 * @param launchPath - `/local/game/…`, looked for in each root in turn, or an absolute path in one of them.
 * @param launchRoots - In the order of the command line.
 */
export function launchTarget(
  launchPath: string,
  launchRoots: readonly string[],
): LaunchTarget | LaunchRefusal {
  if (launchRoots.length === 0) {
    return refusal(
      launchPath,
      `no program may be started. Start the emulator with --launch-root DIR, the folder that ${GAME_FOLDER} stands for`,
    );
  }
  const roots = launchRoots.map((root) => path.resolve(root));
  const named = namedTargets(launchPath, roots);
  const [first] = named;
  if (first === undefined) {
    return refusal(
      launchPath,
      `must lie in ${GAME_FOLDER}/ or in a --launch-root: ${roots.join(", ")}`,
    );
  }
  const target = named.find(({ program }) => realPath(program) !== undefined);
  if (target === undefined) return refusal(launchPath, `there is no file ${first.program}`);
  const wrong = wrongWith(target.program, roots);
  return wrong === undefined ? target : refusal(launchPath, wrong);
}

/** Replaces `/local/game` at the start of an argument, or behind its first `=`, by the launch root. */
export function inLaunchRoot(argument: string, root: string): string {
  return argument.replace(
    /^([^/=]*=)?\/local\/game(?=\/|$)/,
    (_, before: string | undefined) => `${before ?? ""}${root}`,
  );
}

/** Whether `file` is `folder` or lies in it, by their names alone. */
export function isInside(file: string, folder: string): boolean {
  const way = path.relative(folder, file);
  return way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}

function namedTargets(launchPath: string, roots: readonly string[]): LaunchTarget[] {
  if (!path.isAbsolute(launchPath)) return [];
  return roots
    .map((root) => ({ program: path.resolve(inLaunchRoot(launchPath, root)), root }))
    .filter(({ program, root }) => program !== root && isInside(program, root));
}

function wrongWith(program: string, roots: readonly string[]): string | undefined {
  const real = realPath(program) ?? program;
  if (!roots.some((root) => isInside(real, realPath(root) ?? root))) {
    return `${program} leads to ${real}, which lies in no --launch-root: ${roots.join(", ")}`;
  }
  if (!statSync(real).isFile()) return `${program} is no file`;
  // It goes through `env`, which would take it for a variable.
  if (program.includes("=")) return `${program} has a "=" in its name: rename the folder`;
  try {
    accessSync(real, constants.X_OK);
  } catch {
    return `${program} is not executable: chmod +x ${program}`;
  }
  return undefined;
}

/** @returns `undefined` for what is not there, or cannot be looked at. */
function realPath(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}

function refusal(launchPath: string, why: string): LaunchRefusal {
  return { refusal: `LaunchPath ${launchPath}: ${why}` };
}
