import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { activation, BareServerProcess, queryFor } from "../support/bare-server-process.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { GameLiftService } from "../support/gamelift-service/service.ts";

let clock: FakeClock;
let service: GameLiftService;

beforeEach(async () => {
  clock = new FakeClock();
  service = await GameLiftService.open({ clock });
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

describe("connecting", () => {
  it("[GP1] takes the seven parameters in any order and knows the process by its pID", async () => {
    const query = queryFor(service);
    const backwards = Object.fromEntries(Object.entries(query).reverse());
    await BareServerProcess.connect(service, backwards);
    const [connection] = service.processes.get("process-1")!.connections;
    expect(connection).toMatchObject({ number: 1, query, kind: "first", closed: undefined });
    expect(service.violations).toEqual([]);
  });

  it.each(
    Object.keys({
      pID: 0,
      sdkVersion: 0,
      sdkLanguage: 0,
      ComputeId: 0,
      FleetId: 0,
      IdempotencyToken: 0,
      Authorization: 0,
    }),
  )("[GP1] refuses an upgrade without %s", async (name) => {
    await expect(BareServerProcess.connect(service, { [name]: "" })).rejects.toThrow("400");
    expect(service.violations).toEqual([`upgrade: query ${name}: missing`]);
  });

  it.each([
    ["a wrong token", { Authorization: "no-such-token" }],
    ["another fleet", { FleetId: "fleet-other" }],
    ["another compute", { ComputeId: "compute-2" }],
    ["a signature that nobody may make", { Authorization: "SigV4" }],
  ])("[GP1] refuses %s with 403", async (_what, over) => {
    await expect(BareServerProcess.connect(service, over)).rejects.toThrow("403");
    expect(service.upgrades).toMatchObject([{ status: 403 }]);
    expect(service.processes.size).toBe(0);
  });
});

describe("a process", () => {
  it("[GP3] becomes ready, reports its health and hears of a game session after its first heartbeat", async () => {
    const process = await BareServerProcess.connect(service);
    const arn = service.placeGameSession({ name: "a match", gameProperties: { map: "arena" } });
    await process.ask("ActivateServerProcess", activation(7001));
    expect(process.frames.map((frame) => frame["Action"])).toEqual(["ActivateServerProcess"]);
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
      ready: true,
      port: 7001,
      logPaths: ["logs"],
      healthReports: [{ healthy: false }],
      ended: false,
    });
  });

  it("[GP5] is answered with its Action, its RequestId and a status", async () => {
    const process = await BareServerProcess.connect(service);
    const id = randomUUID();
    expect(await process.ask("ActivateServerProcess", activation(), id)).toEqual({
      Action: "ActivateServerProcess",
      RequestId: id,
      StatusCode: 200,
    });
    expect(await process.ask("ActivateGameSession", { GameSessionId: "arn:none" })).toMatchObject({
      StatusCode: 404,
      ErrorMessage: "Game session not found",
    });
  });
});

describe("player sessions", () => {
  it("[GP6] are accepted once, removed once and complete", async () => {
    const { process, arn } = await hosting();
    const id = service.createPlayerSession(arn, "anna", "blue");
    const seat = { GameSessionId: arn, PlayerSessionId: id };
    expect(await process.ask("AcceptPlayerSession", seat)).toMatchObject({ StatusCode: 200 });
    expect(await process.ask("AcceptPlayerSession", seat)).toMatchObject({ StatusCode: 409 });
    expect(service.playerSession(id)).toMatchObject({ status: "ACTIVE" });
    expect(await process.ask("RemovePlayerSession", seat)).toMatchObject({ StatusCode: 200 });
    expect(await process.ask("RemovePlayerSession", seat)).toMatchObject({ StatusCode: 409 });
    expect(service.playerSession(id)).toMatchObject({
      status: "COMPLETED",
      acceptRequests: 2,
      accepts: 1,
      removeRequests: 2,
      removes: 1,
      endedWithGameSession: false,
    });
    expect(service.violations).toEqual([]);
  });
});
