import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

/**
 * The files in a zip by their names, from its central directory.
 * @throws When a name is there twice.
 */
export function zipContents(file: string): Map<string, Buffer> {
  const zip = readFileSync(file);
  const end = zip.lastIndexOf(Buffer.from("PK\u0005\u0006"));
  const count = zip.readUInt16LE(end + 10);
  const contents = new Map<string, Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let entry = 0; entry < count; entry++) {
    const nameEnd = at + 46 + zip.readUInt16LE(at + 28);
    const name = zip.toString("utf8", at + 46, nameEnd);
    if (contents.has(name)) throw new Error(`${name} is there twice`);
    const packedBytes = zip.readUInt32LE(at + 20);
    const header = zip.readUInt32LE(at + 42);
    const from = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
    const packed = zip.subarray(from, from + packedBytes);
    contents.set(name, zip.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed));
    at = nameEnd + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return contents;
}
