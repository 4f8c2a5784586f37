import { type Shape, shapeNamed } from "../../../emulator/api/model.ts";

/** Strings that match the patterns of their shapes. */
const SAMPLES: Readonly<Record<string, string>> = {
  FleetIdOrArn: "fleet-1",
  FleetId: "fleet-1",
  AliasIdOrArn: "alias-1",
  AliasId: "alias-1",
  PlayerSessionId: "psess-1",
  CustomInputLocationStringModel: "custom-laptop",
  CustomLocationNameOrArnModel: "custom-laptop",
  BuildIdOrArn: "build-1",
  ScriptIdOrArn: "script-1",
  NonNegativeLimitedLengthDouble: "1.25",
  IpAddress: "127.0.0.1",
  ServerSdkVersion: "5.5.0",
};

/** A value that a shape allows, with every member there is and one element in each list. */
export function validValue(name: string): unknown {
  const shape = shapeNamed(name);
  switch (shape.type) {
    case "structure":
      return Object.fromEntries(
        Object.entries(shape.members ?? {}).map(([member, of]) => [member, validValue(of)]),
      );
    case "list":
      return [validValue(shape.member ?? "")];
    case "map":
      return { [String(validValue(shape.key ?? ""))]: validValue(shape.value ?? "") };
    case "string":
      return SAMPLES[name] ?? shape.enum?.[0] ?? "a".repeat(Math.max(1, shape.min ?? 0));
    default:
      return Math.max(1, shape.min ?? 0);
  }
}

export interface Breach {
  /** What is broken about it. */
  readonly how: string;
  readonly value: unknown;
  /** As the message names it. */
  readonly path: string;
  readonly kind: "unreadable" | "invalid";
  /** The message has it beside the path. */
  readonly says: RegExp;
}

const WRONG_TYPES: Readonly<Record<Shape["type"], readonly unknown[]>> = {
  structure: ["text", [], 1],
  map: ["text", [], true],
  list: ["text", {}, 1],
  string: [1, true, ["text"], { text: "text" }],
  integer: ["1", 1.5, true, 2 ** 31, -(2 ** 31) - 1, []],
  long: ["1", 1.5, 2 ** 60],
  float: ["1", false],
  double: ["1", false],
  timestamp: ["2026-01-01T00:00:00Z", true, 1e13],
};
/** One of them is what a pattern does not match. */
const FOREIGN = [
  "!",
  " ",
  "x y",
  "é",
  "-",
  "fleet!",
  "alias- 1",
  "psess- 1",
  "build- 1",
  "script- 1",
];

/** Values of a whole input with one thing broken in it, for each constraint of each member. */
export function breaches(name: string, path = ""): Breach[] {
  const shape = shapeNamed(name);
  const own = path === "" ? [] : ownBreaches(name, shape, path);
  const parts = partsOf(shape, path).flatMap(({ of, at, put }) =>
    breaches(of, at).map((breach) => ({ ...breach, value: put(breach.value) })),
  );
  return [...own, ...parts, ...missing(name, shape, path)];
}

interface Part {
  readonly of: string;
  readonly at: string;
  /** The whole with that in its place. */
  readonly put: (value: unknown) => unknown;
}

function partsOf(shape: Shape, path: string): Part[] {
  if (shape.type === "list") {
    const of = shape.member ?? "";
    return [{ of, at: `${path}.1.member`, put: (value) => [value] }];
  }
  if (shape.type === "map") {
    const value = validValue(shape.value ?? "");
    const key = String(validValue(shape.key ?? ""));
    return [
      { of: shape.value ?? "", at: `${path}.1.value`, put: (broken) => ({ [key]: broken }) },
      { of: shape.key ?? "", at: `${path}.1.key`, put: (broken) => ({ [String(broken)]: value }) },
    ];
  }
  return Object.entries(shape.members ?? {}).map(([member, of]) => ({
    of,
    at: memberPath(path, member),
    put: (value) => ({ ...withAll(shape), [member]: value }),
  }));
}

function ownBreaches(name: string, shape: Shape, path: string): Breach[] {
  const isKey = /\.\d+\.key$/.test(path);
  const invalid = (how: string, value: unknown, says: RegExp): Breach => ({
    how: `${path} ${how}`,
    value,
    path,
    kind: "invalid",
    says,
  });
  const sized = (size: number): unknown => {
    if (shape.type === "list")
      return Array.from({ length: size }, () => validValue(shape.member ?? ""));
    return shape.type === "string"
      ? String(validValue(name)).padEnd(size, "1").slice(0, size)
      : size;
  };
  const { min, max, pattern, enum: values } = shape;
  const foreign = FOREIGN.find(
    (text) => text.length >= (min ?? 0) && !new RegExp(`^(?:${pattern})$`).test(text),
  );
  return [
    ...(isKey ? [] : WRONG_TYPES[shape.type]).map(
      (value): Breach => ({
        how: `${path} as ${JSON.stringify(value)}`,
        value,
        path,
        kind: "unreadable",
        says: / must be /,
      }),
    ),
    ...(max === undefined || max >= 2 ** 31 - 1
      ? []
      : [invalid("too large", sized(max + 1), new RegExp(`less than or equal to ${max}`))]),
    ...(min === undefined || (min === 0 && shape.type !== "integer")
      ? []
      : [invalid("too small", sized(min - 1), new RegExp(`greater than or equal to ${min}`))]),
    ...(pattern === undefined || foreign === undefined
      ? []
      : [invalid(`as "${foreign}"`, foreign, /regular expression pattern/)]),
    ...(values === undefined ? [] : [invalid("of no enum", "Foreign1", /enum value set: \[/)]),
  ];
}

/** Each required member left out, or null; each element null. */
function missing(name: string, shape: Shape, path: string): Breach[] {
  const absent = (how: string, value: unknown, at: string): Breach => ({
    how: `${at} ${how}`,
    value,
    path: at,
    kind: "invalid",
    says: /Value null at .* must not be null/,
  });
  if (shape.type === "list") return [absent("null", [null], `${path}.1.member`)];
  const whole = withAll(shape);
  return (name === "" ? [] : (shape.required ?? [])).flatMap((member) => {
    const { [member]: _, ...rest } = whole;
    const at = memberPath(path, member);
    return [absent("missing", rest, at), absent("null", { ...whole, [member]: null }, at)];
  });
}

function withAll(shape: Shape): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(shape.members ?? {}).map(([member, of]) => [member, validValue(of)]),
  );
}

function memberPath(path: string, member: string): string {
  const spelled = member.charAt(0).toLowerCase() + member.slice(1);
  return path === "" ? spelled : `${path}.${spelled}`;
}
