/**
 * The zip that is uploaded: its manifest, and what an instance would stumble over, found before minutes are spent on it.
 * @module
 */
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import yauzl, { type Entry, type ZipFile } from "yauzl";
import { FleetsError, FleetsErrorCode } from "./errors.ts";
import { FLEETS_LIMITS } from "./limits.ts";

export interface BuildZip {
  readonly file: string;
  readonly sizeBytes: number;
  readonly manifest: BuildManifest;
}

/** What `npm run build:gamelift` says of a build; other builds may say less. */
interface BuildManifest {
  readonly name?: string;
  readonly version?: string;
  readonly operatingSystem?: string;
  readonly serverSdkVersion?: string;
  readonly launchPath?: string;
}

const GAME_FOLDER = "/local/game/";
const LINK = 0o120000;
/** What is read of it. */
const TEXTS = ["manifest.json", "install.sh"];

/**
 * @param arch - As Node names it; any unless given.
 * @returns The newest zip of a build for Linux in a folder, or `undefined`.
 */
export function newestBuild(folder: string, arch = "*"): string | undefined {
  const names = globSync(`fleetroom-*-linux-${arch}.zip`, { cwd: folder });
  const byAge = names
    .map((name) => path.join(folder, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  return byAge[0];
}

/** @throws FleetsError FLEETS_ZIP_INVALID with a line for each mistake. */
export async function readBuildZip(file: string): Promise<BuildZip> {
  const sizeBytes = sizeOf(file);
  const content = await contentOf(file);
  const manifest = manifestOf(file, content);
  const mistakes = mistakesIn(content, manifest);
  if (sizeBytes > FLEETS_LIMITS.zipBytesMax) {
    mistakes.push("it has more than 5 GB, which one upload to Amazon S3 may have");
  }
  if (mistakes.length > 0) throw invalid(file, mistakes);
  return { file, sizeBytes, manifest };
}

interface ZipContent {
  /** Unix modes by path, files alone; 0 where the zip has none. */
  readonly modes: ReadonlyMap<string, number>;
  readonly links: readonly string[];
  readonly manifest: string | undefined;
  readonly installer: Buffer | undefined;
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw invalid(file, [`it cannot be read (${code}); npm run build:gamelift makes one`], cause);
  }
}

async function contentOf(file: string): Promise<ZipContent> {
  let zip: ZipFile;
  try {
    zip = await yauzl.openPromise(file, { lazyEntries: true, autoClose: false });
  } catch (cause) {
    throw invalid(file, [`it is no zip: ${(cause as Error).message}`], cause);
  }
  try {
    return await readContent(zip);
  } catch (cause) {
    throw invalid(file, [(cause as Error).message], cause);
  } finally {
    zip.close();
  }
}

async function readContent(zip: ZipFile): Promise<ZipContent> {
  const modes = new Map<string, number>();
  const links: string[] = [];
  const texts = new Map<string, Buffer>();
  if (zip.entryCount > FLEETS_LIMITS.zipEntriesMax) {
    throw new Error(`it has more than ${FLEETS_LIMITS.zipEntriesMax} files and folders`);
  }
  for await (const entry of zip.eachEntry()) {
    const { fileName } = entry;
    const mode = entry.externalFileAttributes >>> 16;
    if ((mode & 0o170000) === LINK) links.push(fileName);
    if (!fileName.endsWith("/")) modes.set(fileName, mode & 0o777);
    if (TEXTS.includes(fileName)) texts.set(fileName, await textOf(zip, entry));
  }
  const manifest = texts.get("manifest.json")?.toString();
  return { modes, links, manifest, installer: texts.get("install.sh") };
}

async function textOf(zip: ZipFile, entry: Entry): Promise<Buffer> {
  if (entry.uncompressedSize > FLEETS_LIMITS.textBytesMax) {
    throw new Error(`${entry.fileName} has more than ${FLEETS_LIMITS.textBytesMax} bytes`);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** In the zip, or beside it where the build was made by something else. */
function manifestOf(file: string, content: ZipContent): BuildManifest {
  const beside = path.join(path.dirname(file), "manifest.json");
  const text = content.manifest ?? (existsSync(beside) ? readFileSync(beside, "utf8") : "{}");
  try {
    const read = JSON.parse(text) as Record<string, unknown>;
    const entries = Object.entries(read ?? {}).filter(([, value]) => typeof value === "string");
    return Object.fromEntries(entries) as BuildManifest;
  } catch (cause) {
    throw invalid(file, ["manifest.json is not JSON: make the build again"], cause);
  }
}

function mistakesIn({ modes, links, installer }: ZipContent, manifest: BuildManifest): string[] {
  const mistakes: string[] = [];
  if (modes.size === 0) mistakes.push("there is no file in it");
  if (links.length > 0) {
    mistakes.push(`${links[0]} is a link, and GameLift drops links: put the file itself there`);
  }
  const top = [...modes.keys()].map((name) => name.split("/")[0]);
  const program = manifest.launchPath?.replace(GAME_FOLDER, "");
  if (program !== undefined && !modes.has(program)) {
    const isNested = new Set(top).size === 1 && modes.has(`${top[0]}/${program}`);
    const advice = isNested
      ? `zip what is in ${top[0]}/, not the folder itself`
      : "make the build again";
    mistakes.push(`${program}, the launch path, is not in it: ${advice}`);
  }
  for (const name of [program, "install.sh"]) {
    const mode = name === undefined ? undefined : modes.get(name);
    if (mode !== undefined && (mode & 0o100) === 0) {
      mistakes.push(`${name} is not executable in it: zip it on Linux or macOS after chmod +x`);
    }
  }
  if (installer?.includes("\r\n")) {
    mistakes.push(
      "install.sh has line ends of Windows, by which an instance cannot start it: convert it to LF",
    );
  }
  return mistakes;
}

function invalid(file: string, mistakes: readonly string[], cause?: unknown): FleetsError {
  return new FleetsError(
    FleetsErrorCode.FLEETS_ZIP_INVALID,
    [`${file} cannot be uploaded:`, ...mistakes].join("\n  "),
    cause === undefined ? undefined : { cause },
  );
}
