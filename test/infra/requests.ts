/**
 * What CloudFormation asks of GameLift for a resource, in the words of its API.
 * @module
 */
import type { ResolvedTemplate, Resource } from "./template.ts";

export interface Request {
  readonly shape: string;
  readonly input: object;
}

type Properties = Readonly<Record<string, unknown>>;

interface LocationProperties {
  readonly Location: string;
  readonly LocationCapacity?: object;
}

const FLEET_ID = "fleet-2222aaaa-33bb-44cc-55dd-666666eeeeee";

const CREATES: Readonly<Record<string, string>> = {
  "AWS::GameLift::Alias": "CreateAliasInput",
  "AWS::GameLift::Build": "CreateBuildInput",
  "AWS::GameLift::ContainerGroupDefinition": "CreateContainerGroupDefinitionInput",
  "AWS::GameLift::GameSessionQueue": "CreateGameSessionQueueInput",
  "AWS::GameLift::Location": "CreateLocationInput",
};

/** Of all resources of GameLift that a template makes. */
export function requestsOf(template: ResolvedTemplate): Request[] {
  return [...template.resources.values()]
    .filter(({ Type }) => Type.startsWith("AWS::GameLift::"))
    .flatMap(requestsFor);
}

function requestsFor({ Type, Properties }: Resource): Request[] {
  if (Type === "AWS::GameLift::Fleet") {
    const { InstanceRoleARN, ApplyCapacity: _, ...rest } = Properties as Properties;
    const role = InstanceRoleARN === undefined ? {} : { InstanceRoleArn: InstanceRoleARN };
    return fleetRequests("CreateFleetInput", { ...rest, ...role });
  }
  if (Type === "AWS::GameLift::ContainerFleet") {
    return fleetRequests("CreateContainerFleetInput", Properties);
  }
  const shape = CREATES[Type];
  if (shape === undefined) throw new Error(`no request is known for ${Type}`);
  return [{ shape, input: Properties }];
}

/** CloudFormation has in one resource what the API has in calls that follow. */
function fleetRequests(shape: string, properties: Properties): Request[] {
  const { ScalingPolicies = [], Locations = [], ...rest } = properties;
  const locations = Locations as readonly LocationProperties[];
  return [
    { shape, input: { ...rest, Locations: locations.map(({ Location }) => ({ Location })) } },
    ...(ScalingPolicies as readonly object[]).map((policy) => ({
      shape: "PutScalingPolicyInput",
      input: { ...policy, FleetId: FLEET_ID },
    })),
    ...locations
      .filter(({ LocationCapacity }) => LocationCapacity !== undefined)
      .map(({ Location, LocationCapacity }) => ({
        shape: "UpdateFleetCapacityInput",
        input: { ...LocationCapacity, Location, FleetId: FLEET_ID },
      })),
  ];
}
