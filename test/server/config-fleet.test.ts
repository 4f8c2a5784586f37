import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { mistakes, read } from "./config-sources.ts";

describe("readConfig on a fleet", () => {
  it.each([
    "GAMELIFT_SDK_WEBSOCKET_URL",
    "GAMELIFT_SDK_AUTH_TOKEN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "ECS_CONTAINER_METADATA_URI_V4",
  ])("[CF5] takes %s for a fleet, which listens on all addresses", (variable) => {
    expect(read({ env: { [variable]: "x" } })).toMatchObject({
      fleet: "gamelift",
      host: "0.0.0.0",
      environment: { hasGameLiftVariables: true },
    });
    expect(read({ env: { [variable]: "" } }).fleet).toBe("local");
  });

  it("[CF5] takes a container compute for a fleet, and no other compute", () => {
    expect(read({ env: { GAMELIFT_COMPUTE_TYPE: "CONTAINER" } }).fleet).toBe("gamelift");
    expect(read({ env: { GAMELIFT_COMPUTE_TYPE: "ANYWHERE" } }).fleet).toBe("local");
  });

  it("[CF5] lets the named fleet win, and keeps what the environment said", () => {
    const env = { GAMELIFT_SDK_HOST_ID: "x", FLEETROOM_FLEET: "local", NODE_ENV: "production" };
    expect(read({ env })).toMatchObject({
      fleet: "local",
      host: "127.0.0.1",
      environment: { hasGameLiftVariables: true, isProduction: true },
    });
  });

  it("[CF10] asks the fleet for a certificate where none is named and TLS is not switched off", () => {
    const onFleet = { FLEETROOM_FLEET: "gamelift" };
    const tlsOf = (env: Record<string, string>) => {
      const { mode, asksFleet } = read({ env }).tls;
      return [mode, asksFleet];
    };
    expect(tlsOf(onFleet)).toEqual(["off", true]);
    expect(tlsOf({ ...onFleet, FLEETROOM_TLS: "optional" })).toEqual(["optional", true]);
    expect(tlsOf({ ...onFleet, FLEETROOM_TLS: "off" })).toEqual(["off", false]);
    expect(tlsOf({ ...onFleet, FLEETROOM_TLS_DIR: "certs" })).toEqual(["required", false]);
    expect(tlsOf({})).toEqual(["off", false]);
  });

  it("[CF11] keeps what a fleet set among the secrets, and nothing else of the environment", () => {
    const env = {
      GAMELIFT_SDK_AUTH_TOKEN: "hunter2",
      GAMELIFT_REGION: "us-west-2",
      ECS_CONTAINER_METADATA_URI_V4: "http://x",
      AWS_SECRET_ACCESS_KEY: "hunter3",
    };
    const config = read({ env });
    expect(config.secrets.fleetEnvironment).toEqual({
      GAMELIFT_SDK_AUTH_TOKEN: "hunter2",
      GAMELIFT_REGION: "us-west-2",
      ECS_CONTAINER_METADATA_URI_V4: "http://x",
    });
    expect(`${JSON.stringify(config)} ${inspect(config, { depth: 9 })}`).not.toContain("hunter");
  });

  it("[CF9] ends a game session to which nobody came on a fleet only, unless it is told to", () => {
    const nobodyCameMs = (env: Record<string, string>) => read({ env }).timeouts.nobodyCameMs;
    const onFleet = { FLEETROOM_FLEET: "gamelift" };
    expect([nobodyCameMs({}), nobodyCameMs(onFleet)]).toEqual([0, 120_000]);
    const never = { FLEETROOM_NOBODY_CAME_SECONDS: "0" };
    const soon = { FLEETROOM_NOBODY_CAME_SECONDS: "61" };
    expect([nobodyCameMs({ ...onFleet, ...never }), nobodyCameMs(soon)]).toEqual([0, 61_000]);
  });

  it("[CF5] refuses on a fleet what only works locally", () => {
    const argv = ["--fleet=gamelift"];
    expect(mistakes({ argv: [...argv, "--port=0", "--local-session=x.json"] })).toHaveLength(2);
    expect(mistakes({ argv: [...argv, "--port=60001"] })[0]).toContain("60000");
  });
});
