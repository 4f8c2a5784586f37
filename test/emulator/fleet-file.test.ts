import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { operationModel, type Shape, shapeNamed } from "../../emulator/api/model.ts";
import schemaJson from "../../emulator/fleet.schema.json" with { type: "json" };
import { EMPTY_FLEET_FILE, parseFleetFile, readFleetFile } from "../../emulator/fleet-file.ts";
import {
  type JsonSchema,
  type JsonShape,
  mistakesIn,
  resolved,
} from "../../emulator/json-shape.ts";

const schema = schemaJson as JsonSchema;
const EXAMPLES = globSync("emulator/examples/*.json");

const parse = (content: unknown) => parseFleetFile(JSON.stringify(content), "fleet.json");

function mistakes(content: unknown): string[] {
  try {
    parse(content);
  } catch (error) {
    expect(error).toMatchObject({ code: "EMULATOR_FLEET_FILE_INVALID" });
    const [title, ...lines] = (error as Error).message.split("\n");
    expect(title).toBe("fleet.json cannot be used:");
    return lines.map((line) => line.trim());
  }
  return [];
}

describe("a fleet file", () => {
  it("[EM6] has a default for everything", () => {
    const empty = { region: "us-west-2", accountId: "123456789012" };
    const lists = { locations: [], fleets: [], aliases: [], queues: [] };
    expect(EMPTY_FLEET_FILE).toEqual({ name: "", ...empty, ...lists });
    expect(parse({})).toEqual({ name: "fleet.json", ...empty, ...lists });
  });

  it.each(EXAMPLES)("[EM6] may be %s", (file) => {
    const content = JSON.parse(readFileSync(file, "utf8")) as {
      $schema: string;
      Fleets: unknown[];
    };
    expect(readFleetFile(file).fleets).toEqual(content.Fleets);
    const named = path.join(path.dirname(file), content.$schema);
    expect(named).toBe("emulator/fleet.schema.json");
  });

  it("[EM6] says where each mistake is and what is allowed", () => {
    const processes = ["/a", "/b", "/c*"].map((LaunchPath) => ({
      LaunchPath,
      ConcurrentExecutions: 1,
    }));
    const content = {
      Region: "here",
      Locations: ["custom-a", "laptop"],
      Fleets: [
        { RuntimeConfiguration: { ServerProcesses: processes }, Instances: 21, launchPath: "/x" },
        { Name: "b", ComputeType: "anywhere" },
      ],
      Queue: [],
    };
    expect(mistakes(content)).toEqual([
      expect.stringMatching(/^Region: is "here"; allowed is text like /),
      expect.stringMatching(/^Locations\[1\]: is "laptop"; allowed is text of 8 to 64 characters /),
      "Fleets[0].Name: is missing",
      "Fleets[0].Instances: is 21; allowed is a whole number from 0 to 20",
      expect.stringMatching(
        /^Fleets\[0\]\.RuntimeConfiguration\.ServerProcesses\[2\]\.LaunchPath: is "\/c\*"; allowed is /,
      ),
      expect.stringMatching(
        /^Fleets\[0\]\.launchPath: there is no such member; there are FleetId, /,
      ),
      'Fleets[1].ComputeType: is "anywhere"; allowed is EC2 or ANYWHERE',
      expect.stringMatching(/^Queue: there is no such member; there are \$schema, Region/),
    ]);
  });

  it("[EM6] needs no location that it does not make itself, Regions aside", () => {
    const fleet = (...names: string[]) => ({
      Name: "a",
      Locations: names.map((Location) => ({ Location })),
    });
    const Fleets = [fleet("us-east-1"), fleet("custom-a", "custom-b")];
    expect(mistakes({ Locations: ["custom-a"], Fleets })).toEqual([
      'Fleets[1].Locations[1].Location: add "custom-b" to Locations',
    ]);
  });

  it.each(["", "{", '{"secret": tru', "[]", "null", '"text"'])(
    "[EM6] is one JSON object, not %j",
    (text) => {
      const read = () => parseFleetFile(text, "f.json");
      expect(read).toThrow(
        /^f\.json cannot be used:\n {2}(not JSON|the file: is .*; allowed is an object)/,
      );
      expect(read).not.toThrow("secret");
    },
  );

  it("[EM6] is of bounded length", () => {
    expect(() => parseFleetFile(" ".repeat(1_048_577), "f.json")).toThrow("allowed are 1048576");
  });

  it("[EM6] that cannot be read is named, with the reason", () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-fleet-"));
    const missing = path.join(folder, "none.json");
    expect(() => readFleetFile(missing)).toThrow(`(ENOENT): --config names ${missing}`);
    expect(() => readFleetFile(folder)).toThrow("EISDIR");
    writeFileSync(path.join(folder, "f.json"), '{"Region":"eu-central-1"}');
    expect(readFleetFile(path.join(folder, "f.json")).region).toBe("eu-central-1");
    rmSync(folder, { recursive: true });
  });
});

/** Members of the emulator's own, and what the schema leaves to the API: lists of AWS that grow. */
const OWN = ["FleetId", "Instances", "AliasId"];
const LOOSER = ["EC2InstanceType"];

/** @returns Where a shape of the schema allows what the API's model does not, or the other way round. */
function differences(given: JsonShape, modelName: string, at: string): string[] {
  const shape = resolved(given, schema);
  const model = shapeNamed(modelName);
  if (LOOSER.includes(at.split(".").at(-1) ?? "")) return [];
  const own = constraints(shape);
  const found = JSON.stringify(own) === JSON.stringify(modelConstraints(model)) ? [] : [at];
  if (shape.items) found.push(...differences(shape.items, model.member ?? "", `${at}[]`));
  for (const [name, part] of Object.entries(shape.properties ?? {})) {
    if (OWN.includes(name) && !at.endsWith("Strategy")) continue;
    const member = model.members?.[name];
    if (member === undefined) found.push(`${at}.${name}`);
    else found.push(...differences(part, member, `${at}.${name}`));
  }
  return found;
}

function constraints(shape: JsonShape) {
  const { type, minLength, minItems, minimum, maxLength, maxItems, maximum, pattern } = shape;
  return {
    type,
    required: shape.required ?? [],
    min: minLength ?? minItems ?? minimum ?? 0,
    max: maxLength ?? maxItems ?? maximum,
    pattern: pattern === undefined ? undefined : whole(pattern),
    enum: shape.enum,
  };
}

function modelConstraints({ type, required, min, max, pattern, enum: values }: Shape) {
  return {
    type: { structure: "object", list: "array" }[type as string] ?? type,
    required: required ?? [],
    min: min ?? 0,
    max,
    // Of one that everything matches nothing is said.
    pattern: pattern === undefined || pattern === "[\\s\\S]*" ? undefined : whole(pattern),
    enum: values,
  };
}

/** Anchors and ways to write the same aside. */
function whole(pattern: string): string {
  return pattern.replaceAll(/[\^$]/g, "").replaceAll("\\d", "[0-9]").replaceAll("\\-", "-");
}

describe("emulator/fleet.schema.json", () => {
  it("[EM7] allows what the API's model allows, member by member", () => {
    const inputs = { Fleet: "CreateFleet", Alias: "CreateAlias", Queue: "CreateGameSessionQueue" };
    for (const [name, operation] of Object.entries(inputs)) {
      const input = operationModel(operation)?.input ?? "";
      expect(differences(schema.$defs[name]!, input, name)).toEqual([]);
    }
    const location = shapeNamed("CreateLocationInput").members?.["LocationName"] ?? "";
    expect(differences(schema.properties!["Locations"]!.items!, location, "Locations")).toEqual([]);
  });

  it("[EM7] closes every object, and says nothing that the loader does not know", () => {
    const known = [
      "$schema",
      "$ref",
      "$defs",
      "title",
      "description",
      "type",
      "properties",
      "required",
      "additionalProperties",
      "items",
      "minItems",
      "maxItems",
      "minLength",
      "maxLength",
      "pattern",
      "enum",
      "minimum",
      "maximum",
      "default",
    ];
    const visit = (shape: object): void => {
      expect(known).toEqual(expect.arrayContaining(Object.keys(shape)));
      const { type, properties = {}, items, $defs = {} } = shape as JsonSchema;
      if (type === "object") expect(shape).toHaveProperty("additionalProperties", false);
      for (const part of [...Object.values(properties), ...Object.values($defs)]) visit(part);
      if (items) visit(items);
      const { default: given } = shape as { default?: unknown };
      if (given !== undefined)
        expect(mistakesIn({ ...(shape as JsonShape), $defs: {} }, given)).toEqual([]);
    };
    visit(schema);
  });
});
