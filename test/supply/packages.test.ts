import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { compareVersions, INSTALLED, LOCKED, ROOT, SHIPPED } from "./lock-file.ts";

const PACKAGES_MAX = 160;
const PERMISSIVE = ["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD"];
/** May be used, not shipped: whoever changes their files must publish the changes. */
const OF_TOOLS = [...PERMISSIVE, "MPL-2.0", "MIT OR Apache-2.0", "BlueOak-1.0.0"];
/** A choice, of which we take the first. */
const CHOICES = ["(MIT OR GPL-3.0-or-later)"];

/** The table of least versions: package and version. */
const FLOORS = [
  ...readFileSync(path.join(ROOT, "docs/SUPPLY.md"), "utf8").matchAll(
    /^\| `([\w@/-]+)` \| (\d+\.\d+\.\d+) \|/gm,
  ),
].map(([, name = "", version = ""]) => ({ name, version }));

const belowFloor = (packages: readonly { readonly name: string; readonly version: string }[]) =>
  packages.filter(({ name, version }) =>
    FLOORS.some((floor) => floor.name === name && compareVersions(version, floor.version) < 0),
  );

describe("package-lock.json", () => {
  it("[SU1] has nothing older than the least versions of docs/SUPPLY.md", () => {
    expect(FLOORS.map(({ name }) => name)).toEqual([
      ...["node", "ws", "msgpackr", "nanoid", "body-parser", "qs", "fast-xml-parser"],
    ]);
    expect(belowFloor(LOCKED)).toEqual([]);
    for (const name of ["node", "ws", "msgpackr", "nanoid"]) {
      expect(
        LOCKED.some((each) => each.name === name),
        name,
      ).toBe(true);
    }
  });

  it("[SU1] would be found with an older one", () => {
    const old = { name: "ws", version: "8.22.9" };
    expect(belowFloor([old, { name: "ws", version: "8.23.0" }])).toEqual([old]);
    expect(belowFloor([{ name: "node", version: "24.9.0" }])).toHaveLength(1);
    expect(belowFloor([{ name: "ws", version: "9.0.0" }])).toEqual([]);
  });

  it("[SU2] has at most 160 packages to make a server with", () => {
    expect(INSTALLED.length).toBeGreaterThan(50);
    expect(INSTALLED.length).toBeLessThanOrEqual(PACKAGES_MAX);
  });

  it("[SU3] has no package to make a server with that would have to run something when it is installed", () => {
    const withScript = SHIPPED.filter(({ hasInstallScript }) => hasInstallScript);
    expect(withScript.map(({ name }) => name).sort()).toEqual(["esbuild", "msgpackr-extract"]);
    expect(packageJson.allowScripts).toEqual({
      ...{ node: true, esbuild: true, "msgpackr-extract": false },
    });
  });

  it("[SU4] has permissive licences alone, but for tools that are not shipped", () => {
    const unclear = (packages: typeof LOCKED, allowed: readonly string[]) =>
      packages
        .filter(({ license = "none" }) => !allowed.includes(license))
        .map(({ name, license }) => `${name}: ${license}`);
    expect(unclear(SHIPPED, PERMISSIVE)).toEqual([]);
    expect(unclear(LOCKED, [...OF_TOOLS, ...CHOICES])).toEqual([]);
  });

  it("[SU5] has a SHA-512 for every package, and takes none from anywhere but a registry", () => {
    const loose = LOCKED.filter(
      ({ integrity = "", inBundle }) => !inBundle && !/^sha512-/.test(integrity),
    );
    expect(loose.map(({ place }) => place)).toEqual([]);
    // Git, tarballs and folders have an address there; the registry's own are left out.
    expect(LOCKED.filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });
});

describe("package.json", () => {
  it("[SU5] names each dependency in one version", () => {
    const { dependencies, devDependencies, overrides } = packageJson;
    const all = Object.entries({ ...dependencies, ...devDependencies, ...overrides });
    expect(all.length).toBeGreaterThan(25);
    for (const [name, version] of all) expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it("[SU1] asks for a Node without known faults, and brings one", () => {
    const floor = FLOORS.find(({ name }) => name === "node")?.version ?? "";
    expect(packageJson.engines.node).toBe(`>=${floor}`);
    expect(compareVersions(packageJson.devDependencies.node, floor)).toBeGreaterThanOrEqual(0);
    expect(compareVersions(process.versions.node, floor)).toBeGreaterThanOrEqual(0);
    const [, inImage = ""] =
      /node:(\d+\.\d+\.\d+)-/.exec(readFileSync(path.join(ROOT, "Dockerfile"), "utf8")) ?? [];
    expect(compareVersions(inImage, floor)).toBeGreaterThanOrEqual(0);
  });
});
