/**
 * Reads objects that people write against a table of their members, and tells every mistake with its place and what would
 * be right.
 * @module
 */

export type Path = readonly (string | number)[];

export interface Mistake {
  /** The member that is wrong; of a missing or unknown one, where it is or would be. */
  readonly path: Path;
  /** What is wrong and what is allowed, without the path. */
  readonly text: string;
}

export interface Rule<T> {
  /** Completes "allowed is …". */
  readonly allowed: string;
  /** @returns `undefined` for a value that is not allowed. */
  readonly read: (value: unknown) => T | undefined;
  /** Taken when the member is absent; without it the member must be there. */
  readonly fallback?: { readonly value: T };
}

export type Rules = Readonly<Record<string, Rule<unknown>>>;
export type Values<R extends Rules> = {
  readonly [K in keyof R]: R[K] extends Rule<infer T> ? T : never;
};

/** The same member, which may be left out. */
export function optional<T, const F>(rule: Rule<T>, fallback: F): Rule<T | F> {
  return { ...rule, fallback: { value: fallback } };
}

/**
 * Reads the members of `object` by `rules`.
 * @param path - Where `object` is.
 * @param mistakes - All that is wrong is added to it.
 * @returns `undefined` when anything was wrong.
 */
export function readMembers<R extends Rules>(
  object: Readonly<Record<string, unknown>>,
  rules: R,
  path: Path,
  mistakes: Mistake[],
): Values<R> | undefined {
  const before = mistakes.length;
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(object)) {
    if (!Object.hasOwn(rules, name)) mistakes.push(unknownMember(name, rules, path));
  }
  for (const [name, rule] of Object.entries(rules)) {
    const given = Object.hasOwn(object, name) ? object[name] : undefined;
    const value = readOne(given, rule);
    if (value.isRight) values[name] = value.value;
    else mistakes.push({ path: [...path, name], text: wrongMember(given, rule) });
  }
  return mistakes.length === before ? (values as Values<R>) : undefined;
}

function readOne(
  given: unknown,
  rule: Rule<unknown>,
): { isRight: true; value: unknown } | { isRight: false } {
  if (given === undefined) {
    return rule.fallback === undefined
      ? { isRight: false }
      : { isRight: true, value: rule.fallback.value };
  }
  const value = rule.read(given);
  return value === undefined ? { isRight: false } : { isRight: true, value };
}

function wrongMember(given: unknown, rule: Rule<unknown>): string {
  const what = given === undefined ? "is missing" : `is ${shown(given)}`;
  return `${what}; allowed is ${rule.allowed}`;
}

function unknownMember(name: string, rules: Rules, path: Path): Mistake {
  const known = Object.keys(rules);
  const allowed = known.length === 0 ? "there are no members here" : `known are ${list(known)}`;
  return { path: [...path, shortened(name)], text: `is not known; ${allowed}` };
}

/** A value as an error text shows it: short, on one line. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string" ? JSON.stringify(shortened(value)) : String(value);
}

export function list(names: readonly string[]): string {
  return names.join(", ");
}

const SHOWN_CHARS_MAX = 60;

function shortened(text: string): string {
  return text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : text;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `steps[2].by` */
export function pathText(path: Path): string {
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`,
    )
    .join("");
}
