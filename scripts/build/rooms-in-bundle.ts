import path from "node:path";
import { fileURLToPath } from "node:url";
import type { OnResolveArgs, Plugin } from "esbuild";
import { coreImport, guardedCoreText } from "../../server/host/guarded-core.ts";
import { ROOT, sourceFile } from "../source-files.ts";

const MAIN = sourceFile("server/main.ts");
const GAMES = sourceFile("server/games-of-the-build.ts");
/** What the server imports of Colyseus, wherever npm has put it: a project's own packages may lie beside it. */
const COLYSEUS = ["@colyseus/core", "@colyseus/ws-transport"].map(packageFolder);
/** Whose imports mean what they say; everything else is a project's. */
const OWN = [path.join(ROOT, "server"), path.join(ROOT, "node_modules"), ...COLYSEUS].map(
  (folder) => folder + path.sep,
);
const SCHEMA = fileURLToPath(import.meta.resolve("@colyseus/schema"));

/**
 * Puts the rooms into the bundle, in the place of what loads them at a start.
 * @param rooms - A project's module; `undefined` for the server's own.
 */
export function roomsInBundle(rooms: string | undefined): Plugin {
  return {
    name: "rooms-in-bundle",
    setup(build) {
      build.onResolve({ filter: /\/games\.[jt]s$/ }, ({ importer }) =>
        importer === MAIN ? { path: GAMES } : undefined,
      );
      build.onResolve({ filter: /\/rooms\.[jt]s$/ }, ({ importer }) =>
        importer === GAMES && rooms !== undefined ? { path: rooms } : undefined,
      );
      // Two copies of it do not know each other's types, and CommonJS would bring a second one.
      build.onResolve({ filter: /^@colyseus\/schema$/ }, () => ({ path: SCHEMA }));
      build.onResolve({ filter: /^(?:@colyseus\/core(?:\/.*)?|colyseus)$/ }, guarded);
      build.onLoad({ filter: /.*/, namespace: "guarded-core" }, () => ({
        contents: guardedCoreText("@colyseus/core", "./server/host/fleet-guard.ts"),
        resolveDir: ROOT,
        loader: "js",
      }));
    },
  };
}

function packageFolder(name: string): string {
  const file = fileURLToPath(import.meta.resolve(name));
  const folder = path.join("node_modules", name);
  return file.slice(0, file.lastIndexOf(folder) + folder.length);
}

function guarded({ path: specifier, importer, namespace }: OnResolveArgs) {
  const isOwn = namespace === "guarded-core" || OWN.some((folder) => importer.startsWith(folder));
  if (isOwn) return undefined;
  const core = coreImport(specifier);
  if (core === "guarded") return { path: "guarded-core", namespace: "guarded-core" };
  return core === "another package" ? undefined : { errors: [{ text: core.refused }] };
}
