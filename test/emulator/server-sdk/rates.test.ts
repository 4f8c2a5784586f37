import { describe, expect, it } from "vitest";
import { SERVICE_LIMITS } from "../../../emulator/server-sdk/limits.ts";
import { DocumentedRates } from "../../../emulator/server-sdk/rules/rates.ts";
import { ServiceWorld, type WireProcess } from "./service-world.ts";

const ARN = "arn:aws:gamelift:us-west-2::gamesession/fleet-1/gsess-1";
const BACKFILL = {
  GameSessionArn: ARN,
  MatchmakingConfigurationArn:
    "arn:aws:gamelift:us-west-2:123456789012:matchmakingconfiguration/my-config",
};
const ROLE = { RoleArn: "arn:aws:iam::123456789012:role/my-role", RoleSessionName: "host" };
const ACTIVATION = { SdkVersion: "5.6.0", SdkLanguage: "Go", Port: 7777 };

/** Burst, and seconds until the next one. */
const DOCUMENTED: readonly [action: string, members: object, burst: number, seconds: number][] = [
  ["ActivateServerProcess", ACTIVATION, 3, 1],
  ["ActivateGameSession", { GameSessionId: ARN }, 3, 1],
  ["TerminateServerProcess", {}, 3, 1],
  ["StartMatchBackfill", { ...BACKFILL, Players: [{ PlayerId: "p", Team: "red" }] }, 3, 1],
  ["StopMatchBackfill", { ...BACKFILL, TicketId: "t" }, 3, 1],
  ["AcceptPlayerSession", { GameSessionId: ARN, PlayerSessionId: "psess-1" }, 3, 1],
  ["RemovePlayerSession", { GameSessionId: ARN, PlayerSessionId: "psess-1" }, 3, 1],
  ["DescribePlayerSessions", { PlayerId: "anna" }, 10, 0.2],
  ["GetComputeCertificate", {}, 3, 10],
  ["GetFleetRoleCredentials", ROLE, 3, 10],
];

/** How many of twenty requests at one moment are not answered 429. */
function allowed(process: WireProcess, action: string, members: object): number {
  const codes = Array.from({ length: 20 }, () => process.code(action, members));
  return codes.filter((code) => code !== 429).length;
}

describe("the documented rates", () => {
  it.each(DOCUMENTED)(
    "[ES12] allow %s with %o %i times at once, then once in %d s",
    (action, members, burst, seconds) => {
      const world = new ServiceWorld({ rates: true });
      const process = world.connect();
      expect(allowed(process, action, members)).toBe(burst);
      expect(process.ask(action, members)["ErrorMessage"]).toContain("too often");
      world.clock.advance(seconds * 1_000);
      expect(allowed(process, action, members)).toBe(1);
      // Each process has its own, and so has each player.
      expect(allowed(world.connect({ pID: "process-2" }), action, members)).toBe(burst);
      const isOfPlayer = "PlayerSessionId" in members;
      if (isOfPlayer) {
        const other = { ...members, PlayerSessionId: "psess-2" };
        expect(allowed(process, action, other)).toBe(burst);
      }
    },
  );

  it("[ES12] count a player once, whatever the player session", () => {
    const world = new ServiceWorld({ rates: true });
    const { process, arn } = world.hosting();
    const ids = world.reserve(arn, "anna", "anna", "anna", "anna");
    const codes = ids.map((PlayerSessionId) =>
      process.code("AcceptPlayerSession", { GameSessionId: arn, PlayerSessionId }),
    );
    expect(codes).toEqual([200, 200, 200, 429]);
  });

  it("[ES12] allow three connections at once and then one in ten seconds, and any reconnect", () => {
    const world = new ServiceWorld({ rates: true });
    const process = world.connect();
    expect([world.status(), world.status(), world.status()]).toEqual([101, 101, 429]);
    expect(world.printed.at(-1)).toMatch(/refused with 429: Process process-1 connects too often/);
    for (let time = 0; time < 10; time++) expect(world.status(process.query)).toBe(101);
    expect(world.status({ pID: "process-2" })).toBe(101);
    world.clock.advance(10_000);
    expect([world.status(), world.status()]).toEqual([101, 429]);
  });

  it("[ES12] do not count heartbeats, policies and what comes again", () => {
    const world = new ServiceWorld({ rates: true });
    const { process, arn } = world.hosting();
    expect(allowed(process, "HeartbeatServerProcess", { HealthStatus: true })).toBe(20);
    const policy = { GameSessionId: arn, PlayerSessionPolicy: "DENY_ALL" };
    expect(allowed(process, "UpdatePlayerSessionCreationPolicy", policy)).toBe(20);
    for (let time = 0; time < 20; time++) {
      expect(process.code("GetComputeCertificate", {}, "again")).toBe(200);
    }
  });

  it("[ES12] hold where they are wanted alone", () => {
    const world = new ServiceWorld({ rates: false });
    expect(allowed(world.connect(), "GetComputeCertificate", {})).toBe(20);
    expect(Array.from({ length: 9 }, () => world.status())).toEqual(Array(9).fill(101));
  });

  it("[ES13] are kept for 2,048 players of a process: full ones are forgotten first, then the oldest", () => {
    const rates = new DocumentedRates();
    const max = SERVICE_LIMITS.rateBucketsMax;
    const take = (player: string, nowMs: number) =>
      rates.take("AcceptPlayerSession", player, nowMs);
    for (let index = 0; index < max; index++) take(`${index}`, 0);
    expect(rates.bucketCount).toBe(max);
    take("one more", 0);
    expect(rates.bucketCount).toBe(max);
    expect([take("1", 0), take("1", 0), take("1", 0)]).toEqual([true, true, false]);
    take("later", 60_000);
    expect(rates.bucketCount).toBe(1);
  });
});
