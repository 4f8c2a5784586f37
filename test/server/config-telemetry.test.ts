import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { mistakes, read } from "./config-sources.ts";

const ON_FLEET = { FLEETROOM_FLEET: "gamelift" };
const TOKEN = "0123456789abcdef";

describe("readConfig's telemetry", () => {
  it("[CF12] writes files on a fleet, and none with the local fleet", () => {
    expect(read().telemetry.logs).toEqual({
      dir: "",
      givenDir: "",
      stdout: true,
      fileBytes: 10_485_760,
      filesMax: 4,
      fileMs: 86_400_000,
      playerIds: "clear",
    });
    expect(read({ env: ON_FLEET }).telemetry.logs).toMatchObject({
      dir: "/build/logs",
      givenDir: "logs",
    });
    expect(read({ env: { FLEETROOM_LOG_DIR: "x/y" } }).telemetry.logs.dir).toBe("/build/x/y");
    expect(read({ env: { ...ON_FLEET, FLEETROOM_LOG_DIR: "off" } }).telemetry.logs.dir).toBe("");
  });

  it("[CF12] writes a targets file where an agent looks for it", () => {
    const targetsDir = (env: Record<string, string>) => read({ env }).telemetry.targetsDir;
    const found = ["off", "agent", "gl-otel", "both", "stdout"].map((FLEETROOM_COLLECTORS) =>
      targetsDir({ ...ON_FLEET, FLEETROOM_COLLECTORS }),
    );
    expect(found).toEqual(["", "/build/targets", "", "/build/targets", ""]);
    expect(targetsDir({ FLEETROOM_COLLECTORS: "agent" })).toBe("");
    expect(targetsDir({ FLEETROOM_TARGETS_DIR: "/t" })).toBe("/t");
    const off = { ...ON_FLEET, FLEETROOM_COLLECTORS: "agent", FLEETROOM_TARGETS_DIR: "off" };
    expect(targetsDir(off)).toBe("");
  });

  it.each([
    ["LOG_STDOUT", ["0", "1", "false", "true"], ["", "2", "yes"]],
    ["LOG_FILE_BYTES", ["65536", "104857600"], ["65535", "104857601", ""]],
    ["LOG_FILES_MAX", ["1", "20"], ["0", "21"]],
    ["LOG_FILE_HOURS", ["1", "168"], ["0", "169"]],
    ["LOG_PLAYER_IDS", ["clear", "hash", "off"], ["", "on"]],
    ["LOG_DIR", ["", "logs", "off"], ["a\0b", "x".repeat(5000)]],
    ["COLLECTORS", ["off", "agent", "gl-otel", "both", "stdout"], ["", "all", "gl_otel"]],
    ["TARGETS_DIR", ["", "t", "off"], ["a\0b"]],
    ["ADMIN_HOST", ["127.0.0.1", "::1", "localhost", "127.1.2.3"], ["", "example.com"]],
    ["ADMIN_PEERS", ["", "10.0.0.0/8, ::1"], ["10.0.0.0/0", "all"]],
    ["ADMIN_TOKEN", ["", TOKEN, "x".repeat(256)], ["short", "x".repeat(257), `${TOKEN} b`]],
  ])("[CF4] judges %s", (name, good, bad) => {
    for (const value of good) read({ env: { [`FLEETROOM_${name}`]: value } });
    for (const value of bad) {
      expect(mistakes({ env: { [`FLEETROOM_${name}`]: value } }), value).toHaveLength(1);
    }
  });

  it("[CF13] opens the admin port to others with a token and named peers alone", () => {
    const open = { FLEETROOM_ADMIN_HOST: "0.0.0.0" };
    const token = { FLEETROOM_ADMIN_TOKEN: TOKEN };
    const peers = { FLEETROOM_ADMIN_PEERS: "10.0.0.0/8" };
    for (const env of [open, { ...open, ...token }, { ...open, ...peers }]) {
      expect(mistakes({ env })).toEqual([
        'FLEETROOM_ADMIN_HOST = "0.0.0.0": allowed is 127.0.0.1 unless FLEETROOM_ADMIN_TOKEN is set and FLEETROOM_ADMIN_PEERS names who may connect',
      ]);
    }
    const config = read({ env: { ...open, ...token, ...peers } });
    expect(config.telemetry.admin).toEqual({ host: "0.0.0.0", peers: ["10.0.0.0/8"] });
    expect(config.secrets.adminToken).toBe(TOKEN);
    expect(inspect(config) + JSON.stringify(config)).not.toContain(TOKEN);
    expect(mistakes({ argv: ["--admin-token", TOKEN] }).join()).not.toContain(TOKEN);
  });
});
