import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileJournal } from "../../../server/host/journal.ts";
import {
  encodeHeader,
  encodeRecord,
  JOURNAL_CHECK_BYTES,
  type JournalRecord,
} from "../../../server/host/journal-format.ts";
import { HOST_LIMITS } from "../../../server/host/limits.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { until } from "../../support/in-process-server.ts";
import { HEADER, readAll } from "./journals.ts";

let folder: string;
let directory: string;
let file: string;
let telemetry: MemoryTelemetry;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));
  directory = path.join(folder, "made", "when needed");
  file = path.join(directory, "a-match.journal");
  telemetry = new MemoryTelemetry();
});
afterEach(() => rmSync(folder, { recursive: true }));

const journal = (name = "a-match", header = HEADER) =>
  new FileJournal(directory, name, header, telemetry);
const failures = () => telemetry.of("journalFailed").map(({ cause }) => String(cause));
const join = (seat: number): JournalRecord => ({ type: "join", tick: seat, seat, team: "" });

const longest = new Uint8Array(255);
/** A step of so many commands of 255 bytes; 258 bytes each. */
const step = (tick: number, commands = 500): JournalRecord => ({
  type: "step",
  tick,
  commands: Array.from({ length: commands }, (_, seat) => ({ seat, bytes: longest })),
});

describe("a match's journal", () => {
  it("[JN20] makes no file for a match that nobody joined", async () => {
    const empty = journal();
    await empty.close();
    empty.write(join(0));
    await empty.close();
    expect(readdirSync(folder)).toEqual([]);
    expect(telemetry.events).toEqual([]);
  });

  it("[JN42] reaches its file with every hash, not with every step", async () => {
    const open = journal();
    open.write(join(0));
    // Once the file is there nothing else keeps a record from it.
    await until(() => existsSync(file));
    const sizes: number[] = [];
    for (let tick = 1; tick <= 20; tick++) {
      open.write(step(tick, 1));
      await new Promise((resolve) => setImmediate(resolve));
      sizes.push(statSync(file).size);
    }
    expect(new Set(sizes)).toEqual(new Set([0]));
    open.write({ type: "hash", tick: 20, hash: "0123456789abcdef" });
    await until(() => statSync(file).size > 20 * 258);
    expect(readAll(readFileSync(file)).records).toHaveLength(22);
    await open.close();
  });

  it("[JN42] reaches its file without a hash once there is much of it", async () => {
    const open = journal();
    for (let tick = 1; 258 * tick < 2 * HOST_LIMITS.journalBatchBytes; tick++) {
      open.write(step(tick, 1));
    }
    await until(() => existsSync(file) && statSync(file).size >= HOST_LIMITS.journalBatchBytes);
    await open.close();
  });

  it("[JN20] is whole in its file once it is closed, and takes nothing after", async () => {
    const records = [join(0), step(1), join(2)];
    const open = journal();
    for (const record of records) open.write(record);
    const closing = open.close();
    open.write(join(3));
    await Promise.all([closing, open.close()]);
    expect(readAll(readFileSync(file))).toEqual({
      header: HEADER,
      records: records.map((record) => ({
        ...record,
        ...(record.type === "step" && {
          commands: record.commands.map(({ seat }) => ({ seat, bytes: Buffer.alloc(255) })),
        }),
      })),
      flaw: undefined,
    });
    expect(telemetry.events).toEqual([]);
  });

  it("[JN20] stays in its directory, whatever its match is called", async () => {
    const open = journal("../../2026-01-01T00:00:00Z/a b\0c");
    open.write(join(0));
    await open.close();
    expect(readdirSync(directory)).toEqual(["..-..-2026-01-01T00-00-00Z-a-b-c.journal"]);
    expect(readdirSync(folder)).toEqual(["made"]);
  });
});

describe("a disk that does not take it", () => {
  it("[JN21] with a file in the directory's place ends the recording, told once", async () => {
    writeFileSync(path.join(folder, "made"), "not a directory");
    const open = journal();
    for (let seat = 0; seat < 3; seat++) open.write(join(seat));
    await open.close();
    expect(failures()).toEqual([expect.stringMatching(/EEXIST|ENOTDIR/)]);
  });

  it("[JN21] with a file of that name keeps the file and ends the recording, told once", async () => {
    const first = journal();
    first.write(join(0));
    await first.close();
    const before = readFileSync(file);
    const second = journal("a-match", { ...HEADER, seed: 8 });
    second.write(join(0));
    await until(() => failures().length > 0);
    second.write(join(1));
    await second.close();
    expect(failures()).toEqual([expect.stringContaining("EEXIST")]);
    expect(readFileSync(file)).toEqual(before);
  });

  it("[JN21] is told also when it refuses only after the match was closed", async () => {
    const first = journal();
    first.write(join(0));
    await first.close();
    const second = journal();
    second.write(join(0));
    await second.close();
    expect(failures()).toEqual([expect.stringContaining("EEXIST")]);
  });

  it("[JN22] and falls 4 MB behind ends the recording, told once", async () => {
    const open = journal();
    // One turn of the event loop, so nothing is written meanwhile.
    for (let tick = 0; tick < 100; tick++) open.write(step(tick));
    await open.close();
    expect(failures()).toEqual([expect.stringContaining("does not keep up")]);
    const { length } = existsSync(file) ? readFileSync(file) : [];
    expect(length).toBeLessThan(HOST_LIMITS.journalQueuedBytesMax + 200_000);
  });
});

describe("a game that breaks the limits of its interface", () => {
  it.each<[string, JournalRecord]>([
    [
      "a command of 256 bytes",
      { type: "step", tick: 1, commands: [{ seat: 0, bytes: new Uint8Array(256) }] },
    ],
    ["a hash that is none", { type: "hash", tick: 1, hash: "abc" }],
  ])("[JN23] with %s loses its journal from there on, not its match", async (_what, record) => {
    const open = journal();
    open.write(join(0));
    open.write(record);
    open.write(join(2));
    await open.close();
    expect(failures()).toEqual([expect.stringContaining("RangeError")]);
    if (!existsSync(file)) return;
    const { records } = readAll(readFileSync(file));
    expect(records).toEqual([join(0)].slice(0, records.length));
  });
});

describe("a match that goes on and on", () => {
  it("[JN24] is recorded up to 64 MB, the record that says so included", async () => {
    const open = journal();
    const leave: JournalRecord = { type: "leave", tick: 9, seat: 0 };
    const sealed = (bytes: Buffer) => bytes.length + JOURNAL_CHECK_BYTES;
    const cutBytes = sealed(encodeRecord({ type: "cut", tick: 0 }));
    // One byte too few for one more record and the one that says that there are no more.
    const spareBytes = sealed(encodeRecord(leave)) + cutBytes - 1;
    let leftBytes = HOST_LIMITS.journalBytesMax - sealed(encodeHeader(HEADER));
    const write = async (record: JournalRecord) => {
      open.write(record);
      leftBytes -= sealed(encodeRecord(record));
      const length = HOST_LIMITS.journalBytesMax - leftBytes;
      await until(() => existsSync(file) && statSync(file).size === length);
    };
    const big = sealed(encodeRecord(step(0, 6_000)));
    let records = 0;
    for (; leftBytes > big + 60_000; records++) await write(step(0, 6_000));
    for (; leftBytes > 60_000; records++) await write(step(0, 200));
    const empty = sealed(encodeRecord({ type: "join", tick: 0, seat: 0, team: "" }));
    await write({
      type: "join",
      tick: 0,
      seat: 0,
      team: "x".repeat(leftBytes - empty - spareBytes),
    });
    expect(leftBytes).toBe(spareBytes);
    expect(telemetry.events).toEqual([]);
    open.write(leave);
    open.write(leave);
    await open.close();
    const bytes = HOST_LIMITS.journalBytesMax - spareBytes;
    expect(telemetry.events).toEqual([{ event: "journalTruncated", info: { bytes } }]);
    const whole = readFileSync(file);
    expect(whole).toHaveLength(bytes + cutBytes);
    const { records: read, flaw } = readAll(whole);
    expect(flaw).toBeUndefined();
    expect(read).toHaveLength(records + 2);
    expect(read.at(-1)).toEqual({ type: "cut", tick: 9 });
  });
});
