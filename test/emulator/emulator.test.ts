import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { request as secureRequest } from "node:https";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import {
  CreateGameSessionCommand,
  DescribeGameSessionQueuesCommand,
  GetComputeAuthTokenCommand,
  GetGameSessionLogUrlCommand,
  ListAliasesCommand,
  ListFleetsCommand,
  RegisterComputeCommand,
} from "@aws-sdk/client-gamelift";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import WebSocket from "ws";
import type { EmulatorOptions } from "../../emulator/emulator.ts";
import { readScenario } from "../../emulator/faults/scenario-file.ts";
import { ANYWHERE, EmulatorWorld, MANAGED } from "./emulator-world.ts";

const worlds: EmulatorWorld[] = [];
/** A temporary folder of this file's own: other emulators of this machine come and go in the common one. */
const temporary = mkdtempSync(path.join(os.tmpdir(), "fleetroom-emulators-"));
beforeAll(() => vi.stubEnv("TMPDIR", temporary));
afterEach(async () => {
  for (const world of worlds.splice(0)) await world[Symbol.asyncDispose]();
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

async function open(over: Partial<EmulatorOptions> = {}, content: object = {}) {
  const world = await EmulatorWorld.open(over, content);
  worlds.push(world);
  return world;
}

const arn = (resource: string) => `arn:aws:gamelift:us-west-2:123456789012:${resource}`;
const CONTENT = {
  Locations: ["custom-here"],
  Fleets: [MANAGED, ANYWHERE],
  Aliases: [
    {
      AliasId: "alias-a",
      Name: "a",
      RoutingStrategy: { Type: "SIMPLE", FleetId: "fleet-managed" },
    },
  ],
  Queues: [{ Name: "queue", Destinations: [{ DestinationArn: arn("alias/alias-a") }] }],
};
/** Folders that emulators made for themselves. */
const ownFolders = () =>
  readdirSync(temporary).filter((name) => /^fleetroom-emulator-[A-Za-z0-9]{6}$/.test(name));

async function upgradeStatus(url: string): Promise<number | undefined> {
  const client = new WebSocket(url);
  return await new Promise((resolve) => {
    client.on("open", () => {
      resolve(101);
      client.terminate();
    });
    client.on("unexpected-response", (_request, { statusCode }) => {
      resolve(statusCode);
      client.terminate();
    });
    client.on("error", () => {});
  });
}

describe("an emulator", () => {
  it("[EM8] has what its fleet file asks for, for AWS clients to see", async () => {
    const world = await open({}, CONTENT);
    const client = world.client();
    expect((await client.send(new ListFleetsCommand({}))).FleetIds).toEqual([
      "fleet-managed",
      "fleet-anywhere",
    ]);
    const { Aliases = [] } = await client.send(new ListAliasesCommand({}));
    expect(Aliases.map(({ AliasId }) => AliasId)).toEqual(["alias-a"]);
    const { GameSessionQueues = [] } = await client.send(new DescribeGameSessionQueuesCommand({}));
    expect(GameSessionQueues.map(({ Name }) => Name)).toEqual(["queue"]);
  });

  it("[EM8] starts the server processes of its EC2 fleets, told where to connect", async () => {
    const world = await open(
      { environment: { PATH: "/bin", AWS_SECRET_ACCESS_KEY: "x" } },
      CONTENT,
    );
    await expect.poll(() => world.children.length).toBe(2);
    const [child] = world.children;
    expect(child?.command.environment).toMatchObject({
      PATH: "/bin",
      GAMELIFT_SDK_WEBSOCKET_URL: world.emulator.webSocketUrl,
      GAMELIFT_SDK_FLEET_ID: "fleet-managed",
    });
    expect(child?.command.environment).not.toHaveProperty("AWS_SECRET_ACCESS_KEY");
  });

  it("[EM8] is empty and ready for Anywhere without one", async () => {
    const world = await open({}, { Locations: ["custom-here"], Fleets: [ANYWHERE] });
    const client = world.client();
    const of = { FleetId: "fleet-anywhere", ComputeName: "laptop" };
    const { Compute } = await client.send(
      new RegisterComputeCommand({ ...of, Location: "custom-here", IpAddress: "127.0.0.1" }),
    );
    expect(Compute?.GameLiftServiceSdkEndpoint).toBe(world.emulator.webSocketUrl);
    const { AuthToken = "" } = await client.send(new GetComputeAuthTokenCommand(of));
    const query = (token: string) =>
      new URLSearchParams({
        pID: "p",
        sdkVersion: "5.4.0",
        sdkLanguage: "Go",
        ComputeId: "laptop",
        FleetId: "fleet-anywhere",
        IdempotencyToken: "8f8972ce-7a60-428a-bbc1-242fccb59921",
        Authorization: token,
      });
    const { webSocketUrl } = world.emulator;
    expect(await upgradeStatus(`${webSocketUrl}/?${query("wrong")}`)).toBe(403);
    expect(await upgradeStatus(`${webSocketUrl}/?${query(AuthToken)}`)).toBe(101);
    expect((await open()).emulator.plane.fleets.list()).toEqual([]);
  });

  it("[EM8] has a console, control routes and logs on the same port", async () => {
    const { emulator } = await open({}, CONTENT);
    const page = await fetch(`${emulator.url}/`);
    expect([page.status, page.url]).toEqual([200, `${emulator.url}/console`]);
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
    const state = (await (await fetch(`${emulator.url}/_fleetroom/state`)).json()) as object;
    expect(state).toMatchObject({ region: "us-west-2", endpoint: emulator.webSocketUrl });
    expect((await fetch(`${emulator.url}/logs/guess`)).status).toBe(403);
  });

  it("[EM8] tells everything that the API refuses of its fleet file, and leaves nothing behind", async () => {
    const before = ownFolders();
    const content = {
      ...CONTENT,
      Fleets: [MANAGED, { ...MANAGED, Name: "twin" }, { Name: "idle" }],
      Aliases: [{ Name: "b", RoutingStrategy: { Type: "SIMPLE", FleetId: "fleet-none" } }],
      Queues: [{ Name: "q", TimeoutInSeconds: 5 }],
    };
    const failed = await open({}, content).catch((error: unknown) => error as Error);
    expect(failed).toMatchObject({ code: "EMULATOR_FLEET_FILE_INVALID" });
    expect((failed as Error).message.split("\n").map((line) => line.trim())).toEqual([
      "fleet.json cannot be used:",
      expect.stringMatching(/^Fleets\[1\]: Fleet fleet-managed exists already/),
      expect.stringMatching(/^Fleets\[2\]: RuntimeConfiguration must have/),
      expect.stringMatching(/^Aliases\[0\]: Fleet fleet-none was not found/),
      expect.stringMatching(/^Queues\[0\]: .*[Tt]imeout/),
    ]);
    expect(ownFolders()).toEqual(before);
  });

  it("[EM9] fails as a whole when its port is taken, and leaves nothing behind", async () => {
    const { emulator } = await open();
    const before = ownFolders();
    const port = Number(new URL(emulator.url).port);
    await expect(open({ port }, CONTENT)).rejects.toMatchObject({ code: "EMULATOR_PORT_TAKEN" });
    await expect(open({ placementEvents: ["nowhere"] })).rejects.toMatchObject({
      code: "EMULATOR_CONFIG_INVALID",
    });
    expect(ownFolders()).toEqual(before);
  });

  it("[EM9] ends processes, connections and its own folder when it closes", async () => {
    const before = ownFolders();
    const world = await open({}, CONTENT);
    await expect.poll(() => world.children.length).toBe(2);
    const [own] = ownFolders().filter((name) => !before.includes(name));
    expect(world.emulator.certificateFile).toContain(own);
    const { port, hostname } = new URL(world.emulator.url);
    const idle = net.connect(Number(port), hostname);
    const ended = new Promise((resolve) => idle.resume().once("close", resolve));
    const stream = await fetch(`${world.emulator.url}/_fleetroom/happenings/stream`);
    await world.emulator.close();
    await ended;
    await expect(text(stream.body!)).rejects.toThrow();
    expect(world.children.map(({ signals }) => signals)).toEqual([["SIGTERM"], ["SIGTERM"]]);
    expect(existsSync(path.join(temporary, own ?? ""))).toBe(false);
    await expect(fetch(world.emulator.url)).rejects.toThrow();
    await world.emulator.close();
  });

  it("[EM9] kills what does not go when it is closed once more", async () => {
    const world = await open({}, CONTENT);
    await expect.poll(() => world.children.length).toBe(2);
    for (const child of world.children) {
      child.onSignal = (signal) => signal === "SIGKILL" && child.end({ code: null, signal });
    }
    const startedMs = performance.now();
    const closing = world.emulator.close();
    expect(world.emulator.close()).toBe(closing);
    await closing;
    // By itself it would give them 5 s.
    expect(performance.now() - startedMs).toBeLessThan(4_000);
    for (const { signals } of world.children) expect(signals.at(-1)).toBe("SIGKILL");
  });

  it("[EM9] keeps a data directory that was named, with a key that nobody else reads", async () => {
    const first = await open();
    const dataDirectory = path.join(first.folder, "data", "deep");
    for (let run = 0; run < 2; run++) {
      const { emulator } = await open({ dataDirectory });
      expect(readFileSync(emulator.certificateFile, "utf8")).toContain("BEGIN CERTIFICATE");
      const key = path.join(path.dirname(emulator.certificateFile), "privateKey.pem");
      expect(statSync(key).mode & 0o777).toBe(0o600);
      await emulator.close();
      expect(existsSync(emulator.certificateFile)).toBe(true);
      chmodSync(key, 0o644);
    }
  });

  it("[EM10] serves TLS with the certificate that it names", async () => {
    const { emulator } = await open({ isTls: true });
    expect([emulator.url, emulator.webSocketUrl]).toEqual([
      expect.stringMatching(/^https:/),
      expect.stringMatching(/^wss:/),
    ]);
    const ca = readFileSync(emulator.certificateFile);
    const status = await new Promise((resolve, reject) => {
      const request = secureRequest(`${emulator.url}/console`, { ca, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on("error", reject).end();
    });
    expect(status).toBe(200);
  });

  it("[EM11] lets faults strike the API, by hand and by a scenario", async () => {
    const scenario = readScenario(
      "steps: [{ at: 0s, fault: fail-call, operation: ListAliases, error: ThrottlingException }]",
      "s.yaml",
    );
    if ("mistakes" in scenario) throw new Error(scenario.mistakes.join());
    const world = await open({ scenario: scenario.scenario });
    const client = world.client();
    await expect
      .poll(() => client.send(new ListAliasesCommand({})).catch((error: Error) => error.name))
      .toBe("ThrottlingException");
    const slow = await world.fault({ fault: "slow-call", operation: "ListFleets", by: "200ms" });
    expect(slow.status).toBe(200);
    const startedMs = performance.now();
    await client.send(new ListFleetsCommand({}));
    expect(performance.now() - startedMs).toBeGreaterThan(190);
  });

  it("[EM12] checks signatures when it has credentials", async () => {
    const credentials = { accessKeyId: "AKIDEXAMPLE000000", secretAccessKey: "secret" };
    const world = await open({ credentials });
    expect((await world.client().send(new ListFleetsCommand({}))).FleetIds).toEqual([]);
    const wrong = world.client({ credentials: { ...credentials, secretAccessKey: "another" } });
    await expect(wrong.send(new ListFleetsCommand({}))).rejects.toThrow(/[Ss]ignature/);
  });
});

describe("the logs of a game session", () => {
  it("[EM13] are had by the URL that the API gives", async () => {
    const world = await open({ hasRates: false }, CONTENT);
    const { plane } = world.emulator;
    await expect.poll(() => world.children.length).toBe(2);
    const [child] = world.children;
    const [process] = plane.processes
      .list()
      .filter(({ processId }) => processId === child?.processId);
    const log = path.join(world.folder, "game", "game.log");
    writeFileSync(log, "hello");
    const link = { push: () => {}, close: () => {} };
    const { fleetId, computeName, processId } = process!;
    plane.processes.connect(
      { fleetId, computeName, processId, sdkVersion: "5.4.0", sdkLanguage: "Go" },
      link,
    );
    plane.processes.ready(process!, {
      port: 7777,
      logPaths: [log],
      sdkVersion: "5.4.0",
      sdkLanguage: "Go",
    });
    plane.processes.report(process!, true);
    const client = world.client();
    const { GameSession } = await client.send(
      new CreateGameSessionCommand({ FleetId: "fleet-managed", MaximumPlayerSessionCount: 2 }),
    );
    const { GameSessionId = "" } = GameSession ?? {};
    const ask = () => client.send(new GetGameSessionLogUrlCommand({ GameSessionId }));
    await expect(ask()).rejects.toMatchObject({ name: "NotFoundException" });
    child?.end({ code: 0, signal: null });
    await expect.poll(() => ask().catch(() => undefined)).toBeDefined();
    const { PreSignedUrl = "" } = await ask();
    expect(PreSignedUrl).toMatch(new RegExp(`^${world.emulator.url}/logs/[\\w-]{32}$`));
    const download = await fetch(PreSignedUrl);
    expect([download.status, download.headers.get("content-type")]).toEqual([
      200,
      "application/zip",
    ]);
    const zip = Buffer.from(await download.arrayBuffer());
    expect([zip.subarray(0, 2).toString(), zip.length]).toEqual([
      "PK",
      Number(download.headers.get("content-length")),
    ]);
    expect(zip.toString("latin1")).toContain("game.log");
  });
});
