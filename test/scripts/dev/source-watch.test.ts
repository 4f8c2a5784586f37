import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { watchFiles } from "../../../scripts/dev/source-watch.ts";

/** Longer than the watch waits for things to be quiet. */
const QUIET_MS = 600;

let folder = "";
let stop: () => boolean = () => false;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-watch-"));
});
afterEach(() => {
  stop();
  rmSync(folder, { recursive: true, force: true });
});

it("[PK8] hears of a source once, however an editor writes it, and of no other file", async () => {
  const source = path.join(folder, "rooms.ts");
  writeFileSync(source, "a");
  let changes = 0;
  stop = watchFiles(
    [source],
    () => changes++,
    () => {},
  );
  writeFileSync(path.join(folder, "save.json"), "{}");
  await sleep(QUIET_MS);
  expect(changes).toBe(0);
  writeFileSync(source, "b");
  writeFileSync(source, "c");
  await expect.poll(() => changes).toBe(1);
  writeFileSync(`${source}.new`, "d");
  renameSync(`${source}.new`, source);
  await expect.poll(() => changes).toBe(2);
});

it("[PK8] says at its end whether a change was still to be told", async () => {
  const source = path.join(folder, "rooms.ts");
  writeFileSync(source, "a");
  stop = watchFiles(
    [source],
    () => {},
    () => {},
  );
  writeFileSync(source, "b");
  await sleep(100);
  expect(stop()).toBe(true);
});

it("[PK8] says of a folder that cannot be watched", () => {
  const failed: string[] = [];
  stop = watchFiles(
    ["/nowhere/rooms.ts"],
    () => {},
    (name) => failed.push(name),
  );
  expect(failed).toEqual(["/nowhere"]);
});
