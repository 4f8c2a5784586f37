import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";

/**
 * Indexes of packages that load all of their parts, of which the server uses one or two. Each part is loaded when it is
 * first asked for.
 */
const INDEXES = /node_modules\/(?:prom-client\/index|winston\/lib\/winston)\.js$/;
const PART = /^exports\.(\w+) =\s*(require\('[^']+'\)(?:\.\w+)?);$/gm;
/** Fewer mean that the package is written in another way: the pattern wants a look. */
const PARTS_MIN = 8;

/**
 * What packages use where it is installed, and look for at each start: native parts, and colours for a terminal. A bundle
 * has none of it; they do without.
 */
const OPTIONAL_PARTS = /^(?:msgpackr-extract|bufferutil|utf-8-validate|supports-color)$/;

/** What Colyseus would load if its settings asked for it, and an older tool for its documentation. Never asked for here. */
export const NEVER_LOADED = [
  "@colyseus/redis-driver",
  "@colyseus/redis-presence",
  "@pm2/io",
  "zod",
];

/** Leaves out of a start what no server of ours ever calls. */
export const unusedParts: Plugin = {
  name: "unused-parts",
  setup(build) {
    build.onLoad({ filter: INDEXES }, ({ path }) => ({
      contents: lazyIndex(path, readFileSync(path, "utf8")),
      loader: "js",
    }));
    build.onResolve({ filter: OPTIONAL_PARTS }, ({ path }) => ({
      path,
      namespace: "optional-part",
    }));
    build.onLoad({ filter: /.*/, namespace: "optional-part" }, ({ path }) => ({
      contents: `throw new Error("${path} is no part of a bundle");`,
      loader: "js",
    }));
    // The debug output of winston's parts, in the form that the package itself has for production.
    build.onResolve({ filter: /^@dabh\/diagnostics$/ }, ({ path, kind, resolveDir }) =>
      build.resolve(`${path}/node/production.js`, { kind, resolveDir }),
    );
  },
};

/** @throws Error when the index does not have the parts that it should have. */
export function lazyIndex(file: string, text: string): string {
  let parts = 0;
  const lazy = text.replace(PART, (_whole, name: string, load: string) => {
    parts++;
    return `Object.defineProperty(exports, "${name}", { configurable: true, enumerable: true, get: () => ${load} });`;
  });
  if (parts >= PARTS_MIN) return lazy;
  throw new Error(
    `${file} has ${parts} parts instead of ${PARTS_MIN}: see ${import.meta.filename}`,
  );
}
