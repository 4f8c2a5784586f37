/**
 * Collects what file, environment and flags say, and every mistake in it.
 * @module
 */
import { resolve } from "node:path";
import type { Setting } from "./config-setting.ts";
import {
  environmentName,
  flagName,
  type SettingName,
  type SettingValue,
  settings,
} from "./config-table.ts";
import { assertHost } from "./errors.ts";

/** Characters of the configuration file at most. */
const FILE_CHARACTERS_MAX = 65_536;
/** Characters of a given value that a message repeats. */
const SHOWN_CHARACTERS_MAX = 80;
/** What Amazon GameLift lets into a process's launch parameters. */
const LAUNCH_PARAMETERS = /^[A-Za-z0-9_:.+/\\\- =@;{},?'[\]"]*$/;

export interface ConfigInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Without the program and the script. */
  readonly argv: readonly string[];
  /** Gives a file's text, or `undefined` when it cannot be read. */
  readonly readFile: (path: string) => string | undefined;
  /** Absolute; relative paths start here. */
  readonly cwd: string;
}

/** One value as somebody gave it. */
interface Given {
  readonly text: string;
  /** How the place it came from writes the name: `FLEETROOM_PORT`, `--port`, `port in fleetroom.json`. */
  readonly label: string;
}

const rows = Object.entries(settings) as [SettingName, Setting<unknown>][];

type Source = "file" | "environment" | "flags";

/** What the sources gave so far, and what is wrong with it. */
export class Reading {
  readonly mistakes: string[] = [];
  readonly #given = {
    file: new Map<SettingName, Given>(),
    environment: new Map<SettingName, Given>(),
    flags: new Map<SettingName, Given>(),
  };

  /** Judges the value at once, so that one which a stronger source hides is a mistake nevertheless. */
  take(source: Source, name: SettingName, given: Given): void {
    const row: Setting<unknown> = settings[name];
    if (row.parse(given.text) === undefined) this.reject(name, given, row.allowed);
    else this.#given[source].set(name, given);
  }

  reject(name: SettingName, given: Given, allowed: string): void {
    const row: Setting<unknown> = settings[name];
    const isShown = row.isSecret !== true && row.isHidden !== true;
    const shown = isShown ? show(given.text) : "(value not shown)";
    this.mistakes.push(`${given.label} = ${shown}: allowed is ${allowed}`);
  }

  /** @param known - Every name of that source. */
  rejectName(shownName: string, name: string, known: readonly string[], kind: string): void {
    const near = nearest(name, known);
    const advice = near === undefined ? "see docs/CONFIGURATION.md" : `did you mean ${near}?`;
    this.mistakes.push(`${shownName}: there is no such ${kind}; ${advice}`);
  }

  /** The strongest source's word, or `undefined` when none named it. */
  given(name: SettingName): Given | undefined {
    const { file, environment, flags } = this.#given;
    return flags.get(name) ?? environment.get(name) ?? file.get(name);
  }

  /** The value that counts, or `undefined` when only something else can tell the default. */
  find<Name extends SettingName>(name: Name): SettingValue<Name> | undefined {
    const text = this.given(name)?.text ?? settings[name].defaultText;
    return settings[name].parse(text) as SettingValue<Name> | undefined;
  }

  value<Name extends SettingName>(name: Name): SettingValue<Name> {
    const value = this.find(name);
    assertHost(value !== undefined, `the default of ${name} is not allowed by its own row`);
    return value;
  }
}

export function readEnvironment(reading: Reading, env: ConfigInput["env"]): void {
  const names = new Map(rows.map(([name, row]) => [environmentName(row.key), name]));
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || !variable.startsWith("FLEETROOM_")) continue;
    const name = names.get(variable);
    if (name === undefined) {
      reading.rejectName(printable(variable), variable, [...names.keys()], "variable");
    } else {
      reading.take("environment", name, { text, label: variable });
    }
  }
}

export function readFlags(reading: Reading, argv: readonly string[]): void {
  const rest = [...argv];
  const seen = new Set<string>();
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (!argument.startsWith("--")) {
      reading.mistakes.push(`${show(argument)}: allowed are only flags such as --port 7777`);
      continue;
    }
    const equals = argument.indexOf("=");
    const flag = equals < 0 ? argument : argument.slice(0, equals);
    const next = rest[0]?.startsWith("--") ? undefined : rest[0];
    // The next argument belongs to this flag even when the flag is unknown: it may be a secret, not to be repeated.
    const text = equals < 0 ? next : argument.slice(equals + 1);
    if (equals < 0 && next !== undefined) rest.shift();
    if (seen.has(flag)) reading.mistakes.push(`${printable(flag)}: given twice`);
    else takeFlag(reading, flag, text);
    seen.add(flag);
  }
}

function takeFlag(reading: Reading, flag: string, text: string | undefined): void {
  const found = rows.find(([, row]) => flagName(row.key) === flag);
  if (found === undefined) {
    const known = rows.filter(([, row]) => !row.isSecret).map(([, row]) => flagName(row.key));
    reading.rejectName(printable(flag), flag, known, "flag");
    return;
  }
  const [name, row] = found;
  if (row.isSecret) {
    const where = `use ${environmentName(row.key)} or the configuration file`;
    reading.mistakes.push(`${flag}: a secret is never a flag, other users can read it; ${where}`);
  } else if (text === undefined) {
    reading.mistakes.push(`${flag}: needs a value; allowed is ${row.allowed}`);
  } else if (!LAUNCH_PARAMETERS.test(text)) {
    const legal = `A-Z a-z 0-9 _ : . + / \\ - = @ ; { } , ? ' [ ] " and blank`;
    reading.reject(name, { text, label: flag }, `in flags only ${legal} (Amazon GameLift's rule)`);
  } else {
    reading.take("flags", name, { text, label: flag });
  }
}

export function readConfigFile(reading: Reading, input: ConfigInput): void {
  const named = reading.given("config");
  const shownPath = named?.text ?? settings.config.defaultText;
  const text = input.readFile(resolve(input.cwd, shownPath));
  if (text === undefined) {
    if (named !== undefined) reading.reject("config", named, "a file that exists and can be read");
    return;
  }
  const content = parseJsonObject(text);
  if (typeof content === "string") reading.mistakes.push(`${printable(shownPath)}: ${content}`);
  else takeFile(reading, printable(shownPath), content);
}

function takeFile(reading: Reading, file: string, content: object): void {
  const names = new Map(
    rows.filter(([, row]) => row.isInFile !== false).map(([n, r]) => [r.key, n]),
  );
  for (const [key, value] of Object.entries(content)) {
    const label = `${printable(key)} in ${file}`;
    const name = names.get(key);
    if (name === undefined) {
      reading.rejectName(label, key, [...names.keys()], "setting");
      continue;
    }
    const text = fileText(value, settings[name]);
    const given = { text: text ?? JSON.stringify(value), label };
    if (text === undefined) reading.reject(name, given, settings[name].allowed);
    else reading.take("file", name, given);
  }
}

/** The text that means the same as a value of the file, or `undefined` when none does. */
function fileText(value: unknown, row: Setting<unknown>): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const isList = row.isList === true && Array.isArray(value);
  const isPlain = (item: unknown) => typeof item === "string" || typeof item === "number";
  return isList && value.every(isPlain) ? value.join(",") : undefined;
}

/** @returns What is wrong, in words, when there is no object. The file's text is not repeated: it may hold a secret. */
function parseJsonObject(text: string): object | string {
  if (text.length > FILE_CHARACTERS_MAX) {
    return `allowed are at most ${FILE_CHARACTERS_MAX} characters, this has ${text.length}`;
  }
  try {
    const content: unknown = JSON.parse(text);
    const isObject = typeof content === "object" && content !== null && !Array.isArray(content);
    return isObject ? content : "allowed is one JSON object";
  } catch (error) {
    const place = /\(line \d+ column \d+\)/.exec(String(error))?.[0] ?? "";
    return `not JSON ${place}`.trimEnd();
  }
}

/** Quoted, without control characters, and not longer than a line bears. */
function show(text: string): string {
  const isLong = text.length > SHOWN_CHARACTERS_MAX;
  return JSON.stringify(isLong ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text);
}

function printable(name: string): string {
  return show(name).slice(1, -1);
}

/** The known name with the fewest letters to change, if that is few enough to be meant. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const isNear = (steps: number) => steps <= Math.max(2, name.length / 3);
  const [best] = known
    .map((candidate) => ({ candidate, steps: editSteps(name.slice(0, 64), candidate) }))
    .sort((a, b) => a.steps - b.steps);
  return best !== undefined && isNear(best.steps) ? best.candidate : undefined;
}

/** Levenshtein's distance, letter case ignored. */
function editSteps(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...from.toLowerCase()].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...to.toLowerCase()].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
