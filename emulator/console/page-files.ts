import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const PAGE_DIR = fileURLToPath(new URL("./page/", import.meta.url));
const INDEX = "index.html";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};

export interface PageFile {
  readonly contentType: string;
  readonly body: string;
}

/**
 * Reads the page, by request path.
 * @param values - Put into the page for `{{name}}`: letters, digits, `-` and `_` alone, so that none needs escaping.
 */
export async function readPage(
  values: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, PageFile>> {
  const files = new Map<string, PageFile>();
  for (const name of await readdir(PAGE_DIR)) {
    const contentType = CONTENT_TYPES[path.extname(name)];
    if (contentType === undefined) continue;
    const body = await readFile(path.join(PAGE_DIR, name), "utf8");
    if (name !== INDEX) files.set(`/console/${name}`, { contentType, body });
    else {
      const index = { contentType, body: filledIn(body, values) };
      files.set("/console", index).set("/console/", index);
    }
  }
  return files;
}

function filledIn(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined || !/^[\w-]+$/.test(value)) throw new Error(`no value for ${name}`);
    return value;
  });
}
