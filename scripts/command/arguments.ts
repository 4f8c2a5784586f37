/**
 * Reads what follows `fleetroom COMMAND`.
 * @module
 */

export interface Flag {
  /** Without the two dashes. */
  readonly name: string;
  /** Stands for its value in the help, such as `FILE`; a flag without one is a switch. */
  readonly value?: string;
  readonly meaning: string;
}

export const HELP: Flag = { name: "help", meaning: "prints this" };
export const ROOMS: Flag = {
  name: "rooms",
  value: "FILE",
  meaning:
    "the rooms module; unless given, rooms of fleetroom.json, rooms.ts, rooms/index.ts or rooms.js",
};

export interface Arguments {
  /** By name; `""` for a switch. */
  readonly given: ReadonlyMap<string, string>;
  /** What is another program's to judge, in order. */
  readonly rest: readonly string[];
}

/** In words, with what is allowed. */
export interface ArgumentMistake {
  readonly mistake: string;
}

/**
 * @param isPassedOn - Whether what no flag of ours is goes on to another program; it is a mistake otherwise.
 */
export function readArguments(
  argv: readonly string[],
  flags: readonly Flag[],
  isPassedOn: boolean,
): Arguments | ArgumentMistake {
  const given = new Map<string, string>();
  const rest: string[] = [];
  const left = [...argv];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    // What follows is a command of another program.
    if (word === "--" && isPassedOn) return { given, rest: [...rest, word, ...left] };
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    const flag = flags.find(
      (each) => name === `--${each.name}` || (each === HELP && name === "-h"),
    );
    if (flag === undefined) {
      if (!isPassedOn) return { mistake: unknown(word, flags) };
      rest.push(word);
      continue;
    }
    if (given.has(flag.name)) return { mistake: `--${flag.name}: given twice` };
    const value = equals < 0 ? takenValue(flag, left) : word.slice(equals + 1);
    if (flag.value !== undefined && (value === undefined || value === "")) {
      return { mistake: `--${flag.name}: needs a value: ${shown(flag)}` };
    }
    if (flag.value === undefined && equals >= 0) {
      return { mistake: `--${flag.name}: takes no value` };
    }
    given.set(flag.name, value ?? "");
  }
  return { given, rest };
}

/** As a person types it. */
export function shown({ name, value }: Flag): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

function takenValue({ value }: Flag, left: string[]): string | undefined {
  if (value === undefined || left[0]?.startsWith("--")) return undefined;
  return left.shift();
}

function unknown(word: string, flags: readonly Flag[]): string {
  const kind = word.startsWith("-") ? "there is no such flag" : "only flags are allowed";
  // A long word is not repeated whole, and no control character of it.
  const name = JSON.stringify(word.split("=", 1)[0]?.slice(0, 80)).slice(1, -1);
  return `${name}: ${kind}; there are ${flags.map(shown).join(", ")}`;
}
