/**
 * Holds a request to the API model of Amazon GameLift: members, types, lengths, patterns. Unlike the service it minds members
 * that the model does not have, since in a template those are mistakes.
 * @module
 */
import model from "../../emulator/api/model.json" with { type: "json" };
import more from "../fixtures/gamelift-shapes.json" with { type: "json" };

interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, string>>;
  readonly required?: readonly string[];
  readonly member?: string;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
}

const SHAPES = { ...more.shapes, ...model.shapes } as Readonly<Record<string, Shape>>;

/** @returns What is wrong, in words; nothing where a request would be taken. */
export function problemsOf(shapeName: string, value: unknown, where = shapeName): string[] {
  const shape = SHAPES[shapeName];
  if (shape === undefined) throw new Error(`the model has no shape ${shapeName}`);
  if (!isOf(shape.type, value)) return [`${where} is no ${shape.type}: ${JSON.stringify(value)}`];
  const problems = limitsBroken(shape, value).map((what) => `${where} ${what}`);
  if (shape.type === "list") {
    const list = value as readonly unknown[];
    const inEach = list.flatMap((each, index) =>
      problemsOf(shape.member ?? "", each, `${where}.${index}`),
    );
    return [...problems, ...inEach];
  }
  if (shape.type !== "structure") return problems;
  const members = value as Readonly<Record<string, unknown>>;
  for (const name of shape.required ?? []) {
    if (members[name] === undefined) problems.push(`${where} lacks ${name}`);
  }
  for (const [name, member] of Object.entries(members)) {
    const inner = shape.members?.[name];
    if (inner === undefined) problems.push(`${where} knows no ${name}`);
    else problems.push(...problemsOf(inner, member, `${where}.${name}`));
  }
  return problems;
}

function isOf(type: string, value: unknown): boolean {
  switch (type) {
    case "structure":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "list":
      return Array.isArray(value);
    case "integer":
    case "long":
      return Number.isInteger(value);
    case "double":
    case "float":
      return typeof value === "number";
    default:
      return typeof value === type;
  }
}

function limitsBroken({ type, min, max, pattern, enum: values }: Shape, value: unknown): string[] {
  const size = sizeOf(type, value);
  const broken: string[] = [];
  if (min !== undefined && size < min) broken.push(`is below ${min}: ${size}`);
  if (max !== undefined && size > max) broken.push(`is above ${max}: ${size}`);
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(String(value))) {
    broken.push(`does not match ${pattern}: ${String(value)}`);
  }
  if (values !== undefined && !values.includes(String(value))) {
    broken.push(`is none of its values: ${String(value)}`);
  }
  return broken;
}

function sizeOf(type: string, value: unknown): number {
  if (typeof value === "number") return value;
  return type === "list" || type === "string" ? (value as string).length : 0;
}
