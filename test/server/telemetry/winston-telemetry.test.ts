import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { type LogLevel, logEvents } from "../../../server/telemetry/catalogue/log-events.ts";
import { WinstonTelemetry } from "../../../server/telemetry/winston/winston-telemetry.ts";
import {
  describeTelemetryContract,
  eventNames,
  everyEvent,
  tell,
} from "../../contract/telemetry-contract.ts";
import { FakeClock } from "../../support/fake-clock.ts";

function open(level: LogLevel = "info", isListening = true) {
  const clock = new FakeClock();
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  const telemetry = new WinstonTelemetry({ clock, level, stream });
  const texts = () => chunks.join("").split("\n").slice(0, -1);
  const lines = () => texts().map((text) => JSON.parse(text) as Record<string, unknown>);
  if (isListening) {
    telemetry.serverListening(everyEvent.serverListening);
    chunks.length = 0;
  }
  return { telemetry, clock, lines, texts, chunks, stream };
}

describeTelemetryContract("WinstonTelemetry", () => open("debug").telemetry);

describe("WinstonTelemetry", () => {
  it("[TL4] writes one line of JSON per event, named in snake case", () => {
    const { telemetry, lines } = open("debug");
    for (const event of eventNames) tell(telemetry, event, everyEvent[event]);
    const names = lines().map((line) => line["event"]);
    expect(names).toContain("player_session_remove_failed");
    expect(names).toHaveLength(
      eventNames.filter((event) => logEvents[event].level !== "never").length,
    );
    for (const line of lines()) {
      expect(Object.keys(line).slice(0, 3)).toEqual(["time", "level", "event"]);
      expect(line["time"]).toBe("2026-01-01T00:00:00.000Z");
    }
  });

  it.each<LogLevel>(["error", "info"])(
    "[TL5] begins with server_listening at level %s, whatever came before",
    (level) => {
      const { telemetry, lines, chunks } = open(level, false);
      telemetry.vendorMessage({ level: "error", message: "early" });
      telemetry.playerLeft(everyEvent.playerLeft);
      expect(chunks).toEqual([]);
      telemetry.serverListening(everyEvent.serverListening);
      expect(lines()[0]).toEqual({
        time: "2026-01-01T00:00:00.000Z",
        level: "info",
        event: "server_listening",
        pid: process.pid,
        port: 7000,
        adminPort: 7100,
        room: "arena",
        fleet: "local",
        tls: "off",
      });
      expect(lines()[1]).toMatchObject({ event: "vendor_message", message: "early" });
      expect(lines()).toHaveLength(level === "info" ? 3 : 2);
    },
  );

  it("[TL5] writes what it held back when the server stops without having listened", () => {
    const { telemetry, lines } = open("info", false);
    telemetry.vendorMessage({ level: "warn", message: "early" });
    telemetry.serverStopped({ exitCode: 1 });
    expect(lines().map((line) => line["event"])).toEqual(["vendor_message", "server_stopped"]);
  });

  it("[TL4] leaves out what is less important than its level", () => {
    const { telemetry, lines } = open("warn");
    telemetry.playerJoined(everyEvent.playerJoined);
    telemetry.vendorMessage({ level: "info", message: "x" });
    telemetry.vendorMessage({ level: "error", message: "y" });
    expect(lines()).toMatchObject([{ level: "error", message: "y" }]);
  });

  it("[TL6] writes an error as name, code and message, and its stack for a room fault only", () => {
    const { telemetry, lines } = open();
    const cause = Object.assign(new TypeError("m".repeat(900)), { code: "E_X" });
    telemetry.fleetCallFailed({ action: "accept_player_session", cause });
    telemetry.roomFault({ where: "step", cause });
    const [failed, fault] = lines() as { cause: Record<string, string> }[];
    expect(failed!.cause).toEqual({
      name: "TypeError",
      code: "E_X",
      message: `${"m".repeat(500)}…`,
    });
    expect(fault!.cause["stack"]).toContain("winston-telemetry.test");
  });

  it("[TL6] writes stacks of all errors at level debug", () => {
    const { telemetry, lines } = open("debug");
    telemetry.fleetCallFailed({ action: "accept_player_session", cause: new Error("x") });
    expect(lines()[0]!["cause"]).toHaveProperty("stack");
  });

  it("[TL6] breaks no line whatever is in the text, and lets no event forge its head", () => {
    const { telemetry, texts, lines } = open();
    telemetry.vendorMessage({ level: "warn", message: "a\nb\u2028c\u2029d\r\u0000" });
    tell(telemetry, "playerLeft", { event: "server_stopped", time: "now", level: "debug" });
    expect(texts()).toHaveLength(2);
    expect(texts()[0]).not.toMatch(/[\u2028\u2029\r]/);
    expect(lines()[0]!["message"]).toBe("a\nb\u2028c\u2029d\r\u0000");
    expect(lines()[1]).toMatchObject({ event: "player_left", level: "info" });
  });

  it("[TL6] hides a player session id that came along in a text", () => {
    const { telemetry, texts } = open();
    const id = "psess-0123-abcd";
    telemetry.roomFault({ where: "step", cause: new Error(`no seat for ${id}`) });
    telemetry.vendorMessage({ level: "error", message: `${"x".repeat(1_990)} ${id}` });
    telemetry.vendorMessage({ level: "error", message: JSON.stringify({ [id]: id }) });
    expect(texts().join()).not.toMatch(/psess-0/);
    expect(texts()).toHaveLength(3);
  });

  it("[TL6] bounds a line", () => {
    const { telemetry, texts, lines } = open();
    const problems = Array.from({ length: 10_000 }, () => "y".repeat(5_000));
    telemetry.localSessionFileRejected({ problems });
    expect(texts()[0]!.length).toBeLessThan(40_000);
    expect(lines()[0]).toMatchObject({ event: "local_session_file_rejected" });
  });

  it("[TL7] writes one line a second for each kind of refusal, with a count", () => {
    const { telemetry, clock, lines } = open();
    const { joinRefused } = everyEvent;
    for (let index = 0; index < 500; index++) telemetry.joinRefused(joinRefused);
    telemetry.joinRefused({ ...joinRefused, reason: "full" });
    expect(lines()).toMatchObject([
      { event: "join_refused", reason: "unknown", count: 1 },
      { event: "join_refused", reason: "full", count: 1 },
    ]);
    clock.advance(1_000);
    expect(lines().slice(2)).toMatchObject([{ reason: "unknown", count: 499 }]);
    clock.advance(5_000);
    expect(lines()).toHaveLength(3);
    expect(clock.pendingTimers).toBe(0);
    telemetry.joinRefused(joinRefused);
    expect(lines().slice(3)).toMatchObject([{ reason: "unknown", count: 1 }]);
  });

  it("[TL7] counts together what has more kinds than anyone needs", () => {
    const { telemetry, clock, lines } = open("debug");
    for (let closeCode = 1000; closeCode < 5000; closeCode++)
      telemetry.connectionClosed({ connectionId: 7, closeCode });
    clock.advance(1_000);
    expect(lines().length).toBeLessThan(70);
    const counted = lines().reduce((sum, line) => sum + Number(line["count"]), 0);
    expect(counted).toBe(4_000);
  });

  it("[TL7] writes what is still counted when the server stops, and arms no timer after it", () => {
    const { telemetry, clock, lines } = open();
    for (let index = 0; index < 3; index++) telemetry.requestRefused({ status: 404 });
    telemetry.serverStopped({ exitCode: 0 });
    telemetry.requestRefused({ status: 404 });
    expect(lines()).toMatchObject([
      { event: "request_refused", count: 1 },
      { event: "request_refused", count: 2 },
      { event: "server_stopped" },
      { event: "request_refused" },
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[TL8] survives a reader that goes away", async () => {
    const { telemetry, stream } = open();
    stream.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    await new Promise((resolve) => setImmediate(resolve));
    telemetry.playerLeft(everyEvent.playerLeft);
    telemetry.serverStopped({ exitCode: 0 });
    await new Promise((resolve) => setImmediate(resolve));
  });

  it("[TL8] drops and counts lines when nobody reads, instead of keeping them all", () => {
    const clock = new FakeClock();
    const waiting: (() => void)[] = [];
    const chunks: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        chunks.push(String(chunk));
        waiting.push(done);
      },
    });
    const telemetry = new WinstonTelemetry({ clock, level: "info", stream });
    telemetry.serverListening(everyEvent.serverListening);
    const message = "x".repeat(1_500);
    for (let index = 0; index < 2_000; index++) telemetry.vendorMessage({ level: "warn", message });
    expect(stream.writableLength).toBeLessThan(1_100_000);
    while (waiting.length > 0) waiting.shift()?.();
    telemetry.playerLeft(everyEvent.playerLeft);
    while (waiting.length > 0) waiting.shift()?.();
    expect(chunks.join("")).toMatch(/"event":"log_lines_dropped","count":1\d{3}\}\n.*player_left/);
  });
});
