import { mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { selfSigned } from "../../emulator/front/self-signed.ts";
import { pause } from "../hostile/report.ts";
import { GameLiftMatch } from "../support/gamelift-match.ts";
import { GameLiftService } from "../support/gamelift-service/service.ts";
import { until } from "../support/in-process-server.ts";
import type { LightPlayer } from "../support/light-player.ts";
import { joinAs } from "../support/players.ts";
import { ServerProcess } from "../support/server-process.ts";

const started: ServerProcess[] = [];

/** A process alone, without a game session. */
async function start(variables: Record<string, string>, flags: readonly string[] = []) {
  const server = await ServerProcess.startOnFleet(variables, flags);
  started.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.kill()));
});

/** He flies for a while: what he sends is taken, and the state goes on. */
async function play(player: LightPlayer): Promise<void> {
  const before = player.frameCount;
  player.steer();
  await until(() => player.frameCount > before + 5);
}

describe("a process with the five variables of its fleet", () => {
  it("[GT1] goes from connect to ready, hosts, drains and exits with 0, and says what is documented and no more", async () => {
    await using match = await GameLiftMatch.host({
      service: { limits: "documented" },
      flags: ["--log-level", "debug"],
    });
    const { service, server, arn } = match;
    const overTcp = await match.join("anna", { transport: "tcp" });
    const overWebSocket = await match.join("ben", { transport: "ws" });
    const stock = await joinAs(server, match.reserve("carla"));
    match.tokens.push(stock.room.reconnectionToken.split(":")[1] ?? "");
    await Promise.all([play(overTcp), play(overWebSocket), until(() => stock.states > 5)]);
    await overTcp.leave();
    await service.waitFor("RemovePlayerSession");
    expect(service.gameSession(arn).counts).toMatchObject({ ACTIVE: 2, COMPLETED: 1 });

    const { code, earlyMs } = await match.terminate(6_000);
    expect(code).toBe(0);
    expect(earlyMs).toBeGreaterThan(1_000);
    expect([overWebSocket.code, ...stock.closes]).toEqual([4413, 4413]);
    expect(server.results()).toMatchObject([
      {
        gameSessionId: arn,
        outcome: "drained",
        players: [{ playerId: "anna" }, { playerId: "ben" }, { playerId: "carla" }],
      },
    ]);
    expect(match.process).toMatchObject({
      ended: true,
      port: server.port,
      logPaths: [expect.stringMatching(/^\/.*\/logs\/\d\d$/)],
    });
    expect(match.counts).toMatchObject({ accepts: 3, acceptRequests: 3 });
    expect(match.counts.removes + match.counts.endedWithGameSession).toBe(3);
    // In the order of their first appearance.
    expect([...new Set(service.requests.map(({ action }) => action))]).toEqual([
      "GetComputeCertificate",
      "ActivateServerProcess",
      "HeartbeatServerProcess",
      "ActivateGameSession",
      "DescribePlayerSessions",
      "AcceptPlayerSession",
      "RemovePlayerSession",
      "UpdatePlayerSessionCreationPolicy",
      "TerminateServerProcess",
    ]);
    expect(service.requests.filter(({ statusCode }) => statusCode !== 200)).toEqual([]);
    expect(service.violations).toEqual([]);
    expect(match.leaks).toEqual([]);
    expect(server.stderr).toBe("");
  });

  it("[GT2] takes the first port of its range that is free, beside another with the same flags", async () => {
    await using service = await GameLiftService.open();
    await using first = await GameLiftMatch.host({ service, processId: "process-1" });
    await using second = await GameLiftMatch.host({ service, processId: "process-2" });
    expect(first.port).not.toBe(second.port);
    expect([first.process.port, second.process.port]).toEqual([first.port, second.port]);
    const [anna, ben] = [await first.join("anna"), await second.join("ben")];
    await Promise.all([play(anna), play(ben)]);
  });

  it("[GT3] ends at once with what is wrong when the service does not take its token", async () => {
    await using service = await GameLiftService.open();
    const variables = { ...service.environment(), GAMELIFT_SDK_AUTH_TOKEN: "not-the-token" };
    const startMs = performance.now();
    const server = await start(variables);
    const { code } = await server.exited;
    expect(code).toBe(1);
    expect(performance.now() - startMs).toBeLessThan(5_000);
    expect(server.stderr).toMatch(/FLEET_UNREACHABLE.*refused.*403.*auth token/);
    expect(server.stdout + server.stderr).not.toContain("not-the-token");
    expect(service.upgrades).toHaveLength(1);
  });

  it("[GT4] ends with an error that says so when the service closes its connection for good and nobody plays", async () => {
    await using service = await GameLiftService.open();
    const server = await start(service.environment());
    await service.waitFor("HeartbeatServerProcess");
    service.cut({ code: 1000 });
    expect(await Promise.race([server.exited, pause(5_000)])).toEqual({ code: 1, signal: null });
    expect(server.stderr).toContain("FLEET_LOST");
    expect(service.upgrades).toHaveLength(1);
  });
});

describe("a process on a fleet with a TLS certificate", () => {
  const pair = selfSigned("fleet");
  const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-fleet-tls-"));
  const usual = tls.getCACertificates();

  beforeAll(() => {
    writeFileSync(path.join(folder, "certificate.pem"), pair.certificate);
    writeFileSync(path.join(folder, "privateKey.pem"), pair.key);
    tls.setDefaultCACertificates([pair.certificate]);
  });
  afterAll(() => tls.setDefaultCACertificates(usual));

  it("[GT5] asks where it is, and takes players inside TLS alone", async () => {
    await using service = await GameLiftService.open();
    service.certificatePath = folder;
    await using match = await GameLiftMatch.host({ service });
    const { port } = match;
    expect(match.logged("server_listening")).toMatchObject([{ tls: "required" }]);
    const inside = await joinAs({ url: `https://127.0.0.1:${port}` }, match.reserve("anna"));
    await until(() => inside.states > 3);
    await expect(match.join("ben")).rejects.toThrow("refused with 4400");
  });
});
