/**
 * The licences of what is in a bundle.
 * @module
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** A package's folder: the last `node_modules/NAME` or `node_modules/@SCOPE/NAME` of a path. */
const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const LICENSE_FILE = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license?: string | { readonly type: string };
  readonly author?: string | { readonly name: string };
}

/**
 * Says what packages a bundle has code of, with the licence of each, in the order of their names.
 * @param inputs - The bundle's input files, absolute, with `/`.
 * @throws Error for a package that states no licence.
 */
export function thirdPartyLicenses(inputs: Iterable<string>): string {
  const folders = new Set<string>();
  for (const input of inputs) {
    const [, folder] = PACKAGE.exec(input) ?? [];
    if (folder !== undefined) folders.add(packageRoot(folder));
  }
  const entries = [...folders].map(entryOf).sort((a, b) => (a.title < b.title ? -1 : 1));
  return `${["Packages that this build has code of, and their licences.", ...entries.map(({ text }) => text)].join("\n\n")}\n`;
}

/** A folder inside a package may have a package.json of its own that only says how its files are read. */
function packageRoot(folder: string): string {
  if (existsSync(path.join(folder, "package.json"))) return folder;
  throw new Error(`${folder} has no package.json, and so no licence`);
}

function entryOf(folder: string): { title: string; text: string } {
  const { name, version, license, author } = JSON.parse(
    readFileSync(path.join(folder, "package.json"), "utf8"),
  ) as PackageJson;
  const kind = typeof license === "string" ? license : license?.type;
  const files = readdirSync(folder)
    .filter((file) => LICENSE_FILE.test(file))
    .sort();
  if (kind === undefined && files.length === 0) {
    throw new Error(`${name} ${version} states no licence: it must not be shipped`);
  }
  const title = `${name} ${version}`;
  const holder = typeof author === "string" ? author : author?.name;
  const texts = files.map((file) => readFileSync(path.join(folder, file), "utf8").trim());
  // Some packages name their licence and bring no text of it.
  const own = texts.length > 0 ? texts : [`By ${holder ?? `the authors of ${name}`}.`];
  return {
    title,
    text: [`${"=".repeat(80)}\n${title} (${kind ?? "see below"})`, ...own].join("\n\n"),
  };
}
