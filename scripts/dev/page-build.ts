/**
 * Bundles the demo page into memory: what a browser is sent, by path.
 * @module
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const PAGE_DIR = fileURLToPath(new URL("../../client/page/", import.meta.url));

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

const CSS = "text/css; charset=utf-8";

/** What is sent as it is. */
const FILES = [
  { path: "/", source: "index.html", contentType: "text/html; charset=utf-8" },
  { path: "/style.css", source: "style.css", contentType: CSS },
  { path: "/notice.css", source: "notice.css", contentType: CSS },
  { path: "/duel.css", source: "duel/duel.css", contentType: CSS },
] as const;

/** @throws Error in esbuild's words, with file and line, when the sources do not build. */
export async function buildPage(): Promise<PageFiles> {
  const files = new Map<string, PageFile>([
    ["/main.js", { contentType: "text/javascript; charset=utf-8", body: await bundleScript() }],
  ]);
  for (const { path, source, contentType } of FILES) {
    files.set(path, { contentType, body: await readFile(`${PAGE_DIR}${source}`) });
  }
  return files;
}

async function bundleScript(): Promise<Uint8Array> {
  const result = await build({
    entryPoints: [`${PAGE_DIR}main.ts`],
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
