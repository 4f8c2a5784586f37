import { describe, expect, it } from "vitest";
import {
  GAME_FOLDER,
  HEAP_MEGABYTES_MAX,
  HEAP_MEGABYTES_MIN,
  heapMegabytesInContainer,
  heapMegabytesPerProcess,
  LAUNCH_PATH,
  LAUNCH_PATH_PATTERN,
  launchParameters,
  PARAMETERS_PATTERN,
  PORTS,
  PROCESSES_MAX,
  SERVER_PATH,
  SETTINGS_PATH,
} from "../../scripts/gamelift/launch.ts";
import {
  CONTAINER_MEGABYTES,
  INSTANCE_MEGABYTES,
  PROCESS_COUNTS,
} from "../../scripts/templates/instance-types.ts";
import { settings } from "../../server/config-table.ts";
import { SDK_VERSION } from "../../server/fleet/gamelift-server-sdk/connect-url.ts";
import { LOG_GROUP } from "../../server/telemetry/catalogue/cloudwatch.ts";
import { ACCOUNT, REGION, readTemplate, resolved, textOf } from "./template.ts";

/** What GameLift opens on Linux, beside 22. */
const PORT_MIN = 1_026;
const PORT_MAX = 60_000;
/** Of a variable's value in a container group. */
const VARIABLE_CHARS_MAX = 255;

const ec2 = readTemplate("infra/ec2-fleet.yaml");
const container = readTemplate("infra/container-fleet.yaml");
const BUILD = { BuildId: "build-1111" };
const IMAGE = { ImageUri: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/fleetroom:0.1.0` };
const ofEc2 = (given = {}) => resolved(ec2, { ...BUILD, ...given }).only("AWS::GameLift::Fleet");
const ofContainers = (given = {}) => resolved(container, { ...IMAGE, ...given });

describe("infra/ec2-fleet.yaml", () => {
  it("[IF4] starts the build as scripts/gamelift/launch.ts says, on every instance with every number of processes that fit", () => {
    let fitting = 0;
    for (const [InstanceType, memoryMegabytes] of INSTANCE_MEGABYTES) {
      for (const ProcessesPerInstance of PROCESS_COUNTS) {
        const given = { InstanceType, ProcessesPerInstance };
        const heapMegabytes = heapMegabytesPerProcess(memoryMegabytes, ProcessesPerInstance);
        if (heapMegabytes === undefined) {
          expect(() => ofEc2(given)).toThrow(/memory for \d+ processes at most/);
          continue;
        }
        fitting++;
        expect(heapMegabytes).toBeGreaterThanOrEqual(HEAP_MEGABYTES_MIN);
        expect(heapMegabytes).toBeLessThanOrEqual(HEAP_MEGABYTES_MAX);
        const { RuntimeConfiguration, EC2InstanceType } = ofEc2(given);
        expect(EC2InstanceType).toBe(InstanceType);
        expect(RuntimeConfiguration.ServerProcesses).toEqual([
          {
            LaunchPath: LAUNCH_PATH,
            Parameters: launchParameters(heapMegabytes),
            ConcurrentExecutions: ProcessesPerInstance,
          },
        ]);
      }
    }
    expect(fitting).toBeGreaterThan(300);
  });

  it("[IF4] uses only characters that GameLift allows, and one entry for all processes", () => {
    const [{ LaunchPath, Parameters }, ...others] = ofEc2().RuntimeConfiguration.ServerProcesses;
    expect(LaunchPath).toMatch(LAUNCH_PATH_PATTERN);
    expect(Parameters).toMatch(PARAMETERS_PATTERN);
    const [, program, ...flags] = Parameters.split(" ");
    expect(program).toBe(SERVER_PATH);
    expect(flags.slice(0, 2)).toEqual(["--config", SETTINGS_PATH]);
    for (const file of [LaunchPath, program, flags[1]]) {
      expect(file.startsWith(`${GAME_FOLDER}/`)).toBe(true);
    }
    expect(others).toEqual([]);
  });

  it("[IF4] opens the ports that processes take, as TCP, one for each that an instance may have", () => {
    const [permission, ...others] = ofEc2().EC2InboundPermissions;
    expect(others).toEqual([]);
    expect(permission).toMatchObject({
      Protocol: "TCP",
      FromPort: PORTS.first,
      ToPort: PORTS.last,
    });
    expect(PORTS.first).toBeGreaterThanOrEqual(PORT_MIN);
    expect(PORTS.last).toBeLessThanOrEqual(PORT_MAX);
    expect(PORTS.last - PORTS.first + 1).toBeGreaterThanOrEqual(PROCESSES_MAX);
    expect(Math.max(...PROCESS_COUNTS)).toBe(PROCESSES_MAX);
    expect(ofEc2({ PlayerIpRange: "10.1.0.0/16" }).EC2InboundPermissions[0].IpRange).toBe(
      "10.1.0.0/16",
    );
  });

  it("[IF5] protects matches, asks for a certificate and the shared credentials, and leaves the player gateway off", () => {
    expect(ofEc2()).toMatchObject({
      NewGameSessionProtectionPolicy: "FullProtection",
      CertificateConfiguration: { CertificateType: "GENERATED" },
      InstanceRoleCredentialsProvider: "SHARED_CREDENTIAL_FILE",
      PlayerGatewayMode: "DISABLED",
      MetricGroups: ["fleetroom"],
      ApplyCapacity: "ON_CREATE_AND_UPDATE",
    });
    expect(ofEc2({ CertificateType: "DISABLED" }).CertificateConfiguration.CertificateType).toBe(
      "DISABLED",
    );
    expect(ec2.Resources["Fleet"]).toMatchObject({ UpdateReplacePolicy: "Retain" });
  });

  it("[IF5] gives a game session more time to open than the server takes before it gives up", () => {
    const { GameSessionActivationTimeoutSeconds } = ofEc2().RuntimeConfiguration;
    expect(GameSessionActivationTimeoutSeconds).toBeGreaterThan(
      Number(settings.activationSeconds.defaultText),
    );
  });

  it("[IF6] keeps a share of game sessions free, within its limits, in every location", () => {
    const fleet = ofEc2({ SecondLocation: "us-east-1", MinInstances: 2, MaxInstances: 7 });
    expect(fleet.Locations).toEqual(
      [REGION, "us-east-1"].map((Location) => ({
        Location,
        LocationCapacity: { MinSize: 2, MaxSize: 7 },
      })),
    );
    expect(fleet.ScalingPolicies).toEqual([
      {
        Name: "free-game-sessions",
        PolicyType: "TargetBased",
        MetricName: "PercentAvailableGameSessions",
        TargetConfiguration: { TargetValue: 20 },
      },
    ]);
    const all = { SecondLocation: "us-a", ThirdLocation: "us-b", FourthLocation: "us-c" };
    expect(ofEc2(all).Locations).toHaveLength(4);
  });

  it("[IF6] scales to zero and back where it is asked to", () => {
    const [{ LocationCapacity }] = ofEc2({ ScaleToZero: "yes", MinInstances: 3 }).Locations;
    expect(LocationCapacity).toEqual({
      MinSize: 0,
      MaxSize: 2,
      ManagedCapacityConfiguration: {
        ZeroCapacityStrategy: "SCALE_TO_AND_FROM_ZERO",
        ScaleInAfterInactivityMinutes: 30,
      },
    });
  });

  it("[IF5] makes a build of the SDK's own version, out of one key that it may read", () => {
    const given = { BuildBucket: "builds", BuildKey: "a/fleetroom.zip" };
    const stack = resolved(ec2, given);
    expect(stack.only("AWS::GameLift::Build")).toMatchObject({
      OperatingSystem: "AMAZON_LINUX_2023",
      ServerSdkVersion: SDK_VERSION,
    });
    expect(stack.only("AWS::GameLift::Build").StorageLocation).not.toHaveProperty("ObjectVersion");
    const { Policies } = stack.resources.get("BuildRole")?.Properties ?? {};
    expect(Policies[0].PolicyDocument.Statement[0].Resource).toBe(
      "arn:aws:s3:::builds/a/fleetroom.zip",
    );
    expect([...resolved(ec2, BUILD).resources.keys()]).not.toContain("BuildRole");
  });

  it("[IF5] ends with what the other templates and scripts ask for", () => {
    expect(resolved(ec2, BUILD).outputs).toMatchObject({
      FleetId: expect.stringMatching(/^fleet-/),
      AliasArn: expect.stringMatching(/^arn:aws:gamelift:[a-z0-9-]+::alias\/alias-/),
    });
  });
});

describe("infra/container-fleet.yaml", () => {
  const group = (given = {}) => {
    const groups = [...ofContainers(given).resources.values()].filter(
      ({ Type, Properties }) =>
        Type === "AWS::GameLift::ContainerGroupDefinition" &&
        Properties.ContainerGroupType === "GAME_SERVER",
    );
    return groups[0]?.Properties;
  };

  it("[IF7] opens TCP: the container's own port, and the range that it is mapped to", () => {
    const imageSettings = JSON.parse(textOf("infra/container/fleetroom.json"));
    const { PortConfiguration } = group().GameServerContainerDefinition;
    expect(PortConfiguration.ContainerPortRanges).toEqual([
      {
        FromPort: Number(imageSettings.port),
        ToPort: Number(imageSettings.port),
        Protocol: "TCP",
      },
    ]);
    const fleet = ofContainers().only("AWS::GameLift::ContainerFleet");
    const { FromPort, ToPort } = fleet.InstanceConnectionPortRange;
    expect(fleet.InstanceInboundPermissions).toEqual([
      { Protocol: "TCP", FromPort, ToPort, IpRange: "0.0.0.0/0" },
    ]);
    // GameLift keeps those from 4092 on for itself.
    expect(FromPort).toBeGreaterThanOrEqual(4_192);
    expect(ToPort).toBeLessThanOrEqual(PORT_MAX);
    expect(ToPort - FromPort + 1).toBeGreaterThanOrEqual(
      Number(container.Parameters?.["ContainersPerInstance"]?.MaxValue),
    );
  });

  it("[IF7] bounds each process's heap by what its container may use", () => {
    for (const MemoryMebibytes of CONTAINER_MEGABYTES) {
      const { EnvironmentOverride } = group({ MemoryMebibytes }).GameServerContainerDefinition;
      const heapMegabytes = heapMegabytesInContainer(MemoryMebibytes);
      expect(heapMegabytes).toBeLessThan(MemoryMebibytes);
      expect(EnvironmentOverride).toEqual([
        { Name: "NODE_OPTIONS", Value: `--max-old-space-size=${heapMegabytes}` },
      ]);
    }
  });

  it("[IF7] is, with its defaults, what infra/container-group.json says", () => {
    expect(group()).toEqual(JSON.parse(textOf("infra/container-group.json")));
  });

  it("[IF7] sends standard output to the log group that the alarms count lines of", () => {
    const fleet = ofContainers().only("AWS::GameLift::ContainerFleet");
    expect(fleet.LogConfiguration).toEqual({
      LogDestination: "CLOUDWATCH",
      LogGroupArn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${LOG_GROUP}`,
    });
    expect(fleet).toMatchObject({
      NewGameSessionProtectionPolicy: "FullProtection",
      PlayerGatewayMode: "DISABLED",
    });
  });

  it("[IF7] has an agent beside the servers where it is asked to, with the settings that open the admin port to it", () => {
    const given = {
      ...{ AgentImageUri: "a/b:1", AgentPeers: "172.17.0.0/16", AdminToken: "0123456789abcdef" },
    };
    const { EnvironmentOverride, MountPoints } = group(given).GameServerContainerDefinition;
    const variables = Object.fromEntries(
      EnvironmentOverride.map(({ Name, Value }: { Name: string; Value: string }) => [Name, Value]),
    );
    expect(variables).toMatchObject({
      FLEETROOM_ADMIN_HOST: "0.0.0.0",
      FLEETROOM_ADMIN_PEERS: "172.17.0.0/16",
      FLEETROOM_ADMIN_TOKEN: "0123456789abcdef",
      FLEETROOM_TARGETS_DIR: MountPoints[0].ContainerPath,
    });
    for (const value of Object.values(variables)) {
      expect(String(value).length).toBeLessThanOrEqual(VARIABLE_CHARS_MAX);
    }
    const agent = ofContainers(given).resources.get("AgentGroup")?.Properties;
    expect(agent.ContainerGroupType).toBe("PER_INSTANCE");
    expect(agent.SupportContainerDefinitions[0].MountPoints[0].InstancePath).toBe(
      MountPoints[0].InstancePath,
    );
    expect(container.Parameters?.["AdminToken"]).toMatchObject({ NoEcho: true });
    expect(ofContainers().resources.has("AgentGroup")).toBe(false);
  });
});
