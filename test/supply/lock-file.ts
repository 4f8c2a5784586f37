import { readFileSync } from "node:fs";
import path from "node:path";

export const ROOT = path.join(import.meta.dirname, "../..");

interface LockEntry {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly inBundle?: boolean;
  /** Systems that it is for; all where it says none. */
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

export interface LockedPackage extends LockEntry {
  readonly name: string;
  /** Where it is installed; a name may be there several times. */
  readonly place: string;
}

const { packages } = JSON.parse(readFileSync(path.join(ROOT, "package-lock.json"), "utf8")) as {
  packages: Record<string, LockEntry>;
};

/** Every package but the project itself. */
export const LOCKED: readonly LockedPackage[] = Object.entries(packages)
  .filter(([place]) => place !== "")
  .map(([place, entry]) => ({ ...entry, place, name: place.split("node_modules/").at(-1) ?? "" }));

/** What a server is made with, for any system. */
export const SHIPPED = LOCKED.filter(({ dev, devOptional }) => !dev && !devOptional);

/** Of those, what is installed where servers run. */
export const INSTALLED = SHIPPED.filter(
  ({ os = ["linux"], cpu = ["x64"], libc = ["glibc"] }) =>
    os.includes("linux") && cpu.includes("x64") && libc.includes("glibc"),
);

/** @returns Below 0 when `a` is the older one. Ours are plain: no words behind the three numbers. */
export function compareVersions(a: string, b: string): number {
  const [left = [], right = []] = [a, b].map((version) => version.split(/[.-]/).map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
