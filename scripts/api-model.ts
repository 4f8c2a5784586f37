/**
 * Makes `emulator/api/model.json` out of the service model that AWS publishes with botocore:
 *
 *     node scripts/api-model.ts botocore/data/gamelift/2015-10-01/service-2.json
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { ApiModel, Shape } from "../emulator/api/model.ts";

/** What the emulator has, and nothing else, is kept with its shapes. */
const EMULATED = `
  CreateFleet DeleteFleet ListFleets DescribeFleetAttributes DescribeFleetCapacity DescribeFleetUtilization
  DescribeFleetEvents DescribeFleetPortSettings DescribeFleetLocationAttributes DescribeFleetLocationCapacity
  DescribeFleetLocationUtilization DescribeRuntimeConfiguration UpdateRuntimeConfiguration
  UpdateFleetAttributes UpdateFleetCapacity UpdateFleetPortSettings StartFleetActions StopFleetActions
  PutScalingPolicy DescribeScalingPolicies DeleteScalingPolicy
  CreateBuild RequestUploadCredentials DescribeBuild ListBuilds UpdateBuild DeleteBuild
  CreateLocation ListLocations DeleteLocation
  CreateAlias UpdateAlias DeleteAlias DescribeAlias ListAliases ResolveAlias
  RegisterCompute GetComputeAuthToken ListCompute DescribeCompute DeregisterCompute
  CreateGameSession DescribeGameSessions DescribeGameSessionDetails SearchGameSessions UpdateGameSession
  TerminateGameSession GetGameSessionLogUrl
  CreatePlayerSession CreatePlayerSessions DescribePlayerSessions
  CreateGameSessionQueue UpdateGameSessionQueue DescribeGameSessionQueues DeleteGameSessionQueue
  StartGameSessionPlacement DescribeGameSessionPlacement StopGameSessionPlacement`
  .trim()
  .split(/\s+/);

interface Reference {
  readonly shape: string;
}

interface ServiceShape extends Omit<Shape, "members" | "member" | "key" | "value"> {
  readonly members?: Readonly<Record<string, Reference>>;
  readonly member?: Reference;
  readonly key?: Reference;
  readonly value?: Reference;
}

interface ServiceModel {
  readonly operations: Readonly<
    Record<
      string,
      { readonly input?: Reference; readonly output?: Reference; readonly errors?: Reference[] }
    >
  >;
  readonly shapes: Readonly<Record<string, ServiceShape>>;
}

function compact(service: ServiceModel): ApiModel {
  const shapes = new Map<string, Shape>();
  const keep = ({ shape: name }: Reference): string => {
    const shape = service.shapes[name];
    if (shape === undefined) throw new Error(`The model has no shape ${name}.`);
    if (shapes.has(name)) return name;
    const { type, required, min, max, pattern, enum: values, sensitive } = shape;
    // First, for shapes that contain themselves.
    shapes.set(name, { type });
    const members = Object.entries(shape.members ?? {}).map(([member, of]) => [member, keep(of)]);
    shapes.set(name, {
      type,
      ...(shape.members && { members: Object.fromEntries(members) as Record<string, string> }),
      ...(required && { required }),
      ...(shape.member && { member: keep(shape.member) }),
      ...(shape.key && { key: keep(shape.key) }),
      ...(shape.value && { value: keep(shape.value) }),
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
      ...(pattern && { pattern }),
      ...(values && { enum: values }),
      ...(sensitive && { sensitive }),
    });
    return name;
  };
  const operations = EMULATED.map((name) => {
    const operation = service.operations[name];
    if (operation?.input === undefined) throw new Error(`The model has no operation ${name}.`);
    const errors = (operation.errors ?? []).map(({ shape }) => shape).sort();
    const output = operation.output === undefined ? undefined : keep(operation.output);
    return [name, { input: keep(operation.input), ...(output && { output }), errors }] as const;
  });
  return {
    names: Object.keys(service.operations).sort(),
    operations: Object.fromEntries(operations),
    shapes: Object.fromEntries([...shapes].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

const [from] = process.argv.slice(2);
if (from === undefined) {
  console.error("Usage: node scripts/api-model.ts PATH-OF-service-2.json");
  process.exitCode = 1;
} else {
  const to = path.join(path.dirname(fileURLToPath(import.meta.url)), "../emulator/api/model.json");
  const model = compact(JSON.parse(readFileSync(from, "utf8")) as ServiceModel);
  writeFileSync(to, `${JSON.stringify(model)}\n`);
  console.log(
    `${to}: ${Object.keys(model.operations).length} of ${model.names.length} operations, ` +
      `${Object.keys(model.shapes).length} shapes. Format it: npm run fix`,
  );
}
