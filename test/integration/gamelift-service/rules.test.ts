import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { activation, BareServerProcess, type Frame } from "../../support/bare-server-process.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import {
  GameLiftService,
  type GameLiftServiceOptions,
} from "../../support/gamelift-service/service.ts";

const CONFIGURATION = "arn:aws:gamelift:us-west-2:123456789012:matchmakingconfiguration/my-config";
const PLAYERS = [{ PlayerId: "p1", Team: "red" }];

let clock: FakeClock;
let service: GameLiftService;

async function open(options: GameLiftServiceOptions = {}): Promise<void> {
  await service?.[Symbol.asyncDispose]();
  service = await GameLiftService.open({ clock, ...options });
}

beforeEach(async () => {
  clock = new FakeClock();
  await open();
});

afterEach(() => service[Symbol.asyncDispose]());

/** A process that hosts an ACTIVE game session. */
async function hosting(request = {}): Promise<{ process: BareServerProcess; arn: string }> {
  const process = await BareServerProcess.ready(service);
  const pushed = process.next("CreateGameSession");
  const arn = service.placeGameSession(request);
  await pushed;
  await process.ask("ActivateGameSession", { GameSessionId: arn });
  return { process, arn };
}

const statusOf = (frame: Frame) => frame["StatusCode"];

describe("a game session", () => {
  it("[GP6] is ACTIVE by one activation, and over when its process ends", async () => {
    const { process, arn } = await hosting({ maximumPlayerSessionCount: 4 });
    const again = await process.ask("ActivateGameSession", { GameSessionId: arn });
    expect(statusOf(again)).toBe(409);
    clock.advance(600_000);
    const reserved = service.createPlayerSession(arn, "anna");
    const active = service.createPlayerSession(arn, "ben");
    await process.ask("AcceptPlayerSession", { GameSessionId: arn, PlayerSessionId: active });
    expect(service.gameSession(arn)).toMatchObject({
      status: "ACTIVE",
      counts: { RESERVED: 1, ACTIVE: 1, COMPLETED: 0, TIMEDOUT: 0 },
    });
    await process.ask("TerminateServerProcess");
    expect(service.gameSession(arn)).toMatchObject({
      status: "TERMINATED",
      counts: { RESERVED: 0, ACTIVE: 0, COMPLETED: 2, TIMEDOUT: 0 },
    });
    for (const id of [reserved, active]) {
      expect(service.playerSession(id)).toMatchObject({ removes: 0, endedWithGameSession: true });
    }
    expect(service.processes.get("process-1")).toMatchObject({ ended: true });
    expect(statusOf(await process.ask("TerminateServerProcess"))).toBe(200);
    expect(statusOf(await process.ask("HeartbeatServerProcess", { HealthStatus: true }))).toBe(409);
    expect(() => service.placeGameSession()).toThrow("no such process");
  });

  it("[GP6] is over when it is not activated in time, counted from the push", async () => {
    await open({ activationTimeoutMs: 1_000 });
    const process = await BareServerProcess.connect(service);
    const arn = service.placeGameSession();
    clock.advance(5_000);
    await process.ask("ActivateServerProcess", activation());
    await process.ask("HeartbeatServerProcess", { HealthStatus: true });
    clock.advance(999);
    expect(service.gameSession(arn).status).toBe("ACTIVATING");
    clock.advance(1);
    expect(service.gameSession(arn).status).toBe("TERMINATED");
    expect(statusOf(await process.ask("ActivateGameSession", { GameSessionId: arn }))).toBe(409);
  });

  it("[GP6] takes players while it is ACTIVE, open and not full, or by force", async () => {
    const process = await BareServerProcess.ready(service);
    const arn = service.placeGameSession({ maximumPlayerSessionCount: 1 });
    expect(() => service.createPlayerSession(arn, "anna")).toThrow("not ACTIVE");
    await process.ask("ActivateGameSession", { GameSessionId: arn });
    const policy = (PlayerSessionPolicy: string) =>
      process.ask("UpdatePlayerSessionCreationPolicy", { GameSessionId: arn, PlayerSessionPolicy });
    await policy("DENY_ALL");
    expect(service.gameSession(arn).policy).toBe("DENY_ALL");
    expect(() => service.createPlayerSession(arn, "anna")).toThrow("DENY_ALL");
    await policy("ACCEPT_ALL");
    const id = service.createPlayerSession(arn, "anna");
    expect(id).toMatch(/^psess-[0-9a-f-]{36}$/);
    expect(() => service.createPlayerSession(arn, "ben")).toThrow("full");
    service.createPlayerSession(arn, "ben", "", { force: true });
    expect(service.playerSessions(arn).map(({ playerId }) => playerId)).toEqual(["anna", "ben"]);
  });
});

describe("a player session", () => {
  it("[GP6] is accepted once, removed once and complete", async () => {
    const { process, arn } = await hosting();
    const id = service.createPlayerSession(arn, "anna", "blue");
    const seat = { GameSessionId: arn, PlayerSessionId: id };
    expect(statusOf(await process.ask("RemovePlayerSession", seat))).toBe(409);
    expect(statusOf(await process.ask("AcceptPlayerSession", seat))).toBe(200);
    expect(statusOf(await process.ask("AcceptPlayerSession", seat))).toBe(409);
    expect(service.playerSession(id)).toMatchObject({ status: "ACTIVE", playerData: "blue" });
    expect(statusOf(await process.ask("RemovePlayerSession", seat))).toBe(200);
    expect(statusOf(await process.ask("RemovePlayerSession", seat))).toBe(409);
    expect(service.playerSession(id)).toMatchObject({
      status: "COMPLETED",
      acceptRequests: 2,
      accepts: 1,
      removeRequests: 3,
      removes: 1,
      endedWithGameSession: false,
    });
  });

  it("[GP6] is unknown to any game session but its own", async () => {
    const { process, arn } = await hosting();
    const other = await BareServerProcess.ready(service, { pID: "process-2" });
    const elsewhere = service.placeGameSession();
    await other.ask("ActivateGameSession", { GameSessionId: elsewhere });
    const id = service.createPlayerSession(elsewhere, "anna");
    for (const GameSessionId of [arn, elsewhere]) {
      const seat = { GameSessionId, PlayerSessionId: id };
      expect(statusOf(await process.ask("AcceptPlayerSession", seat))).toBe(404);
    }
    const unknown = { GameSessionId: arn, PlayerSessionId: "psess-none" };
    expect(statusOf(await process.ask("AcceptPlayerSession", unknown))).toBe(404);
    expect(service.playerSession(id)).toMatchObject({ status: "RESERVED", acceptRequests: 0 });
  });

  it("[GP6] is TIMEDOUT when nobody accepts it in 60 s, and its seat is free", async () => {
    const { process, arn } = await hosting({ maximumPlayerSessionCount: 2 });
    const late = service.createPlayerSession(arn, "anna");
    const taken = service.createPlayerSession(arn, "ben");
    await process.ask("AcceptPlayerSession", { GameSessionId: arn, PlayerSessionId: taken });
    clock.advance(59_999);
    expect(service.playerSession(late).status).toBe("RESERVED");
    clock.advance(1);
    expect(service.playerSession(late).status).toBe("TIMEDOUT");
    expect(service.playerSession(taken).status).toBe("ACTIVE");
    const seat = { GameSessionId: arn, PlayerSessionId: late };
    expect(statusOf(await process.ask("AcceptPlayerSession", seat))).toBe(409);
    service.createPlayerSession(arn, "carl");
  });
});

describe("a description", () => {
  it("[GP7] has every member of a player session, times in whole milliseconds", async () => {
    const { process, arn } = await hosting();
    const id = service.createPlayerSession(arn, "anna", "blue");
    const seat = { GameSessionId: arn, PlayerSessionId: id };
    await process.ask("AcceptPlayerSession", seat);
    clock.advance(1_500.5);
    await process.ask("RemovePlayerSession", seat);
    const createdAtMs = Date.UTC(2026, 0, 1);
    expect(await process.ask("DescribePlayerSessions", { PlayerSessionId: id })).toMatchObject({
      StatusCode: 200,
      NextToken: null,
      PlayerSessions: [
        {
          PlayerId: "anna",
          PlayerSessionId: id,
          GameSessionId: arn,
          FleetId: service.fleetId,
          PlayerData: "blue",
          IpAddress: "127.0.0.1",
          Port: 7777,
          CreationTime: createdAtMs,
          TerminationTime: createdAtMs + 1_500,
          DnsName: "localhost",
          Status: "COMPLETED",
        },
      ],
    });
  });

  it("[GP7] comes in pages, whose tokens are good for the one question", async () => {
    const { process, arn } = await hosting({ maximumPlayerSessionCount: 120 });
    const players = Array.from({ length: 101 }, (_, index) => `player-${index}`);
    for (const player of players) service.createPlayerSession(arn, player);
    const names: unknown[] = [];
    const sizes: number[] = [];
    let NextToken: unknown;
    do {
      const page = NextToken === undefined ? {} : { NextToken };
      const answer = await process.ask("DescribePlayerSessions", { GameSessionId: arn, ...page });
      const sessions = answer["PlayerSessions"] as Frame[];
      names.push(...sessions.map((session) => session["PlayerId"]));
      sizes.push(sessions.length);
      NextToken = answer["NextToken"];
      if (sizes.length === 1) {
        const other = { GameSessionId: arn, PlayerSessionStatusFilter: "ACTIVE", NextToken };
        expect(statusOf(await process.ask("DescribePlayerSessions", other))).toBe(400);
      }
    } while (typeof NextToken === "string");
    expect(sizes).toEqual([50, 50, 1]);
    expect(names).toEqual(players);
    const whole = await process.ask("DescribePlayerSessions", { GameSessionId: arn, Limit: 1024 });
    expect(whole["PlayerSessions"]).toHaveLength(101);
    expect(whole["NextToken"]).toBe(null);
  });

  it("[GP7] is filtered by status, and finds a player in every game session", async () => {
    const { process, arn } = await hosting();
    const [first] = ["anna", "ben"].map((player) => service.createPlayerSession(arn, player));
    await process.ask("AcceptPlayerSession", { GameSessionId: arn, PlayerSessionId: first });
    const idsFor = async (query: object) => {
      const answer = await process.ask("DescribePlayerSessions", query);
      return (answer["PlayerSessions"] as Frame[]).map((session) => session["PlayerId"]);
    };
    const filter = { PlayerSessionStatusFilter: "RESERVED" };
    expect(await idsFor({ GameSessionId: arn, ...filter })).toEqual(["ben"]);
    expect(await idsFor({ PlayerId: "anna", ...filter })).toEqual(["anna"]);
    expect(await idsFor({ PlayerId: "nobody" })).toEqual([]);
    for (const unknown of [{ PlayerSessionId: "psess-0" }, { GameSessionId: `${arn}0` }]) {
      expect(statusOf(await process.ask("DescribePlayerSessions", unknown))).toBe(404);
    }
  });
});

describe("a backfill ticket", () => {
  it("[GP8] is the only active one of its game session, until it is stopped or an update ends it", async () => {
    const { process, arn } = await hosting();
    const backfill = { GameSessionArn: arn, MatchmakingConfigurationArn: CONFIGURATION };
    const start = (TicketId: string) =>
      process.ask("StartMatchBackfill", { ...backfill, TicketId, Players: PLAYERS });
    const stop = (TicketId: unknown) => process.ask("StopMatchBackfill", { ...backfill, TicketId });
    const { TicketId } = await start("");
    expect(TicketId).toMatch(/^[0-9a-f-]{36}$/);
    expect(statusOf(await start("ticket-2"))).toBe(409);
    expect(statusOf(await stop("ticket-2"))).toBe(404);
    expect(statusOf(await stop(TicketId))).toBe(200);
    expect(await start("ticket-2")).toMatchObject({ TicketId: "ticket-2" });
    service.updateGameSession(arn, { reason: "BACKFILL_TIMED_OUT", ticketId: "ticket-2" });
    expect(statusOf(await start("ticket-2"))).toBe(409);
    await start("ticket-3");
    await process.ask("TerminateServerProcess");
    expect(service.backfills).toMatchObject([
      { ticketId: TicketId, players: PLAYERS, status: "CANCELLED" },
      { ticketId: "ticket-2", matchmakingConfigurationArn: CONFIGURATION, status: "TIMED_OUT" },
      { ticketId: "ticket-3", gameSessionId: arn, status: "CANCELLED" },
    ]);
  });
});

describe("the host", () => {
  it("[GP9] has a certificate and a role's credentials, as the test says", async () => {
    const process = await BareServerProcess.connect(service);
    service.certificatePath = "/local/certs";
    expect(await process.ask("GetComputeCertificate")).toMatchObject({
      CertificatePath: "/local/certs",
      ComputeName: "compute-1",
    });
    clock.advance(0.5);
    const role = { RoleArn: "arn:aws:iam::123456789012:role/my-role", RoleSessionName: "host" };
    expect(await process.ask("GetFleetRoleCredentials", role)).toEqual({
      Action: "GetFleetRoleCredentials",
      RequestId: expect.any(String),
      StatusCode: 200,
      AssumedRoleUserArn: "arn:aws:sts::123456789012:assumed-role/my-role/host",
      AssumedRoleId: "AROAEXAMPLE:host",
      AccessKeyId: "ASIAEXAMPLE",
      SecretAccessKey: "secret",
      SessionToken: "session-token",
      Expiration: Date.UTC(2026, 0, 1) + 3_600_000,
    });
  });
});

describe("the documented rates", () => {
  beforeEach(() => open({ limits: "documented" }));

  /** How many of `count` requests at one moment are not answered 429. */
  async function allowed(
    process: BareServerProcess,
    count: number,
    action: string,
    members: object = {},
  ): Promise<number> {
    const asked = Array.from({ length: count }, () => process.ask(action, members));
    return (await Promise.all(asked)).filter((frame) => statusOf(frame) !== 429).length;
  }

  it("[GP10] allow ten descriptions at once, then five a second, to each process", async () => {
    const process = await BareServerProcess.connect(service);
    const other = await BareServerProcess.connect(service, { pID: "process-2" });
    const query = { PlayerId: "anna" };
    expect(await allowed(process, 12, "DescribePlayerSessions", query)).toBe(10);
    expect(await allowed(other, 12, "DescribePlayerSessions", query)).toBe(10);
    clock.advance(200);
    expect(await allowed(process, 2, "DescribePlayerSessions", query)).toBe(1);
    clock.advance(60_000);
    expect(await allowed(process, 12, "DescribePlayerSessions", query)).toBe(10);
  });

  it("[GP10] allow three accepts at once, then one a second, to each player", async () => {
    const { process, arn } = await hosting();
    const seats = ["anna", "ben"].map((player) => ({
      GameSessionId: arn,
      PlayerSessionId: service.createPlayerSession(arn, player),
    }));
    for (const seat of seats)
      expect(await allowed(process, 5, "AcceptPlayerSession", seat)).toBe(3);
    clock.advance(1_000);
    expect(await allowed(process, 2, "AcceptPlayerSession", seats[0])).toBe(1);
    expect(await allowed(process, 5, "RemovePlayerSession", seats[0])).toBe(3);
    const { acceptRequests, accepts } = service.playerSession(seats[0]!.PlayerSessionId);
    expect({ acceptRequests, accepts }).toEqual({ acceptRequests: 4, accepts: 1 });
  });

  it("[GP10] allow a connection three times and then one in ten seconds, a reconnection always", async () => {
    const first = { IdempotencyToken: "8f8972ce-7a60-428a-bbc1-242fccb59921" };
    await BareServerProcess.connect(service, first);
    await BareServerProcess.connect(service);
    await BareServerProcess.connect(service);
    await expect(BareServerProcess.connect(service)).rejects.toThrow("429");
    await BareServerProcess.connect(service, first);
    clock.advance(10_000);
    await BareServerProcess.connect(service);
  });

  it("[GP10] do not count heartbeats", async () => {
    const process = await BareServerProcess.ready(service);
    const healthy = { HealthStatus: true };
    expect(await allowed(process, 50, "HeartbeatServerProcess", healthy)).toBe(50);
  });
});
