/**
 * Bundles the demo page into memory: what a browser is sent, by path.
 * @module
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const PAGE_DIR = fileURLToPath(new URL("../../client/page/", import.meta.url));

/**
 * What the page may do. No inline script or style, nothing from strangers; game servers are on loopback ports that
 * nobody knows beforehand.
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

export interface PageFile {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** The page by request path, `/` included. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** @throws Error in esbuild's words, with file and line, when the sources do not build. */
export async function buildPage(): Promise<PageFiles> {
  const [bundle, html, css, duelCss] = await Promise.all([
    bundleScript(),
    readFile(`${PAGE_DIR}index.html`),
    readFile(`${PAGE_DIR}style.css`),
    readFile(`${PAGE_DIR}duel/duel.css`),
  ]);
  return new Map([
    ["/", { contentType: "text/html; charset=utf-8", body: html }],
    ["/style.css", { contentType: "text/css; charset=utf-8", body: css }],
    ["/duel.css", { contentType: "text/css; charset=utf-8", body: duelCss }],
    ["/main.js", { contentType: "text/javascript; charset=utf-8", body: bundle }],
  ]);
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
