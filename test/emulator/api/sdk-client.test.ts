import {
  CreateAliasCommand,
  CreateGameSessionCommand,
  CreatePlayerSessionCommand,
  DescribePlayerSessionsCommand,
  GetComputeAuthTokenCommand,
  paginateListCompute,
  RegisterComputeCommand,
  ResolveAliasCommand,
  StartMatchmakingCommand,
} from "@aws-sdk/client-gamelift";
import { describe, expect, it } from "vitest";
import { LOCATION } from "../plane/plane-world.ts";
import { ApiServer } from "./api-server.ts";
import { ApiWorld } from "./api-world.ts";

describe("the unmodified AWS SDK for JavaScript", () => {
  it("[EA54] goes from a compute to a player session that is ACTIVE", async () => {
    const world = new ApiWorld();
    await using server = await ApiServer.open(world.api);
    const client = server.client();
    const FleetId = world.anywhere.fleetId;
    const compute = { FleetId, ComputeName: "desk", IpAddress: "127.0.0.1", Location: LOCATION };
    const registered = await client.send(new RegisterComputeCommand(compute));
    expect(registered.Compute?.CreationTime).toEqual(new Date(Date.UTC(2026, 0, 1)));
    const token = await client.send(new GetComputeAuthTokenCommand(compute));
    const { AuthToken = "", ExpirationTimestamp } = token;
    expect(world.plane.computes.admits(AuthToken, FleetId, "desk")).toBe(true);
    expect(ExpirationTimestamp).toEqual(new Date(Date.UTC(2026, 0, 1, 0, 30)));
    const process = world.ready("p-1");
    const { GameSession } = await client.send(
      new CreateGameSessionCommand({ FleetId, Location: LOCATION, MaximumPlayerSessionCount: 2 }),
    );
    const GameSessionId = GameSession?.GameSessionId ?? "";
    world.plane.gameSessions.activate(process, GameSessionId);
    const { PlayerSession } = await client.send(
      new CreatePlayerSessionCommand({ GameSessionId, PlayerId: "ada", PlayerData: "🎲" }),
    );
    const PlayerSessionId = PlayerSession?.PlayerSessionId ?? "";
    world.plane.playerSessions.accept(process, GameSessionId, PlayerSessionId);
    const described = await client.send(new DescribePlayerSessionsCommand({ PlayerSessionId }));
    expect(described.PlayerSessions).toMatchObject([{ Status: "ACTIVE", PlayerData: "🎲" }]);
  });

  it("[EA54] sees errors by their names, words and status", async () => {
    const world = new ApiWorld();
    await using server = await ApiServer.open(world.api);
    const client = server.client();
    const RoutingStrategy = { Type: "TERMINAL" as const, Message: "Get the latest version" };
    const { Alias } = await client.send(new CreateAliasCommand({ Name: "old", RoutingStrategy }));
    const resolving = client.send(new ResolveAliasCommand({ AliasId: Alias?.AliasId }));
    await expect(resolving).rejects.toMatchObject({
      name: "TerminalRoutingStrategyException",
      message: "Get the latest version",
      $metadata: { httpStatusCode: 400, requestId: expect.any(String) },
    });
    const nobody = new DescribePlayerSessionsCommand({ PlayerSessionId: "nobody" });
    await expect(client.send(nobody)).rejects.toMatchObject({
      name: "InvalidRequestException",
      message: expect.stringMatching(/^1 validation error detected: Value 'nobody' at/),
    });
    const match = { ConfigurationName: "duel", Players: [] };
    await expect(client.send(new StartMatchmakingCommand(match))).rejects.toMatchObject({
      name: "UnsupportedOperationException",
      message: expect.stringMatching(/^StartMatchmaking is not emulated/),
    });
  });

  it("[EA54] pages by its own paginator", async () => {
    const world = new ApiWorld();
    await using server = await ApiServer.open(world.api);
    for (let index = 0; index < 7; index++) world.registerCompute(`c-${index}`);
    const names: (string | undefined)[] = [];
    const question = { FleetId: world.anywhere.fleetId };
    for await (const page of paginateListCompute(
      { client: server.client(), pageSize: 3 },
      question,
    )) {
      names.push(...(page.ComputeList ?? []).map(({ ComputeName }) => ComputeName));
    }
    expect(names).toHaveLength(8);
    expect(server.requests).toHaveLength(3);
  });
});
