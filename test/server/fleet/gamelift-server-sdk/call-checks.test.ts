import { describe, expect, it } from "vitest";
import type { ServerSdk } from "../../../../server/fleet/gamelift-server-sdk/index.ts";
import { failureOf, GAME_SESSION_ID as GSESS, SdkWorld } from "./sdk-world.ts";

const CONFIGURATION = "arn:aws:gamelift:us-west-2:123456789012:matchmakingconfiguration/my-config";

describe("what a caller gives", () => {
  const sdkOf = async () => (await new SdkWorld().hosting()) as ServerSdk;
  const long = "x".repeat(1_025);

  it.each<[string, (sdk: ServerSdk) => Promise<unknown>]>([
    ["an empty player session id", (sdk) => sdk.acceptPlayerSession("")],
    ["a player session id with a blank", (sdk) => sdk.acceptPlayerSession("bad id!")],
    ["a long player session id", (sdk) => sdk.removePlayerSession("a".repeat(257))],
    ["an unknown policy", (sdk) => sdk.updatePlayerSessionCreationPolicy("MAYBE" as "DENY_ALL")],
    ["no id to describe by", (sdk) => sdk.describePlayerSessions({} as never)],
    [
      "two ids to describe by",
      (sdk) => sdk.describePlayerSessions({ playerId: "a", playerSessionId: "b" } as never),
    ],
    ["a long player id", (sdk) => sdk.describePlayerSessions({ playerId: long })],
    [
      "a long player session id to describe",
      (sdk) => sdk.describePlayerSessions({ playerSessionId: long }),
    ],
    [
      "a game session id with a blank",
      (sdk) => sdk.describePlayerSessions({ gameSessionId: "a b" }),
    ],
    ["a limit of 0", (sdk) => sdk.describePlayerSessions({ playerId: "a", limit: 0 })],
    ["a limit of 1025", (sdk) => sdk.describePlayerSessions({ playerId: "a", limit: 1_025 })],
    ["a limit of 1.5", (sdk) => sdk.describePlayerSessions({ playerId: "a", limit: 1.5 })],
    [
      "an unknown filter",
      (sdk) =>
        sdk.describePlayerSessions({
          playerId: "a",
          playerSessionStatusFilter: "GONE" as "ACTIVE",
        }),
    ],
    [
      "a backfill without players",
      (sdk) =>
        sdk.startMatchBackfill({
          gameSessionArn: GSESS,
          matchmakingConfigurationArn: CONFIGURATION,
          players: [],
        }),
    ],
    [
      "a backfill by no ARN",
      (sdk) =>
        sdk.startMatchBackfill({
          gameSessionArn: GSESS,
          matchmakingConfigurationArn: "my-config",
          players: [{ playerId: "p", team: "t" }],
        }),
    ],
    [
      "a stop without a ticket",
      (sdk) =>
        sdk.stopMatchBackfill({
          gameSessionArn: GSESS,
          matchmakingConfigurationArn: CONFIGURATION,
          ticketId: "",
        }),
    ],
    [
      "a role with an underscore",
      (sdk) => sdk.getFleetRoleCredentials({ roleArn: "arn:aws:iam::1:role/a_b" }),
    ],
    [
      "a session name of one letter",
      (sdk) =>
        sdk.getFleetRoleCredentials({ roleArn: "arn:aws:iam::1:role/a", roleSessionName: "x" }),
    ],
  ])("[GL3] is judged before it is sent: %s", async (_, call) => {
    const failure = await failureOf(call(await sdkOf()));
    expect(failure.name).toBe("Validation");
    expect(failure.message).not.toContain("bad id!");
  });

  it.each([
    [{ port: 0 }, "port"],
    [{ port: 60_001 }, "port"],
    [{ port: 7.5 }, "port"],
    [{ logPaths: [] }, "logPaths"],
    [{ logPaths: ["a*b"] }, "log path"],
    [{ logPaths: [""] }, "log path"],
    [{ logPaths: ["x".repeat(4_097)] }, "log path"],
  ])("[GL3] a process with %j is not ready", async (over, name) => {
    const sdk = await new SdkWorld().init();
    const failure = await failureOf(
      sdk.processReady({ port: 7777, logPaths: ["logs"], onStartGameSession() {}, ...over }),
    );
    expect(failure).toMatchObject({ name: "Validation", message: expect.stringContaining(name) });
  });
});
