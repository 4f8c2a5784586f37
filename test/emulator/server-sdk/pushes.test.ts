import { describe, expect, it } from "vitest";
import { granted, LOCATION } from "../plane/plane-world.ts";
import { ACTIVATION, ServiceWorld } from "./service-world.ts";

const HEALTHY = { HealthStatus: true };

describe("a push", () => {
  it("[ES10] of a game session has the documented members, and comes after the first heartbeat's answer", () => {
    const world = new ServiceWorld();
    const process = world.connect();
    process.ask("ActivateServerProcess", ACTIVATION);
    const session = () =>
      world.plane.gameSessions.create({
        fleetId: world.anywhere.fleetId,
        location: LOCATION,
        maximumPlayerSessionCount: 4,
        name: "my game",
        gameSessionData: "data",
        matchmakerData: '{"matchId":"m-1"}',
        gameProperties: [
          { key: "map", value: "arena" },
          { key: "__proto__", value: "x" },
        ],
      });
    expect(session()).toMatchObject({ refusal: "FleetCapacityExceeded" });
    process.ask("HeartbeatServerProcess", HEALTHY);
    const { gameSessionId } = granted(session());
    expect(process.pushes).toEqual([
      {
        Action: "CreateGameSession",
        GameSessionId: gameSessionId,
        GameSessionName: "my game",
        MaximumPlayerSessionCount: 4,
        Port: 7777,
        IpAddress: "127.0.0.1",
        DnsName: "",
        GameSessionData: "data",
        MatchmakerData: '{"matchId":"m-1"}',
        GameProperties: JSON.parse('{"map":"arena","__proto__":"x"}'),
      },
    ]);
  });

  it("[ES10] of an update has the game session as it is, why, and the ticket", () => {
    const world = new ServiceWorld();
    const { process, arn } = world.hosting({}, { name: "my game" });
    const reason = "MATCHMAKING_DATA_UPDATED";
    granted(world.plane.backfills.end(arn, reason, "{}"));
    expect(process.pushes.at(-1)).toEqual({
      Action: "UpdateGameSession",
      UpdateReason: reason,
      BackfillTicketId: "",
      GameSession: {
        GameSessionId: arn,
        Name: "my game",
        FleetId: world.anywhere.fleetId,
        MaximumPlayerSessionCount: 8,
        Port: 7777,
        IpAddress: "127.0.0.1",
        DnsName: "",
        GameSessionData: "",
        MatchmakerData: "{}",
        GameProperties: {},
      },
    });
    process.ask("StartMatchBackfill", {
      GameSessionArn: arn,
      MatchmakingConfigurationArn:
        "arn:aws:gamelift:us-west-2:123456789012:matchmakingconfiguration/my-config",
      TicketId: "ticket-1",
      Players: [{ PlayerId: "anna", Team: "red" }],
    });
    granted(world.plane.backfills.end(arn, "BACKFILL_TIMED_OUT"));
    expect(process.pushes.at(-1)).toMatchObject({
      UpdateReason: "BACKFILL_TIMED_OUT",
      BackfillTicketId: "ticket-1",
    });
  });

  it("[ES10] of a termination has its deadline in whole milliseconds since 1970", () => {
    const world = new ServiceWorld();
    const process = world.reporting();
    world.clock.advance(0.5);
    world.plane.processes.terminate(world.record(), 120_000);
    expect(process.pushes).toEqual([
      { Action: "TerminateProcess", TerminationTime: Date.UTC(2026, 0, 1) + 120_000 },
    ]);
  });

  it("[ES10] follows the answer to the request that caused it", () => {
    const world = new ServiceWorld();
    const process = world.connect();
    process.ask("ActivateServerProcess", ACTIVATION);
    world.plane.processes.terminate(world.record(), 1_000);
    world.plane.processes.refresh(world.record());
    expect(process.pushes).toEqual([]);
    process.ask("HeartbeatServerProcess", HEALTHY);
    expect(process.frames.slice(1).map((frame) => frame["Action"])).toEqual([
      "HeartbeatServerProcess",
      "TerminateProcess",
      "RefreshConnection",
    ]);
  });
});

describe("the control plane's close", () => {
  it("[ES10] is code 1000 for a process that is over, after which nothing is heard of it", () => {
    const world = new ServiceWorld();
    const process = world.reporting();
    process.ask("TerminateServerProcess");
    world.clock.advance(world.plane.durations.exitMs);
    expect(process.line.end).toMatchObject({ code: 1000 });
    expect(world.record().state).toBe("ENDED");
    expect(world.service.processCount).toBe(0);
    expect(process.ask("TerminateServerProcess")).toEqual({});
  });

  it("[ES10] follows the answer to the request that caused it", () => {
    const world = new ServiceWorld();
    const process = world.reporting();
    world.plane.processes.terminate(world.record(), 1_000);
    process.frames.length = 0;
    // The third bad report of a process that was told already ends nothing at once, so the plane is asked directly.
    const stop = world.plane.happenings.listen(({ kind }) => {
      if (kind === "process-reported") world.plane.processes.kill(world.record());
    });
    expect(process.code("HeartbeatServerProcess", HEALTHY)).toBe(200);
    stop();
    expect(process.line.end).toMatchObject({ code: 1000 });
  });
});
