import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bundleServer, type ServerBundle } from "../../../scripts/build/server-bundle.ts";
import { NEVER_LOADED } from "../../../scripts/build/unused-parts.ts";
import { BuiltServer } from "../../support/built-server.ts";

const ROOT = path.join(import.meta.dirname, "../../..");

let bundle: ServerBundle;
beforeAll(async () => {
  bundle = await bundleServer(undefined);
});
const textOf = (file: string) => Buffer.from(bundle.files.get(file) ?? []).toString();

describe("the built server", () => {
  it("[DE1] imports nothing that is not part of it or of Node", () => {
    const outside = bundle.imports.filter((name) => !name.startsWith("node:"));
    expect(outside.filter((name) => !NEVER_LOADED.includes(name))).toEqual([]);
  });

  it("[DE1] has a source map for each of its files, with the sources in it", () => {
    const scripts = [...bundle.files.keys()].filter((file) => file.endsWith(".mjs"));
    expect(scripts).toEqual(expect.arrayContaining(["main.mjs", "server.mjs"]));
    for (const file of scripts) {
      expect(textOf(file)).toContain(`//# sourceMappingURL=${file}.map`);
      const { sources, sourcesContent } = JSON.parse(textOf(`${file}.map`)) as {
        sources: string[];
        sourcesContent: string[];
      };
      expect(sourcesContent).toHaveLength(sources.length);
    }
    const { sources } = JSON.parse(textOf("main.mjs.map")) as { sources: string[] };
    expect(sources).toContain("../server/main.ts");
  });

  it("[DE1] keeps names and lines that a stack is read by", () => {
    const main = textOf("main.mjs");
    expect(/\bGameSessionLife=class\b/.test(main)).toBe(true);
    const { length } = main.split("\n");
    expect(main.length / length).toBeLessThan(200);
  });

  it("[DE2] has the same bytes each time, and no path of the machine that made it", async () => {
    using again = new BuiltServer();
    const files = globSync("**/*.*", { cwd: again.dist }).sort();
    expect([...bundle.files.keys()].filter((file) => file.includes("."))).toEqual(files);
    for (const [file, bytes] of bundle.files) {
      expect(readFileSync(path.join(again.dist, file)).equals(bytes), file).toBe(true);
      expect(Buffer.from(bytes).includes(ROOT), file).toBe(false);
    }
  });

  it("[DE6] says under what licences its parts are", () => {
    const text = textOf("THIRD-PARTY-LICENSES");
    const named = [...text.matchAll(/^(\S+) \d+\.\d+\.\d+\S* \(/gm)].map(([, name]) => name);
    for (const name of ["@colyseus/core", "@colyseus/schema", "ws", "winston", "prom-client"]) {
      expect(named).toContain(name);
    }
    expect(named).toContain("@aws-sdk/client-gamelift");
    expect(named).not.toContain("esbuild");
    expect(named).not.toContain("express");
    for (const file of ["LICENSE", "NOTICE"]) {
      expect(textOf(file)).toBe(readFileSync(path.join(ROOT, file), "utf8"));
    }
  });
});
