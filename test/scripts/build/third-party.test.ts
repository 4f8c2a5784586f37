import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { bundledPackages, thirdPartyLicenses } from "../../../scripts/build/third-party.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));
afterAll(() => rmSync(root, { recursive: true }));

/** @returns An input file of it. */
function install(where: string, packageJson: object, files: Record<string, string> = {}): string {
  const folder = path.join(root, "node_modules", where);
  mkdirSync(path.join(folder, "lib"), { recursive: true });
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(packageJson));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return path.join(folder, "lib/index.js");
}

it("[DE6] names each package of a bundle once, in order, with the texts of its licence", () => {
  const b = install(
    "b",
    { name: "b", version: "2.0.0", license: "MIT" },
    { "LICENSE.md": "MIT of b\n" },
  );
  const inner = install(
    "b/node_modules/@scope/a",
    { name: "@scope/a", version: "1.0.0", license: "Apache-2.0" },
    { LICENSE: "Apache of a", NOTICE: "Notice of a", "index.js": "no licence" },
  );
  const text = thirdPartyLicenses(
    bundledPackages([b, path.join(root, "server/main.ts"), inner, b]),
  );
  expect(text.match(/^\S+ \d\.\d\.\d \(.*\)$/gm)).toEqual([
    "@scope/a 1.0.0 (Apache-2.0)",
    "b 2.0.0 (MIT)",
  ]);
  expect(text).toContain("Apache of a\n\nNotice of a");
  expect(text).toContain("MIT of b");
  expect(text).not.toContain("no licence");
});

it("[DE6] names the holder where a package brings no text", () => {
  const named = install("c", {
    name: "c",
    version: "1.0.0",
    license: "MIT",
    author: { name: "Carla" },
  });
  expect(thirdPartyLicenses(bundledPackages([named]))).toContain("c 1.0.0 (MIT)\n\nBy Carla.");
});

it("[DE6] refuses a package that states no licence", () => {
  const unclear = install("d", { name: "d", version: "1.0.0" });
  expect(() => bundledPackages([unclear])).toThrow("d 1.0.0 states no licence");
});
