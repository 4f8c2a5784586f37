import { describe, expect, it } from "vitest";
import { ACTIVATION, CONFIGURATION, ServiceWorld, type WireProcess } from "./service-world.ts";

const ARN = "arn:aws:gamelift:us-west-2::gamesession/fleet-1/gsess-1";
const SEAT = { GameSessionId: ARN, PlayerSessionId: "psess-1" };
const BACKFILL = { GameSessionArn: ARN, MatchmakingConfigurationArn: CONFIGURATION };
const ROLE = { RoleArn: "arn:aws:iam::123456789012:role/my-role", RoleSessionName: "fleet-1-host" };
const PLAYER = { PlayerId: "p1", Team: "red", PlayerAttributes: {}, LatencyInMs: null };

const withAttribute = (attribute: unknown) => ({
  ...BACKFILL,
  Players: [{ ...PLAYER, PlayerAttributes: { of: attribute } }],
});
const withPlayer = (over: object) => ({ ...BACKFILL, Players: [{ ...PLAYER, ...over }] });

const MALFORMED: readonly [action: string, members: object, words: string][] = [
  ["ActivateServerProcess", { ...ACTIVATION, Port: "7777" }, "Port: not an integer"],
  ["ActivateServerProcess", { ...ACTIVATION, Port: 77.5 }, "Port: not an integer"],
  ["ActivateServerProcess", { ...ACTIVATION, LogPaths: "logs" }, "LogPaths: not a list"],
  ["ActivateServerProcess", { ...ACTIVATION, SdkVersion: null }, "SdkVersion: not a string"],
  ["HeartbeatServerProcess", { HealthStatus: "true" }, "HealthStatus: not a boolean"],
  ["HeartbeatServerProcess", {}, "HealthStatus: missing"],
  ["ActivateGameSession", {}, "GameSessionId: missing"],
  ["AcceptPlayerSession", { GameSessionId: ARN }, "PlayerSessionId: missing"],
  ["DescribePlayerSessions", { PlayerId: "p1", Limit: "10" }, "Limit: not an integer"],
  ["StartMatchBackfill", { ...BACKFILL, Players: null }, "Players: not a list"],
  ["StartMatchBackfill", withPlayer({ PlayerId: 1 }), "Players: [0]: PlayerId: not a string"],
  ["StartMatchBackfill", withAttribute({ AttrType: "DOUBLE" }), "N: missing"],
  ["StartMatchBackfill", withAttribute({ AttrType: "INT", N: 1 }), "AttrType: unknown"],
  ["StartMatchBackfill", withAttribute({ S: "x" }), "AttrType: unknown"],
  ["GetFleetRoleCredentials", { RoleArn: ROLE.RoleArn }, "RoleSessionName: missing"],
  ["EndTheWorld", {}, "Action: unknown"],
  ["toString", {}, "Action: unknown"],
];

const WRONG: readonly [action: string, members: object, words: string][] = [
  ["ActivateServerProcess", { ...ACTIVATION, Port: 0 }, "Port is not between 1 and 60000"],
  ["ActivateServerProcess", { ...ACTIVATION, Port: 60_001 }, "Port is not between 1 and 60000"],
  ["ActivateServerProcess", { ...ACTIVATION, SdkVersion: "5".repeat(129) }, "SdkVersion is not"],
  ["ActivateServerProcess", { ...ACTIVATION, SdkToolName: "M".repeat(129) }, "SdkToolName is not"],
  ["ActivateServerProcess", { ...ACTIVATION, LogPaths: ["a", "b?"] }, "LogPaths is not valid"],
  ["ActivateServerProcess", { ...ACTIVATION, LogPaths: [""] }, "LogPaths is not valid"],
  ["ActivateServerProcess", { ...ACTIVATION, LogPaths: ["a\nb"] }, "LogPaths is not valid"],
  ["ActivateServerProcess", { ...ACTIVATION, LogPaths: ["x".repeat(4_097)] }, "LogPaths is not"],
  ["ActivateServerProcess", { ...ACTIVATION, LogPaths: Array(65).fill("a") }, "more than 64 paths"],
  ["ActivateGameSession", { GameSessionId: "a game" }, "GameSessionId is not valid"],
  ["AcceptPlayerSession", { ...SEAT, PlayerSessionId: "bad id!" }, "PlayerSessionId is not valid"],
  ["RemovePlayerSession", { ...SEAT, GameSessionId: "" }, "GameSessionId is not valid"],
  ["DescribePlayerSessions", {}, "exactly one of"],
  ["DescribePlayerSessions", { GameSessionId: ARN, PlayerId: "p1" }, "exactly one of"],
  ["DescribePlayerSessions", { PlayerId: "p".repeat(1_025) }, "PlayerId is not valid"],
  ["DescribePlayerSessions", { PlayerId: "p", Limit: 0 }, "Limit is not between"],
  ["DescribePlayerSessions", { PlayerId: "p", Limit: 1_025 }, "Limit is not between"],
  ["DescribePlayerSessions", { PlayerId: "p", NextToken: "2" }, "NextToken is not valid"],
  [
    "DescribePlayerSessions",
    { GameSessionId: ARN, PlayerSessionStatusFilter: "TIMED_OUT" },
    "PlayerSessionStatusFilter is not valid",
  ],
  ["UpdatePlayerSessionCreationPolicy", { ...SEAT, PlayerSessionPolicy: "ALLOW" }, "ACCEPT_ALL or"],
  ["StartMatchBackfill", { ...BACKFILL, Players: [] }, "Players is empty"],
  ["StartMatchBackfill", { ...BACKFILL, Players: Array(200).fill(PLAYER) }, "more than 199"],
  ["StartMatchBackfill", { ...withPlayer({}), TicketId: "a b" }, "TicketId is not valid"],
  [
    "StartMatchBackfill",
    { ...withPlayer({}), MatchmakingConfigurationArn: "x" },
    "no GameLift ARN",
  ],
  ["StartMatchBackfill", withPlayer({ PlayerId: "" }), "PlayerId is not 1 to 1024"],
  ["StartMatchBackfill", withPlayer({ Team: "t".repeat(1_025) }), "Team has more than"],
  ["StartMatchBackfill", withPlayer({ LatencyInMs: { here: -1 } }), "LatencyInMs is negative"],
  ["StartMatchBackfill", withPlayer({ LatencyInMs: many(101, 5) }), "more than 100 entries"],
  [
    "StartMatchBackfill",
    withPlayer({ PlayerAttributes: many(11, { AttrType: "NONE" }) }),
    "more than 10 attributes",
  ],
  ["StartMatchBackfill", withAttribute({ AttrType: "STRING", S: "s".repeat(101) }), "S has more"],
  ["StartMatchBackfill", withAttribute({ AttrType: "STRING_LIST", SL: Array(101).fill("") }), "SL"],
  ["StartMatchBackfill", withAttribute({ AttrType: "STRING_DOUBLE_MAP", SDM: many(11, 1) }), "SDM"],
  ["StopMatchBackfill", { ...BACKFILL, TicketId: "" }, "TicketId is not valid"],
  ["GetFleetRoleCredentials", { ...ROLE, RoleSessionName: "a" }, "RoleSessionName is not valid"],
  ["GetFleetRoleCredentials", { ...ROLE, RoleArn: "role name" }, "RoleArn is not valid"],
];

function many(count: number, value: unknown): object {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`of-${index}`, value]));
}

function connected(): { world: ServiceWorld; process: WireProcess } {
  const world = new ServiceWorld();
  return { world, process: world.connect() };
}

describe("an answer", () => {
  it("[ES5] has its request's Action and RequestId and a StatusCode, and nothing else where nothing is told", () => {
    const { process } = connected();
    const id = "8f8972ce-7a60-428a-bbc1-242fccb59921";
    expect(process.ask("ActivateServerProcess", ACTIVATION, id)).toEqual({
      Action: "ActivateServerProcess",
      RequestId: id,
      StatusCode: 200,
    });
    const short = "8f8972ce7a60428abbc1242fccb59921";
    expect(process.ask("ActivateGameSession", { GameSessionId: ARN }, short)).toEqual({
      Action: "ActivateGameSession",
      RequestId: short,
      StatusCode: 404,
      ErrorMessage: "Game session not found",
    });
  });

  it.each(MALFORMED)(
    "[ES5] to a malformed %s %o is 400 and names what is wrong",
    (action, members, words) => {
      const { process } = connected();
      const answer = process.ask(action, members);
      expect(answer).toMatchObject({ Action: action, StatusCode: 400 });
      expect(answer["ErrorMessage"]).toContain(words);
    },
  );

  it.each(WRONG)("[ES6] to %s %o is 400 and says what would be right", (action, members, words) => {
    const { process } = connected();
    const answer = process.ask(action, members);
    expect(answer).toMatchObject({ Action: action, StatusCode: 400 });
    expect(answer["ErrorMessage"]).toContain(words);
  });

  it("[ES5] names five of the members that are wrong at the most, and a part of an endless Action", () => {
    const { process } = connected();
    const { ErrorMessage } = process.ask("StartMatchBackfill", {
      ...BACKFILL,
      Players: Array(1_000).fill(1),
    });
    expect(String(ErrorMessage).split("; ")).toHaveLength(5);
    const answer = process.ask("A".repeat(1_000));
    expect(answer).toMatchObject({ Action: "A".repeat(128), StatusCode: 400 });
    process.line.say(JSON.stringify({ Action: 7, RequestId: "1" }));
    expect(process.frames.at(-1)).toMatchObject({ Action: "", RequestId: "1", StatusCode: 400 });
  });
});

describe("what is empty", () => {
  it("[ES6] is the same as what is absent, as null, as a text, a map or a list", () => {
    const world = new ServiceWorld();
    for (const [index, LogPaths] of [undefined, null, "", {}, []].entries()) {
      const process = world.connect({ pID: `process-${index}` });
      expect(process.code("ActivateServerProcess", { ...ACTIVATION, LogPaths })).toBe(200);
      expect(world.record(`process-${index}`).logPaths).toEqual([]);
    }
    const { process, arn } = world.hosting({ pID: "host" });
    for (const nothing of [undefined, null, ""]) {
      const members = {
        GameSessionId: nothing,
        PlayerSessionId: nothing,
        PlayerId: "anna",
        PlayerSessionStatusFilter: nothing,
        NextToken: nothing,
        Limit: nothing,
      };
      expect(process.code("DescribePlayerSessions", members)).toBe(200);
    }
    for (const nothing of [undefined, null, "", {}]) {
      const players = [{ ...PLAYER, LatencyInMs: nothing, PlayerAttributes: nothing }];
      const answer = process.ask("StartMatchBackfill", {
        ...BACKFILL,
        GameSessionArn: arn,
        TicketId: nothing,
        Players: players,
      });
      expect(answer).toMatchObject({ StatusCode: 200, TicketId: expect.stringMatching(/^.{36}$/) });
    }
  });

  it("[ES6] is no excuse for what must be there", () => {
    const { process } = connected();
    for (const nothing of [null, ""]) {
      expect(process.code("ActivateGameSession", { GameSessionId: nothing })).toBe(400);
      expect(process.code("HeartbeatServerProcess", { HealthStatus: nothing })).toBe(400);
    }
  });
});

describe("a frame", () => {
  it("[ES5] that is no request is dropped and told, and the connection goes on", () => {
    const { world, process } = connected();
    const frames = ["", "{", "[]", "null", '"x"', "{}", '{"Action":"HeartbeatServerProcess"}'];
    for (const frame of frames) process.line.say(frame);
    process.line.say(JSON.stringify({ Action: "GetComputeCertificate", RequestId: 7 }));
    process.line.say(JSON.stringify({ Action: "GetComputeCertificate", RequestId: "" }));
    process.line.say(JSON.stringify({ Action: "x", RequestId: "r".repeat(129) }));
    process.line.say(new Uint8Array([1, 2, 3]));
    expect(process.frames).toEqual([]);
    expect(world.printed).toHaveLength(frames.length + 4);
    expect(world.printed[0]).toBe("process-1: a frame was dropped: no JSON object");
    expect(world.printed[5]).toBe("process-1: a frame was dropped: no RequestId");
    expect(world.printed.at(-1)).toBe("process-1: a frame was dropped: binary");
    expect(process.code("GetComputeCertificate")).toBe(200);
  });

  it("[ES5] may hold members that nobody knows", () => {
    const { process } = connected();
    const more = JSON.parse('{"__proto__":{"Port":1},"constructor":1,"Deep":[[[{}]]]}');
    expect(process.code("ActivateServerProcess", { ...ACTIVATION, ...more })).toBe(200);
  });
});
