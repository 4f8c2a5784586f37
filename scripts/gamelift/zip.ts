import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";
import type { BuildFile } from "./build-root.ts";

/** The earliest that a zip can say. Made of its parts, because a zip holds the clock of a wall, not a moment. */
const LONG_AGO = new Date(1980, 0, 1);
const REGULAR_FILE = 0o100000;

/**
 * Packs a build. The same files make the same bytes: they are in the order given, and none says when it was made.
 * @returns What the zip came to; the hash in hex.
 */
export async function writeZip(
  file: string,
  files: readonly BuildFile[],
): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
  const zip = new ZipFile();
  for (const { name, bytes, mode } of files) {
    zip.addBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), name, {
      mtime: LONG_AGO,
      // A time of the zone-less kind alone: the other would hold this machine's zone.
      forceDosTimestamp: true,
      mode: REGULAR_FILE | mode,
      compress: true,
    });
  }
  zip.end();
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const measured = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      done(null, chunk);
    },
  });
  await pipeline(zip.outputStream, measured, createWriteStream(file));
  return { sizeBytes, sha256: hash.digest("hex") };
}
