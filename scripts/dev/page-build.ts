/**
 * Bundles a page into memory, the demo's or that of a project's rooms: what a browser is sent, by path.
 * @module
 */
import { readFile } from "node:fs/promises";
import { build } from "esbuild";
import type { ListedGame } from "../project/rooms-listing.ts";
import { sourceFile } from "../source-files.ts";

/**
 * What the page may do. No inline script or style, nothing from strangers; the lobby and the game servers are on loopback
 * ports that nobody knows beforehand.
 */
export const PAGE_CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self' http://127.0.0.1:* ws://127.0.0.1:* http://localhost:* ws://localhost:*",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

interface PageFile {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** The page by request path, `/` included. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const HTML = "text/html; charset=utf-8";
const CSS = "text/css; charset=utf-8";

interface PageSources {
  readonly script: string;
  /** What is sent as it is. */
  readonly files: readonly { path: string; source: string; contentType: string }[];
}

const DEMO: PageSources = {
  script: "client/page/main.ts",
  files: [
    { path: "/", source: "client/page/index.html", contentType: HTML },
    { path: "/style.css", source: "client/page/style.css", contentType: CSS },
    { path: "/notice.css", source: "client/page/notice.css", contentType: CSS },
    { path: "/duel.css", source: "client/page/duel/duel.css", contentType: CSS },
  ],
};

const PROJECT: PageSources = {
  script: "client/page/project/main.ts",
  files: [
    { path: "/", source: "client/page/project/index.html", contentType: HTML },
    { path: "/project.css", source: "client/page/project/project.css", contentType: CSS },
  ],
};

/** @throws Error in esbuild's words, with file and line, when the sources do not build. */
export function buildPage(): Promise<PageFiles> {
  return pageFiles(DEMO);
}

/** @throws Error as above. */
export async function buildProjectPage(games: readonly ListedGame[]): Promise<PageFiles> {
  const body = Buffer.from(JSON.stringify(games));
  const files = await pageFiles(PROJECT);
  return new Map([...files, ["/games.json", { contentType: "application/json", body }]]);
}

async function pageFiles({ script, files: others }: PageSources): Promise<PageFiles> {
  const body = await bundleScript(sourceFile(script));
  const files = new Map<string, PageFile>([
    ["/main.js", { contentType: "text/javascript; charset=utf-8", body }],
  ]);
  for (const { path, source, contentType } of others) {
    files.set(path, { contentType, body: await readFile(sourceFile(source)) });
  }
  return files;
}

async function bundleScript(entry: string): Promise<Uint8Array> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform: "browser",
    sourcemap: "inline",
    logLevel: "silent",
  });
  const script = result.outputFiles[0];
  if (script === undefined) throw new Error("the page bundle came out empty");
  return script.contents;
}
