import { describe, expect, it } from "vitest";
import { awsOptions } from "../../../scripts/fleets/aws-options.ts";
import { FleetsError } from "../../../scripts/fleets/errors.ts";
import { helpText, list, option, readOptions } from "../../../scripts/fleets/options.ts";
import { memoryMegabytesOf } from "../../../scripts/gamelift/instance-memory.ts";
import { integer } from "../../../server/config-values.ts";

const table = {
  count: option({
    flag: "count",
    value: "N",
    env: ["FLEETROOM_COUNT"],
    allowed: "a whole number 1 to 9",
    meaning: "How many.",
    parse: integer(1, 9),
  }),
  places: option({
    flag: "places",
    value: "NAMES",
    allowed: "numbers, each once",
    meaning: "Where.",
    defaultText: "",
    parse: list(integer(1, 9)),
  }),
  ...awsOptions,
};

const read = (argv: readonly string[], env = {}) => readOptions(table, { argv, env });

function mistakes(argv: readonly string[], env = {}): string[] {
  try {
    read(argv, env);
  } catch (error) {
    expect(error).toBeInstanceOf(FleetsError);
    return (error as Error).message.split("\n").map((line) => line.trim());
  }
  return [];
}

describe("the options of the scripts", () => {
  it("[SP1] come from flags, then the environment, then defaults", () => {
    const env = { FLEETROOM_COUNT: "2", AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "us-east-1" };
    expect(read(["--count=3", "--dry-run", "--places", "1, 2"], env)).toEqual({
      count: 3,
      places: [1, 2],
      region: "eu-west-1",
      endpointUrl: "",
      pollSeconds: 10,
      isDryRun: true,
    });
    expect(read([], env)).toMatchObject({ count: 2, isDryRun: false, places: [] });
    expect(read(["--count", "1", "--help"])).toBe("help");
  });

  it("[SP1] are all told that are wrong, each with what is allowed, and no value of an unknown one", () => {
    const argv = [
      "--count",
      "10",
      "--secret",
      "hush",
      "word",
      "--region=x",
      "--places",
      "1,1",
      "--poll-seconds",
    ];
    expect(mistakes(argv)).toEqual([
      expect.stringMatching(/^--secret: there is no such option; there are --count, /),
      '"word": allowed are options such as --dry-run',
      "--poll-seconds: needs a value; allowed is a number 0.1 to 300",
      '--count = "10": allowed is a whole number 1 to 9',
      '--places = "1,1": allowed is numbers, each once',
      '--region = "x": allowed is an AWS Region such as eu-central-1',
      "--help lists the options",
    ]);
    expect(mistakes([])).toEqual(
      [
        "--count or FLEETROOM_COUNT: must be given; allowed is a whole number 1 to 9",
        expect.stringMatching(/^--region or FLEETROOM_AWS_REGION, AWS_REGION/),
        "--help lists the options",
      ].map((each) => (typeof each === "string" ? each : expect.stringMatching(/^--region or /))),
    );
    expect(mistakes(["--count", "1", "--count", "2", "--region", "eu-west-1"])[0]).toBe(
      "--count: given twice",
    );
    expect(mistakes(["--endpoint-url", "http://example.org", "--count", "1"]).join()).toContain(
      "endpoint-url",
    );
  });

  it("[SP1] are listed with what is allowed", () => {
    const text = helpText("some-script", "Does something.", table);
    for (const { flag, allowed } of Object.values(table)) {
      expect(text).toContain(`--${flag}`);
      if (flag !== "dry-run") expect(text).toContain(allowed);
    }
  });

  it.each([
    ["c7i.large", 4_096],
    ["c5.4xlarge", 32_768],
    ["c6g.medium", 2_048],
    ["c7gd.xlarge", 8_192],
    ["m6a.2xlarge", 32_768],
    ["r5ad.large", 16_384],
    ["c8gn.12xlarge", 98_304],
    ["c5n.large", undefined],
    ["c4.large", undefined],
    ["g4dn.xlarge", undefined],
    ["c7i.metal", undefined],
    ["c7i", undefined],
  ])("[SP5] the memory of %s is %s MB", (type, megabytes) => {
    expect(memoryMegabytesOf(type)).toBe(megabytes);
  });
});
