import { globSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  HOST_NAMESPACE,
  LOG_GROUP,
  METRICS_LOG_GROUP,
} from "../../server/telemetry/catalogue/cloudwatch.ts";
import { ROOT, readTemplate, resolved, textOf, type Values } from "./template.ts";

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** They know no narrower resource. */
const WITHOUT_RESOURCE = ["cloudwatch:PutMetricData", "gamelift:DescribePlayerSessions"];

const list = (value: string | readonly string[] = []): readonly string[] =>
  typeof value === "string" ? [value] : value;

/** All statements below a value, trust policies included. */
function statementsIn(value: unknown): Statement[] {
  if (typeof value === "string" && value.startsWith('{"Version"'))
    return statementsIn(JSON.parse(value));
  if (typeof value !== "object" || value === null) return [];
  const { Statement } = value as { Statement?: Statement[] };
  if (Statement !== undefined) return Statement;
  return Object.values(value).flatMap(statementsIn);
}

const EVERYTHING: Readonly<Record<string, Values>> = {
  "infra/ec2-fleet.yaml": { BuildBucket: "builds", BuildKey: "x.zip", SecondOpinion: "yes" },
  "infra/container-fleet.yaml": {
    ImageUri: "111122223333.dkr.ecr.eu-central-1.amazonaws.com/fleetroom:1",
    ...{ AgentImageUri: "a/b:1", AgentPeers: "10.0.0.0/8", AdminToken: "0123456789abcdef" },
  },
  "infra/queue.yaml": {
    AliasArn: "arn:aws:gamelift:eu-central-1::alias/alias-1",
    PlacementEvents: "sns",
  },
  "infra/alarms.yaml": { FleetId: "fleet-1", AlarmTopicArn: "arn:aws:sns:eu-central-1:1:x" },
};

describe.each(globSync("infra/*.yaml", { cwd: ROOT }).sort())("the policies of %s", (file) => {
  const stack = resolved(readTemplate(file), EVERYTHING[file] ?? {});
  const statements = [...stack.resources.values()].flatMap(({ Properties }) =>
    statementsIn(Properties),
  );

  it("[IF8] name every action, and a resource wherever one can be named", () => {
    for (const { Effect, Action, Resource, Principal } of statements) {
      expect(Effect).toBe("Allow");
      expect(list(Action).length).toBeGreaterThan(0);
      for (const action of list(Action)) expect(action).toMatch(/^[a-z0-9]+:[A-Z][A-Za-z]+$/);
      if (list(Resource).includes("*")) {
        expect(list(Action).filter((action) => !WITHOUT_RESOURCE.includes(action))).toEqual([]);
      }
      expect(Object.values(Principal ?? {}).flat()).not.toContain("*");
    }
  });

  it("[IF8] leave role names to CloudFormation, which uses no character that the Server SDK refuses", () => {
    for (const [name, { Type, Properties }] of stack.resources) {
      if (!Type.startsWith("AWS::IAM::")) continue;
      expect(name).toMatch(/^[A-Za-z0-9]+$/);
      expect(Properties).not.toHaveProperty("RoleName");
      expect(Properties).not.toHaveProperty("ManagedPolicyName");
    }
  });
});

describe("who may do what", () => {
  const ofRole = (given: Values) =>
    statementsIn(
      resolved(readTemplate("infra/ec2-fleet.yaml"), given).resources.get("InstanceRole")
        ?.Properties.Policies,
    );
  const actionsOf = (statements: readonly Statement[]) =>
    statements.flatMap(({ Action }) => list(Action)).sort();

  it("[IF8] an instance tells CloudWatch what docs/SIDECAR.md says, in the agent's namespace and log groups, and no more", () => {
    const statements = ofRole({ BuildId: "build-1" });
    const [line = ""] = /^- \*\*Permissions\*\*.*$/m.exec(textOf("docs/SIDECAR.md")) ?? [];
    const documented = [...line.matchAll(/`((?:logs|cloudwatch):[A-Z][A-Za-z]+)`/g)];
    expect(documented.length).toBeGreaterThan(4);
    expect(actionsOf(statements)).toEqual(documented.map(([, action]) => action).sort());
    const metrics = statements.find(({ Action }) =>
      list(Action).includes("cloudwatch:PutMetricData"),
    );
    expect(metrics?.Condition?.["StringEquals"]?.["cloudwatch:namespace"]).toBe(HOST_NAMESPACE);
    const [logs = ""] = list(statements.find(({ Action }) => Action !== metrics?.Action)?.Resource);
    for (const group of [LOG_GROUP, METRICS_LOG_GROUP]) {
      const arn = `arn:aws:logs:us-east-1:111122223333:log-group:${group}`;
      expect(arn).toMatch(new RegExp(`^${logs.replaceAll("*", ".*")}$`));
    }
  });

  it("[IF8] a process may describe player sessions where there is a second opinion", () => {
    const more = ofRole({ BuildId: "build-1", SecondOpinion: "yes" });
    expect(actionsOf(more)).toContain("gamelift:DescribePlayerSessions");
    expect(actionsOf(more).filter((action) => action.startsWith("gamelift:"))).toHaveLength(1);
  });

  it("[IF8] a machine of an Anywhere fleet may do the four things of docs/ANYWHERE.md, to its fleet", () => {
    const policy = resolved(readTemplate("infra/anywhere.yaml")).only("AWS::IAM::ManagedPolicy");
    const [, json = ""] = /```json\n([\s\S]*?)```/.exec(textOf("docs/ANYWHERE.md")) ?? [];
    const [documented] = statementsIn(JSON.parse(json));
    const [ours] = statementsIn(policy);
    expect(ours?.Action).toEqual(documented?.Action);
    expect(ours?.Resource).toMatch(/^arn:aws:gamelift:eu-central-1:\d{12}:fleet\/fleet-/);
  });
});
