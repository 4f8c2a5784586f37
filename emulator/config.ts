/**
 * What the emulator was told: defaults < environment < flags. The only reader of `process.env` and `process.argv`.
 * @module
 */
import path from "node:path";
import { inspect, parseArgs } from "node:util";
import type { Credentials } from "./api/signature.ts";
import { EmulatorError, EmulatorErrorCode } from "./errors.ts";
import { environmentName, type Flag, type FlagName, type FlagValue, flags } from "./flags.ts";
import type { LoopbackHost } from "./front/front.ts";
import { EMULATOR_LIMITS } from "./limits.ts";
import type { GameProperty } from "./plane/records.ts";

const PREFIX = "FLEETROOM_EMULATOR_";

/** Frozen, deeply. Paths are absolute. */
export interface EmulatorConfig {
  /** 0 means any free one. */
  readonly port: number;
  readonly host: LoopbackHost;
  /** Of the fleet file. */
  readonly fleetFile: string | undefined;
  readonly launchRoots: readonly string[];
  /** Whether the install.sh of uploaded builds is run. */
  readonly runsInstallers: boolean;
  readonly isTls: boolean;
  /** As they stand in a `Host` header. */
  readonly allowHosts: readonly string[];
  readonly secrets: Secrets;
  /** 0.01 to 10000. */
  readonly timeScale: number;
  readonly healthTimeScale: number;
  /** A temporary folder where there is none. */
  readonly dataDirectory: string | undefined;
  readonly scenarioFile: string | undefined;
  /** 0 to 4294967295. */
  readonly seed: number | undefined;
  /** Each as `readPlacementEventTarget` reads it. */
  readonly placementEvents: readonly string[];
  /** At most 200 of them are asked. */
  readonly adminPorts: readonly number[];
  /** What this program's children may have some of. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export type CommandLine =
  | { readonly command: "help" }
  | { readonly command: "run"; readonly config: EmulatorConfig }
  | {
      readonly command: "verify";
      readonly config: EmulatorConfig;
      /** Program and arguments of the server; at least the program. */
      readonly server: readonly string[];
      readonly terms: VerifyTerms;
    };

interface VerifyTerms {
  /** The command line of a client. */
  readonly client: string | undefined;
  /** 0 to 60; the verify mode's own number where there is none. */
  readonly heartbeats: number | undefined;
  /** 1000 to 300000; the verify mode's own time where there is none. */
  readonly terminationMs: number | undefined;
  readonly gameProperties: readonly GameProperty[];
  /** The file of a matchmaker's JSON. */
  readonly matchmakerFile: string | undefined;
  /** Where the report goes as JSON. */
  readonly reportFile: string | undefined;
}

export interface ConfigInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Without the program and the script. */
  readonly argv: readonly string[];
  /** Absolute; relative paths start here. */
  readonly cwd: string;
}

/** Invisible to JSON, spread and console. */
class Secrets {
  readonly #credentials: Credentials | undefined;

  constructor(credentials: Credentials | undefined) {
    this.#credentials = credentials && Object.freeze(credentials);
    Object.freeze(this);
  }

  get credentials(): Credentials | undefined {
    return this.#credentials;
  }

  toJSON(): string {
    return "[secrets]";
  }

  [inspect.custom](): string {
    return "[secrets]";
  }
}

const rows = Object.entries(flags) as [FlagName, Flag<unknown>][];

/** Reads this process's own flags and environment. @throws EmulatorError EMULATOR_CONFIG_INVALID */
export function readProcessConfig(): CommandLine {
  return readConfig({ env: process.env, argv: process.argv.slice(2), cwd: process.cwd() });
}

/** @throws EmulatorError EMULATOR_CONFIG_INVALID with a line for each mistake: name, value given, what is allowed. */
export function readConfig(input: ConfigInput): CommandLine {
  const reading = new Reading();
  readEnvironment(reading, input.env);
  const { isVerify, isHelp, server } = readArguments(reading, input.argv);
  if (isHelp) return Object.freeze({ command: "help" });
  if (isVerify && !server[0]) {
    reading.mistakes.push("verify: needs the server's command behind --, as in -- npm start");
  }
  if (!isVerify) reading.rejectVerifyFlags();
  if (reading.mistakes.length > 0) {
    const mistakes = [...reading.mistakes, "npm run emulator -- --help lists the flags"];
    throw new EmulatorError(
      EmulatorErrorCode.EMULATOR_CONFIG_INVALID,
      ["the emulator cannot start:", ...mistakes].join("\n  "),
    );
  }
  const config = configOf(reading, input);
  return Object.freeze(
    isVerify
      ? { command: "verify", config, server: Object.freeze(server), terms: termsOf(reading, input) }
      : { command: "run", config },
  );
}

/** The list of flags, for a terminal. */
export function helpText(): string {
  const lines = rows.flatMap(([, row]) => {
    const { flag, value, meaning, allowed, defaultText, isList, isForVerify } = row;
    const more = [
      isList ? "may be given several times" : undefined,
      value === undefined || defaultText === undefined ? undefined : `default ${defaultText}`,
      isForVerify ? "for verify alone" : undefined,
    ].filter((each) => each !== undefined);
    return [
      `  --${value === undefined ? flag : `${flag} ${value}`}`,
      `      ${meaning}`,
      ...(value === undefined ? [] : [`      Allowed: ${[allowed, ...more].join("; ")}.`]),
    ];
  });
  return [
    "Emulates Amazon GameLift on this machine, for development and tests.",
    "",
    "  npm run emulator -- [flags]",
    "  npm run emulator -- verify [flags] -- COMMAND    judges a game server",
    "",
    ...lines,
    "",
    `Each flag has a variable as well, such as ${PREFIX}PORT for --port; lists have commas there.`,
  ].join("\n");
}

/** What was given so far, and what is wrong with it. */
class Reading {
  readonly mistakes: string[] = [];
  readonly #given = new Map<FlagName, unknown[]>();

  /** @param label - As the place it came from writes the name. */
  take(name: FlagName, label: string, texts: readonly string[]): void {
    const row: Flag<unknown> = flags[name];
    const { listMax } = EMULATOR_LIMITS;
    if (texts.length > (row.isList ? listMax : 1)) {
      this.mistakes.push(`${label}: given ${row.isList ? `more than ${listMax} times` : "twice"}`);
    }
    const values = texts.map((text) => {
      const value = row.parse(text);
      if (value === undefined) {
        const shown = row.isSecret ? "(value not shown)" : show(text);
        this.mistakes.push(`${label} = ${shown}: allowed is ${row.allowed}`);
      }
      return value;
    });
    this.#given.set(name, values);
  }

  rejectVerifyFlags(): void {
    for (const name of this.#given.keys()) {
      const row: Flag<unknown> = flags[name];
      if (row.isForVerify) this.mistakes.push(`--${row.flag}: is for verify alone`);
    }
  }

  /** All values of a flag; the default alone where there are none. */
  values<Name extends FlagName>(name: Name): FlagValue<Name>[] {
    const row: Flag<unknown> = flags[name];
    const { defaultText } = row;
    const given =
      this.#given.get(name) ?? (defaultText === undefined ? [] : [row.parse(defaultText)]);
    return given as FlagValue<Name>[];
  }

  value<Name extends FlagName>(name: Name): FlagValue<Name> | undefined {
    return this.values(name)[0];
  }
}

/** A variable that is set but empty counts as not set. */
function readEnvironment(reading: Reading, env: ConfigInput["env"]): void {
  const names = new Map(rows.map(([name, row]) => [environmentName(row), name]));
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || text === undefined || text === "") continue;
    const name = names.get(variable);
    if (name === undefined) {
      const shown = show(variable).slice(1, -1);
      reading.mistakes.push(`${shown}: there is no such variable; ${known([...names.keys()])}`);
    } else {
      const row: Flag<unknown> = flags[name];
      reading.take(name, variable, row.isList ? text.split(",") : [text]);
    }
  }
}

function readArguments(reading: Reading, argv: readonly string[]) {
  const { tokens } = parseArgs({
    args: [...argv],
    options: {
      help: { type: "boolean", short: "h" },
      ...Object.fromEntries(
        rows.map(([, { flag, value }]) => [
          flag,
          { type: value === undefined ? ("boolean" as const) : ("string" as const) },
        ]),
      ),
    },
    strict: false,
    tokens: true,
  });
  const end = tokens.find(({ kind }) => kind === "option-terminator")?.index ?? argv.length;
  const server = argv.slice(end + 1);
  const words = tokens.flatMap((token, at) =>
    token.kind === "positional" && token.index < end && !isOfUnknownFlag(tokens[at - 1])
      ? [token.value]
      : [],
  );
  const isVerify = words[0] === "verify";
  for (const word of isVerify ? words.slice(1) : words) {
    reading.mistakes.push(`${show(word)}: allowed are flags such as --port 9080, and verify first`);
  }
  if (!isVerify && server.length > 0) {
    reading.mistakes.push("behind --: a command is for verify alone");
  }
  const given = new Map<string, (string | undefined)[]>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    given.set(token.name, [...(given.get(token.name) ?? []), token.value]);
  }
  const isHelp = given.delete("help");
  for (const [flag, texts] of given) takeFlag(reading, flag, texts);
  return { isVerify, isHelp, server };
}

/** What follows a flag that is misspelled is its value, which may be a secret: it is not repeated. */
function isOfUnknownFlag(before: { readonly kind: string; readonly name?: string } | undefined) {
  return before?.kind === "option" && !rows.some(([, { flag }]) => flag === before.name);
}

function takeFlag(reading: Reading, flag: string, texts: readonly (string | undefined)[]): void {
  const [name, row] = rows.find(([, each]) => each.flag === flag) ?? [];
  if (name === undefined || row === undefined) {
    const shown = show(flag).slice(1, -1);
    const dashes = flag.length === 1 ? "-" : "--";
    const all = rows.map(([, each]) => `--${each.flag}`);
    reading.mistakes.push(`${dashes}${shown}: there is no such flag; ${known(all)}`);
  } else if (row.value === undefined) {
    // A switch is on by being there; --tls=0 is off.
    const values = texts.map((text) => text ?? "1");
    reading.take(name, `--${flag}`, values);
  } else if (texts.some((text) => text === undefined || text.startsWith("--"))) {
    reading.mistakes.push(`--${flag}: needs a value; allowed is ${row.allowed}`);
  } else {
    reading.take(name, `--${flag}`, texts as string[]);
  }
}

function configOf(reading: Reading, { env, cwd }: ConfigInput): EmulatorConfig {
  const absolute = (text: string) => path.resolve(cwd, text);
  const file = (name: "config" | "dataDir" | "scenario") => reading.values(name).map(absolute)[0];
  const certain = <Name extends FlagName>(name: Name) => reading.value(name) as FlagValue<Name>;
  return Object.freeze({
    port: certain("port"),
    host: certain("host"),
    fleetFile: file("config"),
    launchRoots: Object.freeze(reading.values("launchRoots").map(absolute)),
    runsInstallers: certain("runInstallers"),
    isTls: certain("tls"),
    allowHosts: Object.freeze(reading.values("allowHosts")),
    secrets: new Secrets(reading.value("credentials")),
    timeScale: certain("timeScale"),
    healthTimeScale: certain("healthTimeScale"),
    dataDirectory: file("dataDir"),
    scenarioFile: file("scenario"),
    seed: reading.value("seed"),
    placementEvents: Object.freeze(reading.values("placementEvents")),
    adminPorts: Object.freeze(reading.values("adminPorts").flat()),
    environment: Object.freeze({ ...env }),
  });
}

function termsOf(reading: Reading, { cwd }: ConfigInput): VerifyTerms {
  const seconds = reading.value("terminationSeconds");
  const file = (name: "matchmakerData" | "report") =>
    reading.values(name).map((text) => path.resolve(cwd, text))[0];
  return Object.freeze({
    client: reading.value("client"),
    heartbeats: reading.value("heartbeats"),
    terminationMs: seconds === undefined ? undefined : seconds * 1_000,
    gameProperties: Object.freeze(reading.values("gameProperties")),
    matchmakerFile: file("matchmakerData"),
    reportFile: file("report"),
  });
}

function known(names: readonly string[]): string {
  return `there are ${names.join(", ")}`;
}

/** Quoted, without control characters, and not longer than a line bears. */
function show(text: string): string {
  const max = EMULATOR_LIMITS.shownCharactersMax;
  return JSON.stringify(text.length > max ? `${text.slice(0, max)}…` : text);
}
