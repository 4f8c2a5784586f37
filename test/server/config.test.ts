import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { configurationPage, configurationPagePath } from "../../scripts/configuration-page.ts";
import { mistakes, read, type Sources } from "./config-sources.ts";

/** As many addresses, separated by commas. */
const blocks = (count: number) => Array.from({ length: count }, (_, at) => `10.0.0.${at}`).join();

describe("readConfig", () => {
  it("[CF1] has a default for everything", () => {
    const { secrets, ports, telemetry, ...config } = read();
    expect(config).toEqual({
      fleet: "local",
      logPaths: [],
      room: "",
      rooms: "",
      host: "127.0.0.1",
      adminPorts: [0],
      tickRateHz: undefined,
      replication: "snapshots",
      snapshotBytesPerSecond: 65_536,
      origins: [],
      reconnectSeconds: 20,
      drainMs: 10_000,
      resultsSeconds: 10,
      timeouts: { activationMs: 50_000, nobodyCameMs: 0, emptyMs: 30_000, matchMsMax: 0 },
      backfill: "auto",
      acceptTimeoutMs: 2_000,
      journalDir: "/build/.fleetroom/journals",
      resultsDir: "/build/.fleetroom/results",
      resultsUrl: "",
      localSession: "",
      maxPlayers: 32,
      validator: "server-sdk",
      api: { callsPerSecond: 1 },
      aws: { region: "", endpointUrl: "", credentialsFile: "", profile: "FleetRoleCredentials" },
      budgets: {
        unadmittedMax: 64,
        failedJoinsMax: 40,
        limitsLoopback: false,
        trustedProxies: [],
      },
      clients: { messagesPerSecond: 400, bytesPerSecond: 65_536, idleMs: 900_000 },
      tls: {
        mode: "off",
        certFile: "",
        keyFile: "",
        dir: "",
        asksFleet: false,
        handshakesPerSecond: 100,
      },
      sendQueueBytes: 262_144,
      sendQueueSoftBytes: 65_536,
      logLevel: "info",
      allowInsecure: false,
      environment: { isProduction: false, hasGameLiftVariables: false },
    });
    expect(ports).toEqual(Array.from({ length: 50 }, (_, index) => 7000 + index));
    expect([secrets.resultsToken, secrets.adminToken]).toEqual(["", ""]);
    expect(telemetry).toMatchObject({
      collectors: "off",
      targetsDir: "",
      admin: { host: "127.0.0.1", peers: [] },
    });
  });

  it("[CF1] is frozen, lists and parts included", () => {
    const config = read();
    for (const each of [
      config,
      config.ports,
      config.origins,
      config.environment,
      config.tls,
      config.budgets,
      config.telemetry,
      config.telemetry.logs,
      config.telemetry.admin,
      config.telemetry.admin.peers,
      config.budgets.trustedProxies,
      config.clients,
      config.api,
      config.aws,
      config.secrets,
    ]) {
      expect(Object.isFrozen(each)).toBe(true);
    }
  });

  it("[CF2] lets the environment win over the file, and a flag over both", () => {
    const file = { room: "from-file", drainMs: 2000, logLevel: "warn" };
    const env = { FLEETROOM_ROOM: "from-env", FLEETROOM_DRAIN_MS: "3000" };
    const config = read({ file, env, argv: ["--room", "from-flag"] });
    expect([config.room, config.drainMs, config.logLevel]).toEqual(["from-flag", 3000, "warn"]);
  });

  it("[CF2] takes a flag's value behind an equals sign or as the next argument", () => {
    expect(read({ argv: ["--port=7777", "--admin-port", "7778"] })).toMatchObject({
      ports: [7777],
      adminPorts: [7778],
    });
  });

  it("[CF2] takes numbers, booleans and arrays from the file", () => {
    const file = { port: [8443, "7000-7001"], allowInsecure: true, origins: ["https://a.example"] };
    expect(read({ file })).toMatchObject({
      ports: [8443, 7000, 7001],
      allowInsecure: true,
      origins: ["https://a.example"],
    });
  });

  it.each([
    { argv: ["--config", "other.json"] },
    { argv: ["--config=/build/other.json"] },
    { env: { FLEETROOM_CONFIG: "other.json" } },
  ])("[CF2] reads the file named by %j and not the default one", (sources) => {
    const files = { "/build/other.json": '{"room":"other"}' };
    expect(read({ ...sources, files, file: "broken" }).room).toBe("other");
  });

  it("[CF2] takes a named file that is missing for a mistake", () => {
    expect(mistakes({ argv: ["--config", "gone.json"] })).toEqual([
      '--config = "gone.json": allowed is a file that exists and can be read',
    ]);
  });

  it("[CF3] reports all mistakes of all sources at once: name, value, what is allowed", () => {
    const found = mistakes({
      env: { FLEETROOM_TICK_RATE_HZ: "500", FLEETROOM_PROT: "7777", OTHER: "ignored" },
      argv: ["--port", "99999", "--hots", "x", "stray", "--room=a b", "--drain-ms"],
      file: { maxPlayers: 0, drain: 5, origins: [5] },
    });
    expect(found.join("\n")).toMatchInlineSnapshot(`
      "FLEETROOM_TICK_RATE_HZ = "500": allowed is a whole number 10 to 128, or nothing
      FLEETROOM_PROT: there is no such variable; did you mean FLEETROOM_PORT?
      --port = "99999": allowed is a port 1 to 65535, a range or a list such as 8443,2083,7000-7049 (at most 1000 ports), or 0 for any free one
      --hots: there is no such flag; did you mean --host?
      "stray": allowed are only flags such as --port 7777
      --room = "a b": allowed is a room's name: 1 to 64 of A-Z a-z 0-9 _ -
      --drain-ms: needs a value; allowed is a whole number 1000 to 300000
      maxPlayers in fleetroom.json = "0": allowed is a whole number 1 to 1024
      drain in fleetroom.json: there is no such setting; did you mean drainMs?
      origins in fleetroom.json = "5": allowed is web origins such as https://play.example.com, separated by commas, at most 64"
    `);
  });

  it("[CF3] judges a value that a stronger source hides", () => {
    expect(mistakes({ env: { FLEETROOM_PORT: "x" }, argv: ["--port", "1"] })).toHaveLength(1);
  });

  it("[CF3] reports a flag given twice", () => {
    expect(mistakes({ argv: ["--room=a", "--room=b"] })).toEqual(["--room: given twice"]);
  });

  it.each(["$(id)", "a\nb", "a|b", "ä", "a&b", "~/x"])(
    "[CF3] takes only characters that GameLift allows in flags: %j",
    (value) => {
      expect(mistakes({ argv: ["--rooms", value] })[0]).toContain("Amazon GameLift's rule");
    },
  );

  it.each(["[]", "5", "null", '"x"', "{", "", `{"room":"${"x".repeat(70_000)}"}`])(
    "[CF3] refuses a file that is no small JSON object (%#)",
    (file) => {
      expect(mistakes({ file })[0]).toMatch(/^fleetroom\.json: /);
    },
  );

  it("[CF3] takes no unusual key of the file for a setting", () => {
    const file = '{"__proto__":{"room":"x"},"constructor":1,"toString":2,"config":"x"}';
    expect(mistakes({ file })).toHaveLength(4);
  });

  it.each([
    ["PORT", ["0", "1", "65535", "8443,2083,7000-7049", "1-1000"]],
    ["ADMIN_PORT", ["0", "9000-9001"]],
    ["TICK_RATE_HZ", ["", "10", "128"]],
    ["RECONNECT_SECONDS", ["0", "120"]],
    ["DRAIN_MS", ["1000", "300000"]],
    ["RESULTS_SECONDS", ["0", "60"]],
    ["ACCEPT_TIMEOUT_MS", ["100", "10000"]],
    ["MAX_PLAYERS", ["1", "1024"]],
    ["HOST", ["::1", "10.0.0.1", "localhost"]],
    ["ORIGINS", ["", "https://a.example, http://b.example:8080"]],
    ["RESULTS_URL", ["", "https://r.example/in?x=1"]],
    ["ALLOW_INSECURE", ["0", "1"]],
    ["JOURNAL_DIR", ["", "/var/x y"]],
    ["TLS", ["off"]],
    ["TLS_DIR", ["", "certificates"]],
    ["TLS_HANDSHAKES_PER_SECOND", ["1", "10000"]],
    ["TRUSTED_PROXIES", ["", "10.0.0.1", "10.0.0.0/8, 2001:db8::/32,::1/128", blocks(64)]],
    ["CLIENT_MESSAGES_PER_SECOND", ["10", "10000"]],
    ["CLIENT_BYTES_PER_SECOND", ["4096", "67108864"]],
    ["IDLE_SECONDS", ["0", "1", "86400"]],
    ["ACTIVATION_SECONDS", ["1", "600"]],
    ["NOBODY_CAME_SECONDS", ["0", "86400"]],
    ["EMPTY_SECONDS", ["0", "86400"]],
    ["MATCH_SECONDS_MAX", ["0", "604800"]],
    ["LOG_LEVEL", ["error", "warn", "info", "debug"]],
    ["LOG_PATHS", ["", "logs", "logs, /local/game/crashes", "x".repeat(4_096)]],
  ])("[CF4] takes all that is allowed as %s", (name, values) => {
    for (const value of values) read({ env: { [`FLEETROOM_${name}`]: value } });
  });

  it.each([
    ["FLEET", ["", "aws", "Local"]],
    ["ROOM", ["", "a b", "../x", "x".repeat(65)]],
    ["PORT", ["", "65536", "-1", "7000-", "7001-7000", "0,1", "1-1001", "1e3", "07", "1-2-3"]],
    ["TICK_RATE_HZ", ["9", "129", "30.5", "0x20"]],
    ["RECONNECT_SECONDS", ["", "121", "-1"]],
    ["DRAIN_MS", ["999", "300001", "Infinity"]],
    ["RESULTS_SECONDS", ["61"]],
    ["ACCEPT_TIMEOUT_MS", ["99", "10001"]],
    ["MAX_PLAYERS", ["0", "1025"]],
    ["HOST", ["", "example.com", "1.2.3", "127.0.0.1:80"]],
    ["ORIGINS", ["*", "https://a.example/", "https://A.example", "ftp://a.example", "null", ","]],
    ["RESULTS_URL", ["x", "ftp://x", "https://u@x", "https://x/#y"]],
    ["ALLOW_INSECURE", ["", "yes"]],
    ["JOURNAL_DIR", ["a\0b", "x".repeat(5000)]],
    ["TLS", ["", "on", "1", "Required"]],
    ["TLS_HANDSHAKES_PER_SECOND", ["0", "10001"]],
    [
      "TRUSTED_PROXIES",
      ["proxy", "10.0.0.0/33", "10.0.0.0/0", "::/0", "::/129", "10.0.0.0/", "10.0.0.1,", "10.0.0"],
    ],
    ["TRUSTED_PROXIES", ["10.0.0.0/8/8", "fe80::1%eth0", "10.0.0.0/08", "10.0.0.1:80", blocks(65)]],
    ["CLIENT_MESSAGES_PER_SECOND", ["9", "10001", "0"]],
    ["CLIENT_BYTES_PER_SECOND", ["4095", "67108865"]],
    ["IDLE_SECONDS", ["", "-1", "86401"]],
    ["ACTIVATION_SECONDS", ["", "0", "601"]],
    ["NOBODY_CAME_SECONDS", ["", "-1", "86401"]],
    ["EMPTY_SECONDS", ["", "-1", "86401"]],
    ["MATCH_SECONDS_MAX", ["", "-1", "604801"]],
    ["LOG_LEVEL", ["", "verbose"]],
    ["LOG_PATHS", ["a,,b", "a*b", "a|b", "x".repeat(4_097), Array(17).fill("a").join()]],
  ])("[CF4] refuses what is not allowed as %s", (name, values) => {
    for (const value of values) {
      expect(mistakes({ env: { [`FLEETROOM_${name}`]: value } })).toHaveLength(1);
    }
  });

  it("[CF4] keeps ports in their order and without repeats", () => {
    expect(read({ argv: ["--port", "8443,7001,7000-7002"] }).ports).toEqual([
      8443, 7001, 7000, 7002,
    ]);
  });

  it("[CF4] takes trusted proxies from the file as a list, and without repeats", () => {
    const file = { trustedProxies: ["10.0.0.0/8", "2001:db8::1", "10.0.0.0/8"] };
    expect(read({ file }).budgets.trustedProxies).toEqual(["10.0.0.0/8", "2001:db8::1"]);
  });

  it("[CF4] makes paths absolute", () => {
    expect(read({ argv: ["--rooms", "my/rooms.ts", "--local-session=/x/s.json"] })).toMatchObject({
      rooms: "/build/my/rooms.ts",
      localSession: "/x/s.json",
    });
  });
});

describe("readConfig's TLS", () => {
  const files = { FLEETROOM_TLS_CERT: "c.pem", FLEETROOM_TLS_KEY: "/k.pem" };
  const dir = { FLEETROOM_TLS_DIR: "certificates" };

  it("[CF8] is required with a certificate, and plain only by name", () => {
    expect(read({ env: files }).tls).toMatchObject({
      mode: "required",
      certFile: "/build/c.pem",
      keyFile: "/k.pem",
      dir: "",
    });
    expect(read({ env: dir }).tls).toMatchObject({ mode: "required", dir: "/build/certificates" });
    for (const mode of ["off", "optional", "required"]) {
      for (const certificate of [files, dir]) {
        expect(read({ env: { ...certificate, FLEETROOM_TLS: mode } }).tls.mode).toBe(mode);
      }
    }
    expect(read({ file: { tlsDir: "x" }, env: { FLEETROOM_TLS_DIR: "" } }).tls.mode).toBe("off");
  });

  it.each([
    [{ FLEETROOM_TLS: "required" }, /^FLEETROOM_TLS = "required": allowed is off unless/],
    [{ FLEETROOM_TLS: "optional" }, /^FLEETROOM_TLS = "optional": allowed is off unless/],
    [{ FLEETROOM_TLS_CERT: "c.pem" }, /^FLEETROOM_TLS_CERT = "c.pem": .* FLEETROOM_TLS_KEY/],
    [{ FLEETROOM_TLS_KEY: "k.pem" }, /^FLEETROOM_TLS_KEY = "k.pem": .* FLEETROOM_TLS_CERT/],
    [{ ...files, FLEETROOM_TLS_KEY: "" }, /^FLEETROOM_TLS_CERT = /],
    [{ ...files, ...dir }, /^FLEETROOM_TLS_DIR = "certificates": allowed is nothing beside/],
  ])(
    "[CF8] is a mistake in words where the certificate is missing or named twice: %j",
    (env, words) => {
      const found = mistakes({ env });
      expect(found).toHaveLength(1);
      expect(found[0]).toMatch(words);
    },
  );
});

describe("readConfig's secrets", () => {
  const url = { FLEETROOM_RESULTS_URL: "https://r.example" };

  it("[CF6] keeps a secret out of JSON, copies and consoles", () => {
    const config = read({ env: { ...url, FLEETROOM_RESULTS_TOKEN: "hunter2" } });
    expect(config.secrets.resultsToken).toBe("hunter2");
    const shown = [JSON.stringify(config), inspect(config), JSON.stringify({ ...config.secrets })];
    expect(shown.join()).not.toContain("hunter2");
  });

  it("[CF6] takes a secret from the file, and never from a flag", () => {
    const file = { resultsUrl: "http://localhost:1/x", resultsToken: "hunter2" };
    expect(read({ file }).secrets.resultsToken).toBe("hunter2");
    for (const argv of [["--results-token", "hunter2"], ["--results-token=hunter2"]]) {
      const [mistake = "", ...more] = mistakes({ argv });
      expect(more).toEqual([]);
      expect(mistake).toContain("a secret is never a flag");
      expect(mistake).not.toContain("hunter2");
    }
  });

  it.each<Sources>([
    { env: { ...url, FLEETROOM_RESULTS_TOKEN: "hunter2 " } },
    { env: { FLEETROOM_RESULTS_TOKEN: "hunter2" } },
    { env: { FLEETROOM_RESULTS_TOKEN: "hunter2", FLEETROOM_RESULTS_URL: "http://r.example" } },
    { env: { FLEETROOM_RESULTS_TOKEN: "hunter2", FLEETROOM_RESULTS_URL: "http://127.r.example" } },
    { env: { FLEETROOM_RESULT_TOKEN: "hunter2" } },
    { env: { FLEETROOM_RESULTS_URL: "https://me:hunter2@r.example" } },
    { argv: ["--results-tokn", "hunter2"] },
    { file: { ...url, resultsToken: ["hunter2"] } },
    { file: '{"resultsToken": "hunter2" "x"}' },
  ])("[CF6] repeats no secret when it complains about %j", (sources) => {
    expect(mistakes(sources).join("\n")).not.toContain("hunter2");
  });
});

describe("docs/CONFIGURATION.md", () => {
  it("[CF7] says what the table says: node scripts/configuration-page.ts --write", () => {
    expect(readFileSync(configurationPagePath, "utf8")).toBe(configurationPage());
  });
});
