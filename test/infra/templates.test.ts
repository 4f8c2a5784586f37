import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import path from "node:path";
import { App, CfnResource, Stack } from "aws-cdk-lib";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { describe, expect, it } from "vitest";
import { parse, parseDocument } from "yaml";
import { ROOT, readTemplate, type Template, textOf } from "./template.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** CloudFormation's limit for a template that is handed over as it is. */
const TEMPLATE_BYTES_MAX = 51_200;
const DESCRIPTION_CHARS_MAX = 4_000;

const TEMPLATES = globSync("infra/*.yaml", { cwd: ROOT }).sort();

/** What the CDK's types of CloudFormation's resources say of a template; they say it by throwing. */
function loaded(file: string): { readonly unknown: readonly string[]; readonly count: number } {
  const stack = new Stack(new App(), "fleetroom");
  const include = new CfnInclude(stack, "Template", { templateFile: file });
  const made = Object.keys(readTemplate(file).Resources).map((name) => include.getResource(name));
  // Properties that the types do not know are put on top of those that they do.
  const overrides = made.flatMap((resource) => {
    const { rawOverrides } = resource as unknown as { rawOverrides: { Properties?: object } };
    return Object.keys(rawOverrides.Properties ?? {}).map(
      (name) => `${resource.cfnResourceType}.${name}`,
    );
  });
  // Types and required members are checked when a template is written.
  Stack.of(stack).resolve(
    (stack as unknown as { _toCloudFormation(): object })._toCloudFormation(),
  );
  return { unknown: overrides, count: made.filter((each) => each instanceof CfnResource).length };
}

describe.each(TEMPLATES)("%s", (file) => {
  const template = readTemplate(file);

  it("[IF1] is taken by CloudFormation's own types", () => {
    const { unknown, count } = loaded(path.join(ROOT, file));
    expect(unknown).toEqual([]);
    expect(count).toBe(Object.keys(template.Resources).length);
  });

  it("[IF2] describes itself and every parameter, which have defaults but for what nobody can know", () => {
    expect(template.Description?.length ?? 0).toBeGreaterThan(20);
    for (const [name, parameter] of Object.entries(template.Parameters ?? {})) {
      expect(parameter.Description?.length ?? 0, name).toBeGreaterThan(15);
      expect(parameter.Description?.length, name).toBeLessThan(DESCRIPTION_CHARS_MAX);
      if (parameter.Default === undefined)
        expect(parameter.Description, name).toMatch(/[Mm]ust be given/);
    }
  });

  it("[IF2] is plain YAML of a size that is handed over as it is, and uses every parameter and condition", () => {
    const text = textOf(file);
    expect(Buffer.byteLength(text)).toBeLessThan(TEMPLATE_BYTES_MAX);
    const document = parseDocument(text);
    expect([...document.errors, ...document.warnings]).toEqual([]);
    // CloudFormation takes neither anchors nor aliases, and reads YAML 1.1, where a bare yes is no text.
    expect(text).not.toMatch(/(?:[:-] [&*][a-z])|^\s*<<:/im);
    const { AWSTemplateFormatVersion: _, ...old } = parse(text, { version: "1.1" });
    const { AWSTemplateFormatVersion, ...plain } = parse(text);
    expect(AWSTemplateFormatVersion).toBe("2010-09-09");
    expect(old).toEqual(plain);
    for (const name of Object.keys(template.Parameters ?? {})) {
      expect(text, name).toMatch(new RegExp(`Ref: ${name}\\b|\\$\\{${name}\\}`));
    }
    for (const name of Object.keys(template.Conditions ?? {})) {
      const uses = text.match(new RegExp(`\\b${name}\\b`, "g")) ?? [];
      expect(uses.length, name).toBeGreaterThan(1);
    }
  });
});

it("[IF1] would not be taken with a property that is not there, a wrong type or a missing one", () => {
  using folder = temporaryFolder();
  const broken = (change: (fleet: Record<string, unknown>) => void): string => {
    const template = structuredClone(readTemplate("infra/ec2-fleet.yaml")) as Template;
    change(template.Resources["Fleet"]?.Properties);
    return folder.write("broken.json", JSON.stringify(template));
  };
  const { unknown } = loaded(
    broken((fleet) => {
      fleet["NewGameSessionProtection"] = "FullProtection";
      (fleet["CertificateConfiguration"] as Record<string, string>)["Kind"] = "GENERATED";
    }),
  );
  expect(unknown.join()).toContain("NewGameSessionProtection");
  expect(unknown.length).toBe(2);
  const typed = broken((fleet) => {
    fleet["RuntimeConfiguration"] = { ServerProcesses: "one" };
  });
  expect(() => loaded(typed)).toThrow();
  const nameless = broken((fleet) => {
    delete fleet["Name"];
  });
  expect(() => loaded(nameless)).toThrow(/name/i);
});

const hasCfnLint = spawnSync("cfn-lint", ["--version"]).status === 0;

it.skipIf(!hasCfnLint)("[IF9] cfn-lint finds nothing, where it is installed", () => {
  // W1030 is about parameters that are empty by default: it does not see that a rule or a condition keeps those away.
  const words = ["--ignore-checks", "W1030", "--", ...TEMPLATES];
  const { stdout, stderr, status } = spawnSync("cfn-lint", words, {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(`${stdout}${stderr}`.trim()).toBe("");
  expect(status).toBe(0);
});
