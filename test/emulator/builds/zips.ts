import { ZipFile } from "yazl";

export interface ZipMember {
  readonly name: string;
  readonly content?: string | Buffer;
  /** With the kind of file in it, as Unix has it. @defaultValue a plain file, rw-r--r-- */
  readonly mode?: number;
}

/** A zip in memory; names may be whatever a zip can spell. */
export async function zipOf(members: readonly ZipMember[]): Promise<Buffer> {
  const zip = new ZipFile();
  for (const { name, content = "", mode = 0o100644 } of members) {
    const options = { mode, mtime: new Date(0) };
    if (name.endsWith("/")) zip.addEmptyDirectory(name, { ...options, mode: 0o040755 });
    else zip.addBuffer(Buffer.from(content), harmless(name), options);
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  for (const { name } of members) spell(bytes, harmless(name), name);
  return bytes;
}

/** The writer refuses names that a reader must be able to refuse: they are put in afterwards. */
function harmless(name: string): string {
  return name.replaceAll("..", "__").replaceAll("\\", "_").replace(/^\//, "_");
}

function spell(bytes: Buffer, from: string, to: string): void {
  if (from === to) return;
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) bytes.write(to, at);
}
