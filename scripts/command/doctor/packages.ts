/**
 * A look at the packages of a project: two copies of one that keeps classes do not know each other's.
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import packageJson from "../../../package.json" with { type: "json" };
import type { Finding } from "./finding.ts";

/** npm's own list of what it has installed. */
const INSTALLED = "node_modules/.package-lock.json";
/** Of these there may be one copy: rooms, server and clients compare their classes. */
const ONE_COPY = ["@colyseus/schema", "@colyseus/core"] as const;

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Such as `node_modules/ws`. */
  readonly at: string;
}

/** @returns `undefined` where npm has left no list: another tool has installed, or none. */
export function installedPackages(folder: string): readonly InstalledPackage[] | undefined {
  const file = path.join(folder, INSTALLED);
  const above = path.dirname(folder);
  // Of a workspace the packages lie further up.
  if (!existsSync(file)) return above === folder ? undefined : installedPackages(above);
  try {
    const { packages } = JSON.parse(readFileSync(file, "utf8")) as {
      packages: Record<string, { version?: string }>;
    };
    return Object.entries(packages).map(([at, { version = "" }]) => {
      const name = at.slice(at.lastIndexOf("node_modules/") + "node_modules/".length);
      return { name, version, at };
    });
  } catch {
    return undefined;
  }
}

export function packageFindings(installed: readonly InstalledPackage[] | undefined): Finding[] {
  const about = "packages";
  if (installed === undefined) {
    const words = `there is no ${INSTALLED}, so copies of packages cannot be compared`;
    return [{ about, state: "note", words, advice: "install with npm" }];
  }
  const copiesOf = (name: string) => installed.filter((each) => each.name === name);
  const wrong = ONE_COPY.flatMap((name) => twoCopies(name, copiesOf(name)));
  const notes = [...oldWs(copiesOf("ws")), ...otherSdk(copiesOf("@colyseus/sdk"))];
  if (wrong.length + notes.length > 0) return [...wrong, ...notes];
  const names = ONE_COPY.map((name) => `${name} ${packageJson.dependencies[name]}`).join(", ");
  return [{ about, state: "good", words: `one copy each of ${names}` }];
}

function twoCopies(
  name: (typeof ONE_COPY)[number],
  copies: readonly InstalledPackage[],
): Finding[] {
  if (copies.length < 2) return [];
  const version = packageJson.dependencies[name];
  const places = copies.map((each) => `${each.version} in ${each.at}`).join(", ");
  return [
    {
      about: "packages",
      state: "wrong",
      words: `${copies.length} copies of ${name}, which do not know each other's classes: ${places}`,
      advice: `rooms run with ${version}: npm install ${name}@${version}, or an override of that version`,
    },
  ];
}

/** Our own is new enough; another package may have brought an older one. */
function oldWs(copies: readonly InstalledPackage[]): Finding[] {
  const wanted = packageJson.dependencies.ws;
  return copies
    .filter(({ version }) => isOlder(version, wanted))
    .map(({ version, at }) => ({
      about: "packages",
      state: "note",
      words: `ws ${version} in ${at} has known faults`,
      advice: `npm install ws@${wanted} if the project names it; else "overrides": { "ws": "${wanted}" } in package.json`,
    }));
}

/** What a client decodes is what a server of the same line encodes. */
function otherSdk(copies: readonly InstalledPackage[]): Finding[] {
  const wanted = packageJson.dependencies["@colyseus/sdk"];
  const line = (version: string) => version.split(".").slice(0, 2).join(".");
  return copies
    .filter(({ version }) => line(version) !== line(wanted))
    .map(({ version, at }) => ({
      about: "packages",
      state: "note",
      words: `@colyseus/sdk ${version} in ${at} is of another line than the server's Colyseus`,
      advice: `npm install @colyseus/sdk@${wanted}`,
    }));
}

/** Whole numbers with dots; what follows a hyphen does not count. */
export function isOlder(version: string, than: string): boolean {
  const [have, want] = [version, than].map((text) => text.split("-", 1)[0]?.split(".").map(Number));
  for (const [at, wanted] of (want ?? []).entries()) {
    const given = have?.[at] ?? 0;
    if (given !== wanted) return given < wanted;
  }
  return false;
}
