/**
 * Where a function of a profile lies, in words that people know it by.
 * @module
 */
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { CallFrame } from "./cpu-profile.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const PACKAGE = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\/(.*)$/;

export interface Place {
  /** A folder of ours such as `server/host`, a package, `node`, or what V8 and the system do. */
  readonly part: string;
  /** With its path below the part's root; the part's own name where there are no files. */
  readonly file: string;
  /** From 1; 0 where there is none. */
  readonly line: number;
}

/** Finds places; those in a built server through its source maps. */
export class Places {
  readonly #maps = new Map<string, SourceMap | undefined>();

  of(callFrame: CallFrame): Place {
    const { functionName, url, lineNumber, columnNumber } = callFrame;
    if (url.startsWith("node:")) return { part: "node", file: url, line: lineNumber + 1 };
    if (url === "") {
      const part = functionName.startsWith("(") ? functionName : "native code and the system";
      return { part, file: part, line: 0 };
    }
    if (!url.startsWith("file:")) return { part: url, file: url, line: lineNumber + 1 };
    const file = fileURLToPath(url);
    const entry = this.#mapOf(file)?.findEntry(lineNumber, columnNumber);
    if (entry === undefined || !("originalSource" in entry) || entry.originalSource === undefined) {
      return placeOf(file, lineNumber + 1);
    }
    const { originalSource, originalLine } = entry;
    const source = originalSource.startsWith("file:")
      ? fileURLToPath(originalSource)
      : path.resolve(path.dirname(file), originalSource);
    return placeOf(source, originalLine + 1);
  }

  #mapOf(file: string): SourceMap | undefined {
    if (!this.#maps.has(file)) this.#maps.set(file, readMap(file));
    return this.#maps.get(file);
  }
}

function readMap(file: string): SourceMap | undefined {
  let text: string;
  try {
    text = readFileSync(`${file}.map`, "utf8");
  } catch {
    return undefined; // Packages come without maps, or with those of sources that they do not bring.
  }
  return file.includes("node_modules") ? undefined : new SourceMap(JSON.parse(text));
}

function placeOf(file: string, line: number): Place {
  const [, name, inside] = PACKAGE.exec(file.replaceAll(path.sep, "/")) ?? [];
  if (name !== undefined) return { part: name, file: `${name}/${inside}`, line };
  // A built server may lie anywhere; its sources lie beside one another.
  const below = /(?:^|\/)((?:server|rooms|protocol)\/.*)$/.exec(path.relative(ROOT, file))?.[1];
  const known = below ?? path.relative(ROOT, file);
  return { part: path.dirname(known), file: known, line };
}
