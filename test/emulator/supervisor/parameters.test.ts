import { describe, expect, it } from "vitest";
import { childEnvironment } from "../../../emulator/supervisor/environment.ts";
import { hasQuotedBlank, splitParameters } from "../../../emulator/supervisor/parameters.ts";

describe("parameters", () => {
  it.each([
    ["", []],
    ["-port 7777", ["-port", "7777"]],
    // As java.lang.String.split(" ") cuts them.
    [`-name "two words" 'x y'`, ["-name", `"two`, `words"`, "'x", "y'"]],
    [" a  b  ", ["", "a", "", "b"]],
    ["a\tb", ["a\tb"]],
    ["   ", []],
  ])("[EV4] are split at each blank: %j", (parameters, args) => {
    expect(splitParameters(parameters)).toEqual(args);
  });

  it.each([
    [`-name "two words"`, true],
    ["-name 'two words'", true],
    [`-name "two" words`, false],
    [`{"a":"b"} c`, false],
    ["it's fine", false],
  ])("[EV4] have a blank in quotes, or not: %s", (parameters, expected) => {
    expect(hasQuotedBlank(parameters)).toBe(expected);
  });
});

describe("the environment of a child", () => {
  it("[EV5] is the few variables that a program needs and the five of the Server SDK", () => {
    const base = {
      PATH: "/usr/bin:/bin",
      HOME: "/home/anna",
      LANG: "C.UTF-8",
      LC_ALL: "C",
      LC_TIME: "de_DE",
      TZ: "UTC",
      TMPDIR: undefined,
      Path: "/no",
      LC_: "/no",
      LC_ALL_X1: "no",
      XPATH: "no",
      AWS_SECRET_ACCESS_KEY: "no",
      AWS_PROFILE: "no",
      NODE_OPTIONS: "--require /no.js",
      NPM_TOKEN: "no",
      LD_PRELOAD: "/no.so",
      GAMELIFT_SDK_AUTH_TOKEN: "stale",
      GAMELIFT_SDK_TOOL_NAME: "stale",
    };
    const connection = {
      webSocketUrl: "ws://127.0.0.1:9080",
      authToken: "token-1",
      fleetId: "fleet-1",
      computeName: "i-1",
      processId: "process-1",
    };
    expect(childEnvironment(base, connection)).toEqual({
      PATH: "/usr/bin:/bin",
      HOME: "/home/anna",
      LANG: "C.UTF-8",
      LC_ALL: "C",
      LC_TIME: "de_DE",
      TZ: "UTC",
      GAMELIFT_SDK_WEBSOCKET_URL: "ws://127.0.0.1:9080",
      GAMELIFT_SDK_AUTH_TOKEN: "token-1",
      GAMELIFT_SDK_FLEET_ID: "fleet-1",
      GAMELIFT_SDK_HOST_ID: "i-1",
      GAMELIFT_SDK_PROCESS_ID: "process-1",
    });
  });
});
