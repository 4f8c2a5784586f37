import { describe, expect, it } from "vitest";
import {
  type GameSession,
  type GameSessionUpdate,
  type SdkEvent,
  ServerSdk,
} from "../../../server/fleet/gamelift-server-sdk/index.ts";
import { emulatorDial } from "../../support/emulator-dial.ts";
import { settle } from "../../support/fake-clock.ts";
import { granted, LOCATION } from "../plane/plane-world.ts";
import { CONFIGURATION, ServiceWorld } from "./service-world.ts";
import { SocketWorld } from "./socket-world.ts";

/** Everything the service told the process. */
class Heard {
  readonly sessions: GameSession[] = [];
  readonly updates: GameSessionUpdate[] = [];
  readonly terminations: (number | undefined)[] = [];
  readonly events: SdkEvent[] = [];

  parameters() {
    return {
      port: 7777,
      logPaths: ["logs"],
      onStartGameSession: (session: GameSession) => void this.sessions.push(session),
      onUpdateGameSession: (update: GameSessionUpdate) => void this.updates.push(update),
      onProcessTerminate: (timeMs: number | undefined) => void this.terminations.push(timeMs),
    };
  }
}

describe("our own Server SDK", () => {
  it("[ES17] goes through a life over a real socket", async () => {
    await using world = await SocketWorld.open();
    const { plane, fleet } = world;
    const heard = new Heard();
    const environment = world.environment();
    const onEvent = (event: SdkEvent) => heard.events.push(event);
    const sdk = await ServerSdk.initSdk({}, { environment, onEvent });
    await sdk.processReady(heard.parameters());
    const process = plane.processes.list()[0]!;
    await expect.poll(() => process.reportedAtMs).toBeDefined();

    const { gameSessionId } = granted(
      plane.gameSessions.create({
        fleetId: fleet.fleetId,
        location: LOCATION,
        maximumPlayerSessionCount: 4,
        gameProperties: [{ key: "map", value: "arena" }],
      }),
    );
    await expect
      .poll(() => heard.sessions)
      .toMatchObject([{ gameSessionId, port: 7777, gameProperties: { map: "arena" } }]);
    await sdk.activateGameSession();
    const [anna] = granted(
      plane.playerSessions.create(gameSessionId, [{ playerId: "anna", playerData: "blue" }]),
    );
    const { playerSessionId = "" } = anna ?? {};
    await sdk.acceptPlayerSession(playerSessionId);
    const { playerSessions } = await sdk.describePlayerSessions({ playerSessionId });
    expect(playerSessions).toMatchObject([{ playerId: "anna", status: "ACTIVE" }]);
    await sdk.updatePlayerSessionCreationPolicy("DENY_ALL");

    const backfill = { gameSessionArn: gameSessionId, matchmakingConfigurationArn: CONFIGURATION };
    const players = [{ playerId: "anna", team: "red" }];
    const ticketId = await sdk.startMatchBackfill({ ...backfill, players });
    await sdk.stopMatchBackfill({ ...backfill, ticketId });
    granted(plane.backfills.end(gameSessionId, "BACKFILL_CANCELLED", "{}"));
    await expect.poll(() => heard.updates).toMatchObject([{ updateReason: "BACKFILL_CANCELLED" }]);
    expect(await sdk.getComputeCertificate()).toEqual({
      certificatePath: "/etc/certificates",
      computeName: "laptop",
    });
    const roleArn = "arn:aws:iam::123456789012:role/my-role";
    await expect(sdk.getFleetRoleCredentials({ roleArn })).rejects.toThrow();

    plane.processes.refresh(process);
    const opened = () =>
      world.sightings.flatMap((each) => (each.kind === "connected" ? each.as : []));
    await expect.poll(opened).toEqual(["first", "refresh"]);
    await expect.poll(() => world.service.connectionCount).toBe(1);
    world.service.cut(process, { kind: "reset" });
    await expect.poll(opened).toEqual(["first", "refresh", "reconnect"]);
    await sdk.removePlayerSession(playerSessionId);
    expect(plane.playerSessions.find(playerSessionId)?.status).toBe("COMPLETED");

    plane.processes.terminate(process, 60_000);
    await expect.poll(() => heard.terminations).toEqual([process.terminationAtMs]);
    await sdk.processEnding();
    sdk.destroy();
    await expect.poll(() => process).toMatchObject({ state: "ENDED", endReason: "ended" });
    expect(plane.gameSessions.find(gameSessionId)?.status).toBe("TERMINATED");
    const problems = world.sightings.flatMap((each) =>
      each.kind === "request" ? each.problems : [],
    );
    expect(problems).toEqual([]);
    expect(world.sightings.filter(({ kind }) => kind === "bad-frame")).toEqual([]);
  });

  it("[ES17] goes through many lives without a socket, and leaves nothing behind", async () => {
    const world = new ServiceWorld();
    const { plane, clock, anywhere, service } = world;
    const dial = emulatorDial(service);
    const heard = new Heard();
    for (let life = 0; life < 200; life++) {
      const environment = {
        GAMELIFT_SDK_WEBSOCKET_URL: plane.endpoint(),
        GAMELIFT_SDK_AUTH_TOKEN: world.tokenOf(),
        GAMELIFT_SDK_PROCESS_ID: `process-${life}`,
        GAMELIFT_SDK_HOST_ID: "laptop",
        GAMELIFT_SDK_FLEET_ID: anywhere.fleetId,
      };
      const sdk = await ServerSdk.initSdk({}, { environment, clock, dial, random: () => 0.5 });
      await sdk.processReady(heard.parameters());
      await settle();
      const request = {
        fleetId: anywhere.fleetId,
        location: LOCATION,
        maximumPlayerSessionCount: 2,
      };
      const { gameSessionId } = granted(plane.gameSessions.create(request));
      await settle();
      await sdk.activateGameSession();
      const [id = ""] = world.reserve(gameSessionId, "anna");
      await sdk.acceptPlayerSession(id);
      if (life % 2 === 0) await sdk.removePlayerSession(id);
      await sdk.processEnding();
      sdk.destroy();
      expect(plane.gameSessions.find(gameSessionId)?.status).toBe("TERMINATED");
      expect(plane.playerSessions.find(id)).toMatchObject({
        status: "COMPLETED",
        endedWithGameSession: life % 2 === 1,
      });
    }
    expect(heard.sessions).toHaveLength(200);
    expect([service.connectionCount, service.processCount, clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  it("[ES17] is refused in memory as it is by HTTP", async () => {
    const world = new ServiceWorld();
    const environment = {
      GAMELIFT_SDK_WEBSOCKET_URL: world.plane.endpoint(),
      GAMELIFT_SDK_AUTH_TOKEN: "wrong",
      GAMELIFT_SDK_PROCESS_ID: "process-1",
      GAMELIFT_SDK_HOST_ID: "laptop",
      GAMELIFT_SDK_FLEET_ID: world.anywhere.fleetId,
    };
    const dial = emulatorDial(world.service);
    const failing = ServerSdk.initSdk({}, { environment, clock: world.clock, dial });
    await expect(failing).rejects.toMatchObject({
      name: "WebsocketConnectFailure",
      statusCode: 403,
    });
  });
});
