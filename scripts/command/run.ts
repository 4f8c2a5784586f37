/**
 * From the words of a command line to an exit code.
 * @module
 */
import packageJson from "../../package.json" with { type: "json" };
import { HELP, readArguments, shown } from "./arguments.ts";
import { COMMANDS, type Command, CommandMistake, type Place } from "./commands.ts";

/**
 * @param argv - Without Node and the program.
 * @returns The exit code; `undefined` where the program that runs on sets its own.
 */
export async function run(argv: readonly string[], place: Place): Promise<number | undefined> {
  const [name = "", ...words] = argv;
  if (/^(?:|help|--help|-h)$/.test(name)) {
    place.print(helpText());
    return name === "" ? 1 : 0;
  }
  if (/^(?:version|--version)$/.test(name)) {
    place.print(packageJson.version);
    return 0;
  }
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) {
    const names = COMMANDS.map((each) => each.name).join(", ");
    return refuse(
      `${JSON.stringify(name.slice(0, 80))}: there is no such command; there are ${names}`,
    );
  }
  const read = readArguments(words, command.flags, command.passesOn !== undefined);
  if ("mistake" in read) return refuse(`fleetroom ${name}: ${read.mistake}`);
  if (read.given.has(HELP.name)) {
    place.print(commandText(command));
    return 0;
  }
  try {
    return await command.run(read, place);
  } catch (error) {
    // A mistake of the person's is a sentence; so is what a part of ours says of what it was given.
    const { message } = error as Error;
    return refuse(error instanceof CommandMistake ? `fleetroom ${name}: ${message}` : message);
  }
}

function refuse(words: string): number {
  console.error(words);
  return 1;
}

function helpText(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  return [
    `fleetroom ${packageJson.version}: authoritative game servers for Amazon GameLift fleets and laptops`,
    "",
    ...COMMANDS.map(({ name, meaning }) => `  fleetroom ${name.padEnd(width)}  ${meaning}`),
    "",
    "fleetroom COMMAND --help says more. Docs: node_modules/fleetroom/docs/PACKAGE.md",
  ].join("\n");
}

function commandText({ name, meaning, flags, passesOn }: Command): string {
  const width = Math.max(...flags.map((flag) => shown(flag).length));
  return [
    `fleetroom ${name}: ${meaning}`,
    "",
    ...flags.map((flag) => `  ${shown(flag).padEnd(width)}  ${flag.meaning}`),
    ...(passesOn === undefined ? [] : ["", passesOn]),
  ].join("\n");
}
