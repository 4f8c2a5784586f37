import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { activation, BareServerProcess } from "../../support/bare-server-process.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { GameLiftService } from "../../support/gamelift-service/service.ts";

const ARN = "arn:aws:gamelift:us-west-2::gamesession/fleet-1/gsess-1";
const CONFIGURATION = "arn:aws:gamelift:us-west-2:123456789012:matchmakingconfiguration/my-config";
const SEAT = { GameSessionId: ARN, PlayerSessionId: "psess-1" };
const PLAYER = {
  PlayerId: "p1",
  Team: "red",
  PlayerAttributes: {
    mode: { AttrType: "STRING", S: "duel" },
    skill: { AttrType: "DOUBLE", N: 0 },
  },
  LatencyInMs: null,
};
const BACKFILL = { GameSessionArn: ARN, MatchmakingConfigurationArn: CONFIGURATION };
const ROLE = { RoleArn: "arn:aws:iam::123456789012:role/my-role", RoleSessionName: "fleet-1-host" };

/** What the official SDKs were seen to send. */
const REAL: readonly [action: string, members: object][] = [
  ["ActivateServerProcess", { SdkVersion: "5.6.0", SdkLanguage: "Go", Port: 7777, LogPaths: null }],
  [
    "ActivateServerProcess",
    {
      SdkVersion: "5.4.0",
      SdkLanguage: "Cpp",
      Port: 7777,
      SdkToolName: "Metrics",
      SdkToolVersion: "1.0.0",
    },
  ],
  ["HeartbeatServerProcess", { HealthStatus: true }],
  ["ActivateGameSession", { GameSessionId: ARN }],
  ["AcceptPlayerSession", SEAT],
  ["RemovePlayerSession", SEAT],
  [
    "DescribePlayerSessions",
    { GameSessionId: ARN, PlayerSessionStatusFilter: "ACTIVE", Limit: 10 },
  ],
  ["DescribePlayerSessions", { PlayerSessionId: "psess-1" }],
  ["UpdatePlayerSessionCreationPolicy", { GameSessionId: ARN, PlayerSessionPolicy: "DENY_ALL" }],
  ["StartMatchBackfill", { ...BACKFILL, TicketId: "", Players: [PLAYER] }],
  ["StartMatchBackfill", { ...BACKFILL, Players: [{ ...PLAYER, LatencyInMs: {} }] }],
  ["StopMatchBackfill", { ...BACKFILL, TicketId: "ticket-from-service" }],
  ["GetComputeCertificate", {}],
  ["GetFleetRoleCredentials", ROLE],
  ["TerminateServerProcess", {}],
];

/** Served although they are not as documented. */
const TOLERATED: readonly [action: string, members: object, violation: string][] = [
  ["AcceptPlayerSession", { ...SEAT, PlayerId: "anna" }, "PlayerId: not documented"],
  [
    "HeartbeatServerProcess",
    { HealthStatus: true, healthStatus: 1 },
    "healthStatus: not documented",
  ],
  [
    "DescribePlayerSessions",
    { PlayerId: "p1", NextToken: null },
    "NextToken: null in place of absent",
  ],
  [
    "StartMatchBackfill",
    {
      ...BACKFILL,
      Players: [{ ...PLAYER, PlayerAttributes: { mode: { attrType: "STRING", S: "" } } }],
    },
    "Players: [0]: PlayerAttributes: *: attrType: not documented",
  ],
  [
    "StartMatchBackfill",
    {
      ...BACKFILL,
      Players: [{ ...PLAYER, PlayerAttributes: { mode: { AttrType: "STRING", S: "", N: 0 } } }],
    },
    "Players: [0]: PlayerAttributes: *: N: not documented",
  ],
];

const MALFORMED: readonly [action: string, members: object, violation: string][] = [
  ["ActivateServerProcess", { ...activation(), Port: "7777" }, "Port: not an integer"],
  ["ActivateServerProcess", { ...activation(), Port: 77.5 }, "Port: not an integer"],
  ["ActivateServerProcess", { ...activation(), LogPaths: "logs" }, "LogPaths: not a list"],
  ["ActivateServerProcess", { ...activation(), LogPaths: [1] }, "LogPaths: [0]: not a string"],
  ["ActivateServerProcess", { ...activation(), SdkVersion: undefined }, "SdkVersion: missing"],
  ["HeartbeatServerProcess", { HealthStatus: "true" }, "HealthStatus: not a boolean"],
  ["HeartbeatServerProcess", {}, "HealthStatus: missing"],
  ["ActivateGameSession", { GameSessionId: null }, "GameSessionId: not a string"],
  ["AcceptPlayerSession", { GameSessionId: ARN }, "PlayerSessionId: missing"],
  ["RemovePlayerSession", { PlayerSessionId: "psess-1" }, "GameSessionId: missing"],
  ["UpdatePlayerSessionCreationPolicy", { GameSessionId: ARN }, "PlayerSessionPolicy: missing"],
  ["DescribePlayerSessions", { PlayerId: "p1", Limit: "10" }, "Limit: not an integer"],
  ["StartMatchBackfill", { ...BACKFILL, Players: {} }, "Players: not a list"],
  ["StartMatchBackfill", { ...BACKFILL, Players: ["p1"] }, "Players: [0]: not an object"],
  [
    "StartMatchBackfill",
    { ...BACKFILL, Players: [{ ...PLAYER, LatencyInMs: { "us-west-2": 1.5 } }] },
    "Players: [0]: LatencyInMs: *: not an integer",
  ],
  [
    "StartMatchBackfill",
    { ...BACKFILL, Players: [{ ...PLAYER, PlayerAttributes: { skill: { AttrType: "DOUBLE" } } }] },
    "Players: [0]: PlayerAttributes: *: N: missing",
  ],
  [
    "StartMatchBackfill",
    {
      ...BACKFILL,
      Players: [{ ...PLAYER, PlayerAttributes: { skill: { AttrType: "INT", N: 1 } } }],
    },
    "Players: [0]: PlayerAttributes: *: AttrType: unknown",
  ],
  ["StopMatchBackfill", BACKFILL, "TicketId: missing"],
  ["GetFleetRoleCredentials", { RoleArn: ROLE.RoleArn }, "RoleSessionName: missing"],
  ["EndTheWorld", {}, "Action: unknown"],
  ["toString", {}, "Action: unknown"],
];

const WRONG: readonly [action: string, members: object, message: string][] = [
  ["ActivateServerProcess", activation(0), "Port is not between"],
  ["ActivateServerProcess", activation(60_001), "Port is not between"],
  ["ActivateGameSession", { GameSessionId: "a game" }, "GameSessionId is not valid"],
  ["AcceptPlayerSession", { ...SEAT, PlayerSessionId: "bad id!" }, "PlayerSessionId is not valid"],
  ["AcceptPlayerSession", { ...SEAT, PlayerSessionId: "" }, "PlayerSessionId is not valid"],
  ["RemovePlayerSession", { ...SEAT, PlayerSessionId: "p".repeat(257) }, "PlayerSessionId is not"],
  ["RemovePlayerSession", { ...SEAT, GameSessionId: "" }, "GameSessionId is not valid"],
  ["DescribePlayerSessions", {}, "exactly one of"],
  ["DescribePlayerSessions", { GameSessionId: ARN, PlayerId: "p1" }, "exactly one of"],
  ["DescribePlayerSessions", { PlayerId: "p".repeat(1_025) }, "PlayerId is not valid"],
  ["DescribePlayerSessions", { GameSessionId: "a game" }, "GameSessionId is not valid"],
  ["DescribePlayerSessions", { PlayerId: "p", Limit: 0 }, "Limit is not between"],
  ["DescribePlayerSessions", { PlayerId: "p", Limit: 1_025 }, "Limit is not between"],
  [
    "DescribePlayerSessions",
    { GameSessionId: ARN, PlayerSessionStatusFilter: "TIMED_OUT" },
    "PlayerSessionStatusFilter is not valid",
  ],
  ["DescribePlayerSessions", { PlayerId: "p", NextToken: "2" }, "NextToken is not valid"],
  [
    "UpdatePlayerSessionCreationPolicy",
    { GameSessionId: ARN, PlayerSessionPolicy: "ALLOW" },
    "PlayerSessionPolicy is not valid",
  ],
  ["StartMatchBackfill", { ...BACKFILL, Players: [] }, "Players is empty"],
  [
    "StartMatchBackfill",
    { ...BACKFILL, Players: [PLAYER], MatchmakingConfigurationArn: "my-config" },
    "MatchmakingConfigurationArn is no GameLift ARN",
  ],
  ["StartMatchBackfill", { ...BACKFILL, Players: [PLAYER], TicketId: "a b" }, "TicketId is not"],
  ["StopMatchBackfill", { ...BACKFILL, TicketId: "" }, "TicketId is not valid"],
  [
    "StopMatchBackfill",
    { ...BACKFILL, GameSessionArn: "gsess-1", TicketId: "t" },
    "GameSessionArn",
  ],
  ["GetFleetRoleCredentials", { ...ROLE, RoleSessionName: "a" }, "RoleSessionName is not valid"],
  ["GetFleetRoleCredentials", { ...ROLE, RoleArn: "role name" }, "RoleArn is not valid"],
];

let service: GameLiftService;
let process: BareServerProcess;

beforeEach(async () => {
  service = await GameLiftService.open({ clock: new FakeClock() });
  process = await BareServerProcess.connect(service);
});

afterEach(() => service[Symbol.asyncDispose]());

describe("the shape of a request", () => {
  it.each(REAL)(
    "[GP4] violates nothing as the official SDKs send %s: %o",
    async (action, members) => {
      await process.ask(action, members);
      await process.ask(action, members, "8f8972ce7a60428abbc1242fccb59921");
      expect(service.requests).toMatchObject([{ action, message: members }, { action }]);
      expect(service.violations).toEqual([]);
    },
  );

  it.each(TOLERATED)("[GP4] violates with %s %o", async (action, members, violation) => {
    const answer = await process.ask(action, members);
    expect(answer["ErrorMessage"]).not.toBe("Malformed request");
    expect(service.violations).toEqual([`${action}: ${violation}`]);
    expect(service.requests[0]?.violations).toEqual([violation]);
  });

  it.each(MALFORMED)("[GP4] makes %s %o a bad request", async (action, members, violation) => {
    const answer = await process.ask(action, members);
    expect(answer).toMatchObject({ StatusCode: 400, ErrorMessage: "Malformed request" });
    expect(service.violations).toEqual([`${action}: ${violation}`]);
  });

  it("[GP4] violates with a RequestId of another form, and with what is no request at all", async () => {
    await process.ask("GetComputeCertificate", {}, "1");
    process.socket.send(Buffer.from("{}"));
    process.socket.send("not JSON");
    process.socket.send("[]");
    process.socket.send(JSON.stringify({ Action: "GetComputeCertificate" }));
    await service.until(() => service.violations.length === 5);
    expect(service.violations).toEqual([
      "GetComputeCertificate: RequestId: neither UUID nor 32 alphanumerics",
      "frame: binary",
      "frame: no JSON object",
      "frame: no JSON object",
      "GetComputeCertificate: RequestId: no string",
    ]);
  });
});

describe("an answer", () => {
  it("[GP5] has its request's Action and RequestId, and a StatusCode", async () => {
    const id = randomUUID();
    expect(await process.ask("ActivateServerProcess", activation(), id)).toEqual({
      Action: "ActivateServerProcess",
      RequestId: id,
      StatusCode: 200,
    });
    expect(
      await process.ask("ActivateGameSession", { GameSessionId: ARN }, id.replace("4", "5")),
    ).toEqual({
      Action: "ActivateGameSession",
      RequestId: id.replace("4", "5"),
      StatusCode: 404,
      ErrorMessage: "Game session not found",
    });
  });

  it.each(WRONG)("[GP5] to %s %o is 400", async (action, members, message) => {
    const answer = await process.ask(action, members);
    expect(answer).toMatchObject({ StatusCode: 400 });
    expect(answer["ErrorMessage"]).toContain(message);
    expect(service.violations).toEqual([]);
  });

  it("[GP5] to a RequestId that came before is the one of before, without effect", async () => {
    const id = randomUUID();
    const first = await process.ask("ActivateServerProcess", activation(7001), id);
    const again = await process.ask("ActivateServerProcess", activation(7002), id);
    expect(again).toEqual(first);
    expect(service.processes.get("process-1")).toMatchObject({ port: 7001 });
    expect(service.requests.map(({ isDuplicate }) => isDuplicate)).toEqual([false, true]);
    expect(service.count("ActivateServerProcess")).toBe(1);
    const other = await process.ask("ActivateServerProcess", activation(7002));
    expect(other).toMatchObject({ StatusCode: 409 });
  });

  it("[GP5] of another process has the same RequestId without being the same request", async () => {
    const id = randomUUID();
    await process.ask("ActivateServerProcess", activation(7001), id);
    const other = await BareServerProcess.connect(service, { pID: "process-2" });
    await other.ask("ActivateServerProcess", activation(7002), id);
    expect(service.processes.get("process-2")).toMatchObject({ ready: true, port: 7002 });
  });
});

describe("waiting", () => {
  it("[GP5] is for requests that came or come, by action or by what they say", async () => {
    const third = service.waitFor("HeartbeatServerProcess", { times: 3 });
    const bad = service.waitFor(({ message }) => message["HealthStatus"] === false);
    await process.ask("ActivateServerProcess", activation());
    for (const HealthStatus of [true, false, true]) {
      process.tell("HeartbeatServerProcess", { HealthStatus });
    }
    expect((await third).message).toMatchObject({ HealthStatus: true });
    expect((await bad).statusCode).toBe(200);
    expect(await service.waitFor("ActivateServerProcess")).toBe(service.requests[0]);
    const later = service.waitFor("ActivateServerProcess", { from: 1, timeoutMs: 10 });
    await expect(later).rejects.toThrow("not within 10 ms");
  });
});
