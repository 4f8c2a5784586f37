/**
 * Reads the options of a script from its table: flags, then the environment, then defaults; every mistake is told at
 * once.
 * @module
 */
import { FleetsError, FleetsErrorCode } from "./errors.ts";

/** Characters of a given value that a message repeats. */
const SHOWN_CHARACTERS_MAX = 80;
const LIST_MAX = 50;

export interface Option<T> {
  /** Without its dashes. */
  readonly flag: string;
  /** What stands for the value in the list of flags; none for a switch, which is on by being there. */
  readonly value?: string;
  /** Completes "allowed is …". */
  readonly allowed: string;
  readonly meaning: string;
  /** Variables that stand in for the flag, the first one that is set. */
  readonly env?: readonly string[];
  /** What applies when nobody names it. Without one, and without {@link isOptional}, somebody must. */
  readonly defaultText?: string;
  readonly isOptional?: boolean;
  /** `undefined` means: not allowed. */
  parse(text: string): T | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: a table has options of every type.
export type OptionTable = Readonly<Record<string, Option<any>>>;

type Parsed<Row> = Row extends Option<infer T> ? T : never;

export type Values<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends { readonly isOptional: true }
    ? Parsed<Table[Name]> | undefined
    : Parsed<Table[Name]>;
};

export interface OptionsInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Without the program and the script. */
  readonly argv: readonly string[];
}

/** Keeps the type of a row. */
export const option = <T, const Row extends Omit<Option<T>, "parse">>(
  row: Row & { parse(text: string): T | undefined },
): Row & { parse(text: string): T | undefined } => row;

/**
 * @param check - Further mistakes, of options that are each right and do not go together.
 * @returns `"help"` when that was asked for.
 * @throws FleetsError FLEETS_OPTIONS_INVALID with a line for each mistake.
 */
export function readOptions<Table extends OptionTable>(
  table: Table,
  { env, argv }: OptionsInput,
  check: (values: Values<Table>) => readonly string[] = () => [],
): Values<Table> | "help" {
  if (argv.includes("--help") || argv.includes("-h")) return "help";
  const mistakes: string[] = [];
  const flags = readFlags(table, argv, mistakes);
  const entries = Object.entries(table).map(([name, row]) => {
    const given = flags.get(row.flag) ?? fromEnvironment(row, env);
    const text = given?.text ?? row.defaultText;
    if (text === undefined) {
      if (row.isOptional !== true)
        mistakes.push(`${placesOf(row)}: must be given; allowed is ${row.allowed}`);
      return [name, undefined];
    }
    const parsed = row.parse(text);
    if (parsed === undefined) {
      mistakes.push(
        `${given?.label ?? `--${row.flag}`} = ${show(text)}: allowed is ${row.allowed}`,
      );
    }
    return [name, parsed];
  });
  const values = Object.fromEntries(entries) as Values<Table>;
  if (mistakes.length === 0) mistakes.push(...check(values));
  if (mistakes.length === 0) return Object.freeze(values);
  const help = "--help lists the options";
  throw new FleetsError(FleetsErrorCode.FLEETS_OPTIONS_INVALID, [...mistakes, help].join("\n  "));
}

/** The list of options, for a terminal. */
export function helpText(command: string, purpose: string, table: OptionTable): string {
  const lines = Object.values(table).flatMap((row) => {
    const more = [
      row.env === undefined ? undefined : `or ${row.env.join(", ")}`,
      row.value === undefined || !row.defaultText ? undefined : `default ${row.defaultText}`,
    ].filter((each) => each !== undefined);
    return [
      `  --${row.value === undefined ? row.flag : `${row.flag} ${row.value}`}`,
      `      ${row.meaning}`,
      ...(row.value === undefined ? [] : [`      Allowed: ${[row.allowed, ...more].join("; ")}.`]),
    ];
  });
  return [purpose, "", `  npm run ${command} -- [options]`, "", ...lines].join("\n");
}

interface Given {
  readonly text: string;
  /** As the place it came from writes the name. */
  readonly label: string;
}

function readFlags(
  table: OptionTable,
  argv: readonly string[],
  mistakes: string[],
): ReadonlyMap<string, Given> {
  const found = new Map<string, Given>();
  const rest = [...argv];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (!argument.startsWith("--")) {
      mistakes.push(`${show(argument)}: allowed are options such as --dry-run`);
      continue;
    }
    const equals = argument.indexOf("=");
    const flag = argument.slice(2, equals < 0 ? undefined : equals);
    const row = Object.values(table).find((each) => each.flag === flag);
    const isSwitch = row !== undefined && row.value === undefined;
    let text = equals < 0 ? undefined : argument.slice(equals + 1);
    // What follows an unknown flag is its value too: it may be a secret, not to be repeated.
    if (text === undefined && isSwitch) text = "1";
    else if (text === undefined && rest[0]?.startsWith("--") === false) text = rest.shift();
    if (row === undefined) {
      const all = Object.values(table).map((each) => `--${each.flag}`);
      mistakes.push(
        `--${show(flag).slice(1, -1)}: there is no such option; there are ${all.join(", ")}`,
      );
    } else if (text === undefined) {
      mistakes.push(`--${flag}: needs a value; allowed is ${row.allowed}`);
    } else if (found.has(flag)) {
      mistakes.push(`--${flag}: given twice`);
    } else {
      found.set(flag, { text, label: `--${flag}` });
    }
  }
  return found;
}

/** A variable that is set but empty counts as not set. */
function fromEnvironment(
  { env: names = [] }: Option<unknown>,
  env: OptionsInput["env"],
): Given | undefined {
  for (const label of names) {
    const text = env[label];
    if (text !== undefined && text !== "") return { text, label };
  }
  return undefined;
}

function placesOf({ flag, env = [] }: Option<unknown>): string {
  return [`--${flag}`, ...env].join(" or ");
}

/** Several values with commas between, at most fifty of them, none twice. */
export function list<T>(parse: (text: string) => T | undefined) {
  return (text: string): readonly T[] | undefined => {
    if (text === "") return [];
    const values = text.split(",").map((each) => parse(each.trim()));
    const known = values.filter((value) => value !== undefined);
    const isWhole = known.length === values.length && new Set(known).size === known.length;
    return isWhole && known.length <= LIST_MAX ? known : undefined;
  };
}

export function oneOf<const T extends string>(...values: readonly T[]) {
  return (text: string): T | undefined => values.find((value) => value === text);
}

/** Quoted, without control characters, and not longer than a line bears. */
function show(text: string): string {
  const max = SHOWN_CHARACTERS_MAX;
  return JSON.stringify(text.length > max ? `${text.slice(0, max)}…` : text);
}
