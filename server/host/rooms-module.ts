/**
 * Loads the module that maps names to games. It goes through esbuild, which honours the nearest tsconfig, so that
 * decorators, enums and CommonJS of an older Colyseus project load as they are.
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { build, type OnResolveArgs, type Plugin, stop } from "esbuild";
import { SCHEMA_VERSION_CHARS_MAX } from "../../protocol/control.ts";
import type { Simulation } from "../../rooms/simulation.ts";
import { ErrorCode, GameServerError } from "../errors.ts";
import { GameChoice, type HostedGame } from "./game-choice.ts";
import type { RoomClass } from "./hosted-room.ts";

/**
 * Loads a rooms module: its `rooms` export, or else its default export, is an object whose values are Simulations,
 * Room classes, or what Colyseus's `defineRoom` returns.
 * @throws GameServerError ROOMS_MODULE_INVALID, with what is wrong.
 */
export async function loadRoomsModule(file: string): Promise<ReadonlyMap<string, HostedGame>> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-rooms-"));
  try {
    const bundle = path.join(folder, "rooms.mjs");
    writeFileSync(bundle, await bundled(file));
    const module: unknown = await import(pathToFileURL(bundle).href);
    return gamesOf(module, file);
  } catch (cause) {
    if (cause instanceof GameServerError) throw cause;
    throw new GameServerError(
      ErrorCode.ROOMS_MODULE_INVALID,
      `cannot load the rooms module ${file}: ${cause instanceof Error ? cause.message : inspect(cause)}`,
      { cause },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function bundled(file: string): Promise<Uint8Array> {
  try {
    const result = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      platform: "node",
      format: "esm",
      target: "node22",
      sourcemap: "inline",
      logLevel: "silent",
      // CommonJS sources keep calling require; ESM output has none of its own.
      banner: {
        js: `import { createRequire as fleetroomCreateRequire } from "node:module"; const require = fleetroomCreateRequire(${JSON.stringify(pathToFileURL(file).href)});`,
      },
      plugins: [installedPackages],
    });
    const output = result.outputFiles[0];
    if (output === undefined) throw new Error("esbuild made no output");
    return output.contents;
  } finally {
    // Its service process would keep ours from ending.
    await stop();
  }
}

const CORE_NAMES = new Set(["@colyseus/core", "colyseus"]);
const ALREADY_ASKED = Symbol("resolving for the plugin itself");

/**
 * Leaves installed packages out of the bundle, and makes sure that a project's rooms use the very copies of
 * `@colyseus/core` and `@colyseus/schema` that the server uses: two copies do not know each other's rooms.
 */
const installedPackages: Plugin = {
  name: "installed-packages",
  setup(pluginBuild) {
    pluginBuild.onResolve({ filter: /^file:/ }, (args) => ({ path: args.path, external: true }));
    pluginBuild.onResolve({ filter: /^[^./]/ }, async (args) => {
      if (args.kind === "entry-point" || args.pluginData === ALREADY_ASKED) return undefined;
      if (isBuiltin(args.path)) return { path: args.path, external: true };
      if (CORE_NAMES.has(args.path)) return { path: "@colyseus/core", namespace: "guarded-core" };
      if (args.path.startsWith("@colyseus/core/")) {
        const text = `${args.path} is Colyseus's own inside; import from "@colyseus/core"`;
        return { errors: [{ text }] };
      }
      if (args.path === "@colyseus/schema") {
        return externalFile(args, fileURLToPath(import.meta.resolve("@colyseus/schema")));
      }
      const { path: name, kind, resolveDir, importer } = args;
      const found = await pluginBuild.resolve(name, {
        kind,
        resolveDir,
        importer,
        pluginData: ALREADY_ASKED,
      });
      if (found.errors.length > 0) return { errors: found.errors };
      const isInstalled = found.path.includes(`${path.sep}node_modules${path.sep}`);
      return isInstalled && !found.path.endsWith(".ts")
        ? externalFile(args, found.path)
        : { path: found.path };
    });
    pluginBuild.onLoad({ filter: /.*/, namespace: "guarded-core" }, () => {
      const core = JSON.stringify(import.meta.resolve("@colyseus/core"));
      const guard = JSON.stringify(new URL("./fleet-guard.ts", import.meta.url).href);
      return {
        contents: `export * from ${core};\nexport { Server, defineServer, matchMaker } from ${guard};`,
        loader: "js",
      };
    });
  },
};

function externalFile(args: OnResolveArgs, file: string): { path: string; external: true } {
  const isRequire = args.kind === "require-call" || args.kind === "require-resolve";
  return { path: isRequire ? file : pathToFileURL(file).href, external: true };
}

function gamesOf(module: unknown, file: string): ReadonlyMap<string, HostedGame> {
  const map = mapOf(module);
  if (map === undefined) {
    throw invalid(file, 'it exports neither "rooms" nor a default object of rooms by name');
  }
  const games = new Map<string, HostedGame>();
  for (const [name, value] of Object.entries(map)) {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
      throw invalid(file, `"${name}" is no room name: 1 to 64 of A-Z a-z 0-9 _ -`);
    }
    const game = gameOf(value);
    if (game === undefined) {
      throw invalid(file, `"${name}" is neither a Simulation nor a Room class`);
    }
    const problem = problemOf(game);
    if (problem !== undefined) throw invalid(file, `"${name}" ${problem}`);
    games.set(name, game);
  }
  if (games.size === 0) throw invalid(file, "it maps no names to rooms");
  return games;
}

function mapOf(module: unknown): Record<string, unknown> | undefined {
  if (!isObject(module)) return undefined;
  const main = module["default"];
  for (const candidate of [module["rooms"], isObject(main) ? main["rooms"] : undefined, main]) {
    if (isObject(candidate)) return candidate;
  }
  return undefined;
}

function gameOf(value: unknown): HostedGame | undefined {
  if (isRoomClass(value)) return { kind: "room", roomClass: value, options: {} };
  if (!isObject(value)) return undefined;
  if (isRoomClass(value["klass"])) {
    const options = value["options"];
    return { kind: "room", roomClass: value["klass"], options: isObject(options) ? options : {} };
  }
  const { replica } = value;
  const isSimulation =
    hasMethods(value, SIMULATION_METHODS) &&
    isObject(replica) &&
    hasMethods(replica, ["create", "join", "leave", "write"]);
  return isSimulation
    ? { kind: "simulation", simulation: value as unknown as Simulation }
    : undefined;
}

/** @returns What is wrong with what a game says of its clients, `undefined` if nothing is. */
function problemOf(game: HostedGame): string | undefined {
  const { schemaVersion } = (game.kind === "simulation" ? game.simulation : game.roomClass) as {
    schemaVersion?: unknown;
  };
  const isUsable =
    schemaVersion === undefined ||
    (typeof schemaVersion === "string" &&
      schemaVersion.length > 0 &&
      schemaVersion.length <= SCHEMA_VERSION_CHARS_MAX);
  return isUsable
    ? undefined
    : `has a schemaVersion that no client can say: make it text of 1 to ${SCHEMA_VERSION_CHARS_MAX} characters`;
}

const SIMULATION_METHODS = [
  "create",
  "join",
  "leave",
  "decode",
  "advance",
  "result",
  "standing",
  "hash",
];

function hasMethods(value: Record<string, unknown>, names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === "function");
}

function isRoomClass(value: unknown): value is RoomClass {
  return (
    typeof value === "function" &&
    isObject(value.prototype) &&
    typeof (value.prototype as Record<string, unknown>)["broadcastPatch"] === "function"
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function invalid(file: string, why: string): GameServerError {
  return new GameServerError(
    ErrorCode.ROOMS_MODULE_INVALID,
    `the rooms module ${file} cannot be used: ${why}`,
  );
}

/**
 * Loads a rooms module to choose from.
 * @param usual - The game of a game session that names none.
 * @throws GameServerError ROOMS_MODULE_INVALID, or ROOM_UNKNOWN with the names there are.
 */
export async function loadGames(file: string, usual: string): Promise<GameChoice> {
  const games = await loadRoomsModule(file);
  if (games.has(usual)) return new GameChoice(games, usual);
  throw new GameServerError(
    ErrorCode.ROOM_UNKNOWN,
    `there is no room "${usual}" in ${file}; there is ${[...games.keys()].join(", ")}`,
  );
}
