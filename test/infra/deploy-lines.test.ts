import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, readTemplate, textOf } from "./template.ts";

const PAGES = ["docs/INFRA.md", "docs/SIDECAR.md"];

interface Deployment {
  readonly page: string;
  readonly line: string;
  readonly template: string;
  readonly given: readonly string[];
}

/** Every `aws cloudformation deploy` of a page, with continued lines joined. */
function deployments(page: string): Deployment[] {
  const text = textOf(page).replaceAll(/\\\n\s*/g, " ");
  return [...text.matchAll(/^aws cloudformation deploy .*$/gm)].map(([line]) => {
    const [, template = ""] = /--template-file (\S+)/.exec(line) ?? [];
    const [, overrides = ""] = /--parameter-overrides (.*)$/.exec(line) ?? [];
    const given = [...overrides.matchAll(/(?:^|\s)([A-Za-z]+)=/g)].map(([, name = ""]) => name);
    return { page, line, template, given };
  });
}

const LINES = PAGES.flatMap(deployments);

describe("the lines that deploy a template", () => {
  it("[IF13] are there for every template", () => {
    expect(new Set(LINES.map(({ template }) => template))).toEqual(
      new Set([
        ...["alarms", "anywhere", "container-fleet", "dashboard", "ec2-fleet", "queue"].map(
          (name) => `infra/${name}.yaml`,
        ),
      ]),
    );
  });

  it.each(LINES)("[IF13] $page: $line", ({ template: file, given, line }) => {
    expect(existsSync(path.join(ROOT, file))).toBe(true);
    const { Parameters = {}, Resources } = readTemplate(file);
    expect(given.filter((name) => !(name in Parameters))).toEqual([]);
    const wanted = Object.entries(Parameters).filter(([, { Default }]) => Default === undefined);
    expect(wanted.map(([name]) => name).filter((name) => !given.includes(name))).toEqual([]);
    const makesRights = Object.values(Resources).some(({ Type }) => Type.startsWith("AWS::IAM::"));
    expect(line.includes("--capabilities CAPABILITY_IAM")).toBe(makesRights);
  });
});
