import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import packageJson from "../../../package.json" with { type: "json" };
import { writePackageTree } from "../../../scripts/package/package-tree.ts";

const ROOT = path.join(import.meta.dirname, "../../..");
/** Twice what it is now would be a mistake; a tenth more is growth. */
const FILES_MAX = 900;
const SIZE_BYTES_MAX = 5 * 1024 * 1024;

const made = mkdtempSync(path.join(os.tmpdir(), "fleetroom-tree-"));
const lib = path.join(made, "lib");
let files: string[] = [];
let size = { files: 0, sizeBytes: 0 };

beforeAll(() => {
  size = writePackageTree(lib);
  files = globSync("**/*.*", { cwd: lib }).sort();
});
afterAll(() => rmSync(made, { recursive: true, force: true }));

const textOf = (file: string) => readFileSync(path.join(lib, file), "utf8");

describe("the tree of the package", () => {
  it("[PK1] has no source that Node would not load below node_modules, and nothing that serves this repository alone", () => {
    expect(files.filter((file) => /(?<!\.d)\.ts$/.test(file))).toEqual([]);
    const folders = new Set(files.map((file) => file.split("/")[0]));
    expect(
      [...folders].filter((name) => /^(test|bench|examples|docs|dist)$/.test(name ?? "")),
    ).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(["server/main.js", "emulator/api/model.json"]));
  });

  it("[PK1] stays small", () => {
    expect(size.files).toBeLessThan(FILES_MAX);
    expect(size.sizeBytes).toBeLessThan(SIZE_BYTES_MAX);
  });

  it("[PK1] keeps every line and column of the sources", () => {
    for (const name of ["server/main", "server/host/rooms-module", "client/connection"]) {
      const source = readFileSync(path.join(ROOT, `${name}.ts`), "utf8").split("\n");
      const script = textOf(`${name}.js`).split("\n");
      expect(script.length, name).toBe(source.length);
      for (const [at, line] of script.entries()) {
        const words = /\S+/.exec(line)?.[0];
        if (words === undefined) continue;
        expect(source[at]?.slice(line.search(/\S/)), `${name}:${at + 1}`).toMatch(
          new RegExp(`^${words.slice(0, 4).replaceAll(/[^\w]/g, "\\$&")}`),
        );
      }
    }
  });

  it("[PK1] names in each file what is there", () => {
    const relative = /(?:from|import|URL)[ (]*"(\.{1,2}\/[^"\n]+\.(?:ts|js|json|html|css))"/g;
    for (const file of files.filter((each) => /\.(?:js|d\.ts)$/.test(each))) {
      // A comment of a page's script names its types, for editors.
      const code = textOf(file).replaceAll(/\/\*[\s\S]*?\*\//g, "");
      for (const [, name = ""] of code.matchAll(relative)) {
        // The entry of a build is a text that stands for a file of the root.
        const targets = [path.join(lib, path.dirname(file), name), path.join(lib, name)];
        const isThere = targets.some(
          (target) => existsSync(target) || existsSync(target.replace(/\.js$/, ".d.ts")),
        );
        expect(isThere, `${file} names ${name}`).toBe(true);
      }
    }
  });

  it("[PK3] needs no package but its dependencies", () => {
    const bare = /^(?:import|export|\}).*?(?: from |import )"((?:@[^/"]+\/)?[^./":@][^/":]*)[/"]/gm;
    const wanted = new Map<string, string>();
    for (const file of files.filter((each) => each.endsWith(".js"))) {
      for (const [, name = ""] of textOf(file).matchAll(bare)) wanted.set(name, file);
    }
    expect(wanted.get("@colyseus/core")).toBeDefined();
    const known = Object.keys(packageJson.dependencies);
    expect([...wanted].filter(([name]) => !known.includes(name))).toEqual([]);
  });

  it("[PK1] finds its own programs", async () => {
    // As the sources find theirs, but built.
    const { ROOT: root, sourceFile } = (await import(
      pathToFileURL(path.join(lib, "scripts/source-files.js")).href
    )) as typeof import("../../../scripts/source-files.ts");
    expect(root).toBe(lib);
    for (const name of ["server/main.ts", "backend/lobby/main.ts", "client/page/project/main.ts"]) {
      expect(existsSync(sourceFile(name)), name).toBe(true);
    }
    expect(sourceFile("client/page/index.html")).toBe(path.join(lib, "client/page/index.html"));
  });

  it("[PK2] has the types of what is exported, and of nothing else", () => {
    const types = files.filter((file) => file.endsWith(".d.ts"));
    for (const entry of Object.values(packageJson.exports)) {
      if (typeof entry === "string") continue;
      expect(types).toContain(entry.types.replace("./lib/", ""));
      expect(files).toContain(entry.default.replace("./lib/", ""));
    }
    expect(types.length).toBeLessThan(60);
    expect(types.filter((file) => /^(backend|scripts)\//.test(file))).toEqual([]);
  });
});

describe("the package", () => {
  it("[PK1] runs nothing when it is installed, and may be run by its name", () => {
    const scripts = Object.keys(packageJson.scripts);
    expect(scripts.filter((name) => /^(pre|post)?(install|prepare)$/.test(name))).toEqual([]);
    expect(textOf(packageJson.bin.fleetroom.replace("lib/", ""))).toMatch(
      /^#!\/usr\/bin\/env node\n/,
    );
    const version = execFileSync(
      process.execPath,
      [path.join(made, packageJson.bin.fleetroom), "--version"],
      // Its packages are this repository's.
      { encoding: "utf8", env: { ...process.env, NODE_PATH: path.join(ROOT, "node_modules") } },
    );
    expect(version.trim()).toBe(packageJson.version);
  });

  it("[PK2] exports four things and its description", () => {
    expect(Object.keys(packageJson.exports)).toEqual([
      ".",
      "./client",
      "./emulator",
      "./gamelift-server-sdk",
      "./package.json",
    ]);
  });
});
