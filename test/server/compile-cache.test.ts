import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { compileCacheFolder } from "../../server/compile-cache.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const inTemporary = () => path.join(folder, `fleetroom-compile-cache-${process.getuid?.()}`);

/** A folder in which nobody can make another, whoever he is. */
function closedFolder(): string {
  const file = path.join(folder, "file");
  writeFileSync(file, "");
  return file;
}

it("[DE8] keeps what is compiled in the server's own folder, for its user alone", () => {
  const found = compileCacheFolder(folder, "/nowhere");
  expect(found).toBe(path.join(folder, ".compile-cache"));
  expect(statSync(found ?? "").mode & 0o777).toBe(0o700);
  expect(compileCacheFolder(folder, "/nowhere")).toBe(found);
});

it("[DE8] keeps it among the user's temporary files where the server's folder cannot be written to", () => {
  const found = compileCacheFolder(closedFolder(), folder);
  expect(found).toBe(inTemporary());
  expect(statSync(found ?? "").mode & 0o777).toBe(0o700);
});

it.each<[string, () => void]>([
  [
    "others may write to",
    () => chmodSync(mkdirSync(inTemporary(), { recursive: true }) ?? "", 0o777),
  ],
  ["a link leads to", () => symlinkSync(mkdtempSync(path.join(folder, "theirs-")), inTemporary())],
  ["is a file", () => writeFileSync(inTemporary(), "")],
])("[DE8] trusts no temporary folder that %s", (_what, prepare) => {
  prepare();
  expect(compileCacheFolder(closedFolder(), folder)).toBeUndefined();
});

it.skipIf(process.getuid?.() !== 0)(
  "[DE8] trusts no temporary folder of somebody else",
  async () => {
    const { chownSync } = await import("node:fs");
    mkdirSync(inTemporary(), { mode: 0o700 });
    chownSync(inTemporary(), 65_534, 65_534);
    expect(compileCacheFolder(closedFolder(), folder)).toBeUndefined();
  },
);

it.each<[string, Record<string, string>, () => string | undefined]>([
  ["that folder", {}, () => path.join(folder, ".compile-cache")],
  ["what the operator chose", { NODE_COMPILE_CACHE: "chosen" }, () => path.join(folder, "chosen")],
  ["none where the operator wants none", { NODE_DISABLE_COMPILE_CACHE: "1" }, () => undefined],
])("[DE8] uses %s", (_what, env, wanted) => {
  const program = `
    import { useCompileCache, keepCompiled } from "${import.meta.dirname}/../../server/compile-cache.ts";
    import { getCompileCacheDir } from "node:module";
    useCompileCache(process.cwd());
    keepCompiled();
    console.log(getCompileCacheDir() ?? "none");
  `;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: folder,
    env,
  });
  const found = said.toString().trim();
  expect(found.startsWith(wanted() ?? "none")).toBe(true);
});
