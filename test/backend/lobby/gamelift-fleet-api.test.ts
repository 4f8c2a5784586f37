import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FleetApiError } from "../../../backend/lobby/fleet-api.ts";
import { GameLiftFleetApi } from "../../../backend/lobby/gamelift-fleet-api.ts";
import { LOBBY_LIMITS } from "../../../backend/lobby/limits.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import {
  AwsJsonEndpoint,
  AwsRefusal,
  type OperationHandler,
} from "../../support/gamelift-service/aws-endpoint.ts";

const ARN = "arn:aws:gamelift:eu-central-1::";
const FLEET = `${ARN}fleet/fleet-1`;
const ALIAS = `${ARN}alias/alias-1`;

const session = (id: string, more: object = {}) => ({
  GameSessionId: `${ARN}gamesession/fleet-1/${id}`,
  Status: "ACTIVE",
  MaximumPlayerSessionCount: 4,
  CurrentPlayerSessionCount: 1,
  GameProperties: [{ Key: "room", Value: "arena" }],
  PlayerSessionCreationPolicy: "ACCEPT_ALL",
  CreationTime: 1_700_000_000.25,
  IpAddress: "203.0.113.7",
  DnsName: "seven.example",
  Port: 7000,
  ...more,
});
const ADDRESS = { ipAddress: "203.0.113.7", dnsName: "seven.example", port: 7000 };

let endpoint: AwsJsonEndpoint;
let api: GameLiftFleetApi;
let clock: FakeClock;
const handlers: Record<string, OperationHandler> = {};

beforeEach(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "example-secret");
  for (const name of Object.keys(handlers)) delete handlers[name];
  handlers["DescribeGameSessionQueues"] = () => ({
    GameSessionQueues: [{ Name: "players", Destinations: [{ DestinationArn: FLEET }] }],
  });
  endpoint = await AwsJsonEndpoint.open(handlers);
  clock = new FakeClock();
  api = new GameLiftFleetApi({
    region: "eu-central-1",
    endpointUrl: endpoint.url,
    queue: "players",
    clock,
  });
});
afterEach(async () => {
  api.close();
  await endpoint[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
});

const inputs = (operation: string) =>
  endpoint.requests.filter((each) => each.operation === operation).map(({ input }) => input);

describe("game sessions that take players", () => {
  it("[LB14] are searched for in the queue's fleets and aliases of this Region, page by page", async () => {
    handlers["DescribeGameSessionQueues"] = () => ({
      GameSessionQueues: [
        {
          Destinations: [
            { DestinationArn: FLEET },
            { DestinationArn: "arn:aws:gamelift:us-east-1::fleet/fleet-2" },
            { DestinationArn: ALIAS },
          ],
        },
      ],
    });
    handlers["SearchGameSessions"] = ({ NextToken, AliasId }) => {
      if (AliasId !== undefined) return { GameSessions: [session("c")] };
      if (NextToken === undefined) return { GameSessions: [session("a")], NextToken: "more" };
      return { GameSessions: [session("b", { PlayerSessionCreationPolicy: "DENY_ALL" })] };
    };
    const found = await api.openGameSessions();
    expect(found.map(({ gameSessionId }) => gameSessionId.slice(-1))).toEqual(["a", "c"]);
    expect(found[0]).toEqual({
      gameSessionId: `${ARN}gamesession/fleet-1/a`,
      phase: "active",
      room: 3,
      gameProperties: { room: "arena" },
      createdAtMs: 1_700_000_000_250,
      address: ADDRESS,
    });
    const search = { FilterExpression: "hasAvailablePlayerSessions=true", Limit: 20 };
    expect(inputs("SearchGameSessions")).toEqual([
      { FleetId: FLEET, ...search },
      { FleetId: FLEET, ...search, NextToken: "more" },
      { AliasId: ALIAS, ...search },
    ]);
    expect(endpoint.requests.every(({ accessKeyId }) => accessKeyId === "AKIAEXAMPLE")).toBe(true);
  });

  it("[LB14] are searched no further than five pages", async () => {
    handlers["SearchGameSessions"] = () => ({ GameSessions: [session("a")], NextToken: "more" });
    await api.openGameSessions();
    expect(endpoint.count("SearchGameSessions")).toBe(LOBBY_LIMITS.pagesMax);
  });

  it("[LB14] are searched where the queue leads, which is asked for once a minute", async () => {
    handlers["SearchGameSessions"] = () => ({ GameSessions: [] });
    await api.openGameSessions();
    clock.advance(LOBBY_LIMITS.destinationsKeptMs - 1);
    await api.openGameSessions();
    expect(endpoint.count("DescribeGameSessionQueues")).toBe(1);
    clock.advance(1);
    await api.openGameSessions();
    expect(inputs("DescribeGameSessionQueues")).toEqual([
      { Names: ["players"] },
      { Names: ["players"] },
    ]);
  });

  it("[LB8] are not to be had where there is no such queue, which is said", async () => {
    handlers["DescribeGameSessionQueues"] = () => ({ GameSessionQueues: [] });
    await expect(api.openGameSessions()).rejects.toMatchObject({
      mayPass: false,
      message: "there is no game session queue players in eu-central-1",
    });
  });
});

describe("one game session", () => {
  it.each<[string, string]>([
    ["ACTIVE", "active"],
    ["ACTIVATING", "opening"],
    ["TERMINATING", "over"],
    ["TERMINATED", "over"],
    ["ERROR", "over"],
  ])("[LB14] that is %s is %s", async (Status, phase) => {
    handlers["DescribeGameSessions"] = () => ({ GameSessions: [session("a", { Status })] });
    expect(await api.gameSession("gsess")).toMatchObject({ phase });
    expect(inputs("DescribeGameSessions")).toEqual([{ GameSessionId: "gsess" }]);
  });

  it("[LB14] that is not there is nothing", async () => {
    handlers["DescribeGameSessions"] = () => {
      throw new AwsRefusal("NotFoundException", "no such game session");
    };
    expect(await api.gameSession("gsess")).toBeUndefined();
  });
});

describe("a reservation", () => {
  const players = [
    { playerId: "player-1", playerData: '{"name":"Ada"}' },
    { playerId: "player-2", playerData: '{"name":"Bob"}' },
  ];

  it("[LB14] is one call for all players", async () => {
    handlers["CreatePlayerSessions"] = ({ PlayerIds }) => ({
      PlayerSessions: (PlayerIds as string[]).map((PlayerId) => ({
        PlayerId,
        PlayerSessionId: `psess-${PlayerId}`,
        GameSessionId: "gsess",
        Status: "RESERVED",
        IpAddress: ADDRESS.ipAddress,
        DnsName: ADDRESS.dnsName,
        Port: ADDRESS.port,
      })),
    });
    const seats = await api.reserve("gsess", players);
    expect(seats?.[1]).toEqual({
      playerId: "player-2",
      playerSessionId: "psess-player-2",
      gameSessionId: "gsess",
      address: ADDRESS,
    });
    expect(inputs("CreatePlayerSessions")).toEqual([
      {
        GameSessionId: "gsess",
        PlayerIds: ["player-1", "player-2"],
        PlayerDataMap: { "player-1": '{"name":"Ada"}', "player-2": '{"name":"Bob"}' },
      },
    ]);
  });

  it.each(["GameSessionFullException", "InvalidGameSessionStatusException", "NotFoundException"])(
    "[LB5] that is refused with %s gives nobody a seat",
    async (name) => {
      endpoint.answerWith("CreatePlayerSessions", { name, message: "no", status: 400 });
      expect(await api.reserve("gsess", players)).toBeUndefined();
    },
  );

  it("[LB8] is sent once, whatever comes of it", async () => {
    endpoint.answerWith("CreatePlayerSessions", {
      name: "InternalServiceException",
      message: "try psess-1234 again",
      status: 500,
    });
    const failed = api.reserve("gsess", players);
    await expect(failed).rejects.toBeInstanceOf(FleetApiError);
    await expect(failed).rejects.toMatchObject({ mayPass: true });
    expect(endpoint.count("CreatePlayerSessions")).toBe(1);
  });
});

describe("a placement", () => {
  it("[LB14] names queue, seats, game and players", async () => {
    handlers["StartGameSessionPlacement"] = () => ({ GameSessionPlacement: { Status: "PENDING" } });
    await api.place({
      placementId: "placement-1",
      playersMax: 4,
      gameProperties: { room: "arena" },
      players: [{ playerId: "player-1", playerData: "{}" }],
    });
    expect(inputs("StartGameSessionPlacement")).toEqual([
      {
        PlacementId: "placement-1",
        GameSessionQueueName: "players",
        MaximumPlayerSessionCount: 4,
        GameProperties: [{ Key: "room", Value: "arena" }],
        DesiredPlayerSessions: [{ PlayerId: "player-1", PlayerData: "{}" }],
      },
    ]);
  });

  it.each([
    [{ Status: "PENDING" }, { state: "pending" }],
    [{ Status: "TIMED_OUT" }, { state: "ended", why: "TIMED_OUT" }],
    [{ Status: "FAILED" }, { state: "ended", why: "FAILED" }],
    [
      {
        Status: "FULFILLED",
        GameSessionArn: "gsess",
        PlacedPlayerSessions: [{ PlayerId: "player-1", PlayerSessionId: "psess-1" }],
      },
      {
        state: "fulfilled",
        gameSessionId: "gsess",
        playerSessionIds: new Map([["player-1", "psess-1"]]),
      },
    ],
  ])("[LB14] of %j is read as it is", async (GameSessionPlacement, placement) => {
    handlers["DescribeGameSessionPlacement"] = () => ({ GameSessionPlacement });
    expect(await api.placement("placement-1")).toEqual(placement);
  });

  it.each(["InvalidRequestException", "NotFoundException"])(
    "[LB6] that is not pending any more is not there to be given up (%s)",
    async (name) => {
      endpoint.answerWith("StopGameSessionPlacement", { name, message: "no", status: 400 });
      await expect(api.cancelPlacement("placement-1")).resolves.toBeUndefined();
    },
  );
});

describe("a player's sessions", () => {
  it("[LB14] are read page by page, and none is no error", async () => {
    handlers["DescribePlayerSessions"] = ({ NextToken }) => ({
      PlayerSessions: [
        { PlayerSessionId: "psess-1", GameSessionId: "gsess", Status: "ACTIVE", CreationTime: 7 },
      ],
      ...(NextToken === undefined && { NextToken: "more" }),
    });
    const found = await api.playerSessionsOf("player-1");
    expect(found).toHaveLength(2);
    expect(found[0]).toEqual({
      playerSessionId: "psess-1",
      gameSessionId: "gsess",
      status: "ACTIVE",
      createdAtMs: 7_000,
    });
    endpoint.answerWith("DescribePlayerSessions", {
      name: "NotFoundException",
      message: "",
      status: 400,
    });
    expect(await api.playerSessionsOf("player-1")).toEqual([]);
  });
});

describe("a failure", () => {
  it.each<[string, number, boolean]>([
    ["ThrottlingException", 400, true],
    ["LimitExceededException", 400, true],
    ["InternalServiceException", 500, true],
    ["AnyException", 503, true],
    ["UnauthorizedException", 400, false],
    ["InvalidRequestException", 400, false],
    ["UnrecognizedClientException", 403, false],
  ])("[LB8] by %s (%i) may pass: %s", async (name, status, mayPass) => {
    endpoint.answerWith("DescribeGameSessionPlacement", { name, message: "why", status });
    await expect(api.placement("p")).rejects.toMatchObject({
      operation: "DescribeGameSessionPlacement",
      fault: name,
      mayPass,
      message: `DescribeGameSessionPlacement: ${name}: why`,
    });
  });

  it("[LB8] by silence comes after five seconds and may pass", async () => {
    endpoint.silence(true);
    const failed = api.placement("p").catch((error: FleetApiError) => error);
    await endpoint.until(() => endpoint.count("DescribeGameSessionPlacement") === 1);
    clock.advance(LOBBY_LIMITS.callMs);
    expect(await failed).toMatchObject({ fault: "TimeoutError", mayPass: true });
  });

  it("[LB8] by a refused connection may pass", async () => {
    await endpoint[Symbol.asyncDispose]();
    await expect(api.placement("p")).rejects.toMatchObject({
      fault: "ECONNREFUSED",
      mayPass: true,
    });
  });

  it("[LB15] is told without player session ids, keys and signatures, and not at any length", async () => {
    const secret = "A1b2".repeat(16);
    endpoint.answerWith("DescribeGameSessionPlacement", {
      name: "InvalidSignatureException",
      message: `psess-0123 of AKIAIOSFODNN7EXAMPLE: ${secret} ${"words ".repeat(200)}`,
      status: 403,
    });
    const { message } = (await api.placement("p").catch((error) => error)) as Error;
    expect(message).toContain("InvalidSignatureException: … of …: … words");
    expect(message.length).toBeLessThan(400);
  });
});
