import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AnywhereErrorCode } from "../../../scripts/anywhere/errors.ts";
import { ANYWHERE_EVENT_LEVELS, eventName } from "../../../scripts/anywhere/report.ts";
import {
  type AnywhereSettings,
  anywhereSettings,
  computeNameOf,
  readAnywhereSettings,
} from "../../../scripts/anywhere/settings.ts";

const FLEET = "fleet-1a2b3c4d";
const NEEDED = {
  FLEETROOM_ANYWHERE_FLEET_ID: FLEET,
  FLEETROOM_ANYWHERE_LOCATION: "custom-laptop",
  FLEETROOM_AWS_REGION: "eu-central-1",
};

interface Sources {
  env?: Record<string, string>;
  argv?: string[];
}

function read({ env = NEEDED, argv = [] }: Sources = {}): AnywhereSettings {
  return readAnywhereSettings({ env, argv, hostname: "annas-laptop.local" });
}

/** The lines of the complaint; fails the test when there is none. */
function mistakes(sources: Sources): string[] {
  try {
    read(sources);
  } catch (error) {
    expect(error).toMatchObject({ name: "AnywhereError", code: "ANYWHERE_CONFIG_INVALID" });
    return (error as Error).message.split("\n");
  }
  throw new Error("the settings were taken");
}

const wrong = (env: Record<string, string>, ...argv: string[]) =>
  mistakes({ env: { ...NEEDED, ...env }, argv });

describe("the supervisor's settings", () => {
  it("[AN1] have a default for everything but fleet, location and Region", () => {
    expect(read()).toEqual({
      fleetId: FLEET,
      location: "custom-laptop",
      region: "eu-central-1",
      computeName: "annas-laptop-local",
      endpointUrl: undefined,
      processes: 1,
      ipAddress: "127.0.0.1",
      dnsName: undefined,
      stopMs: 40_000,
      mayReplace: false,
      command: [],
    });
    expect(Object.isFrozen(read())).toBe(true);
  });

  it("[AN1] come from flags before the environment, and the Region from AWS's variables last", () => {
    const env = {
      FLEETROOM_ANYWHERE_FLEET_ID: "fleet-from-env",
      FLEETROOM_ANYWHERE_LOCATION: "custom-from-env",
      FLEETROOM_ANYWHERE_COMPUTE_NAME: "",
      AWS_REGION: "us-west-2",
      AWS_DEFAULT_REGION: "us-east-1",
    };
    const flags = ["--fleet-id", FLEET, "--processes=50", "--dns-name=play.example.com"];
    expect(read({ env, argv: flags })).toMatchObject({
      fleetId: FLEET,
      location: "custom-from-env",
      computeName: "annas-laptop-local",
      region: "us-west-2",
      processes: 50,
      dnsName: "play.example.com",
      ipAddress: undefined,
    });
    expect(read({ env: { ...env, FLEETROOM_AWS_REGION: "eu-west-1" } }).region).toBe("eu-west-1");
  });

  it("[AN1] must name fleet, location and Region", () => {
    const name = (text: string) => expect.stringMatching(new RegExp(`^${text}: must be given; `));
    expect(mistakes({ env: {} })).toEqual([
      name("FLEETROOM_ANYWHERE_FLEET_ID or --fleet-id"),
      name("FLEETROOM_ANYWHERE_LOCATION or --location"),
      name("FLEETROOM_AWS_REGION or --region"),
    ]);
  });

  it("[AN1] take an address and a name together, and a command behind --", () => {
    const argv = ["--ip-address", "203.0.113.7", "--dns-name", "play.example.com"];
    const command = ["node", "server/main.ts", "--room", "duel", "--processes=3"];
    expect(read({ argv: [...argv, "--", ...command] })).toMatchObject({
      ipAddress: "203.0.113.7",
      dnsName: "play.example.com",
      processes: 1,
      command,
    });
  });

  it("[AN2] tell every mistake at once, each with what is allowed", () => {
    const lines = mistakes({
      env: {
        FLEETROOM_ANYWHERE_FLEET_ID: "arn:aws:gamelift:eu-central-1::fleet/fleet-1",
        FLEETROOM_ANYWHERE_LOCATION: "eu-central-1",
        FLEETROOM_ANYWHERE_COMPUTE_NAME: "anna's laptop",
        FLEETROOM_AWS_ENDPOINT_URL: "http://gamelift.example.com",
        FLEETROOM_ANYWHERE_PROCESSES: "51",
        FLEETROOM_ANYWHERE_IP_ADDRESS: "example.com",
        FLEETROOM_ANYWHERE_DNS_NAME: "a b",
        FLEETROOM_ANYWHERE_STOP_SECONDS: "0",
        FLEETROOM_ANYWHERE_REPLACE: "yes",
        FLEETROOM_ANYWHERE_FLEETID: FLEET,
      },
      argv: ["--fleets", "verysecret", "play", "--region"],
    });
    const all = Object.values(anywhereSettings);
    for (const { env, flag, allowed } of all) {
      const about = lines.filter(
        (line) => line.startsWith(`${env} `) || line.startsWith(`--${flag}:`),
      );
      expect(about.join(), env).toContain(`allowed is ${allowed}`);
    }
    expect(lines.some((line) => line.startsWith("FLEETROOM_ANYWHERE_FLEETID: there is no"))).toBe(
      true,
    );
    expect(lines.some((line) => line.startsWith("--fleets: there is no such flag"))).toBe(true);
    expect(lines.some((line) => line.startsWith('"play": allowed are flags'))).toBe(true);
    expect(lines.join()).not.toContain("verysecret");
    // Region is missing twice: as a flag without a value, and altogether.
    expect(lines).toHaveLength(all.length + 4);
  });

  it.each([
    ["FLEETROOM_ANYWHERE_FLEET_ID", `fleet-${"a".repeat(123)}`],
    ["FLEETROOM_ANYWHERE_FLEET_ID", "fleet-a\n"],
    ["FLEETROOM_ANYWHERE_LOCATION", "custom-"],
    ["FLEETROOM_ANYWHERE_LOCATION", `custom-${"a".repeat(58)}`],
    ["FLEETROOM_ANYWHERE_COMPUTE_NAME", "a/b/c"],
    ["FLEETROOM_ANYWHERE_COMPUTE_NAME", "a".repeat(129)],
    ["FLEETROOM_AWS_REGION", "eu-central"],
    ["FLEETROOM_AWS_ENDPOINT_URL", "https://key:secret@gamelift.example.com"],
    ["FLEETROOM_AWS_ENDPOINT_URL", "ftp://127.0.0.1"],
    ["FLEETROOM_ANYWHERE_PROCESSES", "0"],
    ["FLEETROOM_ANYWHERE_PROCESSES", "1.5"],
    ["FLEETROOM_ANYWHERE_IP_ADDRESS", "fe80::1%eth0"],
    ["FLEETROOM_ANYWHERE_IP_ADDRESS", "256.0.0.1"],
    ["FLEETROOM_ANYWHERE_DNS_NAME", "a".repeat(257)],
  ])("[AN2] refuse %s = %s", (variable, text) => {
    const [line, ...more] = wrong({ [variable]: text });
    expect(line).toMatch(new RegExp(`^${variable} = .*: allowed is `));
    expect(more).toEqual([]);
  });

  it("[AN2] refuse a flag given twice, and a command that is none", () => {
    expect(wrong({}, "--processes=2", "--processes=3")).toEqual(["--processes: given twice"]);
    for (const command of [[], [""], ["node", "a\0b"], Array(65).fill("x")]) {
      expect(wrong({}, "--", ...command)).toEqual([expect.stringContaining("behind --")]);
    }
  });

  it("[AN2] show a mistaken value short, and without control characters", () => {
    const [line = ""] = wrong({ FLEETROOM_ANYWHERE_PROCESSES: `\u001b[2J${"9".repeat(10_000)}` });
    expect(line).not.toContain("\u001b");
    expect(line.length).toBeLessThan(200);
  });

  it.each([
    ["https://gamelift.example.com", true],
    ["http://127.0.0.1:8080", true],
    ["http://localhost:8080/", true],
    ["http://[::1]:8080", true],
    ["http://127.example.com", false],
    ["http://emulator:8080", false],
  ])("[AN2] %s as an endpoint: %s", (url, isTaken) => {
    const env = { ...NEEDED, FLEETROOM_AWS_ENDPOINT_URL: url };
    if (isTaken) expect(read({ env }).endpointUrl).toBe(url);
    else expect(mistakes({ env })).toHaveLength(1);
  });

  it.each([
    ["annas-laptop", "annas-laptop"],
    ["Anna's MacBook Pro.local", "Anna-s-MacBook-Pro-local"],
    ["_x_", "x"],
    ["ünï", "n"],
    ["日本", "fleetroom"],
    ["", "fleetroom"],
    ["-", "fleetroom"],
    ["a".repeat(200), "a".repeat(128)],
  ])("[AN3] make a compute name of the host name %s", (hostname, name) => {
    expect(computeNameOf(hostname)).toBe(name);
    expect(anywhereSettings.computeName.parse(name)).toBe(name);
  });
});

describe("docs/ANYWHERE.md and docs/RUNBOOK.md", () => {
  const page = readFileSync(new URL("../../../docs/ANYWHERE.md", import.meta.url), "utf8");
  const runbook = readFileSync(new URL("../../../docs/RUNBOOK.md", import.meta.url), "utf8");

  it.each(Object.values(anywhereSettings))("[AN24] explain $env", ({ env, flag }) => {
    expect(page).toMatch(new RegExp(`^\\| \`${env}\` \\| \`--${flag}\` \\| .+ \\|$`, "m"));
  });

  it.each(Object.keys(ANYWHERE_EVENT_LEVELS).map((event) => eventName(event as never)))(
    "[AN24] explain the event %s",
    (event) => {
      expect(page).toMatch(new RegExp(`^\\| \`${event}\` \\| .+ \\|$`, "m"));
    },
  );

  it("[AN24] allow the four calls on one fleet, and no more", () => {
    const [, json = ""] = /^```json\n(.*?)^```/ms.exec(page) ?? [];
    const { Statement } = JSON.parse(json) as {
      Statement: { Effect: string; Action: string[]; Resource: string }[];
    };
    const adapter = new URL("../../../scripts/anywhere/aws/aws-compute-api.ts", import.meta.url);
    const commands = readFileSync(adapter, "utf8").matchAll(/new ([A-Z]\w+)Command\(/g);
    const called = [...commands].map(([, operation]) => `gamelift:${operation}`);
    expect(Statement).toEqual([
      {
        Effect: "Allow",
        Action: expect.any(Array),
        Resource: "arn:aws:gamelift:REGION:ACCOUNT:fleet/FLEET_ID",
      },
    ]);
    expect(Statement[0]?.Action.toSorted()).toEqual(called.toSorted());
    expect(called).toHaveLength(4);
  });

  it.each(Object.values(AnywhereErrorCode))("[AN24] say what to do about %s", (code) => {
    expect(runbook).toMatch(new RegExp(`^\\| \`${code}\` \\| .+ \\| .+ \\|$`, "m"));
  });
});
