import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AwsComputeApi } from "../../../scripts/anywhere/aws/aws-compute-api.ts";
import { openCredentials } from "../../../scripts/anywhere/aws/credentials.ts";
import { ComputeCallError } from "../../../scripts/anywhere/compute-api.ts";
import { AnywhereEndpoint, type EndpointFault } from "../../support/anywhere-endpoint.ts";

const REGION = "eu-central-1";
const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "verysecret" };
const NEVER = new AbortController().signal;
const REQUEST = {
  computeName: "laptop",
  location: "custom-laptop",
  ipAddress: "203.0.113.7",
  dnsName: undefined,
};

let endpoint: AnywhereEndpoint;
const opened: AwsComputeApi[] = [];

function apiAt(url: string, credentials: Parameters<typeof open>[0] = async () => KEYS) {
  return open(credentials, url);
}

function open(
  credentials: Awaited<ReturnType<typeof openCredentials>>,
  endpointUrl = endpoint.url,
): AwsComputeApi {
  const { fleetId } = endpoint;
  const api = new AwsComputeApi({ fleetId, region: REGION, endpointUrl, credentials });
  opened.push(api);
  return api;
}

beforeEach(async () => {
  endpoint = await AnywhereEndpoint.open();
});

afterEach(async () => {
  for (const api of opened.splice(0)) api[Symbol.dispose]();
  await endpoint[Symbol.asyncDispose]();
});

/** The error of a call; fails the test when there is none. */
async function errorOf(call: Promise<unknown>): Promise<ComputeCallError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ComputeCallError) return error;
  throw new Error(`no ComputeCallError: ${error}`);
}

describe("calls to GameLift", () => {
  it("[AN4] are signed, and say what they must and no more", async () => {
    const api = apiAt(endpoint.url);
    expect(await api.find("laptop", NEVER)).toBeUndefined();
    const registered = await api.register(REQUEST, NEVER);
    expect(registered).toEqual({
      computeName: "laptop",
      status: "Active",
      location: "custom-laptop",
      ipAddress: "203.0.113.7",
      dnsName: undefined,
      registeredAt: expect.any(Date),
      sdkEndpoint: endpoint.sdkEndpoint,
    });
    expect(await api.find("laptop", NEVER)).toEqual(registered);
    const { text, expiresAtMs } = await api.token("laptop", NEVER);
    expect(text).toBe(endpoint.tokens[0]);
    expect(Math.abs(expiresAtMs - Date.now() - 900_000)).toBeLessThan(5_000);
    await api.deregister("laptop", NEVER);

    const FleetId = endpoint.fleetId;
    expect(endpoint.calls.map(({ operation, input }) => [operation, input])).toEqual([
      ["ListCompute", { FleetId }],
      [
        "RegisterCompute",
        { FleetId, ComputeName: "laptop", Location: "custom-laptop", IpAddress: "203.0.113.7" },
      ],
      ["ListCompute", { FleetId }],
      ["GetComputeAuthToken", { FleetId, ComputeName: "laptop" }],
      ["DeregisterCompute", { FleetId, ComputeName: "laptop" }],
    ]);
    for (const { credential } of endpoint.calls) {
      expect(credential).toMatch(
        new RegExp(`^${KEYS.accessKeyId}/\\d{8}/${REGION}/gamelift/aws4_request$`),
      );
    }
  });

  it("[AN4] register a DNS name, alone or beside an address", async () => {
    const api = apiAt(endpoint.url);
    const dnsName = "play.example.com";
    await api.register({ ...REQUEST, ipAddress: undefined, dnsName }, NEVER);
    await api.register({ ...REQUEST, computeName: "other", dnsName }, NEVER);
    expect(endpoint.calls.map(({ input }) => [input["IpAddress"], input["DnsName"]])).toEqual([
      [undefined, dnsName],
      [REQUEST.ipAddress, dnsName],
    ]);
  });

  it("[AN5] find a compute on any page of the list", async () => {
    const api = apiAt(endpoint.url);
    endpoint.pageSize = 2;
    for (const name of ["a", "b", "c", "d", "e"]) {
      endpoint.computes.set(name, { ComputeName: name, Location: `custom-of-${name}` });
    }
    expect(await api.find("e", NEVER)).toMatchObject({ location: "custom-of-e" });
    expect(endpoint.calls).toHaveLength(3);
    expect(await api.find("f", NEVER)).toBeUndefined();
  });

  it("[AN7] look at 50 pages at most", async () => {
    const api = apiAt(endpoint.url);
    endpoint.pageSize = 1;
    for (let at = 0; at < 60; at++) endpoint.computes.set(`c${at}`, { ComputeName: `c${at}` });
    expect((await errorOf(api.find("none", NEVER))).message).toContain("more than 50 pages");
    expect(endpoint.calls).toHaveLength(50);
  });

  it("[AN11] tell when a token expires by this machine's clock, however wrong that is", async () => {
    for (const clockAheadMs of [-3_600_000, 3_600_000]) {
      endpoint.computes.set("laptop", {});
      endpoint.clockAheadMs = clockAheadMs;
      const { expiresAtMs } = await apiAt(endpoint.url).token("laptop", NEVER);
      expect(Math.abs(expiresAtMs - Date.now() - 900_000)).toBeLessThan(5_000);
    }
  });
});

type Named = Exclude<EndpointFault, string>;
const refusal = (name: string, status = 400): Named => ({ status, name, message: "its words" });

describe("an error of AWS", () => {
  const FAULTS: [fault: string, error: EndpointFault, advice: string][] = [
    ["refused", refusal("UnauthorizedException"), "gamelift:RegisterCompute, gamelift:Deregister"],
    ["refused", refusal("AccessDeniedException"), "gamelift:ListCompute and gamelift:GetCompute"],
    ["refused", refusal("ExpiredTokenException"), "aws sts get-caller-identity"],
    ["refused", refusal("UnrecognizedClientException"), "aws sts get-caller-identity"],
    ["refused", refusal("LimitExceededException"), "as many computes as its quota allows"],
    ["refused", refusal("InvalidRequestException"), "compute type ANYWHERE"],
    ["refused", refusal("UnsupportedRegionException"), "FLEETROOM_AWS_REGION"],
    ["refused", refusal("SomethingNewException"), "AWS documentation"],
    ["notFound", refusal("NotFoundException"), "describe-fleet-location-attributes"],
    ["conflict", refusal("ConflictException"), "aws gamelift list-compute"],
    ["notReady", refusal("NotReadyException"), "still validating"],
    ["notReady", refusal("ThrottlingException"), "too many calls"],
    ["transient", refusal("InternalServiceException", 500), "the service is at fault"],
    ["transient", refusal("SomethingNewException", 503), "the service is at fault"],
    ["transient", "cut", "can be reached"],
    ["transient", "lost answer", "can be reached"],
  ];

  it.each(FAULTS)("[AN8] is %s and says what to do: %o", async (fault, error, advice) => {
    const api = apiAt(endpoint.url);
    endpoint.fail("RegisterCompute", error);
    const found = await errorOf(api.register(REQUEST, NEVER));
    expect(found).toMatchObject({ operation: "RegisterCompute", fault });
    const said = typeof error === "string" ? "ECONNRESET: " : `${error.name}: its words`;
    expect(found.message).toMatch(new RegExp(`^RegisterCompute: ${said}`));
    expect(found.message).toContain(`| What to do: `);
    expect(found.message).toContain(advice);
    // One request for one call: who calls decides about another.
    expect(endpoint.calls).toHaveLength(1);
  });

  it("[AN8] names the fleet's own ARN for the permissions", async () => {
    endpoint.fail("ListCompute", refusal("AccessDeniedException"));
    const { message } = await errorOf(apiAt(endpoint.url).find("laptop", NEVER));
    expect(message).toContain(`arn:aws:gamelift:${REGION}:ACCOUNT:fleet/${endpoint.fleetId}`);
  });

  it("[AN8] of a token means that the compute is gone, or its fleet", async () => {
    const { message, fault } = await errorOf(apiAt(endpoint.url).token("laptop", NEVER));
    expect(fault).toBe("notFound");
    expect(message).toContain("start the supervisor again");
  });

  it("[AN8] over a limit of calls is waited out, where it is none of computes", async () => {
    endpoint.fail("GetComputeAuthToken", refusal("LimitExceededException"));
    expect(await errorOf(apiAt(endpoint.url).token("laptop", NEVER))).toMatchObject({
      fault: "notReady",
    });
  });

  it("[AN8] that is none: nobody there, no credentials, no answer, no token in it", async () => {
    const free = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => free.once("listening", resolve));
    const { port } = free.address() as net.AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const nobody = await errorOf(apiAt(`http://127.0.0.1:${port}`).find("laptop", NEVER));
    expect(nobody).toMatchObject({ fault: "transient" });
    expect(nobody.message).toMatch(/^ListCompute: ECONNREFUSED: .*http:\/\/127\.0\.0\.1/);

    const noKeys = async () => {
      const error = new Error("Could not load credentials from any providers");
      error.name = "CredentialsProviderError";
      throw error;
    };
    const keyless = await errorOf(apiAt(endpoint.url, noKeys).find("laptop", NEVER));
    expect(keyless).toMatchObject({ fault: "refused" });
    expect(keyless.message).toContain("AWS credentials");

    endpoint.fail("ListCompute", "silent");
    const silent = await errorOf(apiAt(endpoint.url).find("laptop", AbortSignal.timeout(50)));
    expect(silent).toMatchObject({ fault: "transient" });
    expect(silent.message).toMatch(/^ListCompute: TimeoutError: no answer in time/);

    endpoint.fail("GetComputeAuthToken", { status: 200, name: "" });
    const empty = await errorOf(apiAt(endpoint.url).token("laptop", NEVER));
    expect(empty).toMatchObject({ fault: "transient" });
    expect(empty.message).toContain("without token or expiry");
  });

  it("[AN8] repeats AWS's words short, and without control characters", async () => {
    const message = `a\n\u001b[2J${"x".repeat(10_000)}`;
    endpoint.fail("ListCompute", { ...refusal("ConflictException"), message });
    const found = await errorOf(apiAt(endpoint.url).find("laptop", NEVER));
    expect(found.message).toMatch(/^ListCompute: ConflictException: a \[2Jx/);
    expect(found.message.length).toBeLessThan(800);
  });
});

describe("AWS credentials", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-test-"));
  const file = path.join(folder, "credentials");
  const write = (profile: string, key: string) => {
    writeFileSync(file, `[${profile}]\naws_access_key_id=${key}\naws_secret_access_key=s\n`);
  };
  const env = { AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: path.join(folder, "none") };
  const keys = () => endpoint.calls.map(({ credential }) => credential.split("/")[0]);

  afterEach(() => rmSync(file, { force: true }));

  it("[AN12] in a file are read again when they were changed", async () => {
    write("default", "AKIDFIRST");
    const api = open(await openCredentials(env, () => Date.now()));
    await api.find("laptop", NEVER);
    write("default", "AKIDSECOND");
    await api.find("laptop", NEVER);
    expect(keys()).toEqual(["AKIDFIRST", "AKIDSECOND"]);
  });

  it("[AN12] are those of the named profile", async () => {
    write("laptop", "AKIDLAPTOP");
    const api = open(await openCredentials({ ...env, AWS_PROFILE: "laptop" }, () => Date.now()));
    await api.find("laptop", NEVER);
    expect(keys()).toEqual(["AKIDLAPTOP"]);
  });

  it("[AN12] are looked for elsewhere when the environment or no file has them", async () => {
    expect(await openCredentials(env, () => 0)).toBeUndefined();
    write("default", "AKIDFIRST");
    const inEnv = { ...env, AWS_ACCESS_KEY_ID: "AKIDENV", AWS_SECRET_ACCESS_KEY: "s" };
    expect(await openCredentials(inEnv, () => 0)).toBeUndefined();
  });
});
