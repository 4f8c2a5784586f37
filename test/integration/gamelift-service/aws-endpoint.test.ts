import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BareServerProcess, type Frame } from "../../support/bare-server-process.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { AwsJsonEndpoint } from "../../support/gamelift-service/aws-endpoint.ts";
import { gameLiftApi } from "../../support/gamelift-service/gamelift-api.ts";
import { GameLiftService } from "../../support/gamelift-service/service.ts";

const START_S = Date.UTC(2026, 0, 1) / 1_000;

const CBOR = { "content-type": "application/cbor", "x-amz-target": "GameLift.RegisterCompute" };

let clock: FakeClock;
let service: GameLiftService;
let endpoint: AwsJsonEndpoint;

beforeEach(async () => {
  clock = new FakeClock();
  service = await GameLiftService.open({ clock });
  endpoint = await AwsJsonEndpoint.open(gameLiftApi(service), { clock });
});

afterEach(async () => {
  await endpoint[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number;
  readonly errorType: string | null;
  readonly requestId: string | null;
  readonly body: Frame;
}

async function call(
  operation: string,
  input: object,
  { path = "/", ...over }: RequestInit & { path?: string } = {},
): Promise<Answer> {
  const response = await fetch(`${endpoint.url}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `GameLift.${operation}`,
      "x-amz-security-token": "session-token",
      authorization:
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-west-2/gamelift/aws4_request, SignedHeaders=host, Signature=00",
    },
    body: JSON.stringify(input),
    ...over,
  });
  const { headers, status } = response;
  return {
    status,
    errorType: headers.get("x-amzn-errortype"),
    requestId: headers.get("x-amzn-requestid"),
    body: (await response.json()) as Frame,
  };
}

const laptop = () => ({ FleetId: service.fleetId, ComputeName: "laptop" });
const register = (over = {}) =>
  call("RegisterCompute", {
    ...laptop(),
    IpAddress: "127.0.0.1",
    Location: "custom-home",
    ...over,
  });

describe("the AWS endpoint", () => {
  it("[GP13] answers an operation by its handler, and records who asked what", async () => {
    const { status, requestId, body } = await register();
    expect({ status, requestId }).toEqual({ status: 200, requestId: expect.any(String) });
    expect(body["Compute"]).toMatchObject({ ComputeName: "laptop", CreationTime: START_S });
    expect(endpoint.requests).toMatchObject([
      {
        operation: "RegisterCompute",
        input: { ComputeName: "laptop" },
        accessKeyId: "AKIDEXAMPLE",
        sessionToken: "session-token",
        status: 200,
      },
    ]);
    expect(endpoint.count("RegisterCompute")).toBe(1);
  });

  it.each([
    ["an operation without a handler", "CreateFleet", {}],
    ["what every object has", "toString", {}],
    ["another path", "RegisterCompute", { path: "/service/GameLift" }],
    ["another type", "RegisterCompute", { headers: CBOR }],
  ])("[GP13] does not know %s", async (_what, operation, over) => {
    expect(await call(operation, {}, over)).toMatchObject({
      status: 400,
      errorType: "UnknownOperationException",
      body: { __type: "com.amazonaws.gamelift#UnknownOperationException" },
    });
  });

  it("[GP13] fails as it is told to, so many times, without effect", async () => {
    const error = { name: "ThrottlingException", message: "Rate exceeded", status: 400 };
    endpoint.answerWith("*", error, 1);
    expect(await register()).toMatchObject({
      status: 400,
      errorType: "ThrottlingException",
      body: { __type: "com.amazonaws.gamelift#ThrottlingException", Message: "Rate exceeded" },
    });
    endpoint.answerWith("RegisterCompute", { ...error, status: 500 });
    expect(await register()).toMatchObject({ status: 500 });
    endpoint.answerWith("RegisterCompute", "off");
    expect(await register()).toMatchObject({ status: 200 });
  });

  it("[GP13] is late, silent, away or gone in a hole, as it is told to", async () => {
    endpoint.delay(1_000, "RegisterCompute");
    const late = register();
    await endpoint.until(() => endpoint.count("RegisterCompute") === 1);
    expect(service.gate.hasCompute("laptop")).toBe(true);
    let isAnswered = false;
    void late.then(() => {
      isAnswered = true;
    });
    clock.advance(999);
    await call("GetComputeAuthToken", laptop());
    expect(isAnswered).toBe(false);
    await clock.advanceAsync(1);
    expect(await late).toMatchObject({ status: 200 });

    endpoint.silence(true);
    const unheard = call("DeregisterCompute", laptop());
    await endpoint.until(() => endpoint.count("DeregisterCompute") === 1);
    expect(service.gate.hasCompute("laptop")).toBe(true);
    endpoint.silence(false);
    endpoint.cut();
    await expect(unheard).rejects.toThrow("fetch failed");

    endpoint.blackHole(true);
    const swallowed = call("DeregisterCompute", laptop());
    await endpoint.until(() => endpoint.lostByteCount > 0);
    endpoint.blackHole(false);
    endpoint.cut();
    await expect(swallowed).rejects.toThrow("fetch failed");
    expect(endpoint.count("DeregisterCompute")).toBe(1);

    await endpoint.refuse("connection");
    await expect(register()).rejects.toThrow("fetch failed");
    await endpoint.refuse("off");
    expect(await call("DeregisterCompute", laptop())).toMatchObject({ status: 200, body: {} });
  });
});

describe("the API of the scripted service", () => {
  it("[GP14] registers a compute once, whose tokens open connections until it is gone", async () => {
    expect(await call("GetComputeAuthToken", laptop())).toMatchObject({
      errorType: "NotFoundException",
    });
    const { body } = await register();
    expect(body["Compute"]).toEqual({
      FleetId: service.fleetId,
      FleetArn: `arn:aws:gamelift:us-west-2:123456789012:fleet/${service.fleetId}`,
      ComputeName: "laptop",
      ComputeArn: "arn:aws:gamelift:us-west-2:123456789012:compute/laptop",
      IpAddress: "127.0.0.1",
      ComputeStatus: "ACTIVE",
      Location: "custom-home",
      CreationTime: START_S,
      GameLiftServiceSdkEndpoint: service.url,
    });
    expect(await register()).toMatchObject({ errorType: "ConflictException" });
    const token = (await call("GetComputeAuthToken", laptop())).body;
    expect(token["ExpirationTimestamp"]).toBe(START_S + 3_600);
    const Authorization = token["AuthToken"] as string;
    await BareServerProcess.connect(service, { Authorization, ComputeId: "laptop" });
    // Another compute's token is none of one's own.
    await expect(BareServerProcess.connect(service, { Authorization })).rejects.toThrow("403");
    await call("DeregisterCompute", laptop());
    const gone = BareServerProcess.connect(service, { Authorization, ComputeId: "laptop" });
    await expect(gone).rejects.toThrow("403");
  });

  it("[GP14] gives a new token when less than 15 minutes are left of the last", async () => {
    await register();
    const tokenNow = async () =>
      (await call("GetComputeAuthToken", laptop())).body["AuthToken"] as string;
    const first = await tokenNow();
    clock.advance(45 * 60_000);
    expect(await tokenNow()).toBe(first);
    clock.advance(1);
    const second = await tokenNow();
    expect(second).not.toBe(first);
    const over = { Authorization: first, ComputeId: "laptop" };
    await BareServerProcess.connect(service, over);
    clock.advance(15 * 60_000);
    await expect(BareServerProcess.connect(service, over)).rejects.toThrow("403");
    await BareServerProcess.connect(service, { Authorization: second, ComputeId: "laptop" });
  });

  it.each([
    ["RegisterCompute", { FleetId: "fleet-other" }],
    ["RegisterCompute", { ComputeName: "a laptop" }],
    ["RegisterCompute", { Location: undefined }],
    ["RegisterCompute", { IpAddress: undefined }],
    ["DescribePlayerSessions", {}],
    ["DescribePlayerSessions", { PlayerId: "anna", GameSessionId: "arn" }],
    ["DescribePlayerSessions", { PlayerSessionId: "anna" }],
    ["DescribePlayerSessions", { PlayerId: "anna", Limit: 0 }],
    ["DescribePlayerSessions", { PlayerId: "anna", NextToken: "2" }],
    ["DescribePlayerSessions", { PlayerId: "anna", PlayerSessionStatusFilter: "OPEN" }],
  ])("[GP14] finds %s %o not valid", async (operation, input) => {
    const answer = await (operation === "RegisterCompute"
      ? register(input)
      : call(operation, input));
    expect(answer).toMatchObject({ status: 400, errorType: "InvalidRequestException" });
  });

  it("[GP14] describes player sessions, times in seconds and nothing empty, in pages", async () => {
    const process = await BareServerProcess.ready(service);
    const arn = service.placeGameSession();
    await process.ask("ActivateGameSession", { GameSessionId: arn });
    clock.advance(500);
    const [anna] = ["anna", "ben"].map((player) => service.createPlayerSession(arn, player));
    const one = { PlayerSessionId: anna };
    expect((await call("DescribePlayerSessions", one)).body).toEqual({
      PlayerSessions: [
        {
          PlayerSessionId: anna,
          PlayerId: "anna",
          GameSessionId: arn,
          FleetId: service.fleetId,
          FleetArn: `arn:aws:gamelift:us-west-2:123456789012:fleet/${service.fleetId}`,
          CreationTime: START_S + 0.5,
          Status: "RESERVED",
          IpAddress: "127.0.0.1",
          DnsName: "localhost",
          Port: 7777,
        },
      ],
    });
    clock.advance(60_000);
    const { body } = await call("DescribePlayerSessions", { GameSessionId: arn, Limit: 1 });
    expect(body["PlayerSessions"]).toMatchObject([
      { PlayerId: "anna", Status: "TIMEDOUT", TerminationTime: START_S + 60.5 },
    ]);
    const { NextToken } = body;
    const rest = await call("DescribePlayerSessions", { GameSessionId: arn, NextToken });
    expect(rest.body["PlayerSessions"]).toMatchObject([{ PlayerId: "ben" }]);
    expect(rest.body).not.toHaveProperty("NextToken");
    const unknown = await call("DescribePlayerSessions", { PlayerSessionId: "psess-none" });
    expect(unknown).toMatchObject({ status: 400, errorType: "NotFoundException" });
  });
});
