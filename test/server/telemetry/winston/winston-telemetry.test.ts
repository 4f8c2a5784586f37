import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type LogLevel, logEvents } from "../../../../server/telemetry/catalogue/log-events.ts";
import {
  WinstonTelemetry,
  type WinstonTelemetryOptions,
} from "../../../../server/telemetry/winston/winston-telemetry.ts";
import {
  describeTelemetryContract,
  eventNames,
  everyEvent,
  tell,
} from "../../../contract/telemetry-contract.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { LineSink } from "../../../support/line-sink.ts";

function open(options: Partial<WinstonTelemetryOptions> = {}, isListening = true) {
  const clock = new FakeClock();
  const sink = new LineSink();
  const telemetry = new WinstonTelemetry({ clock, level: "info", sinks: [sink], ...options });
  if (isListening) {
    telemetry.serverListening(everyEvent.serverListening);
    sink.texts.length = 0;
    sink.precious.length = 0;
  }
  return { telemetry, clock, sink, lines: () => sink.lines, texts: () => sink.texts };
}

describeTelemetryContract("WinstonTelemetry", () => open({ level: "debug" }).telemetry);

describe("WinstonTelemetry", () => {
  it("[TL4] writes one line of JSON per event, named in snake case", () => {
    const { telemetry, lines } = open({ level: "debug" });
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
      const { telemetry, lines } = open({ level }, false);
      telemetry.vendorMessage({ level: "error", message: "early" });
      telemetry.playerLeft(everyEvent.playerLeft);
      expect(lines()).toEqual([]);
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
    const { telemetry, lines } = open({}, false);
    telemetry.vendorMessage({ level: "warn", message: "early" });
    telemetry.serverStopped({ exitCode: 1 });
    expect(lines().map((line) => line["event"])).toEqual(["vendor_message", "server_stopped"]);
  });

  it("[TL4] leaves out what is less important than its level", () => {
    const { telemetry, lines } = open({ level: "warn" });
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
    const [failed, fault] = lines();
    expect(failed).toEqual({
      time: "2026-01-01T00:00:00.000Z",
      level: "warn",
      event: "fleet_call_failed",
      count: 1,
      action: "accept_player_session",
      "cause.name": "TypeError",
      "cause.code": "E_X",
      "cause.message": `${"m".repeat(500)}…`,
    });
    expect(fault!["cause.stack"]).toContain("winston-telemetry.test");
  });

  it("[TL6] writes stacks of all errors at level debug", () => {
    const { telemetry, lines } = open({ level: "debug" });
    telemetry.fleetCallFailed({ action: "accept_player_session", cause: new Error("x") });
    expect(lines()[0]!["cause.stack"]).toContain("Error: x");
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

  it("[TL6] has no character that a terminal obeys or that stands for nothing, wherever it came in", () => {
    const { telemetry, texts, lines } = open();
    const ranges = [0x00, 0x7f, 0x2000, 0x2060, 0xfe00, 0xff00].map((start) =>
      Array.from({ length: 0x40 }, (_, index) => String.fromCharCode(start + index)).join(""),
    );
    const message = `${ranges.join("")}\ud800 \udfff \u061c\ufeff`;
    telemetry.vendorMessage({ level: "warn", message });
    tell(telemetry, "playerLeft", { playerId: message, [message]: 1, __proto__: message });
    expect(texts()).toHaveLength(2);
    for (const text of texts()) expect(text).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_C}]/u);
    expect(lines()[0]!["message"]).toBe(message);
    expect(lines()[1]!["playerId"]).toBe(message);
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
    const { telemetry, clock, lines } = open({ level: "debug" });
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

  it("[TL8] gives every line to all sinks, says which are precious, and closes them when the server stops", () => {
    const [first, second] = [new LineSink(), new LineSink()];
    const { telemetry } = open({ level: "debug", sinks: [first, second] });
    for (const event of eventNames) {
      if (!event.startsWith("server")) tell(telemetry, event, everyEvent[event]);
    }
    expect(first.isClosed).toBe(false);
    telemetry.serverStopped({ exitCode: 0 });
    expect(first.isClosed && second.isClosed).toBe(true);
    telemetry.playerLeft(everyEvent.playerLeft);
    expect(second.texts).toEqual(first.texts);
    expect(first.lines.at(-1)).toMatchObject({ event: "player_left" });
    const common = first.texts.filter((text) => !first.precious.includes(text));
    const names = common.map((text) => JSON.parse(text).event as string);
    expect(names.sort()).toEqual([
      "backfill_ended",
      "backfill_started",
      "certificate_loaded",
      "command_dropped",
      "connection_closed",
      "handshake_failed",
      "join_refused",
      "request_refused",
      "result_delivered",
    ]);
  });

  it("[TL10] gives every line the ids of the process, and those of a game session while it is here", () => {
    const { telemetry, clock, lines } = open({
      identity: { fleetId: "fleet-1", location: "", computeName: "compute-1" },
    });
    telemetry.joinRefused(everyEvent.joinRefused);
    telemetry.joinRefused(everyEvent.joinRefused);
    telemetry.gameSessionPlaced({ ...everyEvent.gameSessionPlaced, ticketId: "" });
    telemetry.playerJoined(everyEvent.playerJoined);
    telemetry.backfillStarted({ ...everyEvent.backfillStarted, ticketId: "ticket-2" });
    telemetry.joinRefused({ ...everyEvent.joinRefused, reason: "full" });
    telemetry.joinRefused({ ...everyEvent.joinRefused, reason: "full" });
    telemetry.gameSessionEnded(everyEvent.gameSessionEnded);
    telemetry.playerLeft(everyEvent.playerLeft);
    clock.advance(1_000);
    const process = { fleetId: "fleet-1", computeName: "compute-1" };
    const { gameSessionId, placementId, matchId } = everyEvent.gameSessionPlaced;
    const session = { ...process, gameSessionId, placementId, matchId };
    expect(lines().map((line) => idsOf(line))).toEqual([
      ["join_refused", process],
      ["game_session_placed", { ...session, ticketId: "" }],
      ["player_joined", session],
      ["backfill_started", { ...session, ticketId: "ticket-2" }],
      ["join_refused", session],
      ["game_session_ended", session],
      ["player_left", process],
      ["join_refused", process],
      ["join_refused", session],
    ]);
    expect(Object.keys(lines()[2] ?? {}).slice(0, 8)).toEqual([
      "time",
      "level",
      "event",
      "fleetId",
      "computeName",
      "gameSessionId",
      "placementId",
      "matchId",
    ]);
  });

  it("[TL10] follows a game session at a level that shows none of its events", () => {
    const { telemetry, lines } = open({ level: "warn" });
    telemetry.gameSessionPlaced(everyEvent.gameSessionPlaced);
    telemetry.journalTruncated(everyEvent.journalTruncated);
    telemetry.gameSessionEnded(everyEvent.gameSessionEnded);
    telemetry.journalTruncated(everyEvent.journalTruncated);
    expect(lines().map((line) => line["gameSessionId"])).toEqual(["gsess-1", undefined]);
  });

  it("[TL11] is flat: what is inside something has a name with dots, and a list of scalars stays one", () => {
    const { telemetry, lines } = open();
    const inner = Object.assign(new Error("inner"), { code: 7 });
    telemetry.journalFailed({ cause: new Error("outer", { cause: inner }) });
    telemetry.localSessionFileRejected({ problems: ["a", "b"] });
    tell(telemetry, "playerLeft", { a: { b: { c: { d: { e: 1 } } } }, list: [1, { x: null }] });
    expect(lines()).toMatchObject([
      { "cause.message": "outer", "cause.cause.message": "inner", "cause.cause.code": 7 },
      { problems: ["a", "b"] },
      { "a.b.c.d": "[deeper]", "list.0": 1, "list.1.x": null },
    ]);
    for (const line of lines()) {
      for (const value of Object.values(line)) {
        expect(typeof value !== "object" || value === null || Array.isArray(value)).toBe(true);
      }
    }
  });

  it("[TL11] has a bounded number of fields", () => {
    const { telemetry, lines } = open();
    const many = (value: (index: number) => unknown) =>
      Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, value(index)]));
    tell(
      telemetry,
      "playerLeft",
      many(() => many((index) => index)),
    );
    expect(Object.keys(lines()[0] ?? {}).length).toBeLessThanOrEqual(160);
    expect(lines()[0]).not.toHaveProperty("isTooLong");
  });

  it("[TL12] names players by id, by its hash, or not at all", () => {
    const named = (playerIds: "clear" | "hash" | "off") => {
      const { telemetry, lines } = open({ playerIds });
      telemetry.playerJoined(everyEvent.playerJoined);
      telemetry.clientFault(everyEvent.clientFault);
      return lines().map(({ playerId, playerIdHash }) => ({ playerId, playerIdHash }));
    };
    const playerIdHash = createHash("sha256").update("player-1").digest("hex").slice(0, 8);
    expect(named("clear")).toEqual([{ playerId: "player-1" }, { playerId: "player-1" }]);
    expect(named("hash")).toEqual([{ playerIdHash }, { playerIdHash }]);
    expect(named("off")).toEqual([{}, {}]);
  });
});

function idsOf(line: Record<string, unknown>): [unknown, object] {
  const { event, fleetId, location, computeName, gameSessionId, placementId, matchId, ticketId } =
    line;
  const ids = { fleetId, location, computeName, gameSessionId, placementId, matchId, ticketId };
  const present = Object.entries(ids).filter(([, id]) => id !== undefined);
  return [event, Object.fromEntries(present)];
}
