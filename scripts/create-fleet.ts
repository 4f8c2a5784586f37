/**
 * `npm run create-fleet`: a managed EC2 fleet of an uploaded build, waited for until it is ACTIVE (docs/SHIPPING.md).
 * @module
 */
import { integer, matching } from "../server/config-values.ts";
import { awsOptions, buildId, name, waitMinutes } from "./fleets/aws-options.ts";
import { createFleet } from "./fleets/create.ts";
import { helpText, list, oneOf, option, readOptions, type Values } from "./fleets/options.ts";
import { runScript, type Work } from "./fleets/work.ts";
import { memoryMegabytesOf } from "./gamelift/instance-memory.ts";
import { heapMegabytesPerProcess, PROCESSES_MAX } from "./gamelift/launch.ts";

const INSTANCES_MAX = 1_000;

const table = {
  buildId: option({
    flag: "build-id",
    value: "ID",
    allowed: "the id of a build such as build-1a2b3c4d, which upload-build prints",
    meaning: "What the fleet is made of.",
    parse: buildId,
  }),
  name: option({
    flag: "name",
    value: "NAME",
    allowed: "1 to 256 characters of one line",
    meaning: "The fleet's name. A fleet of the same build and name is gone on with.",
    defaultText: "fleetroom",
    parse: name,
  }),
  description: option({
    flag: "description",
    value: "TEXT",
    allowed: "1 to 256 characters of one line",
    meaning: "The fleet's description; none unless given.",
    isOptional: true,
    parse: name,
  }),
  instanceType: option({
    flag: "instance-type",
    value: "TYPE",
    allowed: "an EC2 instance type such as c7i.large, of the build's processor",
    meaning: "What the server processes run on.",
    defaultText: "c7i.large",
    parse: matching(/^[a-z][a-z0-9-]{1,15}\.[a-z0-9-]{1,16}$/),
  }),
  memoryMegabytes: option({
    flag: "memory-megabytes",
    value: "N",
    allowed: "a whole number 512 to 999999999",
    meaning: "Memory of the instance type, where its name does not say it.",
    isOptional: true,
    parse: integer(512, 999_999_999),
  }),
  processes: option({
    flag: "processes",
    value: "N",
    allowed: `a whole number 1 to ${PROCESSES_MAX}`,
    meaning: "Server processes on each instance, each for one match at a time.",
    defaultText: "10",
    parse: integer(1, PROCESSES_MAX),
  }),
  fleetType: option({
    flag: "fleet-type",
    value: "TYPE",
    allowed: "ON_DEMAND or SPOT",
    meaning: "Spot instances cost less and may be taken away with two minutes' notice.",
    defaultText: "ON_DEMAND",
    parse: oneOf("ON_DEMAND", "SPOT"),
  }),
  locations: option({
    flag: "locations",
    value: "REGIONS",
    allowed: "AWS Regions such as eu-west-1,us-east-1, each once",
    meaning: "Where it has instances besides the home Region.",
    defaultText: "",
    parse: list(matching(/^[a-z]{2}(-[a-z0-9]{1,16}){2,6}$/)),
  }),
  roleArn: option({
    flag: "role-arn",
    value: "ARN",
    allowed:
      "the ARN of an IAM role such as arn:aws:iam::123456789012:role/fleetroom-instance, its name of A-Z a-z 0-9 - alone",
    meaning: "What the instances may do in AWS: logs, metrics. None unless given.",
    isOptional: true,
    // The Server SDK refuses names with _ . @ + =.
    parse: matching(/^arn:aws[a-z-]*:iam::\d{12}:role\/[A-Za-z0-9/-]{1,512}$/),
  }),
  certificate: option({
    flag: "certificate",
    value: "TYPE",
    allowed: "GENERATED or DISABLED",
    meaning: "GENERATED gives each instance a name and a TLS certificate, which browsers need.",
    defaultText: "GENERATED",
    parse: oneOf("GENERATED", "DISABLED"),
  }),
  protection: option({
    flag: "protection",
    value: "POLICY",
    allowed: "FullProtection or NoProtection",
    meaning: "FullProtection keeps an instance until its matches are over.",
    defaultText: "FullProtection",
    parse: oneOf("FullProtection", "NoProtection"),
  }),
  ipRange: option({
    flag: "ip-range",
    value: "CIDR",
    allowed: "a range of IPv4 addresses such as 0.0.0.0/0",
    meaning: "Who may reach the game ports, by TCP.",
    defaultText: "0.0.0.0/0",
    parse: matching(/^(\d{1,3}\.){3}\d{1,3}\/([12]?\d|3[0-2])$/),
  }),
  desired: instances("instances", "Instances in each location.", "1"),
  minimum: instances("min-instances", "Scaling leaves as many.", "0"),
  maximum: instances(
    "max-instances",
    "Scaling goes as far; this bounds what the fleet costs.",
    "1",
  ),
  availablePercent: option({
    flag: "available-percent",
    value: "N",
    allowed: "a whole number 0 to 99, 0 for no scaling",
    meaning: "Scales so that as many percent of the game sessions that could be are free.",
    defaultText: "0",
    parse: integer(0, 99),
  }),
  aliasName: option({
    flag: "alias",
    value: "NAME",
    allowed: "1 to 256 characters of one line",
    meaning: "Makes an alias of this name that leads to the fleet; none unless given.",
    isOptional: true,
    parse: name,
  }),
  waitMinutes,
  ...awsOptions,
};

type Options = Values<typeof table>;

await runScript({
  help: () => helpText("create-fleet", "Makes a managed EC2 fleet of an uploaded build.", table),
  again: "The same command goes on with the fleet that is there.",
  read: (input) => readOptions(table, input, mistakesIn),
  run,
});

function run(options: Options, work: Work): Promise<string> {
  const { availablePercent, desired, minimum, maximum, aliasName } = options;
  const order = { ...options, memoryMegabytes: memoryOf(options) ?? 0 };
  const capacity = { desired, minimum, maximum, availablePercent };
  return createFleet(work, order, { capacity, aliasName, waitMs: options.waitMinutes * 60_000 });
}

function memoryOf({ instanceType, memoryMegabytes }: Options): number | undefined {
  return memoryMegabytes ?? memoryMegabytesOf(instanceType);
}

function mistakesIn(options: Options): string[] {
  const { instanceType, processes, desired, minimum, maximum, locations, region } = options;
  const mistakes: string[] = [];
  const memory = memoryOf(options);
  if (memory === undefined) {
    mistakes.push(
      `--memory-megabytes: must be given, for ${instanceType} does not say how much it has`,
    );
  } else if (heapMegabytesPerProcess(memory, processes) === undefined) {
    mistakes.push(
      `--processes = ${processes}: so many do not fit into the ${memory} MB of ${instanceType}`,
    );
  }
  if (minimum > desired || desired > maximum) {
    mistakes.push(
      `--instances = ${desired}: must be --min-instances ${minimum} to --max-instances ${maximum}`,
    );
  }
  if (locations.includes(region))
    mistakes.push(`--locations: ${region} is the home Region, which every fleet has`);
  return mistakes;
}

function instances(flag: string, meaning: string, defaultText: string) {
  return option({
    flag,
    value: "N",
    allowed: `a whole number 0 to ${INSTANCES_MAX}`,
    meaning,
    defaultText,
    parse: integer(0, INSTANCES_MAX),
  });
}
