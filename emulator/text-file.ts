import { closeSync, openSync, readSync } from "node:fs";

/** A UTF-16 unit has three bytes of UTF-8 at the most. */
const BYTES_PER_CHARACTER_MAX = 3;
const PIECE_BYTES = 65_536;

/**
 * Reads a text that somebody named, which may be a device or a pipe without an end.
 * @returns All of it, or a beginning that has more than `charactersMax` characters.
 * @throws What the file system says.
 */
export function readTextFile(file: string, charactersMax: number): string {
  const descriptor = openSync(file, "r");
  try {
    const pieces: Buffer[] = [];
    let leftBytes = charactersMax * BYTES_PER_CHARACTER_MAX + 1;
    while (leftBytes > 0) {
      const piece = Buffer.allocUnsafe(Math.min(leftBytes, PIECE_BYTES));
      const bytes = readSync(descriptor, piece);
      if (bytes === 0) break;
      pieces.push(piece.subarray(0, bytes));
      leftBytes -= bytes;
    }
    return Buffer.concat(pieces).toString("utf8");
  } finally {
    closeSync(descriptor);
  }
}
