import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { selfSigned } from "../../../../emulator/front/self-signed.ts";
import { type SdkEvent, ServerSdk } from "../../../../server/fleet/gamelift-server-sdk/index.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import {
  GameLiftService,
  type GameLiftServiceOptions,
} from "../../../support/gamelift-service/service.ts";
import { failureOf } from "./sdk-world.ts";

/** An SDK with real sockets and a clock of the test's: nothing waits for real but the network. */
async function connected(options: GameLiftServiceOptions = {}) {
  const service = await GameLiftService.open(options);
  const clock = new FakeClock();
  const events: SdkEvent[] = [];
  const sdk = await ServerSdk.initSdk(
    {},
    {
      environment: service.environment(),
      clock,
      random: () => 0.5,
      onEvent: (event) => events.push(event),
    },
  );
  const dispose = async () => {
    sdk.destroy();
    await service[Symbol.asyncDispose]();
  };
  return { service, clock, events, sdk, [Symbol.asyncDispose]: dispose };
}

type World = Awaited<ReturnType<typeof connected>>;

async function hosting(options: GameLiftServiceOptions = {}) {
  const world = await connected(options);
  const { sdk, service } = world;
  await sdk.processReady({ port: 7777, logPaths: ["logs"], onStartGameSession() {} });
  await service.waitFor("HeartbeatServerProcess");
  const gameSessionId = service.placeGameSession();
  await service.ping();
  await sdk.activateGameSession();
  return { ...world, gameSessionId };
}

/** Lets the clock run until the SDK has connected once more. */
async function comesBack({ service, clock }: World, upgrades: number): Promise<void> {
  for (let turn = 0; turn < 400 && service.upgrades.length < upgrades; turn++) {
    await clock.advanceAsync(250);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await service.until(() => service.upgrades.length >= upgrades);
}

const tokensOf = ({ service }: World) =>
  service.upgrades.map(({ query }) => query["IdempotencyToken"]);

describe("over real sockets", () => {
  it.each<["reset" | "fin" | { code: number }]>([["reset"], ["fin"], [{ code: 1011 }]])(
    "[GL9] comes back after %j, and the service knows it for the same process",
    async (how) => {
      await using world = await hosting();
      const { service, sdk, gameSessionId } = world;
      service.cut(how);
      await comesBack(world, 2);
      const [first, second] = tokensOf(world);
      expect(second).toBe(first);
      const page = await sdk.describePlayerSessions({ gameSessionId });
      expect(page.playerSessions).toEqual([]);
      expect(service.count("ActivateServerProcess")).toBe(1);
      expect(service.violations).toEqual([]);
    },
  );

  it("[GL8] a connection that is open and dead is made anew after two requests in vain", async () => {
    await using world = await hosting();
    const { service, sdk, clock, gameSessionId } = world;
    service.halfOpen();
    const failures = [1, 2].map(() => failureOf(sdk.describePlayerSessions({ gameSessionId })));
    await clock.advanceAsync(20_000);
    await Promise.all(failures);
    await comesBack(world, 2);
    await sdk.describePlayerSessions({ gameSessionId });
  });

  it("[GL10] moves without losing an answer that is still to come on the old connection", async () => {
    await using world = await hosting();
    const { service, sdk, clock, gameSessionId } = world;
    service.faults.delay(300, "DescribePlayerSessions");
    const old = sdk.describePlayerSessions({ gameSessionId });
    await service.waitFor("DescribePlayerSessions");
    service.refreshConnection();
    await service.until(() => service.upgrades.length === 2);
    service.faults.clear();
    await sdk.updatePlayerSessionCreationPolicy("DENY_ALL");
    await old;
    await clock.advanceAsync(200);
    const connections = service.processes.get("process-1")?.connections ?? [];
    await service.until(() => connections[0]?.closed !== undefined);
    expect(connections[0]?.closed).toMatchObject({ code: 1001 });
    expect(connections[1]?.closed).toBeUndefined();
    expect(new Set(tokensOf(world)).size).toBe(2);
  });

  it("[GL7] passes over answers that come twice or to nobody, and frames that are none", async () => {
    await using world = await hosting();
    const { service, sdk, gameSessionId, events } = world;
    service.faults.duplicateAnswers = true;
    await sdk.describePlayerSessions({ gameSessionId });
    for (const frame of ["", "{", "[]", "null", '"x"', "0", Buffer.of(1, 2, 3)])
      service.pushRaw(frame);
    await service.ping();
    expect(sdk.isConnected).toBe(true);
    const ignored = events.filter(({ type }) => type === "frame_ignored");
    expect(ignored).toHaveLength(7);
    await sdk.describePlayerSessions({ gameSessionId });
  });

  it("[GL9] a frame beyond 8 MB ends the connection and no more", async () => {
    await using world = await hosting();
    world.service.pushRaw("x".repeat(9 * 1024 * 1024));
    await expect.poll(() => world.sdk.isConnected).toBe(false);
    await comesBack(world, 2);
    await world.sdk.describePlayerSessions({ gameSessionId: world.gameSessionId });
  });

  it("[GL2] is taken with a signature alone", async () => {
    const sigv4 = { accessKey: "AKID", secretKey: "hush", region: "us-west-2" };
    await using service = await GameLiftService.open({ sigv4 });
    const { GAMELIFT_SDK_AUTH_TOKEN: _, ...environment } = service.environment();
    const sdk = await ServerSdk.initSdk(
      { awsRegion: "us-west-2", accessKey: "AKID", secretKey: "hush" },
      { environment },
    );
    expect(sdk.isConnected).toBe(true);
    sdk.destroy();
    const wrong = ServerSdk.initSdk(
      { awsRegion: "us-west-2", accessKey: "AKID", secretKey: "wrong" },
      { environment },
    );
    expect(await failureOf(wrong)).toMatchObject({ name: "WebsocketConnectFailure" });
  });

  it("[GL5] gives up a connection that is taken and not answered after 10 s, and tries again", async () => {
    await using service = await GameLiftService.open();
    service.blackHole(true);
    const clock = new FakeClock();
    const events: SdkEvent[] = [];
    const connecting = ServerSdk.initSdk(
      {},
      { environment: service.environment(), clock, onEvent: (event) => events.push(event) },
    );
    await expect.poll(() => service.tcpConnectionCount).toBe(1);
    await clock.advanceAsync(10_000);
    expect(events).toMatchObject([{ type: "connect_failed" }]);
    service.blackHole(false);
    await clock.advanceAsync(4_000);
    (await connecting).destroy();
  });

  it("[GL5] trusts no certificate that nobody vouches for", async () => {
    const { certificate: cert, key } = selfSigned("localhost");
    await using service = await GameLiftService.open({ tls: { cert, key } });
    const clock = new FakeClock();
    const events: SdkEvent[] = [];
    const failing = failureOf(
      ServerSdk.initSdk(
        {},
        { environment: service.environment(), clock, onEvent: (event) => events.push(event) },
      ),
    );
    await expect.poll(() => events.length).toBe(1);
    expect(String((events[0] as { cause?: unknown }).cause)).toContain("SELF_SIGNED");
    for (let count = 0; count < 40; count++) {
      await clock.advanceAsync(5_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await failing).toMatchObject({ name: "LocalConnectionFailed" });
  });

  it("[GL5] follows nobody elsewhere with the token", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.writeHead(302, { location: `http://127.0.0.1:1/` }).end();
    });
    server.on("upgrade", (request, socket) => {
      asked.push(request.url ?? "");
      socket.end("HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const events: SdkEvent[] = [];
    const clock = new FakeClock();
    void failureOf(
      ServerSdk.initSdk(
        {
          webSocketUrl: `ws://127.0.0.1:${port}`,
          processId: "p",
          hostId: "h",
          fleetId: "f",
          authToken: "secret-token",
        },
        { clock, onEvent: (event) => events.push(event) },
      ),
    );
    await expect.poll(() => events.length).toBe(1);
    expect(events).toMatchObject([{ type: "connect_failed", status: 302 }]);
    expect(JSON.stringify(events)).not.toContain("secret-token");
    expect(asked).toHaveLength(1);
    server.close();
  });
});
