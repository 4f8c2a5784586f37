import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MemoryTelemetry } from "../../../../server/telemetry/memory/memory-telemetry.ts";
import type { ProcessKey } from "../../../../server/telemetry/targets/process-table.ts";
import { systemProcesses } from "../../../../server/telemetry/targets/process-table.ts";
import { TargetsFile } from "../../../../server/telemetry/targets/targets-file.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

const OWN = { pid: 77, startTicks: 1234 };
const LABELS = { FleetId: "fleet-1", Location: "eu-west-1", Ordinal: "00" };

let parent: string;
let dir: string;
let clock: FakeClock;
let telemetry: MemoryTelemetry;
/** Keys of those that live, beside this process. */
let alive: ProcessKey[];

beforeEach(() => {
  parent = mkdtempSync(path.join(tmpdir(), "fleetroom-targets-"));
  dir = path.join(parent, "game", "targets");
  clock = new FakeClock();
  telemetry = new MemoryTelemetry();
  alive = [];
});

afterEach(() => rmSync(parent, { recursive: true, force: true }));

function targetsFile(): TargetsFile {
  const isAlive = (key: ProcessKey) =>
    [OWN, ...alive].some((each) => each.pid === key.pid && each.startTicks === key.startTicks);
  return new TargetsFile({
    dir,
    target: "127.0.0.1:9464",
    labels: LABELS,
    clock,
    telemetry,
    random: () => 0.5,
    processes: { own: OWN, isAlive },
  });
}

/** Until the disk has done what one sweep asks of it. */
async function sweep(file: TargetsFile): Promise<void> {
  clock.advance(30_000);
  await file.idle();
}

function lay(name: string): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, name), "[]");
}

describe("TargetsFile", () => {
  it("[TG1] tells where the process is in the form of file discovery, and is gone when it closes", async () => {
    const file = targetsFile();
    await file.open();
    expect(readdirSync(dir)).toEqual(["server-77-1234.json"]);
    expect(JSON.parse(readFileSync(file.path, "utf8"))).toEqual([
      { targets: ["127.0.0.1:9464"], labels: LABELS },
    ]);
    expect(statSync(dir).mode & 0o777).toBe(0o750);
    await file.close();
    expect(readdirSync(dir)).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[TG1] does not come back when it is closed while it is written", async () => {
    const file = targetsFile();
    const opening = file.open();
    await file.close();
    await opening;
    expect(existsSync(file.path)).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[TG2] is written again after it vanished, with its directory too", async () => {
    const file = targetsFile();
    await file.open();
    rmSync(path.join(parent, "game"), { recursive: true });
    await sweep(file);
    expect(readdirSync(dir)).toEqual(["server-77-1234.json"]);
    await file.close();
  });

  it("[TG3] removes what dead processes left, at the start and at each look, and nothing else", async () => {
    alive = [{ pid: 5, startTicks: 50 }];
    lay("server-5-50.json");
    lay("server-5-49.json"); // The pid lives, and is another process's by now.
    lay(".server-6-60.tmp");
    lay("server-x.json");
    lay("other.json");
    const file = targetsFile();
    await file.open();
    const kept = ["other.json", "server-5-50.json", "server-77-1234.json", "server-x.json"];
    expect(readdirSync(dir).sort()).toEqual(kept);
    alive = [];
    await sweep(file);
    expect(readdirSync(dir).sort()).toEqual(["other.json", "server-77-1234.json", "server-x.json"]);
    await file.close();
  });

  it("[TG3] looks again after 15 to 30 seconds", async () => {
    lay("server-5-50.json");
    alive = [{ pid: 5, startTicks: 50 }];
    const file = targetsFile();
    await file.open();
    alive = [];
    clock.advance(22_499);
    await file.idle();
    expect(existsSync(path.join(dir, "server-5-50.json"))).toBe(true);
    clock.advance(1);
    await file.idle();
    expect(existsSync(path.join(dir, "server-5-50.json"))).toBe(false);
    await file.close();
  });

  it("[TG4] tells once that it cannot write, throws nothing, and goes on when it can", async () => {
    mkdirSync(path.join(parent, "game"));
    writeFileSync(dir, "a file where the directory should be");
    const file = targetsFile();
    await file.open();
    await sweep(file);
    await sweep(file);
    const told = telemetry.of("vendorMessage");
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ level: "warn", message: expect.stringMatching(/ENOTDIR/) });
    rmSync(dir);
    await sweep(file);
    expect(existsSync(file.path)).toBe(true);
    await file.close();
  });

  it("[TG4] does without the others' files what it can when one cannot be removed", async () => {
    mkdirSync(path.join(dir, "server-5-50.json"), { recursive: true });
    lay("server-6-60.json");
    const file = targetsFile();
    await file.open();
    expect(readdirSync(dir).sort()).toEqual(["server-5-50.json", "server-77-1234.json"]);
    expect(telemetry.of("vendorMessage")).toHaveLength(1);
    await file.close();
  });
});

describe("TargetsFile in a directory that others fill", () => {
  const UNFINISHED = ".server-77-1234.tmp";
  const OWN_NAME = "server-77-1234.json";

  /** What somebody may have laid where this process writes; each leads to `outside` or to nothing. */
  const LAID: Readonly<Record<string, (at: string, outside: string) => void>> = {
    "a link to a file elsewhere": (at, outside) => symlinkSync(outside, at),
    "another name of a file elsewhere": (at, outside) => linkSync(outside, at),
    "a link to nothing": (at) => symlinkSync(`${at}.nothing`, at),
    "a FIFO": (at) => execFileSync("mkfifo", [at]),
    "a file of somebody's own": (at) => writeFileSync(at, "[]"),
  };
  const places = Object.keys(LAID).flatMap((what) =>
    [UNFINISHED, OWN_NAME].map((name) => ({ what, name })),
  );

  it.for(places)(
    "[TG7] writes its file past $what that is there as $name, and nothing elsewhere",
    async ({ what, name }) => {
      mkdirSync(dir, { recursive: true });
      const outside = path.join(parent, "outside");
      writeFileSync(outside, "theirs");
      LAID[what]?.(path.join(dir, name), outside);
      const file = targetsFile();
      await file.open();
      expect(readFileSync(outside, "utf8")).toBe("theirs");
      expect(lstatSync(file.path).isFile()).toBe(true);
      expect(readFileSync(file.path, "utf8")).toContain("127.0.0.1:9464");
      await file.close();
      expect(readdirSync(parent).sort()).toEqual(["game", "outside"]);
      expect(readFileSync(outside, "utf8")).toBe("theirs");
      expect(telemetry.of("vendorMessage")).toEqual([]);
    },
  );

  it("[TG7] removes nothing that is not named as a dead process's file, odd as its name may be", async () => {
    const odd = [
      "server-5-50.json\n",
      "\nserver-5-50.json",
      "server-5-50.json.tmp",
      "server--5-50.json",
      "server-5-50.JSON",
      "server-99999999999-1.json",
      "server-5-999999999999999999999.json",
      "server-5-50-1.json",
      "\u2028.json",
      "server-0x5-1.json",
      `server-${"1".repeat(200)}-1.json`,
    ];
    for (const name of odd) lay(name);
    const file = targetsFile();
    await file.open();
    expect(readdirSync(dir).sort()).toEqual([...odd, OWN_NAME].sort());
    await file.close();
  });

  it("[TG7] reads a bounded part of a directory with thousands of others' files", async () => {
    for (let index = 0; index < 20_000; index++) lay(`other-${index}.json`);
    const file = targetsFile();
    await file.open();
    const { user, system } = process.cpuUsage();
    for (let look = 0; look < 10; look++) await sweep(file);
    const used = process.cpuUsage({ user, system });
    expect((used.user + used.system) / 10 / 1_000).toBeLessThan(15);
    expect(existsSync(file.path)).toBe(true);
    await file.close();
  });
});

describe("TargetsFile in a directory that containers share", () => {
  const shared = (target: string) =>
    new TargetsFile({ dir, target, labels: LABELS, clock, telemetry, isShared: true });

  it("[TG6] keeps others' files while they are written, whatever their pids, and removes one after two minutes", async () => {
    // Files have the time of this machine, so the clock begins there.
    clock = new FakeClock(0, Date.now());
    const [one, other] = [shared("10.0.0.1:9464"), shared("10.0.0.2:9464")];
    await one.open();
    await other.open();
    expect(readdirSync(dir)).toHaveLength(2);
    const old = new Date(clock.wallMs() - 121_000);
    utimesSync(one.path, old, old);
    utimesSync(other.path, old, old);
    clock.advance(30_000);
    await one.idle();
    expect(existsSync(one.path)).toBe(true);
    await other.close();
    lay("server-1-1.json");
    utimesSync(path.join(dir, "server-1-1.json"), old, old);
    clock.advance(30_000);
    await one.idle();
    expect(readdirSync(dir)).toEqual([path.basename(one.path)]);
    await one.close();
  });
});

describe("systemProcesses", () => {
  it("[TG5] knows this process by its start, and that a made-up one is dead", () => {
    const { own, isAlive } = systemProcesses();
    expect(own.pid).toBe(process.pid);
    expect(isAlive(own)).toBe(true);
    expect(isAlive({ pid: 4_194_305, startTicks: 0 })).toBe(false);
    if (process.platform !== "linux") return;
    expect(own.startTicks).toBeGreaterThan(0);
    expect(isAlive({ pid: own.pid, startTicks: own.startTicks + 1 })).toBe(false);
    expect(isAlive({ pid: 4_194_305, startTicks: 1 })).toBe(false);
  });
});
