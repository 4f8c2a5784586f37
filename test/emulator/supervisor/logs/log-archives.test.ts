import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LogArchives } from "../../../../emulator/supervisor/logs/log-archives.ts";
import { writeLogZip } from "../../../../emulator/supervisor/logs/log-zip.ts";
import { FakeClock, settle } from "../../../support/fake-clock.ts";
import { zipContents } from "./zip-reader.ts";

let folder: string;
let root: string;
let zips: string;
let archives: LogArchives;
let failures: string[];

beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "fleetroom-zips-")));
  root = path.join(folder, "game");
  zips = path.join(folder, "zips");
  for (const each of ["bin", "logs/deep/er"]) mkdirSync(path.join(root, each), { recursive: true });
  failures = [];
  archives = opened();
});

afterEach(() => rmSync(folder, { recursive: true }));

function opened(): LogArchives {
  const made = new LogArchives({
    clock: new FakeClock(),
    folder: zips,
    failed: (_, why) => failures.push(why),
  });
  made.open();
  return made;
}

const id = (at: number) => `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`;

async function pack(logPaths: readonly string[], at = 1): Promise<string> {
  archives.add({
    gameSessionId: `session-${at}`,
    fleetId: "fleet-1",
    processId: id(at),
    logPaths,
    target: { program: path.join(root, "bin", "server"), root },
  });
  await archives.close();
  return archives.find(`session-${at}`) ?? "";
}

const texts = (zip: string) =>
  Object.fromEntries([...zipContents(zip)].map(([name, bytes]) => [name, bytes.toString()]));

describe("the logs of a game session", () => {
  it("[EV15] are one zip of the files and folders that its process named, as they lie on an instance", async () => {
    writeFileSync(path.join(root, "bin", "server.log"), "one\n");
    writeFileSync(path.join(root, "logs", "a.log"), "a");
    writeFileSync(path.join(root, "logs", "deep", "er", "b.log"), "b".repeat(100_000));
    writeFileSync(path.join(root, "logs", "empty.log"), "");
    writeFileSync(path.join(root, "not-named.log"), "no");
    const zip = await pack(["server.log", "/local/game/logs", "../logs/a.log", "none.log", "a*b"]);
    expect(texts(zip)).toEqual({
      "local/game/bin/server.log": "one\n",
      "local/game/logs/a.log": "a",
      "local/game/logs/deep/er/b.log": "b".repeat(100_000),
      "local/game/logs/empty.log": "",
      "ReadMe.txt": [
        "Game Server Logs",
        `Error: Invalid Log Path\ta*b has one of < > " ' | * ? [ ] \\ or a line end in it`,
        "1 File Collected\t\t\t\tserver.log",
        "3 File(s) Collected\t\t\t\t/local/game/logs",
        "1 File Collected\t\t\t\t../logs/a.log",
        "Error: Missing file/directory\tnone.log",
        "",
      ].join("\n"),
    });
    expect(failures).toEqual([]);
    expect(readdirSync(zips)).toEqual([`${id(1)}.zip`]);
  });

  it("[EV15] are copied: what the process wrote stays where it is", async () => {
    const file = path.join(root, "logs", "a.log");
    writeFileSync(file, "a");
    await pack(["/local/game/logs"]);
    expect(readFileSync(file, "utf8")).toBe("a");
  });

  it("[EV15] have nothing that a link leads to", async () => {
    const secret = path.join(folder, "secret");
    writeFileSync(secret, "secret");
    symlinkSync(secret, path.join(root, "logs", "link.log"));
    symlinkSync(folder, path.join(root, "logs", "link-folder"));
    symlinkSync(secret, path.join(root, "direct.log"));
    const zip = await pack(["/local/game/logs", "/local/game/direct.log"]);
    expect(Object.keys(texts(zip))).toEqual(["ReadMe.txt"]);
    expect(readFileSync(zip).includes("secret")).toBe(false);
  });

  it("[EV15] are left out where they go beyond the limit together, and the zip says so", async () => {
    const sources = ["12345", "123456", "", "1234", "1"].map((text, at) => {
      const file = path.join(root, "logs", `${at}.log`);
      writeFileSync(file, text);
      return { named: `${at}.log`, file, nameInZip: `local/game/logs/${at}.log` };
    });
    await writeLogZip(path.join(folder, "small.zip"), sources, [], { files: 9, bytes: 9 });
    const { "ReadMe.txt": readMe, ...files } = texts(path.join(folder, "small.zip"));
    expect(files).toEqual({
      "local/game/logs/0.log": "12345",
      "local/game/logs/1.log": "",
      "local/game/logs/2.log": "",
      "local/game/logs/3.log": "1234",
      "local/game/logs/4.log": "",
    });
    expect(readMe?.match(/Too Large.*/g)).toEqual([
      "Too Large\tlocal/game/logs/1.log",
      "Too Large\tlocal/game/logs/4.log",
    ]);
  });

  it("[EV15] are left out where they are too many, and the zip says so", async () => {
    for (const name of ["a", "b", "c", "d"]) writeFileSync(path.join(root, "logs", name), name);
    const file = path.join(root, "logs");
    const sources = [{ named: "logs", file, nameInZip: "local/game/logs" }];
    await writeLogZip(path.join(folder, "few.zip"), sources, [], { files: 2, bytes: 100 });
    const contents = texts(path.join(folder, "few.zip"));
    expect(Object.keys(contents)).toEqual(["local/game/logs/a", "local/game/logs/b", "ReadMe.txt"]);
    expect(contents["ReadMe.txt"]).toContain("Error: Too Many Files\tlocal/game/logs/c");
  });

  it("[EV15] wait their turn, a thousand at most; any more are told as not collected", async () => {
    const clock = new FakeClock();
    const failed: string[] = [];
    archives = new LogArchives({ clock, folder: zips, failed: (_, why) => failed.push(why) });
    const target = { program: path.join(root, "bin", "server"), root };
    // One is under way.
    for (let at = 0; at < 1_003; at++) {
      archives.add({
        gameSessionId: `${at}`,
        fleetId: "f",
        processId: id(at),
        logPaths: [],
        target,
      });
    }
    expect(failed).toEqual(Array(2).fill("too many game sessions' logs wait to be collected"));
    const closed = archives.close();
    clock.advance(5_000);
    await closed;
    // The one under way may still be written.
    while (archives.find("0") === undefined) await settle();
    expect(readdirSync(zips).length).toBeLessThan(50);
  });

  it("[EV15] are no more than the first 100 paths of its process", async () => {
    for (let at = 0; at < 101; at++) writeFileSync(path.join(root, "logs", `${at}.log`), "");
    const zip = await pack(Array.from({ length: 101 }, (_, at) => `/local/game/logs/${at}.log`));
    expect(Object.keys(texts(zip))).toHaveLength(101);
    expect(texts(zip)["local/game/logs/100.log"]).toBeUndefined();
  });

  it("[EV15] that are none make a zip that says so", async () => {
    expect(texts(await pack([]))).toEqual({ "ReadMe.txt": "Game Server Logs\n" });
  });

  it("[EV15] that cannot be packed are told, and nothing half is left", async () => {
    mkdirSync(path.join(zips, `${id(1)}.zip`));
    expect(await pack(["/local/game/logs"])).toBe("");
    expect(failures).toHaveLength(1);
    expect(readdirSync(zips)).toEqual([`${id(1)}.zip`]);
    rmSync(path.join(zips, `${id(1)}.zip`), { recursive: true });
    expect(texts(await pack([], 2))).toHaveProperty(["ReadMe.txt"]);
  });

  it("[EV16] are kept while they are not too large together, the newest in any case", async () => {
    writeFileSync(path.join(root, "logs", "a.log"), randomBytes(1_000));
    const clock = new FakeClock();
    const failed = (_: unknown, why: string) => failures.push(why);
    archives = new LogArchives({ clock, folder: zips, failed, bytesMax: 3_000 });
    for (let at = 0; at < 5; at++) await pack(["/local/game/logs/a.log"], at);
    expect(readdirSync(zips)).toEqual([`${id(3)}.zip`, `${id(4)}.zip`]);
    writeFileSync(path.join(root, "logs", "a.log"), randomBytes(9_000));
    await pack(["/local/game/logs/a.log"], 5);
    expect(readdirSync(zips)).toEqual([`${id(5)}.zip`]);
  });

  it("[EV16] are kept of the newest 100 game sessions, those of earlier runs included", async () => {
    for (let at = 0; at < 103; at++) await pack([], at);
    expect(readdirSync(zips)).toHaveLength(100);
    expect(archives.find("session-2")).toBeUndefined();
    expect(archives.find("session-3")).toBe(path.join(zips, `${id(3)}.zip`));
    writeFileSync(path.join(zips, "mine.zip"), "");
    writeFileSync(path.join(zips, `${id(200)}.zip`), "");
    writeFileSync(path.join(zips, `${id(201)}.zip`), "");
    archives = opened();
    expect(readdirSync(zips)).toHaveLength(101);
    expect(existsSync(path.join(zips, "mine.zip"))).toBe(true);
  });
});
