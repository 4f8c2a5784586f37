import { describe, expect, it } from "vitest";
import { LOCATION } from "../plane/plane-world.ts";
import { ApiWorld, type Output } from "./api-world.ts";

const idsOf = (output: Output): string[] =>
  output.GameSessions.map((session: Output) => session.GameSessionId);

/** All pages of an operation that lists game sessions. */
function allPages(world: ApiWorld, operation: string, input: object): string[] {
  const output = world.ok(operation, input);
  const { NextToken } = output;
  const more = NextToken === undefined ? [] : allPages(world, operation, { ...input, NextToken });
  return [...idsOf(output), ...more];
}

describe("game sessions over the API", () => {
  it("[EA10] creates one on a server process that is ready, with what it was asked for", () => {
    const world = new ApiWorld();
    world.ready("p-1");
    const { fleetId, fleetArn } = world.anywhere;
    const { GameSession } = world.ok("CreateGameSession", {
      FleetId: fleetArn,
      Location: LOCATION,
      MaximumPlayerSessionCount: 4,
      Name: "finals",
      GameProperties: [{ Key: "room", Value: "arena" }],
      GameSessionData: "data",
      CreatorId: "me",
      IdempotencyToken: "my-1",
    });
    expect(GameSession).toEqual({
      GameSessionId: `arn:aws:gamelift:us-west-2::gamesession/${fleetId}/${LOCATION}/my-1`,
      Name: "finals",
      FleetId: fleetId,
      FleetArn: fleetArn,
      CreationTime: Date.UTC(2026, 0, 1) / 1_000,
      CurrentPlayerSessionCount: 0,
      MaximumPlayerSessionCount: 4,
      Status: "ACTIVATING",
      GameProperties: [{ Key: "room", Value: "arena" }],
      IpAddress: "127.0.0.1",
      Port: 7777,
      PlayerSessionCreationPolicy: "ACCEPT_ALL",
      CreatorId: "me",
      GameSessionData: "data",
      Location: LOCATION,
      ComputeName: "laptop",
    });
  });

  it("[EA11] takes exactly one of FleetId and AliasId", () => {
    const world = new ApiWorld();
    world.ready("p-1");
    const { fleetId } = world.anywhere;
    const { AliasId } = world.ok("CreateAlias", {
      Name: "live",
      RoutingStrategy: { Type: "SIMPLE", FleetId: fleetId },
    }).Alias;
    const rest = { Location: LOCATION, MaximumPlayerSessionCount: 1 };
    const both = world.error("CreateGameSession", { ...rest, FleetId: fleetId, AliasId });
    expect(both.type).toBe("InvalidRequestException");
    expect(both.message).toBe("Exactly one of FleetId, AliasId must be given");
    expect(world.refusal("CreateGameSession", rest)).toBe("InvalidRequest");
    expect(world.refusal("SearchGameSessions", { FleetId: fleetId, AliasId })).toBe(
      "InvalidRequest",
    );
    expect(world.ok("CreateGameSession", { ...rest, AliasId }).GameSession.FleetId).toBe(fleetId);
    expect(world.refusal("CreateGameSession", { ...rest, AliasId: "alias-none" })).toBe("NotFound");
    expect(world.refusal("CreateGameSession", { ...rest, FleetId: "fleet-none" })).toBe("NotFound");
  });

  it("[EA12] needs a Location of an Anywhere fleet, and takes the home Region of a managed one", () => {
    const world = new ApiWorld();
    world.ready("p-1");
    world.ready("p-2", { isSupervised: true });
    const onAnywhere = { FleetId: world.anywhere.fleetId, MaximumPlayerSessionCount: 1 };
    expect(world.error("CreateGameSession", onAnywhere).message).toMatch(/^Location is missing/);
    expect(world.refusal("CreateGameSession", { ...onAnywhere, Location: "custom-moon" })).toBe(
      "InvalidRequest",
    );
    const managed = world.ok("CreateGameSession", {
      FleetId: world.managed.fleetId,
      MaximumPlayerSessionCount: 1,
    }).GameSession;
    expect([managed.Location, managed.DnsName]).toEqual(["us-west-2", "localhost"]);
    expect(
      world.refusal("CreateGameSession", {
        FleetId: world.managed.fleetId,
        MaximumPlayerSessionCount: 1,
      }),
    ).toBe("FleetCapacityExceeded");
  });

  it("[EA13] answers the same token with the same game session, and other members with an error", () => {
    const world = new ApiWorld();
    world.ready("p-1");
    const input = {
      FleetId: world.anywhere.fleetId,
      Location: LOCATION,
      MaximumPlayerSessionCount: 2,
      GameProperties: [{ Key: "a", Value: "1" }],
      IdempotencyToken: "once",
    };
    const first = world.ok("CreateGameSession", input);
    expect(world.ok("CreateGameSession", input)).toEqual(first);
    const legacy = { ...input, IdempotencyToken: undefined, GameSessionId: "once" };
    expect(world.ok("CreateGameSession", legacy)).toEqual(first);
    expect(world.refusal("CreateGameSession", { ...input, MaximumPlayerSessionCount: 3 })).toBe(
      "IdempotentParameterMismatch",
    );
    expect(world.error("CreateGameSession", { ...input, GameSessionId: "once" }).message).toMatch(
      /^GameSessionId and IdempotencyToken mean the same/,
    );
  });

  it("[EA14] asks for a CreatorId where a fleet limits creators, and limits each", () => {
    const policy = { newGameSessionsPerCreator: 1, policyPeriodInMinutes: 10 };
    const world = new ApiWorld({ fleets: { anywhere: { resourceCreationLimitPolicy: policy } } });
    world.ready("p-1");
    world.ready("p-2");
    const input = {
      FleetId: world.anywhere.fleetId,
      Location: LOCATION,
      MaximumPlayerSessionCount: 2,
    };
    expect(world.error("CreateGameSession", input).message).toMatch(/^CreatorId is needed/);
    world.ok("CreateGameSession", { ...input, CreatorId: "me" });
    expect(world.refusal("CreateGameSession", { ...input, CreatorId: "me" })).toBe("LimitExceeded");
    world.ok("CreateGameSession", { ...input, CreatorId: "you" });
  });

  it("[EA15] describes by fleet, alias or id, location and status, with the protection when asked", () => {
    const world = new ApiWorld({
      fleets: { anywhere: { newGameSessionProtectionPolicy: "FullProtection" } },
    });
    const [active] = world.hostingMany(1);
    world.ready("p-2");
    const FleetId = world.anywhere.fleetId;
    const created = { FleetId, Location: LOCATION, MaximumPlayerSessionCount: 1 };
    const waiting = world.ok("CreateGameSession", created).GameSession.GameSessionId;
    const describe = (input: object) => idsOf(world.ok("DescribeGameSessions", input));
    expect(describe({ FleetId })).toEqual([active, waiting]);
    expect(describe({ FleetId, StatusFilter: "ACTIVATING" })).toEqual([waiting]);
    expect(describe({ FleetId, Location: LOCATION })).toEqual([active, waiting]);
    expect(describe({ FleetId, Location: "custom-moon" })).toEqual([]);
    expect(describe({ GameSessionId: active })).toEqual([active]);
    expect(describe({ FleetId: world.managed.fleetId })).toEqual([]);
    const { GameSessionDetails } = world.ok("DescribeGameSessionDetails", { FleetId });
    expect(GameSessionDetails.map((detail: Output) => detail.ProtectionPolicy)).toEqual([
      "FullProtection",
      "FullProtection",
    ]);
    for (const operation of ["DescribeGameSessions", "DescribeGameSessionDetails"]) {
      expect(world.refusal(operation)).toBe("InvalidRequest");
      expect(world.refusal(operation, { FleetId, GameSessionId: active })).toBe("InvalidRequest");
      expect(world.refusal(operation, { GameSessionId: "arn:none" })).toBe("NotFound");
      expect(world.error(operation, { FleetId, StatusFilter: "DEAD" }).message).toBe(
        "StatusFilter must be one of ACTIVE, ACTIVATING, TERMINATING, TERMINATED",
      );
    }
  });

  it("[EA15] describes in pages that lose and repeat nothing while game sessions end", () => {
    const world = new ApiWorld();
    const ids = world.hostingMany(45);
    const FleetId = world.anywhere.fleetId;
    const first = world.ok("DescribeGameSessions", { FleetId });
    expect(idsOf(first)).toEqual(ids.slice(0, 20));
    for (const index of [0, 19, 30]) {
      const session = world.plane.gameSessions.find(ids[index] ?? "")!;
      world.plane.processes.kill(world.plane.processes.find(session)!);
    }
    const rest = allPages(world, "DescribeGameSessions", { FleetId, NextToken: first.NextToken });
    expect(rest).toEqual(ids.slice(20));
    expect(allPages(world, "DescribeGameSessions", { FleetId, Limit: 7 })).toEqual(ids);
  });

  it("[EA15] describes in the order of creation, whatever their ids", () => {
    const world = new ApiWorld();
    const FleetId = world.anywhere.fleetId;
    const ids = ["z", "m", "a"].map((IdempotencyToken) => {
      world.ready(`p-${IdempotencyToken}`);
      world.clock.advance(1);
      const rest = { Location: LOCATION, MaximumPlayerSessionCount: 1 };
      const created = world.ok("CreateGameSession", { FleetId, IdempotencyToken, ...rest });
      return created.GameSession.GameSessionId;
    });
    expect(idsOf(world.ok("DescribeGameSessions", { FleetId }))).toEqual(ids);
  });

  it("[EA16] changes what may be changed, and adds properties", () => {
    const world = new ApiWorld();
    const { session } = world.hosting("p-1");
    const GameSessionId = session.gameSessionId;
    const change = (input: object) => ({ GameSessionId, ...input });
    const { GameSession } = world.ok(
      "UpdateGameSession",
      change({
        MaximumPlayerSessionCount: 9,
        Name: "renamed",
        PlayerSessionCreationPolicy: "DENY_ALL",
        ProtectionPolicy: "FullProtection",
        GameProperties: [{ Key: "a", Value: "1" }],
      }),
    );
    expect(GameSession).toMatchObject({
      MaximumPlayerSessionCount: 9,
      Name: "renamed",
      PlayerSessionCreationPolicy: "DENY_ALL",
    });
    expect(session.protectionPolicy).toBe("FullProtection");
    const more = change({ GameProperties: [{ Key: "b", Value: "2" }] });
    expect(world.ok("UpdateGameSession", more).GameSession.GameProperties).toHaveLength(2);
    const twice = [1, 2].map((Value) => ({ Key: "c", Value: String(Value) }));
    expect(world.refusal("UpdateGameSession", change({ GameProperties: twice }))).toBe(
      "InvalidRequest",
    );
    expect(world.refusal("UpdateGameSession", change({ MaximumPlayerSessionCount: 201 }))).toBe(
      "InvalidRequest",
    );
    expect(world.refusal("UpdateGameSession", { GameSessionId: "arn:none" })).toBe("NotFound");
  });

  it("[EA17] terminates by asking the process or by force, once", () => {
    const world = new ApiWorld();
    const { session } = world.hosting("p-1");
    const supervised = world.hosting("p-2", { isSupervised: true }).session;
    const terminate = (GameSessionId: string, TerminationMode: string) => ({
      GameSessionId,
      TerminationMode,
    });
    const asked = terminate(session.gameSessionId, "TRIGGER_ON_PROCESS_TERMINATE");
    expect(world.ok("TerminateGameSession", asked).GameSession).toMatchObject({
      Status: "TERMINATING",
      StatusReason: "TRIGGERED_ON_PROCESS_TERMINATE",
    });
    const forced = terminate(supervised.gameSessionId, "FORCE_TERMINATE");
    expect(world.ok("TerminateGameSession", forced).GameSession).toMatchObject({
      Status: "TERMINATED",
      StatusReason: "FORCE_TERMINATED",
    });
    expect(world.refusal("TerminateGameSession", forced)).toBe("InvalidGameSessionStatus");
    const byHand = terminate(session.gameSessionId, "FORCE_TERMINATE");
    expect(world.refusal("TerminateGameSession", byHand)).toBe("InvalidRequest");
    expect(world.refusal("TerminateGameSession", terminate("arn:none", "FORCE_TERMINATE"))).toBe(
      "NotFound",
    );
  });

  it("[EA18] has a log URL once there are logs, on managed fleets alone", () => {
    const world = new ApiWorld();
    const { gameSessionId } = world.hosting("p-1", { isSupervised: true }).session;
    const byHand = world.hosting("p-2").session.gameSessionId;
    const log = (GameSessionId: string) => ["GetGameSessionLogUrl", { GameSessionId }] as const;
    expect(world.refusal(...log(gameSessionId))).toBe("NotFound");
    world.logUrls.set(gameSessionId, "http://127.0.0.1:9080/logs/1");
    expect(world.ok(...log(gameSessionId))).toEqual({
      PreSignedUrl: "http://127.0.0.1:9080/logs/1",
    });
    expect(world.refusal(...log(byHand))).toBe("InvalidRequest");
    expect(world.refusal(...log("arn:none"))).toBe("NotFound");
  });
});

describe("the search for game sessions", () => {
  it("[EA19] finds ACTIVE ones, with room when that is asked for", () => {
    const world = new ApiWorld();
    const [full = "", half = ""] = world.hostingMany(2, 1);
    world.ready("p-3");
    const FleetId = world.anywhere.fleetId;
    const created = { FleetId, Location: LOCATION, MaximumPlayerSessionCount: 1 };
    world.ok("CreateGameSession", created);
    world.ok("CreatePlayerSession", { GameSessionId: full, PlayerId: "p" });
    const search = (FilterExpression?: string) =>
      idsOf(world.ok("SearchGameSessions", { FleetId, FilterExpression }));
    expect(search()).toEqual([full, half]);
    expect(search("hasAvailablePlayerSessions=true")).toEqual([half]);
    expect(search(" hasAvailablePlayerSessions <> true ")).toEqual([full]);
    expect(search("hasAvailablePlayerSessions = false")).toEqual([full]);
  });

  it.each([
    "hasAvailablePlayerSessions",
    "hasAvailablePlayerSessions=maybe",
    "hasAvailablePlayerSessions=true AND maximumSessions>1",
    "gameSessionProperties.difficulty = 'novice'",
    "NOT hasAvailablePlayerSessions=true",
  ])("[EA19] refuses the filter %s and says what it has", (FilterExpression) => {
    const world = new ApiWorld();
    const input = { FleetId: world.anywhere.fleetId, FilterExpression };
    const { type, message } = world.error("SearchGameSessions", input);
    expect(type).toBe("InvalidRequestException");
    expect(message).toMatch(/^FilterExpression: .*hasAvailablePlayerSessions=true/);
  });

  it("[EA20] sorts by any documented attribute, sessions without it last", () => {
    const world = new ApiWorld();
    const [one = "", two = "", three = ""] = world.hostingMany(3);
    const set = (GameSessionId: string, rest: object) =>
      world.ok("UpdateGameSession", { GameSessionId, ...rest });
    set(one, { Name: "b", MaximumPlayerSessionCount: 3 });
    set(two, { Name: "a", GameProperties: [{ Key: "level", Value: "2" }] });
    set(three, { GameProperties: [{ Key: "level", Value: "1" }], MaximumPlayerSessionCount: 9 });
    world.ok("CreatePlayerSession", { GameSessionId: two, PlayerId: "p" });
    const sorted = (SortExpression: string) =>
      idsOf(
        world.ok("SearchGameSessions", { FleetId: world.anywhere.fleetId, SortExpression }),
      ).map((id: string) => [one, two, three].indexOf(id) + 1);
    expect(sorted("gameSessionName ASC")).toEqual([2, 1, 3]);
    expect(sorted("gameSessionName DESC")).toEqual([1, 2, 3]);
    expect(sorted("gameSessionProperties.level ASC")).toEqual([3, 2, 1]);
    expect(sorted("maximumSessions ASC")).toEqual([1, 2, 3]);
    expect(sorted("creationTimeMillis DESC")).toEqual([3, 2, 1]);
    expect(sorted("playerSessionCount DESC")).toEqual([2, 1, 3]);
    expect(sorted("hasAvailablePlayerSessions ASC")).toEqual([1, 2, 3]);
    expect(sorted("gameSessionId ASC")).toHaveLength(3);
    for (const SortExpression of [
      "level ASC",
      "gameSessionName",
      "gameSessionProperties.a.b ASC",
    ]) {
      const input = { FleetId: world.anywhere.fleetId, SortExpression };
      expect(world.error("SearchGameSessions", input).message).toMatch(/^SortExpression must be/);
    }
  });

  it("[EA20] gives 20 at the most, sorted or not, and the rest on the next pages", () => {
    const world = new ApiWorld();
    const ids = world.hostingMany(45);
    const FleetId = world.anywhere.fleetId;
    const first = world.ok("SearchGameSessions", { FleetId, Limit: 100 });
    expect(first.GameSessions).toHaveLength(20);
    expect(allPages(world, "SearchGameSessions", { FleetId })).toEqual(ids);
    const newest = { FleetId, SortExpression: "creationTimeMillis DESC" };
    expect(allPages(world, "SearchGameSessions", newest)).toEqual([...ids].reverse());
  });
});
