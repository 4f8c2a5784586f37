/**
 * Checks JSON against a schema, in the few words of JSON Schema that our own schema has, and says where it is wrong as a
 * person would: `Fleets[0].Instances: is "two"; allowed is a whole number from 0 to 20`.
 * @module
 */
import { EMULATOR_LIMITS } from "./limits.ts";

export interface JsonShape {
  /** Such as `#/$defs/Fleet`; nothing stands beside it then. */
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonShape>>;
  readonly required?: readonly string[];
  readonly items?: JsonShape;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface JsonSchema extends JsonShape {
  readonly $defs: Readonly<Record<string, JsonShape>>;
}

/** @returns A line for each mistake, in the order of the schema's members; the first few only. */
export function mistakesIn(schema: JsonSchema, value: unknown): readonly string[] {
  const mistakes: string[] = [];
  check(schema, value, "", { schema, mistakes });
  const { mistakesMax } = EMULATOR_LIMITS;
  const more = mistakes.length - mistakesMax;
  return more > 0 ? [...mistakes.slice(0, mistakesMax), `and ${more} more mistakes`] : mistakes;
}

interface Checking {
  readonly schema: JsonSchema;
  readonly mistakes: string[];
}

/** The shape itself, where it is named by a reference. @throws Error for a reference that leads nowhere. */
export function resolved(shape: JsonShape, schema: JsonSchema): JsonShape {
  if (shape.$ref === undefined) return shape;
  const target = schema.$defs[shape.$ref.replace("#/$defs/", "")];
  if (target === undefined) throw new Error(`The schema has no ${shape.$ref}.`);
  return target;
}

function check(given: JsonShape, value: unknown, path: string, checking: Checking): void {
  const shape = resolved(given, checking.schema);
  if (!isAllowed(shape, value)) {
    checking.mistakes.push(
      `${path === "" ? "the file" : path}: is ${show(value)}; allowed is ${wording(shape)}`,
    );
  } else if (shape.type === "object") {
    checkMembers(shape, value as Readonly<Record<string, unknown>>, path, checking);
  } else if (shape.type === "array") {
    (value as readonly unknown[]).forEach((item, index) => {
      check(shape.items ?? {}, item, `${path}[${index}]`, checking);
    });
  }
}

function checkMembers(
  { properties = {}, required = [] }: JsonShape,
  value: Readonly<Record<string, unknown>>,
  path: string,
  checking: Checking,
): void {
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  for (const name of required.filter((each) => !Object.hasOwn(value, each))) {
    checking.mistakes.push(`${at(name)}: is missing`);
  }
  for (const [name, shape] of Object.entries(properties)) {
    if (Object.hasOwn(value, name)) check(shape, value[name], at(name), checking);
  }
  const names = Object.keys(properties);
  for (const name of Object.keys(value).filter((each) => !names.includes(each))) {
    const near = names.find((each) => each.toLowerCase() === name.toLowerCase());
    const advice = near === undefined ? `there are ${names.join(", ")}` : `did you mean ${near}?`;
    const shown = show(name).slice(1, -1);
    checking.mistakes.push(`${at(shown)}: there is no such member; ${advice}`);
  }
}

function isAllowed(shape: JsonShape, value: unknown): boolean {
  const { minItems = 0, maxItems = Infinity, minLength = 0, maxLength = Infinity } = shape;
  const { minimum = -Infinity, maximum = Infinity, pattern } = shape;
  switch (shape.type) {
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "array":
      return Array.isArray(value) && value.length >= minItems && value.length <= maxItems;
    case "integer":
      return Number.isSafeInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
    case "string": {
      // Characters are code points, as in JSON Schema and in AWS; a pattern is tried on a bounded length.
      const length = typeof value === "string" ? [...value].length : -1;
      if (length < minLength || length > maxLength) return false;
      if (shape.enum !== undefined && !shape.enum.includes(String(value))) return false;
      return pattern === undefined || new RegExp(pattern, "u").test(String(value));
    }
    default:
      throw new Error(`The schema has a shape of type ${shape.type}.`);
  }
}

function wording(shape: JsonShape): string {
  const { type, minItems, maxItems, minLength, maxLength, minimum, maximum, pattern } = shape;
  if (shape.enum !== undefined) return shape.enum.join(" or ");
  const sizes = {
    object: ["an object", ""],
    array: ["a list", range(minItems, maxItems, " elements")],
    integer: ["a whole number", range(minimum, maximum, "")],
    string: ["text", range(minLength, maxLength, " characters")],
  }[type as string] ?? ["", ""];
  const like = pattern === undefined ? "" : `like ${pattern}`;
  return [...sizes, like].filter((part) => part !== "").join(" ");
}

function range(min: number | undefined, max: number | undefined, unit: string): string {
  if (min === undefined && max === undefined) return "";
  if (max === undefined) return `of ${min}${unit} at least`;
  if (min === undefined) return `of ${max}${unit} at most`;
  return unit === "" ? `from ${min} to ${max}` : `of ${min} to ${max}${unit}`;
}

/** As JSON, without control characters, and not longer than a line bears. */
function show(value: unknown): string {
  if (typeof value === "object" && value !== null)
    return Array.isArray(value) ? "a list" : "an object";
  const text = JSON.stringify(value);
  const max = EMULATOR_LIMITS.shownCharactersMax;
  return text.length > max ? `${text.slice(0, max)}…${typeof value === "string" ? '"' : ""}` : text;
}
