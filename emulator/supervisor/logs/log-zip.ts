import { constants, createWriteStream, type Dirent, type Stats } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";
import { SUPERVISOR_LIMITS } from "../limits.ts";
import type { LogSource } from "./log-paths.ts";

/** Says what was collected and what not, as the service's agent does. */
const README = "ReadMe.txt";

interface LogFile {
  readonly file: string;
  readonly nameInZip: string;
  readonly modifiedAt: Date;
}

/**
 * Packs logs into one zip. Files are streamed and left where they are; links and whatever is no plain file are passed
 * over; what goes beyond the limits is named in the zip and left out.
 * @param refused - Log paths that could not be used, with what is wrong with each.
 * @param max - Of all sources together: files, and their bytes before they are packed.
 * @throws When the zip cannot be written.
 */
export async function writeLogZip(
  file: string,
  sources: readonly LogSource[],
  refused: readonly { readonly named: string; readonly why: string }[],
  max = {
    files: SUPERVISOR_LIMITS.logFilesMax as number,
    bytes: SUPERVISOR_LIMITS.logBytesMax as number,
  },
): Promise<void> {
  const readMe = ["Game Server Logs"];
  for (const { named, why } of refused) readMe.push(`Error: Invalid Log Path\t${named} ${why}`);
  const zip = new ZipFile();
  const room = { ...max };
  const seen = new Set<string>([README]);
  for (const source of sources) {
    const found = await collect(source, readMe);
    for (const each of found) {
      if (seen.has(each.nameInZip)) continue;
      seen.add(each.nameInZip);
      if (room.files-- <= 0) {
        readMe.push(`Error: Too Many Files\t${each.nameInZip}`);
        break;
      }
      const { modifiedAt: mtime } = each;
      zip.addReadStreamLazy(each.nameInZip, { mtime, mode: 0o100644 }, (give) => {
        void content(each, room, readMe).then((stream) => give(undefined, stream));
      });
    }
  }
  // The last one: by then it is known what the others came to.
  zip.addReadStreamLazy(README, { mode: 0o100644 }, (give) =>
    give(undefined, Readable.from([`${readMe.join("\n")}\n`])),
  );
  const failed = new Promise<never>((_, reject) => zip.once("error", reject));
  zip.end();
  await Promise.race([
    pipeline(zip.outputStream, createWriteStream(file, { flags: "w", mode: 0o600 })),
    failed,
  ]);
}

async function collect(source: LogSource, readMe: string[]): Promise<LogFile[]> {
  const stats = await lstat(source.file).catch(() => undefined);
  if (stats === undefined) {
    readMe.push(`Error: Missing file/directory\t${source.named}`);
    return [];
  }
  const files: LogFile[] = [];
  await walk(source.file, source.nameInZip, stats, 0, files);
  if (files.length === 1) readMe.push(`1 File Collected\t\t\t\t${source.named}`);
  else readMe.push(`${files.length} File(s) Collected\t\t\t\t${source.named}`);
  return files;
}

/** Files in a folder in the order of their names, folders included. */
async function walk(
  file: string,
  nameInZip: string,
  stats: Stats,
  depth: number,
  into: LogFile[],
): Promise<void> {
  if (stats.isFile()) into.push({ file, nameInZip, modifiedAt: stats.mtime });
  if (!stats.isDirectory() || depth >= SUPERVISOR_LIMITS.logFolderDepthMax) return;
  const entries = await readdir(file, { withFileTypes: true }).catch((): Dirent[] => []);
  for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    // One more than is packed, so that it is known that there are more.
    if (into.length > SUPERVISOR_LIMITS.logFilesMax) return;
    const inner = path.join(file, name);
    const innerStats = await lstat(inner).catch(() => undefined);
    if (innerStats === undefined) continue;
    await walk(inner, path.posix.join(nameInZip, name), innerStats, depth + 1, into);
  }
}

/** A file's bytes as they are when it is its turn; nothing when it cannot be read or does not fit any more. */
async function content(
  { file, nameInZip }: LogFile,
  room: { bytes: number },
  readMe: string[],
): Promise<Readable> {
  try {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size === 0 || stats.size > room.bytes) {
      await handle.close();
      if (stats.size > room.bytes) readMe.push(`Error: Too Large\t${nameInZip}`);
      return Readable.from([]);
    }
    room.bytes -= stats.size;
    // Not beyond the size that was counted, though somebody still writes to it.
    return tolerant(handle.createReadStream({ start: 0, end: stats.size - 1 }), nameInZip, readMe);
  } catch (error) {
    readMe.push(
      `Error: ${(error as NodeJS.ErrnoException).code ?? "Internal Error"}\t${nameInZip}`,
    );
    return Readable.from([]);
  }
}

/** One file that cannot be read to its end must not cost the others. */
function tolerant(stream: Readable, nameInZip: string, readMe: string[]): Readable {
  return Readable.from(
    (async function* () {
      try {
        yield* stream;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        readMe.push(`Error: ${code ?? "Internal Error"}\t${nameInZip}`);
      }
    })(),
    { objectMode: false },
  );
}
