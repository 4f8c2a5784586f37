import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { selfSigned } from "../../../emulator/front/self-signed.ts";
import { activation, BareServerProcess, queryFor } from "../../support/bare-server-process.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { GameLiftService } from "../../support/gamelift-service/service.ts";
import { SIGNED_UPGRADES, SIGNING_KEY, signedQuery } from "../../support/signed-upgrades.ts";

const MANDATORY = [
  "pID",
  "sdkVersion",
  "sdkLanguage",
  "ComputeId",
  "FleetId",
  "IdempotencyToken",
  "Authorization",
];
const FIRST = "8f8972ce-7a60-428a-bbc1-242fccb59921";

let clock: FakeClock;
let service: GameLiftService;

beforeEach(async () => {
  clock = new FakeClock();
  service = await GameLiftService.open({ clock });
});

afterEach(() => service[Symbol.asyncDispose]());

describe("an upgrade", () => {
  it("[GP1] is taken with the seven parameters in any order", async () => {
    const query = queryFor(service);
    const backwards = Object.fromEntries(Object.entries(query).reverse());
    await BareServerProcess.connect(service, backwards);
    const [connection] = service.processes.get("process-1")!.connections;
    expect(connection).toMatchObject({ number: 1, query, kind: "first", closed: undefined });
    expect(service.upgrades).toMatchObject([{ query, status: 101 }]);
    expect(service.violations).toEqual([]);
  });

  it.each(MANDATORY)("[GP1] is refused without %s", async (name) => {
    await expect(BareServerProcess.connect(service, { [name]: "" })).rejects.toThrow("400");
    expect(service.violations).toEqual([`upgrade: query ${name}: missing`]);
  });

  it.each([
    ["a wrong token", { Authorization: "no-such-token" }],
    ["another fleet", { FleetId: "fleet-other" }],
    ["another compute", { ComputeId: "compute-2" }],
    ["a signature where nobody may sign", { Authorization: "SigV4" }],
  ])("[GP1] is refused with 403 for %s", async (_what, over) => {
    await expect(BareServerProcess.connect(service, over)).rejects.toThrow("403");
    expect(service.upgrades).toMatchObject([{ status: 403 }]);
    expect(service.processes.size).toBe(0);
  });

  it("[GP1] is taken with a token until its time is over", async () => {
    const Authorization = service.mintToken(1_000);
    clock.advance(999);
    await BareServerProcess.connect(service, { Authorization });
    clock.advance(1);
    await expect(BareServerProcess.connect(service, { Authorization })).rejects.toThrow("403");
  });

  it("[GP1] goes to the path / alone", async () => {
    const socket = new WebSocket(`${service.url}/game?a=b`, { perMessageDeflate: false });
    const [error] = await once(socket, "error");
    expect(String(error)).toContain("404");
  });

  it("[GP1] is taken over TLS", async () => {
    const { certificate: cert, key } = selfSigned("localhost");
    await using secure = await GameLiftService.open({ clock, tls: { cert, key } });
    expect(secure.url).toMatch(/^wss:/);
    const process = await BareServerProcess.connect(secure);
    expect(await process.ask("GetComputeCertificate")).toMatchObject({ StatusCode: 200 });
  });

  it("[GP4] violates the protocol with anything that is not documented", async () => {
    await BareServerProcess.connect(service, {
      sdkVersion: "5",
      IdempotencyToken: "again",
      "X-Amz-Date": "20261120T103630Z",
    });
    const pairs = new URLSearchParams(queryFor(service));
    const socket = new WebSocket(`${service.url}/?${pairs}&pID=process-2`, ["chat"]);
    await once(socket, "error");
    expect(service.violations).toEqual([
      "upgrade: query X-Amz-Date: not documented",
      "upgrade: query IdempotencyToken: neither UUID nor 32 alphanumerics",
      "upgrade: query sdkVersion: not three numbers",
      "upgrade: query pID: more than once",
      "upgrade: header sec-websocket-extensions: not documented",
      "upgrade: header sec-websocket-protocol: not documented",
    ]);
  });
});

describe("SigV4", () => {
  it("[GP1] opens a connection, and its parameters are documented", async () => {
    const [, pID, date, signature] = SIGNED_UPGRADES[0];
    const query = signedQuery(pID, date, signature);
    await using signing = await GameLiftService.open({
      clock,
      sigv4: SIGNING_KEY,
      fleetId: query["FleetId"]!,
      computeId: query["ComputeId"]!,
    });
    await BareServerProcess.connect(signing, query);
    expect(signing.violations).toEqual([]);
    const forged = { ...query, pID: "proc-go_sigv5" };
    await expect(BareServerProcess.connect(signing, forged)).rejects.toThrow("403");
  });
});

describe("a process", () => {
  it("[GP2] keeps its state across an abnormal end, and the same IdempotencyToken is a reconnection", async () => {
    const before = await BareServerProcess.ready(service, { IdempotencyToken: FIRST });
    const closed = before.closed();
    service.cut("reset");
    expect(await closed).toBe(1006);
    await service.until(
      () => service.processes.get("process-1")!.connections[0]!.closed?.code === 1006,
    );
    const after = await BareServerProcess.connect(service, { IdempotencyToken: FIRST });
    const pushed = after.next("CreateGameSession");
    const arn = service.placeGameSession();
    await pushed;
    expect(await after.ask("ActivateGameSession", { GameSessionId: arn })).toMatchObject({
      StatusCode: 200,
    });
    const { connections, ready } = service.processes.get("process-1")!;
    expect(ready).toBe(true);
    expect(connections.map(({ kind }) => kind)).toEqual(["first", "reconnect"]);
  });

  it("[GP2] has its pushes kept while it has no connection", async () => {
    const before = await BareServerProcess.ready(service);
    before.close();
    await service.until(
      () => service.processes.get("process-1")!.connections[0]!.closed !== undefined,
    );
    const arn = service.placeGameSession();
    const after = BareServerProcess.dial(service);
    expect(await after.next("CreateGameSession")).toMatchObject({ GameSessionId: arn });
  });

  it("[GP2] has an answer over the connection that asked, and pushes over the newest", async () => {
    const old = await BareServerProcess.ready(service);
    const refreshed = old.next("RefreshConnection");
    service.refreshConnection();
    const { RefreshConnectionEndpoint, AuthToken } = await refreshed;
    expect(RefreshConnectionEndpoint).toBe(service.url);
    const fresh = await BareServerProcess.connect(service, { Authorization: AuthToken as string });
    service.terminateProcess(clock.wallMs() + 1_000);
    await fresh.next("TerminateProcess");
    await old.ask("HeartbeatServerProcess", { HealthStatus: true });
    expect(old.frames.map((frame) => frame["Action"])).not.toContain("TerminateProcess");
    expect(fresh.frames.map((frame) => frame["Action"])).toEqual(["TerminateProcess"]);
    const { connections } = service.processes.get("process-1")!;
    expect(connections.map(({ kind }) => kind)).toEqual(["first", "refresh"]);
  });

  it("[GP2] is told apart from others by its pID", async () => {
    const one = await BareServerProcess.ready(service, { pID: "one" }, 7001);
    const two = await BareServerProcess.ready(service, { pID: "two" }, 7002);
    const pushes = Promise.all([one.next("CreateGameSession"), two.next("CreateGameSession")]);
    const [first, second] = [service.placeGameSession(), service.placeGameSession()];
    expect(await pushes).toMatchObject([
      { GameSessionId: first, Port: 7001 },
      { GameSessionId: second, Port: 7002 },
    ]);
    expect(() => service.placeGameSession({ processId: "one" })).toThrow("takes no game session");
    expect(() => service.terminateProcess(0)).toThrow("which process");
    const foreign = await one.ask("ActivateGameSession", { GameSessionId: second });
    expect(foreign).toMatchObject({ StatusCode: 404 });
  });

  it("[GP3] hears of nothing before its first heartbeat", async () => {
    const process = await BareServerProcess.connect(service);
    const arn = service.placeGameSession({ name: "a match", gameProperties: { map: "arena" } });
    expect(await process.ask("HeartbeatServerProcess", { HealthStatus: true })).toMatchObject({
      StatusCode: 409,
    });
    await process.ask("ActivateServerProcess", activation(7001));
    expect(process.frames).toHaveLength(2);
    const pushed = process.next("CreateGameSession");
    await process.ask("HeartbeatServerProcess", { HealthStatus: false });
    expect(await pushed).toEqual({
      Action: "CreateGameSession",
      GameSessionId: arn,
      GameSessionName: "a match",
      MaximumPlayerSessionCount: 16,
      Port: 7001,
      IpAddress: "127.0.0.1",
      DnsName: "localhost",
      GameSessionData: "",
      MatchmakerData: "",
      GameProperties: { map: "arena" },
    });
    expect(service.processes.get("process-1")).toMatchObject({
      port: 7001,
      logPaths: ["logs"],
      sdkVersion: "5.6.0",
      sdkLanguage: "TypeScript",
      healthReports: [{ healthy: false }],
      ended: false,
    });
  });

  it("[GP3] is told of updates, its end and a new address, each with its documented members", async () => {
    const process = await BareServerProcess.ready(service);
    const arn = service.placeGameSession({ name: "a match", location: "custom-home" });
    expect(arn).toMatch(new RegExp(`gamesession/${service.fleetId}/custom-home/gsess-`));
    service.updateGameSession(arn, {
      reason: "MATCHMAKING_DATA_UPDATED",
      ticketId: "ticket-1",
      matchmakerData: "{}",
    });
    service.terminateProcess(1_795_170_392_624.7);
    service.refreshConnection({ endpoint: "wss://other", authToken: "token" });
    await process.next("RefreshConnection");
    expect(process.frames.slice(3)).toEqual([
      {
        Action: "UpdateGameSession",
        UpdateReason: "MATCHMAKING_DATA_UPDATED",
        BackfillTicketId: "ticket-1",
        GameSession: {
          GameSessionId: arn,
          Name: "a match",
          FleetId: service.fleetId,
          MaximumPlayerSessionCount: 16,
          Port: 7777,
          IpAddress: "127.0.0.1",
          DnsName: "localhost",
          GameSessionData: "",
          MatchmakerData: "{}",
          GameProperties: {},
        },
      },
      { Action: "TerminateProcess", TerminationTime: 1_795_170_392_624 },
      { Action: "RefreshConnection", RefreshConnectionEndpoint: "wss://other", AuthToken: "token" },
    ]);
  });

  it("[GP3] answers a ping", async () => {
    await BareServerProcess.connect(service);
    await service.ping();
  });
});
