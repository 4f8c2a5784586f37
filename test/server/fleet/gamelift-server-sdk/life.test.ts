import { describe, expect, it } from "vitest";
import type {
  GameSession,
  GameSessionUpdate,
} from "../../../../server/fleet/gamelift-server-sdk/index.ts";
import { settle } from "../../../support/fake-clock.ts";
import { FLEET_ID, failureOf, GAME_SESSION_ID, SdkWorld } from "./sdk-world.ts";

const CREATE = {
  Action: "CreateGameSession",
  GameSessionId: GAME_SESSION_ID,
  GameSessionName: "my game",
  MaximumPlayerSessionCount: 4,
  Port: 7777,
  IpAddress: "127.0.0.1",
  DnsName: "host.example",
  GameSessionData: "data",
  MatchmakerData: '{"matchId":"m-1"}',
  GameProperties: { map: "arena", __proto__: "x" },
};
const HEARTBEAT = "HeartbeatServerProcess";

describe("what the service says", () => {
  it("[GL12] a game session is handed on with everything the service tells", async () => {
    const sessions: GameSession[] = [];
    const world = new SdkWorld();
    await world.ready({ onStartGameSession: (session) => void sessions.push(session) });
    world.service.say(CREATE);
    expect(sessions).toEqual([
      {
        gameSessionId: GAME_SESSION_ID,
        name: "my game",
        fleetId: FLEET_ID,
        maximumPlayerSessionCount: 4,
        port: 7777,
        ipAddress: "127.0.0.1",
        dnsName: "host.example",
        gameSessionData: "data",
        matchmakerData: '{"matchId":"m-1"}',
        gameProperties: expect.objectContaining({ map: "arena" }),
      },
    ]);
  });

  it("[GL12] a game session in the same breath as the answer, or before it, is not lost", async () => {
    for (const isBefore of [false, true]) {
      const sessions: string[] = [];
      const world = new SdkWorld();
      const sdk = await world.init();
      const ready = sdk.processReady({
        port: 1,
        logPaths: ["x"],
        onStartGameSession: ({ gameSessionId }) => void sessions.push(gameSessionId),
      });
      const { RequestId } = world.service.last("ActivateServerProcess");
      const answer = { Action: "ActivateServerProcess", RequestId, StatusCode: 200 };
      for (const message of isBefore ? [CREATE, answer] : [answer, CREATE])
        world.service.say(message);
      expect(sessions).toEqual([GAME_SESSION_ID]);
      await ready;
    }
  });

  it("[GL12] comes in order, twice counts once, and nothing follows a second game session", async () => {
    const seen: string[] = [];
    const world = new SdkWorld();
    await world.ready({
      onStartGameSession: ({ gameSessionId }) => void seen.push(`start ${gameSessionId.slice(-7)}`),
      onUpdateGameSession: ({ updateReason }) => void seen.push(`update ${updateReason}`),
      onProcessTerminate: (timeMs) => void seen.push(`terminate ${timeMs}`),
    });
    const update = {
      Action: "UpdateGameSession",
      UpdateReason: "BACKFILL_FAILED",
      BackfillTicketId: "ticket-1",
      GameSession: { GameSessionId: GAME_SESSION_ID },
    };
    world.service.say(CREATE);
    world.service.say(CREATE);
    world.service.say({ ...CREATE, GameSessionId: `${GAME_SESSION_ID}-other` });
    world.service.say(update);
    world.service.say({ ...update, UpdateReason: "FULL_MOON" });
    world.service.say({ ...update, GameSession: { GameSessionId: "another" } });
    world.service.say({ Action: "TerminateProcess", TerminationTime: 1_795_170_392_624 });
    expect(seen).toEqual([
      "start gsess-1",
      "update BACKFILL_FAILED",
      "update UNKNOWN",
      "terminate 1795170392624",
    ]);
    const ignored = world.events.filter(({ type }) => type === "frame_ignored");
    expect(ignored).toEqual(Array(3).fill({ type: "frame_ignored", why: "out_of_turn" }));
  });

  it("[GL12] an update tells the game session as it is", async () => {
    const updates: GameSessionUpdate[] = [];
    const world = new SdkWorld();
    await world.hosting({ onUpdateGameSession: (update) => void updates.push(update) });
    world.service.say({
      Action: "UpdateGameSession",
      UpdateReason: "MATCHMAKING_DATA_UPDATED",
      BackfillTicketId: "ticket-1",
      GameSession: { ...CREATE, Name: "renamed", FleetId: "fleet-x", MatchmakerData: "{}" },
    });
    expect(updates[0]).toMatchObject({
      updateReason: "MATCHMAKING_DATA_UPDATED",
      backfillTicketId: "ticket-1",
      gameSession: { name: "renamed", fleetId: "fleet-x", matchmakerData: "{}" },
    });
  });

  it.each([
    ["no JSON", "{", "not_json"],
    ["a number", "7", "unknown_action"],
    ["null", "null", "unknown_action"],
    ["an unknown action", { Action: "Dance" }, "unknown_action"],
    ["a push with an id", { ...CREATE, RequestId: "r" }, "unknown_request"],
    [
      "a move to no address",
      { Action: "RefreshConnection", RefreshConnectionEndpoint: "http://x" },
      "unknown_action",
    ],
  ])("[GL12] is passed over when it is %s", async (_, message, why) => {
    const world = new SdkWorld();
    const sdk = await world.ready();
    world.service.say(message);
    expect(world.events.at(-1)).toEqual({ type: "frame_ignored", why });
    expect(() => sdk.gameSessionId).toThrow(
      expect.objectContaining({ name: "GameSessionIdNotSet" }),
    );
  });

  it("[GL12] more than 16 pushes before the process is ready are passed over", async () => {
    const world = new SdkWorld();
    await world.init();
    for (let count = 0; count < 20; count++) world.service.say(CREATE);
    expect(world.events.filter(({ type }) => type === "frame_ignored")).toHaveLength(4);
  });

  it("[GL12] a callback that throws or rejects harms nothing and is told", async () => {
    const world = new SdkWorld();
    const sdk = await world.ready({
      onStartGameSession: () => {
        throw new Error("oops");
      },
      onProcessTerminate: () => Promise.reject(new Error("later")),
    });
    world.service.say(CREATE);
    world.service.say({ Action: "TerminateProcess", TerminationTime: 5 });
    await settle();
    expect(world.events.filter(({ type }) => type === "callback_failed")).toMatchObject([
      { callback: "onStartGameSession", cause: { message: "oops" } },
      { callback: "onProcessTerminate", cause: { message: "later" } },
    ]);
    const activated = sdk.activateGameSession();
    await world.service.answer("ActivateGameSession");
    await activated;
  });
});

describe("health", () => {
  const reports = (world: SdkWorld) =>
    world.ends.flatMap(({ sent }) =>
      sent.filter(({ Action }) => Action === HEARTBEAT).map(({ HealthStatus }) => HealthStatus),
    );

  it("[GL11] is reported at once and then every 60 s give or take 10", async () => {
    const world = new SdkWorld();
    world.randomValue = 0;
    await world.ready();
    expect(reports(world)).toEqual([true]);
    await world.clock.advanceAsync(49_999);
    expect(reports(world)).toHaveLength(1);
    await world.clock.advanceAsync(1);
    expect(reports(world)).toHaveLength(2);
    world.randomValue = 0.999_999;
    await world.clock.advanceAsync(50_000);
    expect(reports(world)).toHaveLength(3);
    await world.clock.advanceAsync(69_000);
    expect(reports(world)).toHaveLength(3);
    await world.clock.advanceAsync(1_001);
    expect(reports(world)).toHaveLength(4);
  });

  it.each<[string, () => boolean | Promise<boolean>]>([
    ["says no", () => false],
    [
      "throws",
      () => {
        throw new Error("oops");
      },
    ],
    ["rejects", () => Promise.reject(new Error("oops"))],
    ["says something else", () => "yes" as unknown as boolean],
  ])("[GL11] is bad when the check %s", async (_, onHealthCheck) => {
    const world = new SdkWorld();
    await world.ready({ onHealthCheck });
    await settle();
    expect(reports(world)).toEqual([false]);
  });

  it("[GL11] is bad when the check takes 50 s, and a check that hangs is not begun again", async () => {
    const world = new SdkWorld();
    let checks = 0;
    let finish: (isHealthy: boolean) => void = () => {};
    await world.ready({
      onHealthCheck: () => {
        checks++;
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
    });
    await world.clock.advanceAsync(49_999);
    expect(reports(world)).toEqual([]);
    await world.clock.advanceAsync(1);
    expect(reports(world)).toEqual([false]);
    await world.clock.advanceAsync(120_000);
    expect(checks).toBe(1);
    finish(true);
    await settle();
    await world.clock.advanceAsync(60_000);
    expect(checks).toBe(2);
  });

  it("[GL11] goes on after a termination and stops with the end of the process", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting({ onProcessTerminate() {} });
    world.service.say({ Action: "TerminateProcess", TerminationTime: 5 });
    await world.clock.advanceAsync(60_000);
    expect(reports(world)).toHaveLength(2);
    const ending = sdk.processEnding();
    await world.service.answer("TerminateServerProcess");
    await ending;
    await world.clock.advanceAsync(200_000);
    expect(reports(world)).toHaveLength(2);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it("[GL11] is not reported late: after a break there is one new report, true as it is then", async () => {
    const world = new SdkWorld();
    let isHealthy = false;
    await world.hosting({ onHealthCheck: () => isHealthy });
    world.tries.push(...Array(200).fill("no answer"));
    world.service.end(1006);
    await world.clock.advanceAsync(600_000);
    expect(reports(world)).toEqual([false]);
    isHealthy = true;
    world.tries.length = 0;
    await world.clock.advanceAsync(8_000);
    expect(reports(world)).toEqual([false, true]);
  });

  it("[GL11] two reports without an answer in 10 s each, and nothing else, make a new connection and a new report", async () => {
    const world = new SdkWorld();
    await world.hosting();
    const [first] = world.ends;
    first!.answersHeartbeats = false;
    await world.clock.advanceAsync(60_000);
    expect(first!.count(HEARTBEAT)).toBe(2);
    await world.clock.advanceAsync(10_000);
    expect([first!.count(HEARTBEAT), first!.isCut]).toEqual([3, false]);
    await world.clock.advanceAsync(10_000);
    expect(first!.isCut).toBe(true);
    expect(world.service.count(HEARTBEAT)).toBe(1);
    expect(world.eventTypes().filter((type) => type === "heartbeat_failed")).toHaveLength(2);
  });

  it("[GL11] a report that the service does not take is made again after 10 s", async () => {
    const world = new SdkWorld();
    await world.hosting();
    world.service.answersHeartbeats = false;
    await world.clock.advanceAsync(60_000);
    await world.service.refuse(HEARTBEAT, 500);
    await world.clock.advanceAsync(9_999);
    expect(world.service.count(HEARTBEAT)).toBe(2);
    await world.clock.advanceAsync(1);
    expect(world.service.count(HEARTBEAT)).toBe(3);
    await world.service.answer(HEARTBEAT);
    await world.clock.advanceAsync(59_000);
    expect(world.service.count(HEARTBEAT)).toBe(3);
  });
});

describe("the end of a process", () => {
  it("[GL16] a termination tells until when, in milliseconds", async () => {
    const times: (number | undefined)[] = [];
    const world = new SdkWorld();
    const sdk = await world.hosting({ onProcessTerminate: (timeMs) => void times.push(timeMs) });
    world.service.say({ Action: "TerminateProcess", TerminationTime: 1_795_170_392_624 });
    expect(sdk.terminationTimeMs).toBe(1_795_170_392_624);
    world.service.say({ Action: "TerminateProcess" });
    world.service.say({ Action: "TerminateProcess", TerminationTime: 12.5 });
    expect(times).toEqual([1_795_170_392_624, undefined, undefined]);
    expect(sdk.terminationTimeMs).toBe(1_795_170_392_624);
  });

  it.each([
    [200, 0],
    [500, 1],
  ])(
    "[GL16] that nobody handles says goodbye (answered %d) and exits with %d",
    async (status, code) => {
      const world = new SdkWorld();
      await world.hosting();
      world.service.say({ Action: "TerminateProcess", TerminationTime: 5 });
      await settle();
      if (status === 200) await world.service.answer("TerminateServerProcess");
      else await world.service.refuse("TerminateServerProcess", status);
      expect(world.exits).toEqual([code]);
      expect(world.service.isDiscarded).toBe(true);
    },
  );

  it("[GL16] leaves the connection open until it is destroyed", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    const ending = sdk.processEnding();
    await world.service.answer("TerminateServerProcess");
    await ending;
    expect(world.service.isDiscarded).toBe(false);
    expect(await failureOf(sdk.activateGameSession())).toMatchObject({ name: "NotInitialized" });
    sdk.destroy();
    expect(world.service.isDiscarded).toBe(true);
  });
});

describe("eight hours", () => {
  it("[GL17] of a session, moved every two hours and cut every fifty minutes, lose no call and leave nothing behind", async () => {
    const world = new SdkWorld();
    const sdk = await world.hosting();
    let calls = 0;
    let moves = 0;
    let cuts = 0;
    for (let minute = 1; minute <= 480; minute++) {
      const call = sdk.describePlayerSessions({ gameSessionId: GAME_SESSION_ID });
      if (minute % 50 === 0) {
        cuts++;
        world.service.end(minute % 100 === 0 ? 1006 : 1011);
        await world.clock.advanceAsync(1);
      }
      if (minute % 120 === 0) {
        moves++;
        world.service.say({
          Action: "RefreshConnection",
          RefreshConnectionEndpoint: `wss://service-${moves}.example`,
          AuthToken: `token-${moves}`,
        });
        await settle();
      }
      const asked = world.ends.findLast((end) => end.count("DescribePlayerSessions") > 0)!;
      await asked.answer("DescribePlayerSessions", { PlayerSessions: [] });
      await call;
      calls++;
      await world.clock.advanceAsync(60_000);
    }
    expect({ calls, moves, cuts }).toEqual({ calls: 480, moves: 4, cuts: 9 });
    expect(world.ends).toHaveLength(1 + 4 + 9);
    const beats = world.ends.reduce((sum, end) => sum + end.count(HEARTBEAT), 0);
    expect(beats).toBeGreaterThanOrEqual(475);
    expect(world.ends.filter(({ isDiscarded }) => isDiscarded)).toHaveLength(4);
    // The next report, and nothing else.
    expect(world.clock.pendingTimers).toBe(1);
  });
});
