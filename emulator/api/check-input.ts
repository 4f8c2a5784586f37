/**
 * Checks what a caller sent against the service model, and words what is wrong as AWS does.
 * @module
 */
import { API_LIMITS } from "./limits.ts";
import { type Shape, shapeNamed } from "./model.ts";
import type { Members } from "./operation.ts";

export type CheckedInput =
  /** Only members that the model knows: the service ignores others, and so does the emulator. */
  | { readonly kind: "valid"; readonly input: Members }
  /** JSON of another type than the model's, which the service does not even read. */
  | { readonly kind: "unreadable"; readonly message: string }
  | { readonly kind: "invalid"; readonly message: string };

/** What others may know of a player is the game's affair; the model marks other values as `sensitive` itself. */
const WITHHELD = new Set(["PlayerData", "LargeGameSessionData"]);
/** Of a path; a member that is called Key is no key of a map. */
const MAP_KEY = /\.\d+\.key$/;
const INT_MAX = 2 ** 31 - 1;
/** JavaScript's last date, in seconds. */
const TIMESTAMP_MAX = 8.64e12;

/** The first few in words, all of them in number: a long list may be wrong in each element. */
class Mistakes {
  readonly #texts: string[] = [];
  count = 0;

  add(text: string): void {
    if (++this.count <= API_LIMITS.mistakesMax) this.#texts.push(text);
  }

  toString(): string {
    const more = this.count - this.#texts.length;
    return [...this.#texts, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
  }
}

interface Found {
  readonly types: Mistakes;
  readonly constraints: Mistakes;
}

/** @param shapeName - Of the input, which is a structure. */
export function checkInput(shapeName: string, given: unknown): CheckedInput {
  const found: Found = { types: new Mistakes(), constraints: new Mistakes() };
  const input = checked(shapeName, given, "", found);
  const { types, constraints } = found;
  if (types.count > 0) return { kind: "unreadable", message: String(types) };
  if (constraints.count === 0) return { kind: "valid", input: input as Members };
  const errors = constraints.count === 1 ? "error" : "errors";
  const message = `${constraints.count} validation ${errors} detected: ${constraints}`;
  return { kind: "invalid", message };
}

function checked(name: string, value: unknown, path: string, found: Found): unknown {
  const shape = shapeNamed(name);
  const expected = isOfType(shape, value) ? undefined : EXPECTED[shape.type];
  if (expected !== undefined) {
    const where = path === "" ? "The request body" : `The value at '${path}'`;
    found.types.add(`${where} must be ${expected}, not ${typeName(value)}`);
    return undefined;
  }
  for (const constraint of brokenConstraints(shape, value)) {
    const told = MAP_KEY.test(path) ? "" : echo(name, shape, value);
    found.constraints.add(`Value${told} at '${path}' failed to satisfy constraint: ${constraint}`);
  }
  if (shape.type === "structure") return checkedStructure(shape, value as Members, path, found);
  if (shape.type === "map") return checkedMap(shape, value as Members, path, found);
  // Elements of a list that is too long are not looked at: there may be a great many.
  if (shape.type !== "list" || isTooLarge(shape, value)) return value;
  return (value as unknown[]).map((element, index) =>
    checkedPart(shape.member, element, `${path}.${index + 1}.member`, found),
  );
}

function checkedStructure(shape: Shape, value: Members, path: string, found: Found): Members {
  const of = (member: string) => (Object.hasOwn(value, member) ? value[member] : undefined);
  const at = (member: string) => (path === "" ? spelled(member) : `${path}.${spelled(member)}`);
  for (const member of shape.required ?? []) {
    // A null counts as nothing, as in all of AWS JSON.
    if (of(member) === undefined || of(member) === null) found.constraints.add(absent(at(member)));
  }
  return Object.fromEntries(
    Object.entries(shape.members ?? {})
      .filter(([member]) => of(member) !== undefined && of(member) !== null)
      .map(([member, name]) => [member, checked(name, of(member), at(member), found)]),
  );
}

/** Keys are told by their place and not repeated, since they may be ids of players. */
function checkedMap(shape: Shape, value: Members, path: string, found: Found): Members {
  return Object.fromEntries(
    Object.entries(value).map(([key, part], index) => {
      checkedPart(shape.key, key, `${path}.${index + 1}.key`, found);
      return [key, checkedPart(shape.value, part, `${path}.${index + 1}.value`, found)];
    }),
  );
}

function checkedPart(
  name: string | undefined,
  value: unknown,
  path: string,
  found: Found,
): unknown {
  if (value !== null) return checked(name ?? "", value, path, found);
  found.constraints.add(absent(path));
  return undefined;
}

function absent(path: string): string {
  return `Value null at '${path}' failed to satisfy constraint: Member must not be null`;
}

/** `FleetId` is told as `fleetId`. */
function spelled(member: string): string {
  return `${member.charAt(0).toLowerCase()}${member.slice(1)}`;
}

const EXPECTED: Readonly<Record<Shape["type"], string>> = {
  structure: "a JSON object",
  map: "a JSON object",
  list: "a list",
  string: "a string",
  integer: `an integer from -${INT_MAX + 1} to ${INT_MAX}`,
  long: "an integer",
  float: "a number",
  double: "a number",
  timestamp: "a time as a number of seconds since 1970",
};

function isOfType({ type }: Shape, value: unknown): boolean {
  switch (type) {
    case "structure":
    case "map":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "list":
      return Array.isArray(value);
    case "string":
      return typeof value === "string";
    case "integer":
      return Number.isInteger(value) && Number(value) <= INT_MAX && Number(value) >= -INT_MAX - 1;
    case "long":
      return Number.isSafeInteger(value);
    case "float":
    case "double":
      return typeof value === "number" && Number.isFinite(value);
    case "timestamp":
      return typeof value === "number" && Math.abs(value) <= TIMESTAMP_MAX;
  }
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a JSON object";
  return typeof value === "number" ? String(value) : `a ${typeof value}`;
}

function brokenConstraints(shape: Shape, value: unknown): string[] {
  const size = sizeOf(shape, value);
  const { min, pattern, enum: values } = shape;
  const measure = typeof value === "number" ? "value" : "length";
  const isTooLong = isTooLarge(shape, value);
  const broken: string[] = [];
  if (size !== undefined && min !== undefined && size < min) {
    broken.push(`Member must have ${measure} greater than or equal to ${min}`);
  }
  if (isTooLong) broken.push(`Member must have ${measure} less than or equal to ${maxOf(shape)}`);
  // A pattern is tried on what has a bounded length only: some take long to say no.
  if (pattern !== undefined && !isTooLong && !wholePattern(pattern).test(String(value))) {
    broken.push(`Member must satisfy regular expression pattern: ${pattern}`);
  }
  if (values !== undefined && !values.includes(String(value))) {
    broken.push(`Member must satisfy enum value set: [${values.join(", ")}]`);
  }
  return broken;
}

function maxOf({ max, pattern }: Shape): number | undefined {
  return max ?? (pattern === undefined ? undefined : API_LIMITS.patternCharsMax);
}

function isTooLarge(shape: Shape, value: unknown): boolean {
  const [size, max] = [sizeOf(shape, value), maxOf(shape)];
  return size !== undefined && max !== undefined && size > max;
}

/** A string's characters are code points, as the service counts. */
function sizeOf({ type }: Shape, value: unknown): number | undefined {
  if (typeof value === "number") return type === "timestamp" ? undefined : value;
  if (Array.isArray(value)) return value.length;
  return typeof value === "string" ? [...value].length : undefined;
}

const patterns = new Map<string, RegExp>();

function wholePattern(pattern: string): RegExp {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const made = new RegExp(`^(?:${pattern})$`);
  patterns.set(pattern, made);
  return made;
}

/** The value as its sender may read it again, or nothing. */
function echo(name: string, shape: Shape, value: unknown): string {
  const isPlain = typeof value === "string" || typeof value === "number";
  if (!isPlain || shape.sensitive === true || WITHHELD.has(name)) return "";
  const text = JSON.stringify(String(value)).slice(1, -1);
  const max = API_LIMITS.echoCharsMax;
  return ` '${text.length > max ? `${text.slice(0, max)}…` : text}'`;
}
