/**
 * `--dry-run`: every call on a line of its own, and answers made up of placeholders.
 * @module
 */
import path from "node:path";
import type { CallName, Calls, Input, Output, Upload } from "./calls.ts";

type Answers = { readonly [Name in CallName]: (input: Input<Name>) => Output<Name> };

export class DryCalls implements Calls {
  readonly isDryRun = true;
  readonly #print: (line: string) => void;

  /** @param print - Takes `Operation {input as JSON}`. */
  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  async call<Name extends CallName>(name: Name, input: Input<Name>): Promise<Output<Name>> {
    this.#print(`${name} ${JSON.stringify(input)}`);
    return answers[name](input);
  }

  async upload({ file, sizeBytes, bucket, key }: Upload): Promise<void> {
    const Body = `${path.basename(file)} (${sizeBytes} bytes)`;
    this.#print(`PutObject ${JSON.stringify({ Bucket: bucket, Key: key, Body })}`);
  }

  [Symbol.dispose](): void {}
}

/** What only the service knows. */
const hole = (what: string): string => `<${what.replaceAll(/[<>]/g, "")}>`;

/** A placeholder where the type has something else than a string. */
const otherHole = (what: string): never => hole(what) as never;

const attributes = (fleetId: string) => ({
  FleetId: fleetId,
  FleetArn: hole(`FleetArn of ${fleetId}`),
  Status: "ACTIVE" as const,
  Name: hole(`Name of ${fleetId}`),
  Description: hole(`Description of ${fleetId}`),
  BuildId: hole(`BuildId of ${fleetId}`),
  InstanceType: otherHole(`InstanceType of ${fleetId}`),
  FleetType: otherHole(`FleetType of ${fleetId}`),
  ComputeType: "EC2" as const,
  InstanceRoleArn: hole(`InstanceRoleArn of ${fleetId}`),
  InstanceRoleCredentialsProvider: otherHole(`InstanceRoleCredentialsProvider of ${fleetId}`),
  CertificateConfiguration: otherHole(`CertificateConfiguration of ${fleetId}`),
  NewGameSessionProtectionPolicy: otherHole(`NewGameSessionProtectionPolicy of ${fleetId}`),
  ResourceCreationLimitPolicy: otherHole(`ResourceCreationLimitPolicy of ${fleetId}`),
  MetricGroups: otherHole(`MetricGroups of ${fleetId}`),
});

const credentials = {
  UploadCredentials: {
    AccessKeyId: hole("AccessKeyId"),
    SecretAccessKey: hole("SecretAccessKey"),
    SessionToken: hole("SessionToken"),
  },
  StorageLocation: { Bucket: hole("Bucket"), Key: hole("Key") },
};

const answers: Answers = {
  CreateBuild: () => ({
    Build: { BuildId: hole("BuildId"), Status: "INITIALIZED" },
    ...credentials,
  }),
  RequestUploadCredentials: () => credentials,
  DescribeBuild: ({ BuildId }) => ({ Build: { BuildId, Status: "READY" } }),
  ListFleets: () => ({ FleetIds: [] }),
  CreateFleet: () => ({ FleetAttributes: { FleetId: hole("FleetId"), Status: "NEW" } }),
  DeleteFleet: () => ({}),
  DescribeFleetAttributes: ({ FleetIds = [] }) => ({ FleetAttributes: FleetIds.map(attributes) }),
  DescribeFleetEvents: () => ({ Events: [] }),
  DescribeFleetLocationAttributes: () => ({ LocationAttributes: [] }),
  DescribeFleetLocationCapacity: ({ FleetId = "", Location }) => ({
    FleetCapacity: {
      FleetId,
      Location,
      InstanceCounts: {
        DESIRED: otherHole(`DESIRED of ${FleetId}`),
        MINIMUM: otherHole(`MINIMUM of ${FleetId}`),
        MAXIMUM: otherHole(`MAXIMUM of ${FleetId}`),
        ACTIVE: 0,
      },
    },
  }),
  DescribeFleetPortSettings: ({ FleetId = "" }) => ({
    InboundPermissions: otherHole(`InboundPermissions of ${FleetId}`),
  }),
  DescribeRuntimeConfiguration: ({ FleetId = "" }) => ({
    RuntimeConfiguration: otherHole(`RuntimeConfiguration of ${FleetId}`),
  }),
  DescribeScalingPolicies: () => ({ ScalingPolicies: [] }),
  PutScalingPolicy: ({ Name }) => ({ Name }),
  UpdateFleetCapacity: () => ({}),
  UpdateFleetAttributes: () => ({}),
  StopFleetActions: () => ({}),
  DescribeGameSessions: () => ({ GameSessions: [] }),
  DescribeGameSessionQueues: () => ({ GameSessionQueues: [] }),
  CreateAlias: () => ({ Alias: { AliasId: hole("AliasId") } }),
  ListAliases: () => ({ Aliases: [] }),
  DescribeAlias: ({ AliasId }) => ({
    Alias: {
      AliasId,
      RoutingStrategy: { Type: "SIMPLE", FleetId: hole("FleetId behind the alias") },
    },
  }),
  UpdateAlias: () => ({}),
};
