import { createWriteStream, mkdirSync } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import yauzl from "yauzl";

const KIND = 0o170000;
const LINK = 0o120000;
const FOLDER = 0o040000;
const MODE = 0o777;

/**
 * Unpacks a build as an instance does: files with their modes.
 * @returns Their names, in the order of the zip.
 * @throws Error for what an upload would drop or refuse: links, empty folders, names that leave the folder.
 */
export async function unzip(file: string, into: string): Promise<readonly string[]> {
  const names: string[] = [];
  const zip = await yauzl.openPromise(file);
  try {
    for await (const entry of zip.eachEntry()) {
      const mode = entry.externalFileAttributes >>> 16;
      if ((mode & KIND) === LINK) throw new Error(`${entry.fileName} is a link: links are dropped`);
      if ((mode & KIND) === FOLDER || entry.fileName.endsWith("/")) {
        throw new Error(`${entry.fileName} is an entry for a folder: empty ones are dropped`);
      }
      const target = path.join(into, entry.fileName);
      mkdirSync(path.dirname(target), { recursive: true });
      const stream = await zip.openReadStreamPromise(entry);
      await pipeline(stream, createWriteStream(target, { flags: "wx", mode: mode & MODE }));
      names.push(entry.fileName);
    }
  } finally {
    zip.close();
  }
  return names;
}
