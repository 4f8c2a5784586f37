/**
 * What packages are in a bundle, and their licences.
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

/** A package of which code is in a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** As SPDX writes it, where the package does; `undefined` where only a text says it. */
  readonly license: string | undefined;
  /** Its licence and notices, or who holds it. */
  readonly texts: readonly string[];
}

/**
 * @param inputs - The bundle's input files, absolute, with `/`.
 * @returns Each package once, in the order of their names.
 * @throws Error for a package that states no licence.
 */
export function bundledPackages(inputs: Iterable<string>): BundledPackage[] {
  const folders = new Set<string>();
  for (const input of inputs) {
    const [, folder] = PACKAGE.exec(input) ?? [];
    if (folder !== undefined) folders.add(packageRoot(folder));
  }
  return [...folders].map(packageIn).sort((a, b) => (titleOf(a) < titleOf(b) ? -1 : 1));
}

/** The page that goes with a build: each package, and its licence. */
export function thirdPartyLicenses(packages: readonly BundledPackage[]): string {
  const entries = packages.map((each) => {
    const head = `${"=".repeat(80)}\n${titleOf(each)} (${each.license ?? "see below"})`;
    return [head, ...each.texts].join("\n\n");
  });
  return `${["Packages that this build has code of, and their licences.", ...entries].join("\n\n")}\n`;
}

function titleOf({ name, version }: BundledPackage): string {
  return `${name} ${version}`;
}

/** A folder inside a package may have a package.json of its own that only says how its files are read. */
function packageRoot(folder: string): string {
  if (existsSync(path.join(folder, "package.json"))) return folder;
  throw new Error(`${folder} has no package.json, and so no licence`);
}

function packageIn(folder: string): BundledPackage {
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
  const holder = typeof author === "string" ? author : author?.name;
  const texts = files.map((file) => readFileSync(path.join(folder, file), "utf8").trim());
  // Some packages name their licence and bring no text of it.
  const own = texts.length > 0 ? texts : [`By ${holder ?? `the authors of ${name}`}.`];
  return { name, version, license: kind, texts: own };
}
