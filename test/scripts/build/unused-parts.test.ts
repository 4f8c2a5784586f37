import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, it } from "vitest";
import { lazyIndex } from "../../../scripts/build/unused-parts.ts";

const require = createRequire(import.meta.url);

it.each(["prom-client/index.js", "winston/lib/winston.js"])(
  "[DE9] loads a part of %s when it is asked for, and not before",
  (name) => {
    const file = require.resolve(name);
    const loaded: string[] = [];
    const load = (part: string): unknown => {
      loaded.push(part);
      return require(require.resolve(part, { paths: [file.slice(0, file.lastIndexOf("/"))] }));
    };
    const own: Record<string, unknown> = {};
    new Function("require", "exports", lazyIndex(file, readFileSync(file, "utf8")))(load, own);
    const whole = require(file) as Record<string, unknown>;
    const before = new Set(loaded);
    expect(Object.keys(own).sort()).toEqual(Object.keys(whole).sort());
    expect(loaded.length).toBeLessThan(Object.keys(whole).length / 2);
    const parts = name.startsWith("winston")
      ? ["createLogger", "Logger"]
      : ["Counter", "Histogram"];
    for (const part of parts) expect(own[part]).toBe(whole[part]);
    expect(loaded.length).toBeGreaterThan(before.size);
  },
);

it("[DE9] refuses an index that is written in another way", () => {
  expect(() =>
    lazyIndex("index.js", "module.exports = { Counter: require('./counter') };"),
  ).toThrow("index.js has 0 parts instead of 8");
});
