import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CommandLine,
  type ConfigInput,
  type EmulatorConfig,
  helpText,
  readConfig,
} from "../../emulator/config.ts";
import { environmentName, type Flag, flags } from "../../emulator/flags.ts";

const rows: Flag<unknown>[] = Object.values(flags);
const KEY = "AKIDEXAMPLE000000";

function read(argv: readonly string[] = [], env: ConfigInput["env"] = {}): CommandLine {
  return readConfig({ argv, env, cwd: "/project" });
}

function config(argv: readonly string[] = [], env: ConfigInput["env"] = {}): EmulatorConfig {
  const line = read(argv, env);
  if (line.command !== "run") throw new Error(line.command);
  return line.config;
}

/** Without the first and the last line, which are the same in all. */
function mistakes(argv: readonly string[], env: ConfigInput["env"] = {}): string[] {
  try {
    read(argv, env);
  } catch (error) {
    expect(error).toMatchObject({ code: "EMULATOR_CONFIG_INVALID" });
    return String((error as Error).message)
      .split("\n")
      .slice(1, -1)
      .map((line) => line.trim());
  }
  return [];
}

describe("the configuration", () => {
  it("[EM1] has a default for everything", () => {
    expect(config()).toEqual({
      port: 9080,
      host: "127.0.0.1",
      fleetFile: undefined,
      launchRoots: [],
      runsInstallers: false,
      isTls: false,
      allowHosts: [],
      secrets: expect.anything(),
      timeScale: 1,
      healthTimeScale: 1,
      dataDirectory: undefined,
      scenarioFile: undefined,
      seed: undefined,
      placementEvents: [],
      adminPorts: [],
      environment: {},
    });
  });

  it("[EM1] takes every flag", () => {
    const argv = [
      ...["--port", "0", "--host=::1", "--config", "fleet.json", "--tls"],
      ...["--launch-root", "a", "--launch-root=/b/../c", "--allow-host", "A.Example"],
      "--run-installers",
      ...["--allow-host", "FE80::1", "--credentials", `${KEY}:sec:ret`, "--time-scale=60"],
      ...["--health-time-scale", "0.5", "--data", "d", "--scenario", "s.yaml", "--seed", "7"],
      ...["--placement-events", "console", "--placement-events", "file:e.jsonl"],
      ...["--admin-port", "7100-7102", "--admin-port", "9"],
    ];
    const given = config(argv);
    expect(given).toEqual({
      port: 0,
      host: "::1",
      fleetFile: "/project/fleet.json",
      launchRoots: ["/project/a", "/c"],
      runsInstallers: true,
      isTls: true,
      allowHosts: ["a.example", "[fe80::1]"],
      secrets: expect.anything(),
      timeScale: 60,
      healthTimeScale: 0.5,
      dataDirectory: "/project/d",
      scenarioFile: "/project/s.yaml",
      seed: 7,
      placementEvents: ["console", "file:e.jsonl"],
      adminPorts: [7100, 7101, 7102, 9],
      environment: {},
    });
    expect(given.secrets.credentials).toEqual({ accessKeyId: KEY, secretAccessKey: "sec:ret" });
  });

  it("[EM1] takes a variable for every flag, and the flag wins", () => {
    const env = {
      FLEETROOM_EMULATOR_PORT: "1",
      FLEETROOM_EMULATOR_TLS: "1",
      FLEETROOM_EMULATOR_LAUNCH_ROOT: "/a,/b",
      FLEETROOM_EMULATOR_TIME_SCALE: "",
      HOME: "/home/x",
    };
    const { port, isTls, launchRoots, timeScale, environment } = config(["--port", "2"], env);
    expect([port, isTls, launchRoots, timeScale]).toEqual([2, true, ["/a", "/b"], 1]);
    expect(environment).toEqual(env);
    expect(config(["--tls=0"], env).isTls).toBe(false);
    expect(new Set(rows.map(environmentName)).size).toBe(rows.length);
  });

  it("[EM1] is frozen", () => {
    const given = config(["--launch-root", "a"]);
    for (const part of [given, given.launchRoots, given.allowHosts, given.environment]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it("[EM2] tells every mistake at once, with what is allowed", () => {
    const argv = [
      ...["--port", "65536", "--host", "0.0.0.0", "--prot", "1", "stray", "--time-scale", "0"],
      ...["--seed", "1.5", "--seed", "2", "--data"],
    ];
    const env = {
      FLEETROOM_EMULATOR_HEALTH_TIME_SCALE: "fast",
      FLEETROOM_EMULATOR_COLOUR: "red",
      FLEETROOM_PORT: "of the server",
    };
    const told = mistakes(argv, env);
    expect(told).toEqual([
      expect.stringMatching(/^FLEETROOM_EMULATOR_HEALTH_TIME_SCALE = "fast": allowed is a number/),
      expect.stringMatching(/^FLEETROOM_EMULATOR_COLOUR: there is no such variable; there are FL/),
      expect.stringMatching(/^"stray": allowed are flags/),
      expect.stringMatching(/^--port = "65536": allowed is a port from 0 to 65535/),
      expect.stringMatching(/^--host = "0.0.0.0": allowed is 127.0.0.1, ::1 or localhost/),
      expect.stringMatching(/^--prot: there is no such flag; there are --port, --host/),
      expect.stringMatching(/^--time-scale = "0": allowed is a number from 0.01 to 10000/),
      "--seed: given twice",
      expect.stringMatching(/^--seed = "1.5": allowed is a whole number/),
      expect.stringMatching(/^--data: needs a value/),
    ]);
  });

  it.each(rows.filter(({ value }) => value !== undefined).map(({ flag }) => flag))(
    "[EM2] wants a value for --%s",
    (flag) => {
      for (const argv of [[`--${flag}`], [`--${flag}`, "--tls"]]) {
        expect(mistakes(argv)).toContainEqual(expect.stringMatching(`^--${flag}: needs a value`));
      }
    },
  );

  it.each([
    [flags.port, ["0", "1", "65535"], ["", " 1", "-1", "+1", "01", "1e3", "65536", "9080x", "0x1"]],
    [flags.host, ["127.0.0.1", "::1", "localhost"], ["0.0.0.0", "::", "127.0.0.2", "example.org"]],
    [
      flags.timeScale,
      ["0.01", "1", "60", "10000"],
      ["0", "0.001", "-1", "1e2", "10001", "Infinity"],
    ],
    [flags.seed, ["0", "4294967295"], ["-1", "4294967296", "1.5", "x"]],
    [flags.tls, ["0", "1", "true", "false"], ["yes", "", "2"]],
    [
      flags.allowHosts,
      ["a", "host.docker.internal", "10.0.0.1"],
      ["", "a:80", "http://a", "a/b", "-a", "*"],
    ],
    [flags.credentials, [`${KEY}:s`], ["", KEY, `${KEY}:`, "short:s", `${KEY}:a b`, `${KEY}x y:s`]],
    [
      flags.placementEvents,
      ["console", "file:x", "http://127.0.0.1:1/a"],
      ["", "x", "file:", "http://example.org"],
    ],
    [flags.adminPorts, ["1", "7100-7299"], ["", "0", "7100-7300", "7100-7099", "1-2-3", "70000"]],
    [
      flags.gameProperties,
      ["a=", "a=b=c"],
      ["", "a", "=b", `${"k".repeat(33)}=v`, `k=${"v".repeat(97)}`],
    ],
    [flags.client, ["node bot.ts"], ["", "  ", "a\0b"]],
    [flags.config, ["a", "/b c"], ["", "a\0", "x".repeat(5_000)]],
  ] as [Flag<unknown>, string[], string[]][])("[EM2] knows what $flag may be", (row, good, bad) => {
    for (const text of good) expect(row.parse(text), text).toBeDefined();
    for (const text of bad) expect(row.parse(text), text).toBeUndefined();
  });

  it("[EM2] takes no flag for another, whatever is typed", () => {
    const word = fc.oneof(
      fc.constantFrom(...rows.map(({ flag }) => `--${flag}`), "verify", "--", "-h1", "--help=x"),
      fc.string({ maxLength: 12 }),
      fc.stringMatching(/^--[a-z=-]{0,12}$/),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (argv) => {
        try {
          const { command } = read(argv);
          expect(["help", "run", "verify"]).toContain(command);
        } catch (error) {
          expect(error).toMatchObject({ code: "EMULATOR_CONFIG_INVALID" });
          // No control characters reach the terminal, line ends of our own aside.
          expect((error as Error).message.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });

  it("[EM3] shows no secret, neither in a mistake nor in the configuration", () => {
    const argv = ["--credentials", "hush hush", "--placement-events", "http://u:hush@b"];
    const told = mistakes([...argv, "--credential", "hush"]);
    expect(told).toHaveLength(3);
    expect(told.join()).not.toContain("hush");
    const given = config(["--credentials", `${KEY}:hush`]);
    expect(JSON.stringify(given) + inspect(given, { depth: 9, showHidden: true })).not.toContain(
      "hush",
    );
  });

  it("[EM4] has the command of a server to verify, and how", () => {
    const argv = [
      ...["verify", "--config", "f", "--client", "node bot.ts", "--heartbeats", "2"],
      ...["--termination-seconds", "3"],
      ...["--game-property", "room=duel", "--game-property", "a==", "--report", "r.json"],
      ...["--matchmaker-data", "m.json"],
      ...["--", "npm", "start", "--", "-x"],
    ];
    expect(read(argv)).toMatchObject({
      command: "verify",
      config: { fleetFile: "/project/f" },
      server: ["npm", "start", "--", "-x"],
      terms: {
        client: "node bot.ts",
        heartbeats: 2,
        terminationMs: 3_000,
        gameProperties: [
          { key: "room", value: "duel" },
          { key: "a", value: "=" },
        ],
        matchmakerFile: "/project/m.json",
        reportFile: "/project/r.json",
      },
    });
    expect(read(["--config", "f", "verify", "--", "--help"])).toMatchObject({
      server: ["--help"],
      terms: {
        client: undefined,
        heartbeats: undefined,
        terminationMs: undefined,
        gameProperties: [],
        matchmakerFile: undefined,
        reportFile: undefined,
      },
    });
    expect(mistakes(["verify"])).toEqual([expect.stringContaining("behind --")]);
    expect(mistakes(["verify", "--"])).toEqual([expect.stringContaining("behind --")]);
    expect(mistakes(["verify", "npm", "start"])).toHaveLength(3);
    expect(mistakes(["--", "npm"])).toEqual(["behind --: a command is for verify alone"]);
    expect(mistakes(["--client", "x", "--report", "y"])).toEqual([
      "--client: is for verify alone",
      "--report: is for verify alone",
    ]);
  });

  it("[EM4] lists every flag with what is allowed when asked for help", () => {
    for (const argv of [["--help"], ["-h"], ["verify", "--help"]]) {
      expect(read(argv)).toEqual({ command: "help" });
    }
    const help = helpText();
    for (const { flag, meaning, allowed, value } of rows) {
      expect(help).toContain(value === undefined ? `  --${flag}\n` : `  --${flag} ${value}\n`);
      expect(help).toContain(meaning);
      if (value !== undefined) expect(help).toContain(allowed);
    }
    expect(Math.max(...help.split("\n").map((line) => line.length))).toBeLessThan(160);
  });
});
