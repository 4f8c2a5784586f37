import { describe, expect, it } from "vitest";
import { ApiWorld, type Output } from "./api-world.ts";

const idsOf = (output: Output): string[] =>
  output.PlayerSessions.map((session: Output) => session.PlayerSessionId);

describe("player sessions over the API", () => {
  it("[EA21] reserves for one player, and shows RESERVED, ACTIVE, COMPLETED and TIMEDOUT", () => {
    const world = new ApiWorld();
    const { process, session } = world.hosting("p-1");
    const GameSessionId = session.gameSessionId;
    const { PlayerSession } = world.ok("CreatePlayerSession", {
      GameSessionId,
      PlayerId: "ada",
      PlayerData: "level 5",
    });
    expect(PlayerSession).toEqual({
      PlayerSessionId: expect.stringMatching(/^psess-/),
      PlayerId: "ada",
      GameSessionId,
      FleetId: session.fleetId,
      FleetArn: world.anywhere.fleetArn,
      CreationTime: Date.UTC(2026, 0, 1) / 1_000,
      Status: "RESERVED",
      IpAddress: "127.0.0.1",
      Port: 7777,
      PlayerData: "level 5",
    });
    const { PlayerSessionId } = PlayerSession;
    const status = () =>
      world.ok("DescribePlayerSessions", { PlayerSessionId }).PlayerSessions[0].Status;
    world.plane.playerSessions.accept(process, GameSessionId, PlayerSessionId);
    expect(status()).toBe("ACTIVE");
    world.plane.playerSessions.remove(process, GameSessionId, PlayerSessionId);
    expect(status()).toBe("COMPLETED");
    const late = world.ok("CreatePlayerSession", { GameSessionId, PlayerId: "bob" }).PlayerSession;
    world.clock.advance(60_000);
    const { PlayerSessions } = world.ok("DescribePlayerSessions", {
      PlayerSessionId: late.PlayerSessionId,
    });
    expect(PlayerSessions[0]).toMatchObject({
      Status: "TIMEDOUT",
      TerminationTime: late.CreationTime + 60,
    });
  });

  it("[EA22] reserves for up to 25 players at once, for all or for none", () => {
    const world = new ApiWorld();
    const GameSessionId = world.hosting("p-1", { maximum: 3 }).session.gameSessionId;
    const create = (PlayerIds: string[], PlayerDataMap?: object) =>
      ["CreatePlayerSessions", { GameSessionId, PlayerIds, PlayerDataMap }] as const;
    expect(world.refusal(...create(["a", "b", "c", "d"]))).toBe("GameSessionFull");
    const { PlayerSessions } = world.ok(...create(["a", "b"], { b: "data", z: "of nobody" }));
    expect(
      PlayerSessions.map(({ PlayerId, PlayerData }: Output) => [PlayerId, PlayerData]),
    ).toEqual([
      ["a", undefined],
      ["b", "data"],
    ]);
    expect(world.refusal(...create(["c", "d"]))).toBe("GameSessionFull");
    expect(idsOf(world.ok("DescribePlayerSessions", { GameSessionId }))).toHaveLength(2);
  });

  it("[EA22] keeps what is said of a player apart from what JavaScript says of objects", () => {
    const world = new ApiWorld();
    const GameSessionId = world.hosting("p-1").session.gameSessionId;
    const { PlayerSessions } = world.ok("CreatePlayerSessions", {
      GameSessionId,
      PlayerIds: ["constructor", "__proto__"],
      PlayerDataMap: {},
    });
    expect(PlayerSessions.map((each: Output) => each.PlayerData)).toEqual([undefined, undefined]);
  });

  it("[EA23] refuses a game session that is not ACTIVE, takes nobody, or is unknown", () => {
    const world = new ApiWorld();
    const { session } = world.hosting("p-1");
    const waiting = world.place(world.ready("p-2"));
    const create = (GameSessionId: string) =>
      ["CreatePlayerSession", { GameSessionId, PlayerId: "a" }] as const;
    expect(world.refusal(...create(waiting.gameSessionId))).toBe("InvalidGameSessionStatus");
    expect(world.refusal(...create("arn:none"))).toBe("NotFound");
    world.ok("UpdateGameSession", {
      GameSessionId: session.gameSessionId,
      PlayerSessionCreationPolicy: "DENY_ALL",
    });
    expect(world.refusal(...create(session.gameSessionId))).toBe("InvalidGameSessionStatus");
  });

  it("[EA24] describes by exactly one id, filtered by status in a game session alone", () => {
    const world = new ApiWorld();
    const { process, session } = world.hosting("p-1");
    const GameSessionId = session.gameSessionId;
    const [ada, bob] = [world.reserve(session, "ada"), world.reserve(session, "bob")];
    world.plane.playerSessions.accept(process, GameSessionId, ada);
    const describe = (input: object) => idsOf(world.ok("DescribePlayerSessions", input));
    const PlayerSessionStatusFilter = "RESERVED";
    expect(describe({ GameSessionId })).toEqual([ada, bob]);
    expect(describe({ GameSessionId, PlayerSessionStatusFilter })).toEqual([bob]);
    expect(describe({ PlayerId: "ada", PlayerSessionStatusFilter })).toEqual([ada]);
    expect(describe({ PlayerSessionId: ada, PlayerSessionStatusFilter })).toEqual([ada]);
    expect(describe({ PlayerId: "nobody" })).toEqual([]);
    const refused = (input: object) => world.refusal("DescribePlayerSessions", input);
    expect(refused({})).toBe("InvalidRequest");
    expect(refused({ GameSessionId, PlayerId: "ada" })).toBe("InvalidRequest");
    expect(refused({ GameSessionId, PlayerSessionStatusFilter: "GONE" })).toBe("InvalidRequest");
    expect(refused({ GameSessionId: "arn:none" })).toBe("NotFound");
    expect(refused({ PlayerSessionId: "psess-none" })).toBe("NotFound");
  });

  it("[EA24] describes a game session's players in pages", () => {
    const world = new ApiWorld();
    const { session } = world.hosting("p-1", { maximum: 200 });
    const ids = Array.from({ length: 50 }, (_, index) => world.reserve(session, `p-${index}`));
    const question = { GameSessionId: session.gameSessionId, Limit: 30 };
    const first = world.ok("DescribePlayerSessions", question);
    const { NextToken } = first;
    const second = world.ok("DescribePlayerSessions", { ...question, NextToken });
    expect([...idsOf(first), ...idsOf(second)]).toEqual(ids);
    expect(second.NextToken).toBeUndefined();
  });
});
