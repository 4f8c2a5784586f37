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
import { ErrorCode, GameServerError } from "../errors.ts";
import type { HostedGame } from "./game-choice.ts";
import { coreImport, guardedCoreText } from "./guarded-core.ts";
import { gamesOf } from "./hosted-games.ts";

/** A rooms module that is loaded. */
interface LoadedRooms {
  readonly games: ReadonlyMap<string, HostedGame>;
  /** The files that it is made of, less installed packages; absolute. */
  readonly sources: readonly string[];
}

/**
 * Loads a rooms module and takes its games ({@link gamesOf}).
 * @throws GameServerError ROOMS_MODULE_INVALID, with what is wrong.
 */
export async function loadRoomsModule(file: string): Promise<ReadonlyMap<string, HostedGame>> {
  return (await loadRooms(file)).games;
}

/** The same, with what it is made of. @throws GameServerError ROOMS_MODULE_INVALID */
export async function loadRooms(file: string): Promise<LoadedRooms> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-rooms-"));
  try {
    const bundle = path.join(folder, "rooms.mjs");
    const { contents, sources } = await bundled(file);
    writeFileSync(bundle, contents);
    const module: unknown = await import(pathToFileURL(bundle).href);
    return { games: gamesOf(module, file), sources };
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

async function bundled(file: string): Promise<{ contents: Uint8Array; sources: string[] }> {
  try {
    const result = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      metafile: true,
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
    // What has a namespace is no file.
    const inputs = Object.keys(result.metafile.inputs).filter((name) => !/^[\w-]{2,}:/.test(name));
    return { contents: output.contents, sources: inputs.map((name) => path.resolve(name)) };
  } finally {
    // Its service process would keep ours from ending.
    await stop();
  }
}

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
      const core = coreImport(args.path);
      if (core === "guarded") return { path: "@colyseus/core", namespace: "guarded-core" };
      if (core !== "another package") return { errors: [{ text: core.refused }] };
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
    pluginBuild.onLoad({ filter: /.*/, namespace: "guarded-core" }, () => ({
      contents: guardedCoreText(
        import.meta.resolve("@colyseus/core"),
        new URL("./fleet-guard.ts", import.meta.url).href,
      ),
      loader: "js",
    }));
  },
};

function externalFile(args: OnResolveArgs, file: string): { path: string; external: true } {
  const isRequire = args.kind === "require-call" || args.kind === "require-resolve";
  return { path: isRequire ? file : pathToFileURL(file).href, external: true };
}
