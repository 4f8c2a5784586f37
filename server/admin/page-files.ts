import { readFile } from "node:fs/promises";
import type { Answer } from "./answer.ts";

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const HTML = "text/html; charset=utf-8";
const CSS = "text/css; charset=utf-8";
const SCRIPT = "text/javascript; charset=utf-8";

/** The page of the live view, by request path. Nothing else is read, whatever the path. */
const FILES: Readonly<Record<string, { readonly file: string; readonly contentType: string }>> = {
  "/": { file: "index.html", contentType: HTML },
  "/page/live.css": { file: "live.css", contentType: CSS },
  "/page/main.js": { file: "main.js", contentType: SCRIPT },
  "/page/picture.js": { file: "picture.js", contentType: SCRIPT },
  "/page/sparkline.js": { file: "sparkline.js", contentType: SCRIPT },
  "/page/live-stream.js": { file: "live-stream.js", contentType: SCRIPT },
  "/page/live-words.js": { file: "live-words.js", contentType: SCRIPT },
};

export function isPageFile(path: string): boolean {
  return Object.hasOwn(FILES, path);
}

/** @throws What reading the file fails with, such as when it is not there. */
export async function pageFile(path: string): Promise<Answer> {
  const { file, contentType } = FILES[path] ?? { file: "index.html", contentType: HTML };
  const body = await readFile(new URL(`./page/${file}`, import.meta.url), "utf8");
  return {
    status: 200,
    contentType,
    body,
    headers: {
      "Content-Security-Policy": CONTENT_SECURITY_POLICY,
      "Cross-Origin-Opener-Policy": "same-origin",
    },
  };
}
