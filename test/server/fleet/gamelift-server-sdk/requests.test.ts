import { describe, expect, it } from "vitest";
import type { ServerSdk } from "../../../../server/fleet/gamelift-server-sdk/index.ts";
import { settle } from "../../../support/fake-clock.ts";
import { ENVIRONMENT, FLEET_ID, failureOf, GAME_SESSION_ID, SdkWorld } from "./sdk-world.ts";

const CONFIGURATION = "arn:aws:gamelift:us-west-2:123456789012:matchmakingconfiguration/my-config";
const GSESS = GAME_SESSION_ID;

const CALLS: Record<string, { call: (sdk: ServerSdk) => Promise<unknown>; members: object }> = {
  ActivateGameSession: {
    call: (sdk) => sdk.activateGameSession(),
    members: { GameSessionId: GSESS },
  },
  AcceptPlayerSession: {
    call: (sdk) => sdk.acceptPlayerSession("psess-1"),
    members: { GameSessionId: GSESS, PlayerSessionId: "psess-1" },
  },
  RemovePlayerSession: {
    call: (sdk) => sdk.removePlayerSession("psess-1"),
    members: { GameSessionId: GSESS, PlayerSessionId: "psess-1" },
  },
  DescribePlayerSessions: {
    call: (sdk) =>
      sdk.describePlayerSessions({
        gameSessionId: GSESS,
        playerSessionStatusFilter: "ACTIVE",
        limit: 10,
      }),
    members: { GameSessionId: GSESS, PlayerSessionStatusFilter: "ACTIVE", Limit: 10 },
  },
  UpdatePlayerSessionCreationPolicy: {
    call: (sdk) => sdk.updatePlayerSessionCreationPolicy("DENY_ALL"),
    members: { GameSessionId: GSESS, PlayerSessionPolicy: "DENY_ALL" },
  },
  StartMatchBackfill: {
    call: (sdk) =>
      sdk.startMatchBackfill({
        gameSessionArn: GSESS,
        matchmakingConfigurationArn: CONFIGURATION,
        players: [
          {
            playerId: "p1",
            team: "red",
            playerAttributes: {
              mode: { AttrType: "STRING", S: "duel" },
              skill: { AttrType: "DOUBLE", N: 0 },
            },
          },
        ],
      }),
    members: {
      GameSessionArn: GSESS,
      MatchmakingConfigurationArn: CONFIGURATION,
      Players: [
        {
          PlayerId: "p1",
          Team: "red",
          PlayerAttributes: {
            mode: { AttrType: "STRING", S: "duel" },
            skill: { AttrType: "DOUBLE", N: 0 },
          },
          LatencyInMs: {},
        },
      ],
    },
  },
  StopMatchBackfill: {
    call: (sdk) =>
      sdk.stopMatchBackfill({
        gameSessionArn: GSESS,
        matchmakingConfigurationArn: CONFIGURATION,
        ticketId: "ticket-1",
      }),
    members: {
      GameSessionArn: GSESS,
      MatchmakingConfigurationArn: CONFIGURATION,
      TicketId: "ticket-1",
    },
  },
  GetComputeCertificate: { call: (sdk) => sdk.getComputeCertificate(), members: {} },
  GetFleetRoleCredentials: {
    call: (sdk) =>
      sdk.getFleetRoleCredentials({ roleArn: "arn:aws:iam::123456789012:role/my-role" }),
    members: {
      RoleArn: "arn:aws:iam::123456789012:role/my-role",
      RoleSessionName: `${FLEET_ID}-host-1`,
    },
  },
  TerminateServerProcess: { call: (sdk) => sdk.processEnding(), members: {} },
};
const ACTIONS = Object.keys(CALLS);

async function begun(action: string) {
  const world = new SdkWorld();
  const sdk = await world.hosting();
  const call = CALLS[action]!.call(sdk);
  const failure = failureOf(call);
  failure.catch(() => {});
  await settle();
  return { world, sdk, call, failure };
}

describe("a request", () => {
  it("[GL6] to be ready names SDK, port and log paths", async () => {
    const world = new SdkWorld();
    await world.ready();
    expect(world.service.sent[0]).toEqual({
      Action: "ActivateServerProcess",
      RequestId: expect.stringMatching(/./),
      SdkVersion: "5.6.0",
      SdkLanguage: "NodeJS",
      Port: 7777,
      LogPaths: ["logs"],
    });
  });

  it("[GL6] to be ready names the tool that the environment names", async () => {
    const world = new SdkWorld();
    const tool = { GAMELIFT_SDK_TOOL_NAME: "fleetroom", GAMELIFT_SDK_TOOL_VERSION: "0.1.0" };
    const sdk = await world.init({ environment: { ...ENVIRONMENT, ...tool } });
    sdk.processReady({ port: 1, logPaths: ["x"], onStartGameSession() {} }).catch(() => {});
    expect(world.service.sent[0]).toMatchObject({
      SdkToolName: "fleetroom",
      SdkToolVersion: "0.1.0",
    });
  });

  it.each(ACTIONS)("[GL6] %s has the documented members and no more", async (action) => {
    const { world } = await begun(action);
    const { Action, RequestId, ...members } = world.service.last(action);
    expect(members).toEqual(CALLS[action]!.members);
    expect([Action, typeof RequestId]).toEqual([action, "string"]);
    expect(new Set(world.service.sent.map((each) => each.RequestId)).size).toBe(
      world.service.sent.length,
    );
  });

  it.each(ACTIONS)("[GL7] %s is answered by its id, in whatever order", async (action) => {
    const { world, call } = await begun(action);
    world.service.say({ Action: action, RequestId: "another", StatusCode: 200 });
    await world.service.answer(action, { AccessKeyId: "A", Expiration: 1 });
    await call;
    expect(world.events).toContainEqual({ type: "frame_ignored", why: "unknown_request" });
  });

  it.each([
    [400, "BadRequest"],
    [401, "Unauthorized"],
    [403, "Forbidden"],
    [404, "NotFound"],
    [409, "Conflict"],
    [418, "BadRequest"],
    [429, "TooManyRequests"],
    [500, "InternalService"],
    [503, "InternalService"],
    [302, "InternalService"],
  ])("[GL7] that is answered with %d fails with %s", async (status, name) => {
    const { world, failure } = await begun("ActivateGameSession");
    await world.service.refuse("ActivateGameSession", status, "player session psess-77.x is gone");
    const isOutcomeUnknown = name === "InternalService";
    expect(await failure).toMatchObject({ name, statusCode: status, isOutcomeUnknown });
    expect((await failure).message).not.toContain("psess-77");
  });

  it("[GL7] to end the process fails with ProcessEndingFailed and may be made again", async () => {
    const { world, sdk, failure } = await begun("TerminateServerProcess");
    await world.service.refuse("TerminateServerProcess", 500);
    expect(await failure).toMatchObject({
      name: "ProcessEndingFailed",
      cause: { name: "InternalService" },
    });
    const again = sdk.processEnding();
    await world.service.answer("TerminateServerProcess");
    await again;
  });

  it.each(
    ACTIONS.filter(
      (each) =>
        !["AcceptPlayerSession", "RemovePlayerSession", "TerminateServerProcess"].includes(each),
    ),
  )(
    "[GL8] %s without an answer fails after 20 s, and the service may have done it",
    async (action) => {
      const { world, failure } = await begun(action);
      let isOver = false;
      void failure.then(() => {
        isOver = true;
      });
      await world.clock.advanceAsync(19_999);
      expect(isOver).toBe(false);
      await world.clock.advanceAsync(1);
      expect(await failure).toMatchObject({ name: "ServiceCallFailed", isOutcomeUnknown: true });
      expect(world.service.count(action)).toBe(1);
    },
  );

  it("[GL8] two in a row without an answer, and nothing else, make a new connection", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const [first] = world.ends;
    failureOf(sdk.activateGameSession()).catch(() => {});
    await world.clock.advanceAsync(15_000);
    failureOf(sdk.getComputeCertificate()).catch(() => {});
    await world.clock.advanceAsync(5_000);
    expect(first?.isCut).toBe(false);
    await world.clock.advanceAsync(15_000);
    expect(first?.isCut).toBe(true);
    expect(world.ends).toHaveLength(2);
    const tokens = world.urls.map((url) => new URL(url).searchParams.get("IdempotencyToken"));
    expect(tokens[1]).toBe(tokens[0]);
  });

  it("[GL8] any frame in between says that the connection lives", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    failureOf(sdk.activateGameSession()).catch(() => {});
    await world.clock.advanceAsync(15_000);
    failureOf(sdk.getComputeCertificate()).catch(() => {});
    await world.clock.advanceAsync(10_000);
    world.service.say("{}");
    await world.clock.advanceAsync(15_000);
    expect(world.service.isCut).toBe(false);
  });

  it("[GL6] beyond 2048 under way fails at once", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    for (let count = 0; count < 2_048; count++) sdk.getComputeCertificate().catch(() => {});
    expect(await failureOf(sdk.getComputeCertificate())).toMatchObject({ name: "TooManyRequests" });
  });

  it("[GL6] before its time fails by name, and nothing is sent", async () => {
    const world = new SdkWorld();
    const sdk = await world.init();
    expect(await failureOf(sdk.activateGameSession())).toMatchObject({ name: "ProcessNotReady" });
    expect(await failureOf(sdk.acceptPlayerSession("psess-1"))).toMatchObject({
      name: "ProcessNotReady",
    });
    expect(() => sdk.terminationTimeMs).toThrow(
      expect.objectContaining({ name: "TerminationTimeNotSet" }),
    );
    const ready = sdk.processReady({ port: 1, logPaths: ["x"], onStartGameSession() {} });
    expect(
      await failureOf(sdk.processReady({ port: 1, logPaths: ["x"], onStartGameSession() {} })),
    ).toMatchObject({ name: "AlreadyInitialized" });
    await world.service.answer("ActivateServerProcess");
    await ready;
    expect(await failureOf(sdk.activateGameSession())).toMatchObject({
      name: "GameSessionIdNotSet",
    });
    expect(world.service.sent.map((each) => each.Action)).toEqual([
      "ActivateServerProcess",
      "HeartbeatServerProcess",
    ]);
  });

  it("[GL6] after destroy fails by name", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const waiting = failureOf(sdk.getComputeCertificate());
    sdk.destroy();
    sdk.destroy();
    expect(await waiting).toMatchObject({ name: "WebsocketSendMessageFailure" });
    expect(world.service.isDiscarded).toBe(true);
    for (const call of [
      sdk.activateGameSession(),
      sdk.getComputeCertificate(),
      sdk.processEnding(),
    ]) {
      expect(await failureOf(call)).toMatchObject({ name: "NotInitialized" });
    }
    await world.clock.advanceAsync(200_000);
    expect(world.clock.pendingTimers).toBe(0);
  });
});

describe("role credentials", () => {
  const ROLE = { roleArn: "arn:aws:iam::123456789012:role/my-role" };
  const members = (expiration: number) => ({
    AssumedRoleUserArn: "arn:user",
    AssumedRoleId: "AROA:s",
    AccessKeyId: "ASIA",
    SecretAccessKey: "hush",
    SessionToken: "token",
    Expiration: expiration,
  });

  it("[GL15] are fetched once for all, kept, and fetched anew when less than 15 minutes are left", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const both = Promise.all([
      sdk.getFleetRoleCredentials(ROLE),
      sdk.getFleetRoleCredentials(ROLE),
    ]);
    await settle();
    const expirationMs = world.clock.wallMs() + 3_600_000;
    await world.service.answer("GetFleetRoleCredentials", members(expirationMs));
    const [one, other] = await both;
    expect(one).toEqual(other);
    expect(one).toEqual({
      assumedRoleUserArn: "arn:user",
      assumedRoleId: "AROA:s",
      accessKeyId: "ASIA",
      secretAccessKey: "hush",
      sessionToken: "token",
      expirationMs,
    });
    await world.clock.advanceAsync(44 * 60_000);
    await sdk.getFleetRoleCredentials(ROLE);
    expect(world.service.count("GetFleetRoleCredentials")).toBe(1);
    await world.clock.advanceAsync(60_000);
    sdk.getFleetRoleCredentials(ROLE).catch(() => {});
    await settle();
    expect(world.service.count("GetFleetRoleCredentials")).toBe(2);
  });

  it("[GL15] do not exist where the fleet is not managed, and are asked for once", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const first = failureOf(sdk.getFleetRoleCredentials(ROLE));
    await settle();
    await world.service.answer("GetFleetRoleCredentials", { AccessKeyId: "" });
    expect(await first).toMatchObject({ name: "BadRequest" });
    expect(await failureOf(sdk.getFleetRoleCredentials(ROLE))).toMatchObject({
      name: "BadRequest",
    });
    expect(world.service.count("GetFleetRoleCredentials")).toBe(1);
  });
});

describe("a description", () => {
  it("[GL7] is read page by page, and an unknown status is no status", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const page = sdk.describePlayerSessions({ gameSessionId: GSESS });
    await settle();
    await world.service.answer("DescribePlayerSessions", {
      NextToken: "more",
      PlayerSessions: [
        {
          PlayerId: "p1",
          PlayerSessionId: "psess-1",
          GameSessionId: GSESS,
          FleetId: FLEET_ID,
          PlayerData: "blue",
          IpAddress: "1.2.3.4",
          Port: 7777,
          CreationTime: 1_764_000_000_000,
          TerminationTime: 0,
          DnsName: "host.example",
          Status: "RESERVED",
        },
        { PlayerSessionId: "psess-2", Status: "DREAMING", PlayerData: null, __proto__: null },
        null,
      ],
    });
    const { playerSessions, nextToken } = await page;
    expect(nextToken).toBe("more");
    expect(playerSessions[0]).toEqual({
      playerId: "p1",
      playerSessionId: "psess-1",
      gameSessionId: GSESS,
      fleetId: FLEET_ID,
      playerData: "blue",
      ipAddress: "1.2.3.4",
      dnsName: "host.example",
      port: 7777,
      creationTimeMs: 1_764_000_000_000,
      terminationTimeMs: 0,
      status: "RESERVED",
    });
    expect(playerSessions[1]).toMatchObject({
      playerSessionId: "psess-2",
      status: "NOT_SET",
      playerData: "",
    });
    expect(playerSessions[2]).toMatchObject({ playerSessionId: "", status: "NOT_SET" });
  });
});
