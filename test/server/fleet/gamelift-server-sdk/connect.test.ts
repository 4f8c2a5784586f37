import { describe, expect, it } from "vitest";
import { signedParameters } from "../../../../server/fleet/gamelift-server-sdk/sigv4.ts";
import { settle } from "../../../support/fake-clock.ts";
import { ENVIRONMENT, FLEET_ID, failureOf, SdkWorld, TOKEN } from "./sdk-world.ts";

const IDS = { computeId: "local-compute", fleetId: FLEET_ID };
const KEYS = {
  accessKey: "AKIDEXAMPLE",
  secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: "tok/en+with=chars",
};

describe("the way to the service", () => {
  it("[GL1] names process, host, fleet, SDK and token in the address, and says nothing", async () => {
    const world = new SdkWorld();
    await world.init();
    const { url, sent } = world.service;
    expect(Object.fromEntries(url.searchParams)).toEqual({
      Authorization: TOKEN,
      ComputeId: "host-1",
      FleetId: FLEET_ID,
      IdempotencyToken: "id-1",
      pID: "process-1",
      sdkLanguage: "NodeJS",
      sdkVersion: "5.6.0",
    });
    expect(`${url.protocol}//${url.host}${url.pathname}`).toBe("wss://service.example/");
    expect(sent).toEqual([]);
  });

  it("[GL1] takes the environment before parameters, and parameters where it says nothing", async () => {
    const world = new SdkWorld();
    const { GAMELIFT_SDK_HOST_ID: _, ...environment } = ENVIRONMENT;
    const { ServerSdk } = await import("../../../../server/fleet/gamelift-server-sdk/index.ts");
    await ServerSdk.initSdk(
      { hostId: "host-2", processId: "process-2" },
      world.options({
        environment: { ...environment, GAMELIFT_SDK_WEBSOCKET_URL: "wss://a.example/p?x=1" },
      }),
    );
    expect(world.service.url.searchParams.get("ComputeId")).toBe("host-2");
    expect(world.service.url.searchParams.get("pID")).toBe("process-1");
    expect(world.service.url.searchParams.has("x")).toBe(false);
    expect(world.service.url.pathname).toBe("/p");
  });

  it("[GL1] percent-encodes what is no plain letter", async () => {
    const world = new SdkWorld();
    await world.init({ environment: { ...ENVIRONMENT, GAMELIFT_SDK_PROCESS_ID: "a b/c&d=é'" } });
    expect(world.urls[0]).toContain("pID=a%20b%2Fc%26d%3D%C3%A9%27");
  });

  it.each([
    [
      "Go",
      "proc-go_sigv4",
      "2026-11-20T10:36:30Z",
      "b80094127c20b212eace1e1cce67658cc440bac736d07769aaafce3a12fc3bd9",
    ],
    [
      "C++",
      "proc-cpp_sigv4",
      "2026-11-20T10:36:32Z",
      "a3843d6f3492d4f93e61a56234ee08fe3af766489ca6140904feaa98d6e61a42",
    ],
  ])("[GL2] signs as the official SDK for %s", (_, processId, date, signature) => {
    const parameters = signedParameters({ ...IDS, processId }, KEYS, "us-west-2", Date.parse(date));
    const day = date.slice(0, 10).replaceAll("-", "");
    expect(parameters).toEqual({
      "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
      "X-Amz-Credential": `AKIDEXAMPLE/${day}/us-west-2/gamelift/aws4_request`,
      "X-Amz-Date": date.replaceAll(/[-:]/g, ""),
      "X-Amz-Security-Token": "tok/en+with=chars",
      "X-Amz-Signature": signature,
    });
  });

  it("[GL2] connects with a signature where there are keys and no token", async () => {
    const world = new SdkWorld();
    const { GAMELIFT_SDK_AUTH_TOKEN: _, ...environment } = ENVIRONMENT;
    await world.init({
      environment: {
        ...environment,
        GAMELIFT_REGION: "eu-west-1",
        GAMELIFT_ACCESS_KEY: "AKID",
        GAMELIFT_SECRET_KEY: "hush",
      },
    });
    const query = world.service.url.searchParams;
    expect(query.get("Authorization")).toBe("SigV4");
    expect(query.get("X-Amz-Credential")).toBe("AKID/20260101/eu-west-1/gamelift/aws4_request");
    expect(query.has("X-Amz-Security-Token")).toBe(false);
    expect(world.urls[0]).not.toContain("hush");
  });

  it("[GL3] tells everything that is wrong at once, and no value", async () => {
    const world = new SdkWorld();
    const failure = await failureOf(
      world.init({
        environment: {
          GAMELIFT_SDK_WEBSOCKET_URL: "https://service.example",
          GAMELIFT_SDK_FLEET_ID: "fleet/1",
          GAMELIFT_SDK_HOST_ID: "a/b/c",
        },
      }),
    );
    expect(failure.name).toBe("Validation");
    for (const name of ["webSocketUrl", "processId", "fleetId", "hostId", "authToken"]) {
      expect(failure.message).toContain(name);
    }
    expect(failure.message).not.toContain("a/b/c");
    expect(world.urls).toEqual([]);
  });

  it("[GL3] wants keys with a region", async () => {
    const world = new SdkWorld();
    const environment = {
      ...ENVIRONMENT,
      GAMELIFT_SDK_AUTH_TOKEN: "",
      GAMELIFT_REGION: "us-west-2",
    };
    expect(await failureOf(world.init({ environment }))).toMatchObject({
      name: "Validation",
      message: expect.stringContaining("accessKey"),
    });
  });

  it("[GL5] tries again after 4, 8, 16 and 32 s with the same idempotency token, then gives up", async () => {
    const world = new SdkWorld();
    world.randomValue = 0;
    for (let count = 0; count < 7; count++) world.tries.push("no answer");
    const failing = failureOf(world.init());
    for (let count = 0; count < 20; count++) await world.clock.advanceAsync(10_000);
    expect(await failing).toMatchObject({ name: "LocalConnectionFailed" });
    expect(world.triedAtMs).toEqual([0, 4_000, 12_000, 28_000, 60_000, 92_000, 124_000]);
    const tokens = world.urls.map((url) => new URL(url).searchParams.get("IdempotencyToken"));
    expect(new Set(tokens).size).toBe(1);
  });

  it.each([400, 401, 403, 404])("[GL5] does not try again after %d", async (status) => {
    const world = new SdkWorld();
    world.tries.push(status);
    const failure = await failureOf(world.init());
    expect(failure).toMatchObject({ name: "WebsocketConnectFailure", statusCode: status });
    expect(failure.message).toContain("token");
    expect(failure.message).not.toContain(TOKEN);
    await world.clock.advanceAsync(200_000);
    expect(world.urls).toHaveLength(1);
  });

  it.each([429, 500, 503])("[GL5] tries again after %d", async (status) => {
    const world = new SdkWorld();
    world.tries.push(status);
    const connecting = world.init();
    await world.clock.advanceAsync(4_000);
    await connecting;
    expect(world.urls).toHaveLength(2);
    expect(world.eventTypes()).toEqual(["connect_failed", "connected"]);
  });
});

const CONTAINER = {
  GAMELIFT_COMPUTE_TYPE: "CONTAINER",
  GAMELIFT_REGION: "us-west-2",
  GAMELIFT_SDK_WEBSOCKET_URL: "wss://service.example",
  GAMELIFT_SDK_FLEET_ID: "containerfleet-1",
  GAMELIFT_SDK_PROCESS_ID: "ManagedResource",
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials/1",
  ECS_CONTAINER_METADATA_URI_V4: "http://169.254.170.2/v4/1",
};
const ENDPOINTS: Record<string, object> = {
  "http://169.254.170.2/v2/credentials/1": {
    AccessKeyId: "ASIA1",
    SecretAccessKey: "hush",
    Token: "session-token",
  },
  "http://169.254.170.2/v4/1/task": { TaskARN: "arn:aws:ecs:us-west-2:1:task/cluster/task-77" },
  "http://10.0.0.9:4092/v1/": [
    {
      containerName: "game",
      containerId: "c1",
      ipAddress: "10.0.0.2",
      containerGroupType: "GAME_SERVER",
    },
    {
      containerName: "agent",
      containerId: "c2",
      ipAddress: "10.0.0.3",
      containerGroupType: "PER_INSTANCE",
    },
  ],
};

function containerFetch(endpoints: Record<string, object | string | number> = ENDPOINTS) {
  return async (url: string) => {
    const found = endpoints[url];
    if (found === undefined) throw new TypeError("fetch failed");
    if (typeof found === "number") return new Response("no", { status: found });
    return new Response(typeof found === "string" ? found : JSON.stringify(found));
  };
}

describe("in a managed container", () => {
  it("[GL4] takes keys and host from the container's endpoints, and a process id of its own", async () => {
    const world = new SdkWorld();
    const sdk = await world.init({ environment: CONTAINER, fetch: containerFetch() });
    const query = world.service.url.searchParams;
    expect(query.get("ComputeId")).toBe("task-77");
    expect(query.get("X-Amz-Credential")).toMatch(/^ASIA1\//);
    expect(query.get("X-Amz-Security-Token")).toBe("session-token");
    expect(query.get("pID")).toBe("id-1");
    expect(sdk.processId).toBe("id-1");
  });

  it.each([
    ["no keys", { "http://169.254.170.2/v2/credentials/1": { AccessKeyId: "" } }],
    ["an error", { "http://169.254.170.2/v2/credentials/1": 500 }],
    ["no JSON", { "http://169.254.170.2/v2/credentials/1": '{"SecretAccessKey":"hush",' }],
    ["nothing", {}],
    ["no task", { ...ENDPOINTS, "http://169.254.170.2/v4/1/task": {} }],
  ])("[GL4] says so when an endpoint gives %s", async (_, endpoints) => {
    const world = new SdkWorld();
    const failure = await failureOf(
      world.init({ environment: CONTAINER, fetch: containerFetch(endpoints) }),
    );
    expect(failure.name).toBe("InternalService");
    expect(failure.message).toMatch(/container's (credentials|metadata) endpoint/);
    expect(`${failure.message} ${String((failure as { cause?: unknown }).cause)}`).not.toContain(
      "hush",
    );
  });

  it.each([
    "GAMELIFT_CONTAINER_DISCOVERY_SERVER_ENDPOINT",
    "GAMELIFT_CONTAINER_DISCOVERY_SERVER_ENDPOINT_V1",
  ])("[GL4] lists the containers beside it, by %s", async (name) => {
    const world = new SdkWorld();
    const environment = { ...CONTAINER, [name]: "http://10.0.0.9:4092" };
    const sdk = await world.init({ environment, fetch: containerFetch() });
    expect(await sdk.listContainersNetworkInfo()).toEqual(ENDPOINTS["http://10.0.0.9:4092/v1/"]);
  });

  it("[GL4] lists none elsewhere", async () => {
    const sdk = await new SdkWorld().init();
    expect(await failureOf(sdk.listContainersNetworkInfo())).toMatchObject({
      name: "UnsupportedComputeType",
    });
    await settle();
  });
});
