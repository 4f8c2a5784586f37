/**
 * Reads a zip that somebody sent: what is in it, and its files into a folder. Nothing in it is believed: neither names
 * nor sizes nor counts.
 * @module
 */
import { createWriteStream } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import path from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import yauzl, { type Entry, type ZipFile } from "yauzl";
import { done, type Outcome, refused } from "../plane/outcome.ts";
import { BUILD_LIMITS } from "./limits.ts";

export interface ZipContent {
  readonly files: number;
  /** Unpacked, as the zip says; no file turns out larger. */
  readonly bytes: number;
}

type ZipLimits = { readonly [Name in "entriesMax" | "unpackedBytesMax"]: number };
const ZIP_LIMITS: ZipLimits = BUILD_LIMITS;

/** Of the upper half of a Unix entry's attributes. */
const TYPE_MASK = 0o170000;
const FOLDER = 0o040000;
const PLAIN_FILE = 0o100000;
const DEFAULT_MODE = 0o644;

/** Entries are read when they are asked for, and names as they stand there. */
const OPTIONS = { lazyEntries: true, autoClose: false, strictFileNames: true };

/** A zip that is not as it must be; the message completes "The zip cannot be used: …". */
class ZipFault extends Error {
  override readonly name = "ZipFault";
}

/** Looks at names, kinds and sizes of everything in it. */
export function readZip(file: string, limits = ZIP_LIMITS): Promise<Outcome<ZipContent>> {
  return refusing(() => eachEntry(file, limits, async () => {}));
}

/**
 * Writes its files into a folder, with their modes.
 * @param folder - Empty. What was written stays there when it is refused.
 * @param signal - Ends it between two files.
 */
export function unpackZip(
  file: string,
  folder: string,
  signal: AbortSignal,
): Promise<Outcome<ZipContent>> {
  return refusing(() =>
    eachEntry(file, ZIP_LIMITS, async (zip, entry) => {
      signal.throwIfAborted();
      const target = path.join(folder, entry.fileName);
      if (isFolder(entry)) {
        await mkdir(target, { recursive: true });
        return;
      }
      await mkdir(path.dirname(target), { recursive: true });
      await writeEntry(zip, entry, target);
    }),
  );
}

async function refusing(work: () => Promise<ZipContent>): Promise<Outcome<ZipContent>> {
  try {
    return done(await work());
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    return refused("InvalidRequest", `The zip cannot be used: ${words}`);
  }
}

type Visit = (zip: ZipFile, entry: Entry) => Promise<void>;

async function eachEntry(
  file: string,
  { entriesMax, unpackedBytesMax }: ZipLimits,
  visit: Visit,
): Promise<ZipContent> {
  const zip = await yauzl.openPromise(file, OPTIONS);
  try {
    if (zip.entryCount > entriesMax) {
      throw new ZipFault(`it has ${zip.entryCount} entries, and ${entriesMax} may be`);
    }
    const seen = new Set<string>();
    let bytes = 0;
    let files = 0;
    for await (const entry of zip.eachEntry()) {
      checkEntry(entry, seen);
      bytes += entry.uncompressedSize;
      if (bytes > unpackedBytesMax) {
        throw new ZipFault(`unpacked it has more than ${unpackedBytesMax} bytes`);
      }
      if (!isFolder(entry)) files++;
      await visit(zip, entry);
    }
    if (files === 0) throw new ZipFault("there is no file in it");
    return { files, bytes };
  } finally {
    zip.close();
  }
}

function checkEntry(entry: Entry, seen: Set<string>): void {
  const { fileName } = entry;
  const shown = JSON.stringify(fileName.slice(0, 80));
  const { entryPathBytesMax, entryDepthMax } = BUILD_LIMITS;
  if (Buffer.byteLength(fileName) > entryPathBytesMax) {
    throw new ZipFault(`${shown} has a path of more than ${entryPathBytesMax} bytes`);
  }
  const parts = fileName.replace(/\/$/, "").split("/");
  const isBad = (part: string) => part === "" || part === "." || part === "..";
  // A control character would be a terminal's command in every log that names the file.
  if (parts.some(isBad) || /[\\\p{Cc}]/u.test(fileName) || parts.length > entryDepthMax) {
    throw new ZipFault(`${shown} is no path inside of it`);
  }
  const name = parts.join("/");
  if (seen.has(name)) throw new ZipFault(`${shown} is in it twice`);
  seen.add(name);
  if (entry.isEncrypted()) throw new ZipFault(`${shown} is encrypted`);
  const type = unixMode(entry) & TYPE_MASK;
  if (type !== 0 && type !== PLAIN_FILE && type !== FOLDER) {
    throw new ZipFault(`${shown} is a link or a device: a build has files and folders alone`);
  }
}

function isFolder({ fileName }: Entry): boolean {
  return fileName.endsWith("/");
}

function unixMode({ externalFileAttributes }: Entry): number {
  return externalFileAttributes >>> 16;
}

async function writeEntry(zip: ZipFile, entry: Entry, target: string): Promise<void> {
  const content = await zip.openReadStreamPromise(entry);
  let sum = 0;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      sum = crc32(chunk, sum);
      next(null, chunk);
    },
  });
  // Never over something else: names may differ in case alone where a disk does not tell them apart.
  await pipeline(content, check, createWriteStream(target, { flags: "wx" }));
  if (sum !== entry.crc32) {
    throw new ZipFault(`${JSON.stringify(entry.fileName)} is damaged: its checksum differs`);
  }
  const mode = unixMode(entry) & 0o777;
  // The owner must be able to read what he has, and to remove it.
  await chmod(target, (mode === 0 ? DEFAULT_MODE : mode) | 0o600);
}
