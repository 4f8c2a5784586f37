/**
 * The built server: everything that it needs to run, in files that need no packages beside them.
 * @module
 */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { type BuildFailure, type BuildOptions, build, type Metafile, stop } from "esbuild";
import { ROOT, sourceFile } from "../source-files.ts";
import { builtinModules } from "./builtin-modules.ts";
import { roomsInBundle } from "./rooms-in-bundle.ts";
import { type BundledPackage, bundledPackages, thirdPartyLicenses } from "./third-party.ts";
import { NEVER_LOADED, unusedParts } from "./unused-parts.ts";

/** Where the files are thought to lie while they are made, so that they are the same wherever they go. */
const HERE = path.join(ROOT, "dist");
const LICENSES_FILE = "THIRD-PARTY-LICENSES";
/** A line of code at most; a position in a stack then says something. */
const LINE_CHARS_MAX = 160;

/** What a launch path starts: first the place for what V8 compiles, then all the rest, so that it can be from there. */
const ENTRY = `
import { useCompileCache } from "./server/compile-cache.ts";
useCompileCache(import.meta.dirname);
await import("./main.mjs");
`;

const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  write: false,
  metafile: true,
  platform: "node",
  format: "esm",
  target: "node24",
  outdir: HERE,
  outExtension: { ".js": ".mjs" },
  sourcemap: "linked",
  // Names stay: they are what a stack is read by.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: LINE_CHARS_MAX,
  logLevel: "silent",
} satisfies BuildOptions;

export interface ServerBundle {
  /** By path below the folder of the build, in order. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Modules that the bundle imports and does not hold. */
  readonly imports: readonly string[];
  /** Packages that it has code of, by name. */
  readonly packages: readonly BundledPackage[];
}

/**
 * @param rooms - A project's rooms module, absolute; `undefined` for the server's own rooms.
 * @throws Error in esbuild's words, with file and line, when something does not build.
 */
export async function bundleServer(rooms: string | undefined): Promise<ServerBundle> {
  try {
    const entry = await build({
      ...COMMON,
      stdin: { contents: ENTRY, resolveDir: ROOT, sourcefile: "server/entry.ts", loader: "ts" },
      entryNames: "server",
      external: ["./main.mjs"],
      plugins: [builtinModules],
    });
    const main = await build({
      ...COMMON,
      entryPoints: { main: sourceFile("server/main.ts") },
      // What is imported late is loaded late.
      splitting: true,
      chunkNames: "[name]-[hash]",
      external: NEVER_LOADED,
      plugins: [builtinModules, roomsInBundle(rooms), unusedParts],
    });
    const outputs = [...entry.outputFiles, ...main.outputFiles];
    const packages = bundledPackages(inputsOf(main.metafile));
    const files = new Map<string, Uint8Array>([
      ...outputs.map((file) => [path.relative(HERE, file.path), file.contents] as const),
      ...otherFiles(),
      [LICENSES_FILE, Buffer.from(thirdPartyLicenses(packages))],
    ]);
    return {
      files: new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1))),
      imports: importsOf(main.metafile),
      packages,
    };
  } catch (error) {
    throw seenFromHere(error);
  } finally {
    // Its service process would keep ours from ending.
    await stop();
  }
}

/** esbuild names files from the root; whoever reads it is somewhere else, in a project of his own perhaps. */
function seenFromHere(error: unknown): unknown {
  const { errors } = error as Partial<BuildFailure>;
  if (errors === undefined) return error;
  const lines = errors.map(({ location, text }) => {
    if (location === null) return text;
    const file = path.relative(process.cwd(), path.resolve(ROOT, location.file));
    return `${file}:${location.line}:${location.column}: ${text}`;
  });
  return new Error(lines.join("\n"), { cause: error });
}

/** What the server reads when it runs, from where it lies itself; and what it is under. */
function* otherFiles(): Generator<readonly [string, Uint8Array]> {
  const admin = path.join(ROOT, "server/admin");
  for (const file of globSync("page/*.{html,css,js}", { cwd: admin })) {
    yield [file, readFileSync(path.join(admin, file))];
  }
  for (const file of ["LICENSE", "NOTICE"]) yield [file, readFileSync(path.join(ROOT, file))];
}

function inputsOf({ outputs }: Metafile): Set<string> {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return new Set(used.map(([file]) => path.join(ROOT, file).replaceAll(path.sep, "/")));
}

function importsOf({ outputs }: Metafile): string[] {
  const imports = Object.values(outputs).flatMap((output) => output.imports);
  return [...new Set(imports.filter(({ external }) => external).map((each) => each.path))].sort();
}
