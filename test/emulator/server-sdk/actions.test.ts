import { describe, expect, it } from "vitest";
import { done, refused } from "../../../emulator/plane/outcome.ts";
import { answerTo } from "../../../emulator/server-sdk/rules/status-codes.ts";
import { granted } from "../plane/plane-world.ts";
import { ACTIVATION, CONFIGURATION, type Frame, ServiceWorld } from "./service-world.ts";

const ROLE = { RoleArn: "arn:aws:iam::123456789012:role/my-role", RoleSessionName: "host" };

describe("a request", () => {
  it("[ES7] takes a process through its life", () => {
    const world = new ServiceWorld();
    const process = world.connect();
    expect(world.record()).toMatchObject({ state: "CONNECTED", sdkVersion: "5.6.0" });
    expect(process.code("HeartbeatServerProcess", { HealthStatus: true })).toBe(409);
    expect(process.code("ActivateServerProcess", { ...ACTIVATION, SdkVersion: "5.7.0" })).toBe(200);
    expect(world.record()).toMatchObject({
      state: "READY",
      port: 7777,
      logPaths: ["logs"],
      sdkVersion: "5.7.0",
      sdkLanguage: "Go",
    });
    expect(process.code("ActivateServerProcess", ACTIVATION)).toBe(409);
    expect(process.code("HeartbeatServerProcess", { HealthStatus: false })).toBe(200);
    expect(world.record()).toMatchObject({
      reportedAtMs: world.clock.wallMs(),
      badReportsInRow: 1,
    });
    expect(process.code("TerminateServerProcess")).toBe(200);
    expect(process.code("TerminateServerProcess")).toBe(200);
    expect(world.record()).toMatchObject({ state: "ENDING" });
    expect(process.code("HeartbeatServerProcess", { HealthStatus: true })).toBe(409);
  });

  it("[ES7] takes a game session and its players through theirs", () => {
    const world = new ServiceWorld();
    const { process, arn } = world.hosting();
    const session = world.plane.gameSessions.find(arn)!;
    expect(session.status).toBe("ACTIVE");
    expect(process.code("ActivateGameSession", { GameSessionId: arn })).toBe(409);
    const [anna, ben] = world.reserve(arn, "anna", "ben");
    const seat = { GameSessionId: arn, PlayerSessionId: anna };
    expect(process.code("RemovePlayerSession", seat)).toBe(409);
    expect(process.code("AcceptPlayerSession", seat)).toBe(200);
    expect(process.code("AcceptPlayerSession", seat)).toBe(409);
    expect(session).toMatchObject({ reservedCount: 1, activeCount: 1 });
    expect(process.code("RemovePlayerSession", seat)).toBe(200);
    world.clock.advance(world.plane.durations.reservationMs);
    expect(process.code("AcceptPlayerSession", { ...seat, PlayerSessionId: ben })).toBe(409);
    for (const unknown of [
      { ...seat, PlayerSessionId: "psess-0" },
      { ...seat, GameSessionId: `${arn}0` },
    ]) {
      expect(process.code("AcceptPlayerSession", unknown)).toBe(404);
    }
    const policy = (PlayerSessionPolicy: string) =>
      process.code("UpdatePlayerSessionCreationPolicy", {
        GameSessionId: arn,
        PlayerSessionPolicy,
      });
    expect(policy("DENY_ALL")).toBe(200);
    expect(session.playerSessionCreationPolicy).toBe("DENY_ALL");
    expect(policy("ACCEPT_ALL")).toBe(200);
    expect(session.playerSessionCreationPolicy).toBe("ACCEPT_ALL");
    process.ask("TerminateServerProcess");
    expect(session.status).toBe("TERMINATED");
    expect(process.code("ActivateGameSession", { GameSessionId: arn })).toBe(404);
  });

  it("[ES7] about another process's game session finds nothing", () => {
    const world = new ServiceWorld();
    const { arn } = world.hosting();
    const [PlayerSessionId] = world.reserve(arn, "anna");
    const other = world.reporting({ pID: "process-2" });
    const seat = { GameSessionId: arn, PlayerSessionId };
    const backfill = { GameSessionArn: arn, MatchmakingConfigurationArn: CONFIGURATION };
    expect([
      other.code("ActivateGameSession", { GameSessionId: arn }),
      other.code("AcceptPlayerSession", seat),
      other.code("RemovePlayerSession", seat),
      other.code("UpdatePlayerSessionCreationPolicy", { ...seat, PlayerSessionPolicy: "DENY_ALL" }),
      other.code("StartMatchBackfill", { ...backfill, Players: [{ PlayerId: "p", Team: "red" }] }),
      other.code("StopMatchBackfill", { ...backfill, TicketId: "t" }),
    ]).toEqual([404, 404, 404, 404, 404, 404]);
    expect(world.plane.playerSessions.find(PlayerSessionId ?? "")?.status).toBe("RESERVED");
  });

  it("[ES7] opens and stops a backfill, its players written in one way", () => {
    const world = new ServiceWorld();
    const { process, arn } = world.hosting();
    const backfill = { GameSessionArn: arn, MatchmakingConfigurationArn: CONFIGURATION };
    const { TicketId } = process.ask("StartMatchBackfill", {
      ...backfill,
      TicketId: "ticket-1",
      Players: [
        {
          PlayerId: "anna",
          Team: "red",
          LatencyInMs: { "us-west-2": 20 },
          PlayerAttributes: {
            mode: { attrType: "STRING", S: "duel", N: 0 },
            skill: { AttrType: "DOUBLE", N: 0, deep: [[{}]] },
            none: { AttrType: "NONE" },
          },
          Extra: { toString: 1 },
        },
        { PlayerId: "ben", Team: "blue", LatencyInMs: null },
      ],
    });
    expect(TicketId).toBe("ticket-1");
    expect(world.plane.backfills.list()).toMatchObject([
      { ticketId: "ticket-1", gameSessionId: arn, matchmakingConfigurationArn: CONFIGURATION },
    ]);
    expect(world.plane.backfills.open(arn)?.players).toEqual([
      {
        PlayerId: "anna",
        Team: "red",
        LatencyInMs: { "us-west-2": 20 },
        PlayerAttributes: {
          mode: { AttrType: "STRING", S: "duel" },
          skill: { AttrType: "DOUBLE", N: 0 },
          none: { AttrType: "NONE" },
        },
      },
      { PlayerId: "ben", Team: "blue", LatencyInMs: {}, PlayerAttributes: {} },
    ]);
    expect(process.code("StopMatchBackfill", { ...backfill, TicketId: "other" })).toBe(404);
    expect(process.code("StopMatchBackfill", { ...backfill, TicketId })).toBe(200);
    expect(world.plane.backfills.list()[0]?.status).toBe("CANCELLED");
  });
});

describe("a refusal of the control plane", () => {
  it.each([
    ["InvalidRequest", 400],
    ["Unauthorized", 401],
    ["NotFound", 404],
    ["Conflict", 409],
    ["InvalidGameSessionStatus", 409],
    ["LimitExceeded", 429],
    ["NotReady", 500],
    ["FleetCapacityExceeded", 500],
  ] as const)("[ES7] that is %s is answered with %i and its words", (kind, statusCode) => {
    expect(answerTo(refused(kind, "no"))).toEqual({ StatusCode: statusCode, ErrorMessage: "no" });
    expect(answerTo(done(undefined))).toEqual({ StatusCode: 200 });
  });
});

describe("a description", () => {
  it("[ES8] has every member of a player session, times in whole milliseconds", () => {
    const world = new ServiceWorld();
    const { process, arn } = world.hosting();
    const createdAtMs = world.clock.wallMs();
    const [PlayerSessionId] = world.reserve(arn, "anna");
    const seat = { GameSessionId: arn, PlayerSessionId };
    process.ask("AcceptPlayerSession", seat);
    world.clock.advance(1_500.5);
    const before = process.ask("DescribePlayerSessions", { PlayerSessionId });
    expect(before["PlayerSessions"]).toMatchObject([{ Status: "ACTIVE", TerminationTime: 0 }]);
    process.ask("RemovePlayerSession", seat);
    const { RequestId: _, ...answer } = process.ask("DescribePlayerSessions", { PlayerSessionId });
    expect(answer).toEqual({
      Action: "DescribePlayerSessions",
      StatusCode: 200,
      NextToken: null,
      PlayerSessions: [
        {
          PlayerId: "anna",
          PlayerSessionId,
          GameSessionId: arn,
          FleetId: world.anywhere.fleetId,
          PlayerData: "of anna",
          IpAddress: "127.0.0.1",
          Port: 7777,
          CreationTime: createdAtMs,
          TerminationTime: createdAtMs + 1_500,
          DnsName: "",
          Status: "COMPLETED",
        },
      ],
    });
  });

  it("[ES8] comes in pages of 50, or as many as are wanted, whose tokens are good for the one question", () => {
    const world = new ServiceWorld();
    const { process, arn } = world.hosting({}, { maximumPlayerSessionCount: 200 });
    const players = Array.from({ length: 101 }, (_, index) => `player-${index}`);
    world.reserve(arn, ...players);
    const question = { GameSessionId: arn };
    const names: unknown[] = [];
    const sizes: number[] = [];
    let token: unknown = null;
    do {
      const answer = process.ask("DescribePlayerSessions", { ...question, NextToken: token });
      const sessions = answer["PlayerSessions"] as Frame[];
      names.push(...sessions.map((session) => session["PlayerId"]));
      sizes.push(sessions.length);
      token = answer["NextToken"];
      if (token === null) break;
      for (const other of [
        { PlayerId: "player-1" },
        { ...question, PlayerSessionStatusFilter: "ACTIVE" },
      ]) {
        const members = { ...other, NextToken: token };
        expect(process.code("DescribePlayerSessions", members)).toBe(400);
      }
    } while (sizes.length < 10);
    expect(sizes).toEqual([50, 50, 1]);
    expect(names).toEqual(players);
    const whole = process.ask("DescribePlayerSessions", { ...question, Limit: 1_024 });
    expect(whole["PlayerSessions"]).toHaveLength(101);
    const backwards = Buffer.from(JSON.stringify([`${arn}\n\n\n`, -5])).toString("base64url");
    const made = { ...question, NextToken: backwards };
    expect(process.code("DescribePlayerSessions", made)).toBe(400);
  });

  it("[ES8] comes in pages that hide nobody, though some of the first page come to have another status", () => {
    const world = new ServiceWorld();
    const { process, arn } = world.hosting();
    const ids = world.reserve(arn, "anna", "ben", "cleo", "dora");
    const page = (NextToken: unknown) => {
      const members = { GameSessionId: arn, PlayerSessionStatusFilter: "RESERVED", Limit: 2 };
      const answer = process.ask("DescribePlayerSessions", { ...members, NextToken });
      const sessions = answer["PlayerSessions"] as Frame[];
      return { token: answer["NextToken"], names: sessions.map(({ PlayerId }) => PlayerId) };
    };
    const { token, names } = page(null);
    expect(names).toEqual(["anna", "ben"]);
    process.ask("AcceptPlayerSession", { GameSessionId: arn, PlayerSessionId: ids[0] });
    expect(page(token)).toEqual({ token: null, names: ["cleo", "dora"] });
  });

  it("[ES8] is filtered by status for a game session alone, and finds a player in every game session", () => {
    const world = new ServiceWorld();
    const { process, arn } = world.hosting();
    const [PlayerSessionId] = world.reserve(arn, "anna", "ben");
    process.ask("AcceptPlayerSession", { GameSessionId: arn, PlayerSessionId });
    const namesFor = (query: object) =>
      (process.ask("DescribePlayerSessions", query)["PlayerSessions"] as Frame[]).map(
        (session) => session["PlayerId"],
      );
    const filter = { PlayerSessionStatusFilter: "RESERVED" };
    expect(namesFor({ GameSessionId: arn, ...filter })).toEqual(["ben"]);
    expect(namesFor({ PlayerId: "anna", ...filter })).toEqual(["anna"]);
    expect(namesFor({ PlayerSessionId, ...filter })).toEqual(["anna"]);
    expect(namesFor({ PlayerId: "nobody" })).toEqual([]);
    for (const PlayerSessionStatusFilter of ["", null, {}]) {
      const all = { GameSessionId: arn, PlayerSessionStatusFilter };
      expect(namesFor(all)).toEqual(["anna", "ben"]);
    }
    for (const unknown of [{ PlayerSessionId: "psess-0" }, { GameSessionId: `${arn}0` }]) {
      expect(process.code("DescribePlayerSessions", unknown)).toBe(404);
    }
  });
});

describe("a host", () => {
  it("[ES9] on Anywhere has the certificate that it was registered with, and no credentials", () => {
    const world = new ServiceWorld({ certificatePath: "/tmp/generated" });
    granted(
      world.plane.computes.register({
        fleetId: world.anywhere.fleetId,
        computeName: "secure",
        ipAddress: "127.0.0.1",
        dnsName: "",
        location: "custom-laptop",
        certificatePath: "/etc/certificates",
        type: "ANYWHERE",
      }),
    );
    const Authorization = world.tokenOf("secure");
    const secure = world.connect({ ComputeId: "secure", Authorization });
    expect(secure.ask("GetComputeCertificate")).toMatchObject({
      StatusCode: 200,
      CertificatePath: "/etc/certificates",
      ComputeName: "secure",
    });
    const process = world.connect();
    expect(process.ask("GetComputeCertificate")).toMatchObject({ CertificatePath: "" });
    expect(process.ask("GetFleetRoleCredentials", ROLE)).toMatchObject({
      StatusCode: 200,
      AccessKeyId: "",
      SecretAccessKey: "",
      SessionToken: "",
      Expiration: 0,
    });
  });

  it.each([
    ["GENERATED", "/tmp/generated"],
    ["DISABLED", ""],
  ] as const)(
    "[ES9] of a managed fleet with a %s certificate has it at %j, and credentials",
    (type, path) => {
      const managed = { managed: { certificateType: type } };
      const world = new ServiceWorld({ certificatePath: "/tmp/generated" }, managed);
      const { fleetId } = world.managed;
      const identity = { fleetId, computeName: "i-1", processId: "process-1" };
      granted(world.plane.processes.expect(identity));
      const process = world.connect({
        FleetId: fleetId,
        ComputeId: "i-1",
        Authorization: world.tokenOf("i-1", fleetId),
      });
      expect(process.ask("GetComputeCertificate")).toMatchObject({
        CertificatePath: path,
        ComputeName: "i-1",
      });
      world.clock.advance(0.5);
      expect(process.ask("GetFleetRoleCredentials", ROLE)).toMatchObject({
        StatusCode: 200,
        AssumedRoleUserArn: "arn:aws:sts::123456789012:assumed-role/my-role/host",
        AssumedRoleId: expect.stringMatching(/^AROA[0-9A-F]{16}:host$/),
        AccessKeyId: expect.stringMatching(/^ASIA[0-9A-F]{16}$/),
        SecretAccessKey: expect.stringMatching(/^.{40}$/),
        SessionToken: expect.stringMatching(/^.{64}$/),
        Expiration: Date.UTC(2026, 0, 1) + 3_600_000,
      });
    },
  );
});
