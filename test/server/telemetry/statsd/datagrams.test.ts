import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packetsOf, statsdLine, tagSuffix } from "../../../../server/telemetry/statsd/datagrams.ts";
import { gameLiftSettings } from "../../../../server/telemetry/statsd/gamelift-settings.ts";
import { readDatagram } from "../../../support/collectors/statsd-grammar.ts";

const anything = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  minLength: 1,
});

describe("a line of StatsD", () => {
  it.each([
    ["server_up", 1, "g", {}, "server_up:1|g\n"],
    ["server_tick_time.p95", 12.34567, "ms", {}, "server_tick_time.p95:12.346|ms\n"],
    ["server_bytes_in", 2 ** 40, "c", {}, "server_bytes_in:1099511627776|c\n"],
    ["a", 1, "g", { process_pid: "7" }, "a:1|g|#process_pid:7\n"],
    ["a", 1, "g", { k: "arn:aws:x", none: "", l: "2" }, "a:1|g|#k:arn:aws:x,l:2\n"],
    ["a", 1, "g", { k: "a|b,c#d\ne fé" }, "a:1|g|#k:a_b_c_d_e_f_\n"],
  ] as const)("[SX6] %s %d is written as it is read", (name, value, type, tags, line) => {
    expect(statsdLine(name, value, type, tagSuffix(tags))).toBe(line);
  });

  it("[SX6] is one metric with its tags, whatever the tags hold", () => {
    fc.assert(
      fc.property(anything, fc.string(), (one, other) => {
        const line = statsdLine("a", 1, "g", tagSuffix({ one, other }));
        const { metrics, problems } = readDatagram(Buffer.from(line), 65_536);
        expect(problems).toEqual([]);
        expect(metrics).toMatchObject([{ name: "a", value: 1, type: "g" }]);
        expect(Object.keys(metrics[0]?.tags ?? {})).toEqual(
          other === "" ? ["one"] : ["one", "other"],
        );
      }),
    );
  });
});

describe("packets", () => {
  it("[SX6] hold every line whole and in order, as many as fit; a longer one is left out and counted", () => {
    const lines = fc.array(
      fc.integer({ min: 1, max: 120 }).map((length) => `${"x".repeat(length - 1)}\n`),
    );
    fc.assert(
      fc.property(lines, (given) => {
        const { packets, leftOut } = packetsOf(given, 100);
        const fitting = given.filter((line) => line.length <= 100);
        expect(leftOut).toBe(given.length - fitting.length);
        expect(Buffer.concat(packets).toString()).toBe(fitting.join(""));
        for (const [index, packet] of packets.entries()) {
          expect(packet.length).toBeLessThanOrEqual(100);
          expect(packet.at(-1)).toBe(10);
          const next = packets[index + 1];
          // What comes next had no room.
          if (next !== undefined) {
            expect(packet.length + next.indexOf("\n") + 1).toBeGreaterThan(100);
          }
        }
      }),
    );
  });
});

describe("the variables of GameLift's SDKs", () => {
  it("[SX8] say where Amazon's collector is, how often and in what packets it is told", () => {
    expect(
      gameLiftSettings({
        GAMELIFT_STATSD_HOST: "collector.internal",
        GAMELIFT_STATSD_PORT: "18125",
        GAMELIFT_CRASH_REPORTER_HOST: "::1",
        GAMELIFT_CRASH_REPORTER_PORT: "18126",
        GAMELIFT_FLUSH_INTERVAL_MS: "5000",
        GAMELIFT_MAX_PACKET_SIZE: "1400",
      }),
    ).toEqual({
      statsd: { host: "collector.internal", port: 18_125 },
      crashReporter: { host: "::1", port: 18_126 },
      flushIntervalMs: 5_000,
      packetBytesMax: 1_400,
      problems: [],
    });
  });

  const DEFAULTS = {
    statsd: { host: "127.0.0.1", port: 8_125 },
    crashReporter: { host: "127.0.0.1", port: 8_126 },
    flushIntervalMs: 10_000,
    packetBytesMax: 512,
  };

  it.each([
    ["GAMELIFT_STATSD_HOST", "two words"],
    ["GAMELIFT_STATSD_PORT", "0"],
    ["GAMELIFT_CRASH_REPORTER_HOST", "http://127.0.0.1/"],
    ["GAMELIFT_CRASH_REPORTER_PORT", "65536"],
    ["GAMELIFT_FLUSH_INTERVAL_MS", "10"],
    ["GAMELIFT_FLUSH_INTERVAL_MS", "NaN"],
    ["GAMELIFT_MAX_PACKET_SIZE", "1e9"],
    ["GAMELIFT_MAX_PACKET_SIZE", "-512"],
  ])("[SX8] keep their default where %s is %s, which is told", (name, text) => {
    const { problems, ...settings } = gameLiftSettings({ [name]: text });
    expect(settings).toEqual(DEFAULTS);
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name} is no .* is used$`))]);
  });

  it("[SX8] are all optional", () => {
    expect(gameLiftSettings({})).toEqual({ ...DEFAULTS, problems: [] });
  });
});
