import { describe, expect, it } from "vitest";
import { readConfig } from "../../server/config.ts";

function read(env: Record<string, string>, file?: object) {
  const text = file === undefined ? undefined : JSON.stringify(file);
  const readFile = (path: string) => (path === "/build/fleetroom.json" ? text : undefined);
  return readConfig({ env, argv: [], cwd: "/build", readFile });
}

/** The lines of the complaint; fails the test when there is none. */
function mistakes(env: Record<string, string>): string[] {
  try {
    read(env);
  } catch (error) {
    expect(error).toMatchObject({ name: "GameServerError", code: "CONFIG_INVALID" });
    return (error as Error).message.split("\n");
  }
  throw new Error("the configuration was taken");
}

const wanted = { FLEETROOM_VALIDATOR: "server-sdk+api" };
const fleet = { FLEETROOM_FLEET: "gamelift" };
const region = { FLEETROOM_AWS_REGION: "eu-west-1" };

describe("readConfig's second opinion", () => {
  it("[GA11] is taken on a fleet with a Region", () => {
    const file = { awsCredentialsFile: "keys", awsProfile: "p", awsEndpointUrl: "https://x" };
    expect(read({ ...wanted, ...fleet, ...region }, { ...file, apiCallsPerS: 2.5 })).toMatchObject({
      validator: "server-sdk+api",
      api: { callsPerSecond: 2.5 },
      aws: {
        region: "eu-west-1",
        endpointUrl: "https://x",
        credentialsFile: "/build/keys",
        profile: "p",
      },
    });
  });

  it.each([
    [{ ...wanted, ...region }, /^FLEETROOM_VALIDATOR = .* is server-sdk when fleet is local/],
    [{ ...wanted, ...fleet }, /^FLEETROOM_VALIDATOR = .* unless FLEETROOM_AWS_REGION names/],
    [{ ...wanted, ...fleet, FLEETROOM_AWS_REGION: "" }, /FLEETROOM_AWS_REGION/],
  ])("[GA11] is a mistake where it cannot be had: %j", (env, words) => {
    const found = mistakes(env);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(words);
  });

  it("[GA11] may be configured and not wanted", () => {
    expect(read({ ...region, FLEETROOM_API_CALLS_PER_S: "20" }).validator).toBe("server-sdk");
  });

  it("[GA11] repeats no endpoint, which may hold a password by mistake", () => {
    const env = { FLEETROOM_AWS_ENDPOINT_URL: "https://me:hunter2@gl.example" };
    expect(mistakes(env).join()).not.toContain("hunter2");
  });

  it.each([
    ["VALIDATOR", ["server-sdk"]],
    ["API_CALLS_PER_S", ["0.1", "1", "2.5", "0.125", "20"]],
    ["AWS_REGION", ["", "eu-west-1", "ap-southeast-2", "us-gov-west-1", "eu-isoe-west-1"]],
    ["AWS_ENDPOINT_URL", ["", "https://gl.example", "http://127.0.0.1:9080", "http://[::1]:1/x"]],
    ["AWS_CREDENTIALS_FILE", ["", "/local/credentials/credentials"]],
    ["AWS_PROFILE", ["default", "FleetRoleCredentials", "a@b.c/d"]],
  ])("[CF4] takes all that is allowed as %s", (name, values) => {
    for (const value of values) read({ [`FLEETROOM_${name}`]: value });
  });

  it.each([
    ["VALIDATOR", ["", "api", "server-sdk+aws", "Server-SDK"]],
    ["API_CALLS_PER_S", ["", "0", "0.09", "20.1", "1e1", "-1", ".5", "1.", "01", "0.1234", "NaN"]],
    ["AWS_REGION", ["eu-west", "eu-west-1a", "EU-WEST-1", "x.evil.example/", "eu-west-1\n"]],
    ["AWS_ENDPOINT_URL", ["x", "ftp://x", "http://gl.example", "http://127.evil.example"]],
    [
      "AWS_ENDPOINT_URL",
      ["https://u@x", "https://x/?y", "https://x/#y", "//x", "http://1.127.0.0"],
    ],
    ["AWS_CREDENTIALS_FILE", ["a\0b", "x".repeat(5000)]],
    ["AWS_PROFILE", ["", "a b", "[x]", "x".repeat(129)]],
  ])("[CF4] refuses what is not allowed as %s", (name, values) => {
    for (const value of values) expect(mistakes({ [`FLEETROOM_${name}`]: value })).toHaveLength(1);
  });
});
