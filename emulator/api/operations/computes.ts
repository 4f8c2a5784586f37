import { done, isRefused, type Outcome, refused } from "../../plane/outcome.ts";
import type { Compute, Fleet } from "../../plane/records.ts";
import {
  type ApiContext,
  epochSeconds,
  type Members,
  type Operations,
  unlessEmpty,
} from "../operation.ts";
import { fleetNamed } from "../target-fleet.ts";

interface RegisterInput {
  readonly ComputeName: string;
  readonly CertificatePath?: string;
  readonly DnsName?: string;
  readonly IpAddress?: string;
  readonly Location?: string;
}

interface ListInput {
  readonly Location?: string;
  readonly ContainerGroupDefinitionName?: string;
  readonly ComputeStatus?: "ACTIVE" | "IMPAIRED";
}

interface Found {
  readonly fleet: Fleet;
  readonly compute: Compute;
}

export const computeOperations: Operations = {
  RegisterCompute(input, context) {
    const fleet = fleetNamed(input["FleetId"], context);
    if (isRefused(fleet)) return fleet;
    const { ComputeName, CertificatePath, DnsName, IpAddress, Location } =
      input as unknown as RegisterInput;
    const compute = context.plane.computes.register({
      fleetId: fleet.value.fleetId,
      computeName: ComputeName,
      certificatePath: CertificatePath ?? "",
      dnsName: DnsName ?? "",
      ipAddress: IpAddress ?? "",
      location: Location ?? "",
      type: "ANYWHERE",
    });
    if (isRefused(compute)) return compute;
    return done({ Compute: members({ fleet: fleet.value, compute: compute.value }, context) });
  },

  GetComputeAuthToken(input, context) {
    const found = computeIn(input, context);
    if (isRefused(found)) return found;
    const { fleet, compute } = found.value;
    const token = context.plane.computes.token(fleet.fleetId, compute.computeName);
    if (isRefused(token)) return token;
    return done({
      FleetId: fleet.fleetId,
      FleetArn: fleet.fleetArn,
      ComputeName: compute.computeName,
      ComputeArn: compute.computeArn,
      AuthToken: token.value.token,
      ExpirationTimestamp: epochSeconds(token.value.expiresAtMs),
    });
  },

  ListCompute(input, context) {
    const fleet = fleetNamed(input["FleetId"], context);
    if (isRefused(fleet)) return fleet;
    const { Location, ContainerGroupDefinitionName, ComputeStatus } = input as ListInput;
    if (ContainerGroupDefinitionName !== undefined) {
      return refused("InvalidRequest", "ContainerGroupDefinitionName: containers are not emulated");
    }
    const page = context.pages.page(
      { operation: "ListCompute", input },
      {
        records: context.plane.computes.list(fleet.value.fleetId),
        matches: ({ location, status }) =>
          (Location === undefined || location === Location) &&
          (ComputeStatus === undefined || status === ComputeStatus),
        keyOf: ({ computeName }) => computeName,
        orderOf: ({ createdAtMs }) => createdAtMs,
      },
    );
    if (isRefused(page)) return page;
    const { records, nextToken } = page.value;
    const ComputeList = records.map((compute) => members({ fleet: fleet.value, compute }, context));
    return done({ ComputeList, NextToken: nextToken });
  },

  DescribeCompute(input, context) {
    const found = computeIn(input, context);
    return isRefused(found) ? found : done({ Compute: members(found.value, context) });
  },

  DeregisterCompute(input, context) {
    const found = computeIn(input, context);
    if (isRefused(found)) return found;
    const { fleet, compute } = found.value;
    if (compute.type === "EC2") {
      return refused("InvalidRequest", `Fleet ${fleet.fleetId} is managed: its computes stay`);
    }
    const gone = context.plane.computes.deregister(fleet.fleetId, compute.computeName);
    return isRefused(gone) ? gone : done({});
  },
};

function computeIn(input: Members, context: ApiContext): Outcome<Found> {
  const fleet = fleetNamed(input["FleetId"], context);
  if (isRefused(fleet)) return fleet;
  const name = String(input["ComputeName"]);
  const compute = context.plane.computes.find(fleet.value.fleetId, name);
  return compute === undefined
    ? refused("NotFound", `Compute ${name} was not found in fleet ${fleet.value.fleetId}`)
    : done({ fleet: fleet.value, compute });
}

function members({ fleet, compute }: Found, { plane }: ApiContext): Members {
  const isInstance = compute.type === "EC2";
  return {
    FleetId: fleet.fleetId,
    FleetArn: fleet.fleetArn,
    ComputeName: compute.computeName,
    ComputeArn: compute.computeArn,
    IpAddress: unlessEmpty(compute.ipAddress),
    DnsName: unlessEmpty(compute.dnsName),
    ComputeStatus: compute.status,
    Location: compute.location,
    CreationTime: epochSeconds(compute.createdAtMs),
    ...(isInstance
      ? {
          OperatingSystem: "AMAZON_LINUX_2023",
          Type: fleet.instanceType,
          InstanceId: compute.computeName,
        }
      : { GameLiftServiceSdkEndpoint: plane.endpoint() }),
  };
}
