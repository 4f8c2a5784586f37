import { afterAll, describe, expect, it } from "vitest";
import { GameLiftFleet } from "../../../../server/fleet/gamelift/gamelift-fleet.ts";
import { MemoryTelemetry } from "../../../../server/telemetry/memory/memory-telemetry.ts";
import { describeFleetContract } from "../../../contract/fleet-contract.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { GameLiftService } from "../../../support/gamelift-service/service.ts";
import { GameLiftWorld, never } from "./gamelift-world.ts";

const services: GameLiftService[] = [];
afterAll(async () => {
  for (const service of services) await service[Symbol.asyncDispose]();
});

describeFleetContract("GameLiftFleet", async () => {
  const { service, fleet } = await GameLiftWorld.open();
  services.push(service);
  let isPlaced = false;
  const pass = async () => {
    if (isPlaced) return;
    isPlaced = true;
    await service.waitFor("HeartbeatServerProcess");
    const arn = service.placeGameSession({ maximumPlayerSessionCount: 8 });
    for (const name of ["a", "b", "c", "d"]) {
      service.createPlayerSession(arn, name, "", { force: true });
    }
    await service.ping();
  };
  return { fleet, pass, statusOf: (id) => service.playerSession(id).status };
});

const CONFIGURATION = "arn:aws:gamelift:us-west-2:123456789012:matchmakingconfiguration/duels";

describe("GameLiftFleet", () => {
  it("[GF1] tells the service its port and its log paths, and its health when it is asked", async () => {
    await using world = await GameLiftWorld.open();
    world.isHealthy = false;
    await world.fleet.process.ready(7123, world.callbacks);
    await world.service.waitFor("HeartbeatServerProcess");
    const process = world.service.processes.get("process-1");
    expect(process).toMatchObject({ port: 7123, logPaths: ["logs"], ready: true });
    expect(process?.healthReports.map(({ healthy }) => healthy)).toEqual([false]);
    expect(world.service.violations).toEqual([]);
  });

  it.each([
    [{ metricsTool: true }, {}, { SdkToolName: "Metrics", SdkToolVersion: "1.0.0" }],
    [
      { metricsTool: true },
      { GAMELIFT_SDK_TOOL_NAME: "other", GAMELIFT_SDK_TOOL_VERSION: "2" },
      { SdkToolName: "other", SdkToolVersion: "2" },
    ],
    [{ metricsTool: false }, {}, {}],
    [{}, {}, {}],
  ])("[SX12] with %j and %j names its tool as %j", async (options, environment, tool) => {
    await using world = await GameLiftWorld.open({}, { ...options, environment });
    await world.fleet.process.ready(7000, world.callbacks);
    const sent = world.service.requests.find(({ action }) => action === "ActivateServerProcess");
    const members = Object.entries(sent?.message ?? {});
    expect(Object.fromEntries(members.filter(([name]) => name.startsWith("SdkTool")))).toEqual(
      tool,
    );
    expect(world.service.violations).toEqual([]);
  });

  it("[GF1] says again that it is ready when the service could not hear it", async () => {
    await using world = await GameLiftWorld.open();
    const busy = { statusCode: 429, errorMessage: "slow down" };
    world.service.faults.answerWith("ActivateServerProcess", busy, 1);
    await world.fleet.process.ready(7000, world.callbacks);
    expect(world.service.count("ActivateServerProcess")).toBe(2);
    expect(world.service.processes.get("process-1")?.ready).toBe(true);
  });

  it("[GF1] does not insist when the service says no", async () => {
    await using world = await GameLiftWorld.open();
    const no = { statusCode: 409, errorMessage: "no" };
    world.service.faults.answerWith("ActivateServerProcess", no);
    const ready = world.fleet.process.ready(7000, world.callbacks);
    await expect(ready).rejects.toMatchObject({ code: "FLEET_REFUSED" });
    expect(world.service.count("ActivateServerProcess")).toBe(1);
  });

  it("[GF1] hands a game session on with its properties and its matchmaker's data", async () => {
    await using world = await GameLiftWorld.open();
    await world.fleet.process.ready(7000, world.callbacks);
    await world.service.waitFor("HeartbeatServerProcess");
    const gameSessionId = world.service.placeGameSession({
      name: "a match",
      maximumPlayerSessionCount: 4,
      gameProperties: { map: "small" },
      gameSessionData: "data",
      matchmakerData: '{"matchId":"m"}',
    });
    await world.service.ping();
    expect(world.sessions).toEqual([
      {
        gameSessionId,
        name: "a match",
        maximumPlayerSessionCount: 4,
        gameProperties: { map: "small" },
        gameSessionData: "data",
        matchmakerData: '{"matchId":"m"}',
      },
    ]);
  });

  it.each([
    [1_024, 1],
    [2_100, 3],
  ])("[GF2] describes %d player sessions in %d pages", async (players, pages) => {
    await using world = await GameLiftWorld.open({ limits: "documented" });
    const { gameSessionId } = await world.hosting(players);
    const records = await world.fleet.gameSessions.playerSessions(gameSessionId, never);
    expect(new Set(records.map(({ playerSessionId }) => playerSessionId)).size).toBe(players);
    expect(world.service.count("DescribePlayerSessions")).toBe(pages);
  });

  it("[GF2] describes only those that wait for their players, however many have been there", async () => {
    await using world = await GameLiftWorld.open({ limits: "documented" });
    const { gameSessionId, ids } = await world.hosting(4);
    const [first = "", second = "", ...others] = ids;
    for (const id of [first, second]) await world.fleet.playerSessions.accept(id, never);
    await world.fleet.playerSessions.remove(second, never);
    const records = await world.fleet.gameSessions.playerSessions(gameSessionId, never);
    expect(records.map(({ playerSessionId }) => playerSessionId)).toEqual(others);
    expect(world.service.violations).toEqual([]);
  });

  it("[GF2] keeps to what the service allows, however often it is asked", async () => {
    await using world = await GameLiftWorld.open({ limits: "documented" });
    const { gameSessionId } = await world.hosting(1);
    const asked = Array.from({ length: 14 }, () =>
      world.fleet.gameSessions.playerSessions(gameSessionId, never),
    );
    expect((await Promise.all(asked)).every((records) => records.length === 1)).toBe(true);
    expect(world.service.requests.every(({ statusCode }) => statusCode === 200)).toBe(true);
  });

  it("[GF2] asks no further once its caller has given up", async () => {
    await using world = await GameLiftWorld.open();
    const { gameSessionId } = await world.hosting(1);
    const failure = world.fleet.gameSessions.playerSessions(gameSessionId, AbortSignal.abort());
    await expect(failure).rejects.toMatchObject({ code: "FLEET_UNREACHABLE" });
    expect(world.service.count("DescribePlayerSessions")).toBe(0);
  });

  it.each([400, 401, 403, 404, 409])("[GF3] takes %d for a no to an accept", async (statusCode) => {
    await using world = await GameLiftWorld.open();
    const { ids } = await world.hosting(1);
    world.service.faults.answerWith("AcceptPlayerSession", { statusCode, errorMessage: "no" });
    expect(await world.fleet.playerSessions.accept(ids[0]!, never)).toEqual({ outcome: "refused" });
  });

  it.each([429, 500, 503])("[GF3] takes %d for no answer to an accept", async (statusCode) => {
    await using world = await GameLiftWorld.open();
    const { ids } = await world.hosting(1);
    world.service.faults.answerWith("AcceptPlayerSession", { statusCode, errorMessage: "no" });
    const answer = await world.fleet.playerSessions.accept(ids[0]!, never);
    expect(answer).toMatchObject({ outcome: "unavailable" });
    expect(String((answer as { cause?: unknown }).cause)).not.toContain(ids[0]);
  });

  it("[GF3] says yes late to an accept when the service could not even be asked for a while", async () => {
    await using world = await GameLiftWorld.open();
    const { ids } = await world.hosting(1);
    const { faults } = world.service;
    faults.silence({ applies: true }, "AcceptPlayerSession");
    faults.answerWith("DescribePlayerSessions", { statusCode: 500, errorMessage: "no" }, 2);
    const answer = world.fleet.playerSessions.accept(ids[0]!, never);
    await world.service.waitFor("AcceptPlayerSession");
    world.service.cut("reset");
    expect(await answer).toEqual({ outcome: "accepted" });
    expect(world.service.count("DescribePlayerSessions")).toBe(3);
    expect(world.service.playerSession(ids[0]!)).toMatchObject({ acceptRequests: 1, accepts: 1 });
  });

  it("[GF3] says yes late to an accept whose answer was lost, once the caller would rather know", async () => {
    await using world = await GameLiftWorld.open();
    const { ids } = await world.hosting(1);
    world.service.faults.silence({ applies: true }, "AcceptPlayerSession");
    const impatient = new AbortController();
    const answer = world.fleet.playerSessions.accept(ids[0]!, impatient.signal);
    await world.service.waitFor("AcceptPlayerSession");
    impatient.abort();
    expect(await answer).toEqual({ outcome: "accepted" });
    expect(world.service.playerSession(ids[0]!)).toMatchObject({ acceptRequests: 1, accepts: 1 });
  });

  it("[GF4] finds out by asking that a removal without an answer was taken", async () => {
    await using world = await GameLiftWorld.open();
    const { ids } = await world.hosting(1);
    await world.fleet.playerSessions.accept(ids[0]!, never);
    world.service.faults.silence({ applies: true }, "RemovePlayerSession");
    const impatient = new AbortController();
    const removal = world.fleet.playerSessions.remove(ids[0]!, impatient.signal);
    await world.service.waitFor("RemovePlayerSession");
    impatient.abort();
    expect(await removal).toEqual({ outcome: "removed" });
    expect(world.service.playerSession(ids[0]!)).toMatchObject({ removeRequests: 1, removes: 1 });
  });

  it("[GF4] tells a removal that is refused from one that could not be asked for", async () => {
    await using world = await GameLiftWorld.open();
    const { ids } = await world.hosting(1);
    const { playerSessions } = world.fleet;
    expect(await playerSessions.remove(ids[0]!, never)).toEqual({ outcome: "refused" });
    world.service.faults.answerWith("RemovePlayerSession", { statusCode: 429, errorMessage: "no" });
    expect(await playerSessions.remove(ids[0]!, never)).toMatchObject({ outcome: "unavailable" });
  });

  it("[GF5] starts and stops a backfill with everybody's team and attributes", async () => {
    await using world = await GameLiftWorld.open();
    const { gameSessionId } = await world.hosting(1);
    const request = { gameSessionId, matchmakingConfigurationArn: CONFIGURATION };
    const players = [
      {
        playerId: "anna",
        team: "red",
        attributes: {
          mode: { type: "string", value: "duel" },
          skill: { type: "number", value: 0 },
          maps: { type: "string_list", value: ["small"] },
          ranks: { type: "string_number_map", value: { duel: 3 } },
        },
      },
    ] as const;
    const ticketId = await world.fleet.backfills.start({ ...request, players }, never);
    expect(world.service.requests.at(-1)?.message).toMatchObject({
      Players: [
        {
          PlayerId: "anna",
          Team: "red",
          PlayerAttributes: {
            mode: { AttrType: "STRING", S: "duel" },
            skill: { AttrType: "DOUBLE", N: 0 },
            maps: { AttrType: "STRING_LIST", SL: ["small"] },
            ranks: { AttrType: "STRING_DOUBLE_MAP", SDM: { duel: 3 } },
          },
        },
      ],
    });
    await world.fleet.backfills.stop({ ...request, ticketId }, never);
    expect(world.service.violations).toEqual([]);
  });

  it("[GF5] passes on what became of a backfill", async () => {
    await using world = await GameLiftWorld.open();
    const { gameSessionId } = await world.hosting(1);
    world.service.updateGameSession(gameSessionId, {
      reason: "BACKFILL_TIMED_OUT",
      ticketId: "ticket-9",
    });
    await world.service.ping();
    expect(world.updates).toMatchObject([
      { reason: "backfill_timed_out", ticketId: "ticket-9", session: { gameSessionId } },
    ]);
  });

  it("[GF6] tells how long the service waits for the end", async () => {
    await using world = await GameLiftWorld.open();
    await world.hosting(1);
    world.service.terminateProcess(Date.now() + 120_000);
    world.service.terminateProcess(Date.now() - 120_000);
    await world.service.ping();
    expect(world.terminations[0]).toBeGreaterThan(110_000);
    expect(world.terminations[0]).toBeLessThanOrEqual(120_000);
    expect(world.terminations[1]).toBe(1_000);
  });

  it("[GF7] tells when the service is out of reach, and when it is back", async () => {
    await using world = await GameLiftWorld.open();
    const { ids } = await world.hosting(1);
    world.service.cut("reset");
    await world.service.until(() => world.service.upgrades.length === 2);
    expect(await world.fleet.playerSessions.accept(ids[0]!, never)).toEqual({
      outcome: "accepted",
    });
    expect(world.reachable).toEqual([false, true]);
  });

  it("[TM7] counts connections and heartbeats among the calls to the fleet", async () => {
    await using world = await GameLiftWorld.open();
    await world.hosting(1);
    const ended = () =>
      world.telemetry
        .of("fleetCallEnded")
        .map(({ action, outcome }) => `${action} ${outcome}`)
        .join();
    await expect.poll(ended).toBe("connect ok,heartbeat ok");
    world.service.cut("reset");
    await expect.poll(ended).toContain("heartbeat ok,connect ok");
  });

  it("[GF7] tells once that the service wants the process no more", async () => {
    await using world = await GameLiftWorld.open();
    const { ids } = await world.hosting(1);
    world.service.cut({ code: 1000 });
    await expect.poll(() => world.lost.length).toBe(1);
    const answer = await world.fleet.playerSessions.accept(ids[0]!, never);
    expect(answer).toMatchObject({ outcome: "unavailable" });
    expect(world.lost).toHaveLength(1);
  });

  it("[GF8] finds the fleet's certificate, and none where the service refuses to say", async () => {
    await using world = await GameLiftWorld.open();
    expect(await world.fleet.certificatePath()).toBe("");
    world.service.certificatePath = "/local/gamemetadata/certificates";
    expect(await world.fleet.certificatePath()).toBe("/local/gamemetadata/certificates");
    world.service.faults.answerWith("GetComputeCertificate", {
      statusCode: 400,
      errorMessage: "no",
    });
    expect(await world.fleet.certificatePath()).toBe("");
    world.service.faults.answerWith("GetComputeCertificate", {
      statusCode: 500,
      errorMessage: "no",
    });
    await expect(world.fleet.certificatePath()).rejects.toMatchObject({
      code: "FLEET_UNREACHABLE",
    });
  });

  it("[GF9] says at start what is wrong with the token, without it", async () => {
    await using service = await GameLiftService.open();
    const environment = { ...service.environment(), GAMELIFT_SDK_AUTH_TOKEN: "wrong-token" };
    const opening = GameLiftFleet.open({
      clock: new FakeClock(),
      telemetry: new MemoryTelemetry(),
      environment,
      logPaths: () => ["logs"],
    });
    const error = await opening.catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "FLEET_UNREACHABLE" });
    expect(String(error)).toMatch(/403.*token/);
    expect(String(error)).not.toContain("wrong-token");
  });
});
