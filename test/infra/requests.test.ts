import { describe, expect, it } from "vitest";
import { problemsOf } from "./api-shapes.ts";
import { requestsOf } from "./requests.ts";
import { ACCOUNT, REGION, readTemplate, resolved, type Values } from "./template.ts";

const ALIAS = `arn:aws:gamelift:${REGION}::alias/alias-1`;
const BUILD = { BuildId: "build-1111" };
const FROM_S3 = { BuildBucket: "my-builds", BuildKey: "fleetroom-0.1.0-linux-x64.zip" };
const IMAGE = { ImageUri: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/fleetroom:0.1.0` };
const ELSEWHERE = {
  SecondLocation: "us-east-1",
  ThirdLocation: "us-west-2-lax-1",
  FourthLocation: "ap-northeast-1",
};

/** Each with what must be given, and with every option taken. */
const CASES: readonly (readonly [file: string, what: string, given: Values, count: number])[] = [
  ["infra/ec2-fleet.yaml", "a build", BUILD, 4],
  ["infra/ec2-fleet.yaml", "a zip in S3", FROM_S3, 5],
  [
    "infra/ec2-fleet.yaml",
    "all that can be chosen",
    {
      ...FROM_S3,
      ...ELSEWHERE,
      ...{ BuildObjectVersion: "abc", BuildVersion: "1.2.3", Name: "my-game" },
      ...{ FleetType: "SPOT", CertificateType: "DISABLED", PlayerIpRange: "10.0.0.0/8" },
      ...{ ScaleToZero: "yes", ScaleInAfterMinutes: 5, MaxInstances: 10, SecondOpinion: "yes" },
      ...{ InstanceType: "c7g.2xlarge", ProcessesPerInstance: 50, ConcurrentActivations: 50 },
    },
    8,
  ],
  ["infra/container-fleet.yaml", "an image", IMAGE, 5],
  [
    "infra/container-fleet.yaml",
    "all that can be chosen",
    {
      ...IMAGE,
      ...{ AgentImageUri: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/agent:1` },
      ...{ AgentPeers: "172.17.0.0/16", AdminToken: "0123456789abcdef" },
      ...{ ScaleToZero: "yes", SecondLocation: "us-east-1", BillingType: "SPOT" },
      ...{ MemoryMebibytes: 2048, Vcpus: 10, ContainersPerInstance: 100 },
    },
    7,
  ],
  ["infra/anywhere.yaml", "nothing", {}, 3],
  ["infra/queue.yaml", "an alias", { AliasArn: ALIAS }, 1],
  [
    "infra/queue.yaml",
    "all that can be chosen",
    { AliasArn: ALIAS, SecondAliasArn: ALIAS, ThirdAliasArn: ALIAS, PlacementEvents: "sns" },
    1,
  ],
  [
    "infra/queue.yaml",
    "neither latency nor SNS",
    { AliasArn: ALIAS, LatencyPolicies: "no", PlacementEvents: "eventbridge" },
    1,
  ],
];

describe.each(CASES)("%s with %s", (file, _, given, count) => {
  it("[IF3] asks GameLift only for what its API takes", () => {
    const requests = requestsOf(resolved(readTemplate(file), given));
    expect(requests).toHaveLength(count);
    expect(requests.flatMap(({ shape, input }) => problemsOf(shape, input))).toEqual([]);
  });
});

it("[IF3] would find a name, a number, a character or a member that the API does not take", () => {
  const [create] = requestsOf(resolved(readTemplate("infra/ec2-fleet.yaml"), BUILD));
  const changed = (over: object) => problemsOf("CreateFleetInput", { ...create?.input, ...over });
  expect(changed({})).toEqual([]);
  expect(changed({ EC2InstanceType: "c9.large" }).join()).toContain("none of its values");
  expect(changed({ Nmae: "x" }).join()).toContain("knows no Nmae");
  const processes = (Parameters: string, ConcurrentExecutions: unknown) =>
    changed({
      RuntimeConfiguration: {
        ServerProcesses: [{ LaunchPath: "/local/game/x", Parameters, ConcurrentExecutions }],
      },
    }).join();
  expect(processes("--port $PORT", 1)).toContain("does not match");
  expect(processes("--port 7000", 0)).toContain("is below 1");
  expect(processes("--port 7000", "1")).toContain("is no integer");
});

it("[IF3] stops a deployment with a sentence where parameters do not belong together", () => {
  const ec2 = readTemplate("infra/ec2-fleet.yaml");
  expect(() => resolved(ec2)).toThrow("Give either BuildId, or BuildBucket and BuildKey.");
  expect(() => resolved(ec2, { ...BUILD, ...FROM_S3 })).toThrow("Give either BuildId");
  expect(() => resolved(ec2, { BuildBucket: "b" })).toThrow("Give either BuildId");
  const many = { ...BUILD, InstanceType: "c5.large", ProcessesPerInstance: 30 };
  expect(() => resolved(ec2, many)).toThrow(
    "This InstanceType has memory for 20 processes at most. Choose fewer, or a larger type.",
  );
  const container = readTemplate("infra/container-fleet.yaml");
  const agent = { ...IMAGE, AgentImageUri: "a/b:1" };
  expect(() => resolved(container, agent)).toThrow("give AgentPeers");
  expect(() => resolved(container, { ...agent, AgentPeers: "10.0.0.0/8" })).toThrow("AdminToken");
});

it("[IF3] takes an image by tag or digest, and none that is called latest by saying nothing", () => {
  const container = readTemplate("infra/container-fleet.yaml");
  const repository = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/games/fleetroom`;
  const digest = `${repository}@sha256:${"0a".repeat(32)}`;
  const [group] = requestsOf(resolved(container, { ImageUri: digest }));
  expect(problemsOf("CreateContainerGroupDefinitionInput", group?.input)).toEqual([]);
  expect(() => resolved(container, { ImageUri: repository })).toThrow("ImageUri may not be");
  expect(() => resolved(container, { ImageUri: "docker.io/library/x:1" })).toThrow("ImageUri");
});
