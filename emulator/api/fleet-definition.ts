/**
 * The members of CreateFleet as what the control plane makes a fleet of, and back.
 * @module
 */
import type { FleetChanges, FleetDefinition } from "../plane/fleets.ts";
import { done, type Outcome, refused } from "../plane/outcome.ts";
import type {
  Fleet,
  IpPermission,
  ProtectionPolicy,
  RuntimeConfiguration,
  ServerProcessConfiguration,
} from "../plane/records.ts";
import { epochSeconds, given, type Members, unlessEmpty } from "./operation.ts";

interface CreateInput {
  readonly Name: string;
  readonly Description?: string;
  readonly BuildId?: string;
  readonly EC2InstanceType?: string;
  readonly EC2InboundPermissions?: readonly IpPermissionMembers[];
  readonly NewGameSessionProtectionPolicy?: ProtectionPolicy;
  readonly RuntimeConfiguration?: RuntimeConfigurationMembers;
  readonly ResourceCreationLimitPolicy?: LimitPolicyMembers;
  readonly MetricGroups?: readonly string[];
  readonly FleetType?: Fleet["fleetType"];
  readonly InstanceRoleArn?: string;
  readonly InstanceRoleCredentialsProvider?: string;
  readonly CertificateConfiguration?: { readonly CertificateType: Fleet["certificateType"] };
  readonly Locations?: readonly { readonly Location: string }[];
  readonly ComputeType?: Fleet["computeType"];
  readonly AnywhereConfiguration?: { readonly Cost: string };
}

interface IpPermissionMembers {
  readonly FromPort: number;
  readonly ToPort: number;
  readonly IpRange: string;
  readonly Protocol: IpPermission["protocol"];
}

/** Of UpdateFleetAttributes. */
export type FleetSettingsInput = Partial<
  Pick<
    CreateInput,
    | "Name"
    | "Description"
    | "NewGameSessionProtectionPolicy"
    | "ResourceCreationLimitPolicy"
    | "MetricGroups"
    | "AnywhereConfiguration"
  >
>;

interface LimitPolicyMembers {
  readonly NewGameSessionsPerCreator?: number;
  readonly PolicyPeriodInMinutes?: number;
}

export interface RuntimeConfigurationMembers {
  readonly ServerProcesses?: readonly {
    readonly LaunchPath: string;
    readonly Parameters?: string;
    readonly ConcurrentExecutions: number;
  }[];
  readonly MaxConcurrentGameSessionActivations?: number;
  readonly GameSessionActivationTimeoutSeconds?: number;
}

/** Members that would have no effect, which a caller who gives them does not expect. */
const NOT_EMULATED = [
  "ScriptId",
  "ServerLaunchPath",
  "ServerLaunchParameters",
  "LogPaths",
  "PeerVpcAwsAccountId",
  "PeerVpcId",
];
const MANAGED_ONLY = ["BuildId", "EC2InstanceType", "EC2InboundPermissions", "FleetType"];

/** As the service has them where a runtime configuration does not say. */
const ACTIVATIONS_DEFAULT = 2_147_483_647;
const ACTIVATION_SECONDS_DEFAULT = 300;

/** @param members - Of CreateFleet, checked against the model. */
export function fleetDefinition(members: Members): Outcome<FleetDefinition> {
  const wrong = wrongMember(members);
  if (wrong !== undefined) return refused("InvalidRequest", wrong);
  const input = members as unknown as CreateInput;
  const { RuntimeConfiguration: runtime, ResourceCreationLimitPolicy: policy } = input;
  return done({
    name: input.Name,
    computeType: input.ComputeType ?? "EC2",
    ...given({
      description: input.Description,
      buildId: input.BuildId?.split("/").at(-1),
      instanceType: input.EC2InstanceType,
      inboundPermissions: input.EC2InboundPermissions?.map(ipPermissionIn),
      newGameSessionProtectionPolicy: input.NewGameSessionProtectionPolicy,
      runtimeConfiguration: runtime && runtimeConfigurationIn(runtime),
      resourceCreationLimitPolicy: policy && limitPolicyIn(policy),
      metricGroups: input.MetricGroups,
      fleetType: input.FleetType,
      instanceRoleArn: input.InstanceRoleArn,
      instanceRoleCredentialsProvider: input.InstanceRoleCredentialsProvider,
      certificateType: input.CertificateConfiguration?.CertificateType,
      locations: input.Locations?.map(({ Location }) => Location),
      anywhereCost: input.AnywhereConfiguration?.Cost,
    }),
  });
}

export function fleetChanges(input: FleetSettingsInput): FleetChanges {
  const { ResourceCreationLimitPolicy: policy } = input;
  return {
    ...given({
      name: input.Name,
      description: input.Description,
      newGameSessionProtectionPolicy: input.NewGameSessionProtectionPolicy,
      metricGroups: input.MetricGroups,
      anywhereCost: input.AnywhereConfiguration?.Cost,
    }),
    ...(policy && { resourceCreationLimitPolicy: limitPolicyIn(policy) }),
  };
}

function wrongMember(members: Members): string | undefined {
  const foreign = NOT_EMULATED.find((name) => members[name] !== undefined);
  if (foreign !== undefined) {
    return `${foreign} is not emulated: server processes are described by RuntimeConfiguration alone`;
  }
  const gateway = members["PlayerGatewayMode"] ?? "DISABLED";
  if (gateway !== "DISABLED" || members["PlayerGatewayConfiguration"] !== undefined) {
    return "PlayerGatewayMode must be DISABLED: the player gateway is not emulated";
  }
  if (members["ComputeType"] === "ANYWHERE") {
    const managed = MANAGED_ONLY.find((name) => members[name] !== undefined);
    return managed && `${managed} is for fleets of ComputeType EC2`;
  }
  if (members["AnywhereConfiguration"] !== undefined) {
    return "AnywhereConfiguration is for fleets of ComputeType ANYWHERE";
  }
  const { ServerProcesses = [] } = (members["RuntimeConfiguration"] ??
    {}) as RuntimeConfigurationMembers;
  return ServerProcesses.length === 0
    ? "RuntimeConfiguration must have at least one of ServerProcesses in a fleet of ComputeType EC2"
    : undefined;
}

export function runtimeConfigurationIn(members: RuntimeConfigurationMembers): RuntimeConfiguration {
  return {
    serverProcesses: (members.ServerProcesses ?? []).map((each) => ({
      launchPath: each.LaunchPath,
      parameters: each.Parameters ?? "",
      concurrentExecutions: each.ConcurrentExecutions,
    })),
    maxConcurrentGameSessionActivations:
      members.MaxConcurrentGameSessionActivations ?? ACTIVATIONS_DEFAULT,
    gameSessionActivationTimeoutSeconds:
      members.GameSessionActivationTimeoutSeconds ?? ACTIVATION_SECONDS_DEFAULT,
  };
}

export function runtimeConfigurationMembers(runtime: RuntimeConfiguration): Members {
  const { serverProcesses } = runtime;
  return {
    ServerProcesses: serverProcesses.length === 0 ? undefined : serverProcesses.map(processMembers),
    MaxConcurrentGameSessionActivations: runtime.maxConcurrentGameSessionActivations,
    GameSessionActivationTimeoutSeconds: runtime.gameSessionActivationTimeoutSeconds,
  };
}

function processMembers(process: ServerProcessConfiguration): Members {
  return {
    LaunchPath: process.launchPath,
    Parameters: unlessEmpty(process.parameters),
    ConcurrentExecutions: process.concurrentExecutions,
  };
}

export function ipPermissionMembers(permission: IpPermission): Members {
  const { fromPort, toPort, ipRange, protocol } = permission;
  return { FromPort: fromPort, ToPort: toPort, IpRange: ipRange, Protocol: protocol };
}

/** @param members - `IpPermissionsList`, or nothing. */
export function ipPermissionsIn(members: unknown): readonly IpPermission[] {
  return ((members ?? []) as readonly IpPermissionMembers[]).map(ipPermissionIn);
}

function ipPermissionIn({ FromPort, ToPort, IpRange, Protocol }: IpPermissionMembers) {
  return { fromPort: FromPort, toPort: ToPort, ipRange: IpRange, protocol: Protocol };
}

/** Without both members there is no limit. */
function limitPolicyIn(members: LimitPolicyMembers): Fleet["resourceCreationLimitPolicy"] {
  const { NewGameSessionsPerCreator = 0, PolicyPeriodInMinutes = 0 } = members;
  return NewGameSessionsPerCreator === 0 || PolicyPeriodInMinutes === 0
    ? undefined
    : {
        newGameSessionsPerCreator: NewGameSessionsPerCreator,
        policyPeriodInMinutes: PolicyPeriodInMinutes,
      };
}

function arnOfBuild({ fleetArn, buildId }: Fleet): string {
  return fleetArn.replace(/:fleet\/.*$/, `:build/${buildId}`);
}

/** The API's `FleetAttributes`. */
export function fleetAttributes(fleet: Fleet): Members {
  const { resourceCreationLimitPolicy: policy, terminatedAtMs } = fleet;
  return {
    FleetId: fleet.fleetId,
    FleetArn: fleet.fleetArn,
    Description: unlessEmpty(fleet.description),
    Name: fleet.name,
    CreationTime: epochSeconds(fleet.createdAtMs),
    TerminationTime: terminatedAtMs === undefined ? undefined : epochSeconds(terminatedAtMs),
    Status: fleet.status,
    BuildId: unlessEmpty(fleet.buildId),
    BuildArn: fleet.isOfBuild ? arnOfBuild(fleet) : undefined,
    StoppedActions: fleet.scalingStoppedIn.includes(fleet.locations[0] ?? "")
      ? ["AUTO_SCALING"]
      : undefined,
    NewGameSessionProtectionPolicy: fleet.newGameSessionProtectionPolicy,
    ResourceCreationLimitPolicy: policy && {
      NewGameSessionsPerCreator: policy.newGameSessionsPerCreator,
      PolicyPeriodInMinutes: policy.policyPeriodInMinutes,
    },
    MetricGroups: fleet.metricGroups,
    InstanceRoleArn: unlessEmpty(fleet.instanceRoleArn),
    InstanceRoleCredentialsProvider: unlessEmpty(fleet.instanceRoleCredentialsProvider),
    CertificateConfiguration: { CertificateType: fleet.certificateType },
    ComputeType: fleet.computeType,
    ...(fleet.computeType === "EC2"
      ? {
          FleetType: fleet.fleetType,
          InstanceType: fleet.instanceType,
          OperatingSystem: "AMAZON_LINUX_2023",
        }
      : { AnywhereConfiguration: fleet.anywhereCost ? { Cost: fleet.anywhereCost } : undefined }),
  };
}
