/**
 * A CloudFormation template worked out with given parameters, as far as ours go: what would be asked of AWS.
 * @module
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

export const ROOT = path.join(import.meta.dirname, "../..");
export const REGION = "eu-central-1";
export const ACCOUNT = "111122223333";

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type Values = Readonly<Record<string, string | number>>;

interface Parameter {
  readonly Type: "String" | "Number";
  readonly Default?: string | number;
  readonly Description?: string;
  readonly AllowedValues?: readonly (string | number)[];
  readonly AllowedPattern?: string;
  readonly MinLength?: number;
  readonly MaxLength?: number;
  readonly MinValue?: number;
  readonly MaxValue?: number;
}

interface Rule {
  readonly RuleCondition?: Json;
  readonly Assertions: readonly { readonly Assert: Json; readonly AssertDescription: string }[];
}

export interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  // biome-ignore lint/suspicious/noExplicitAny: its shape is its type's; tests read what they expect.
  readonly Properties: any;
}

export interface Template {
  readonly Description?: string;
  readonly Parameters?: Readonly<Record<string, Parameter>>;
  readonly Rules?: Readonly<Record<string, Rule>>;
  readonly Mappings?: Readonly<Record<string, Record<string, Record<string, string>>>>;
  readonly Conditions?: Readonly<Record<string, Json>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: Json; readonly Condition?: string }>
  >;
}

export const textOf = (file: string): string => readFileSync(path.resolve(ROOT, file), "utf8");
export const readTemplate = (file: string): Template => parse(textOf(file)) as Template;

/** What AWS would give a resource for an id, and for attributes; enough for what refers to it. */
const IDS: Readonly<Record<string, (properties: Record<string, string>, name: string) => string>> =
  {
    "AWS::GameLift::Fleet": () => "fleet-2222aaaa-33bb-44cc-55dd-666666eeeeee",
    "AWS::GameLift::ContainerFleet": () => "containerfleet-2222aaaa-33bb-44cc-55dd-666666eeeeee",
    "AWS::GameLift::Build": () => "build-2222aaaa-33bb-44cc-55dd-666666eeeeee",
    "AWS::GameLift::Alias": () => "alias-2222aaaa-33bb-44cc-55dd-666666eeeeee",
    "AWS::GameLift::Location": ({ LocationName = "" }) => LocationName,
    "AWS::GameLift::GameSessionQueue": ({ Name = "" }) => Name,
    "AWS::GameLift::ContainerGroupDefinition": ({ Name = "" }) => Name,
    "AWS::IAM::Role": (_, name) => `fleetroom-${name}-1ABCDEFGHIJKL`,
    "AWS::IAM::ManagedPolicy": (_, name) => `arn:aws:iam::${ACCOUNT}:policy/fleetroom-${name}-1ABC`,
    "AWS::SNS::Topic": (_, name) => `arn:aws:sns:${REGION}:${ACCOUNT}:fleetroom-${name}-1ABC`,
    "AWS::Logs::LogGroup": ({ LogGroupName = "" }) => LogGroupName,
  };
const ATTRIBUTES: Readonly<Record<string, (id: string) => string>> = {
  "AWS::IAM::Role.Arn": (id) => `arn:aws:iam::${ACCOUNT}:role/${id}`,
  "AWS::GameLift::Alias.AliasArn": (id) => `arn:aws:gamelift:${REGION}::alias/${id}`,
  "AWS::GameLift::GameSessionQueue.Arn": (id) =>
    `arn:aws:gamelift:${REGION}:${ACCOUNT}:gamesessionqueue/${id}`,
  "AWS::Logs::LogGroup.Arn": (id) => `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${id}:*`,
};
const PSEUDO: Readonly<Record<string, string>> = {
  ...{ "AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::Partition": "aws" },
  ...{ "AWS::StackName": "fleetroom" },
};
const NOTHING = Symbol("AWS::NoValue");

/** @throws Error in words, for parameters and rules that would stop a deployment, and for names that nothing has. */
export function resolved(template: Template, given: Values = {}): ResolvedTemplate {
  const stack = new ResolvedTemplate(template, given);
  stack.checkRules();
  return stack;
}

export class ResolvedTemplate {
  readonly #template: Template;
  readonly #parameters: ReadonlyMap<string, string | number>;

  constructor(template: Template, given: Values) {
    this.#template = template;
    const parameters = Object.entries(template.Parameters ?? {});
    const unknown = Object.keys(given).filter((name) => template.Parameters?.[name] === undefined);
    if (unknown.length > 0) throw new Error(`there is no parameter ${unknown.join(", ")}`);
    this.#parameters = new Map(
      parameters.map(([name, parameter]) => [name, checked(name, parameter, given[name])]),
    );
  }

  checkRules(): void {
    for (const { RuleCondition = true, Assertions } of Object.values(this.#template.Rules ?? {})) {
      if (this.#worked(RuleCondition) !== true) continue;
      for (const { Assert, AssertDescription } of Assertions) {
        if (this.#worked(Assert) !== true) throw new Error(AssertDescription);
      }
    }
  }

  /** Those whose condition holds, by logical name. */
  get resources(): ReadonlyMap<string, Resource> {
    return new Map(
      Object.entries(this.#template.Resources)
        .filter(([, { Condition }]) => Condition === undefined || this.#holds(Condition))
        .map(([name, resource]) => [
          name,
          { ...resource, Properties: this.#worked(resource.Properties as Json) },
        ]),
    );
  }

  /** The properties of the only resource of a type. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  only(type: string): any {
    const found = [...this.resources.values()].filter(({ Type }) => Type === type);
    if (found.length !== 1) throw new Error(`${found.length} resources of type ${type}`);
    return found[0]?.Properties;
  }

  get outputs(): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.#template.Outputs ?? {})
        .filter(([, { Condition }]) => Condition === undefined || this.#holds(Condition))
        .map(([name, { Value }]) => [name, this.#worked(Value)]),
    );
  }

  #holds(condition: string): boolean {
    const found = this.#template.Conditions?.[condition];
    if (found === undefined) throw new Error(`there is no condition ${condition}`);
    return this.#worked(found) === true;
  }

  #worked(value: Json): unknown {
    if (Array.isArray(value)) {
      return value.map((each) => this.#worked(each as Json)).filter((each) => each !== NOTHING);
    }
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value);
    const [name = "", argument = null] = entries.length === 1 ? (entries[0] ?? []) : [];
    if (name === "Ref" || name.startsWith("Fn::")) return this.#called(name, argument);
    const worked = entries.map(([key, each]) => [key, this.#worked(each)] as const);
    return Object.fromEntries(worked.filter(([, each]) => each !== NOTHING));
  }

  #called(name: string, argument: Json): unknown {
    if (name === "Ref") return this.#referred(String(argument));
    if (name === "Fn::Sub") return this.#substituted(argument);
    const list = argument as readonly Json[];
    if (name === "Fn::GetAtt") return this.#attribute(String(list[0]), String(list[1]));
    if (name === "Fn::If") {
      return this.#worked((this.#holds(String(list[0])) ? list[1] : list[2]) ?? null);
    }
    const words = list.map((each) => this.#worked(each));
    switch (name) {
      case "Fn::Equals":
        return String(words[0]) === String(words[1]);
      case "Fn::Not":
        return words[0] !== true;
      case "Fn::And":
        return words.every((each) => each === true);
      case "Fn::Or":
        return words.some((each) => each === true);
      case "Fn::Contains":
        return (words[0] as unknown[]).map(String).includes(String(words[1]));
      case "Fn::FindInMap":
        return this.#found(words.map(String));
      default:
        throw new Error(`${name} is not known here`);
    }
  }

  #referred(name: string): unknown {
    if (name === "AWS::NoValue") return NOTHING;
    const known = PSEUDO[name] ?? this.#parameters.get(name);
    if (known !== undefined) return known;
    const resource = this.#template.Resources[name];
    const made = resource && IDS[resource.Type];
    if (resource === undefined || made === undefined) throw new Error(`nothing is called ${name}`);
    if (resource.Condition !== undefined && !this.#holds(resource.Condition)) {
      throw new Error(`${name} is referred to and not made`);
    }
    return made(this.#worked(resource.Properties as Json) as Record<string, string>, name);
  }

  #attribute(name: string, attribute: string): string {
    const made = ATTRIBUTES[`${this.#template.Resources[name]?.Type}.${attribute}`];
    if (made === undefined) throw new Error(`nothing is called ${name}.${attribute}`);
    return made(String(this.#referred(name)));
  }

  #substituted(argument: Json): string {
    const [text, own] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, object];
    return text.replaceAll(/\$\{([^}!]+)\}/g, (_, name: string) => {
      if (Object.hasOwn(own, name))
        return String(this.#worked((own as Record<string, Json>)[name] ?? null));
      const [resource = "", attribute] = name.split(".");
      return attribute === undefined
        ? String(this.#referred(name))
        : this.#attribute(resource, attribute);
    });
  }

  #found([mapping = "", first = "", second = ""]: readonly string[]): string {
    const found = this.#template.Mappings?.[mapping]?.[first]?.[second];
    if (found === undefined) throw new Error(`no entry ${mapping}.${first}.${second}`);
    return found;
  }
}

/** A parameter's value as CloudFormation takes it. */
function checked(
  name: string,
  parameter: Parameter,
  given: string | number | undefined,
): string | number {
  const value = given ?? parameter.Default;
  if (value === undefined) throw new Error(`${name} must be given`);
  const { AllowedValues: values, AllowedPattern: pattern } = parameter;
  const text = String(value);
  const size = parameter.Type === "Number" ? Number(value) : text.length;
  const { MinValue, MaxValue, MinLength, MaxLength } = parameter;
  const isWrong =
    (values !== undefined && !values.map(String).includes(text)) ||
    (pattern !== undefined && !new RegExp(pattern).test(text)) ||
    Number.isNaN(size) ||
    size < (MinValue ?? MinLength ?? -Infinity) ||
    size > (MaxValue ?? MaxLength ?? Infinity);
  if (isWrong) throw new Error(`${name} may not be ${text}`);
  return parameter.Type === "Number" ? Number(value) : text;
}
