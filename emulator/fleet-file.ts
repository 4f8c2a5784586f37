/**
 * The file of `--config`: what is there when the emulator starts. Its shape is checked against `fleet.schema.json`, and
 * what it asks for is created by the API's own operations, which check the rest.
 * @module
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Api, ApiAnswer } from "./api/api.ts";
import { EmulatorError, EmulatorErrorCode } from "./errors.ts";
import schemaJson from "./fleet.schema.json" with { type: "json" };
import { type JsonSchema, mistakesIn } from "./json-shape.ts";
import { EMULATOR_LIMITS } from "./limits.ts";
import { launchTarget } from "./supervisor/launch-path.ts";

type Members = Readonly<Record<string, unknown>>;

export interface FleetFile {
  /** The file's, for messages. */
  readonly name: string;
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
  readonly locations: readonly string[];
  /** Inputs of CreateFleet, with `FleetId` and `Instances`. */
  readonly fleets: readonly FleetMembers[];
  /** Inputs of CreateAlias, with `AliasId`. */
  readonly aliases: readonly (Members & { readonly AliasId?: string })[];
  /** Inputs of CreateGameSessionQueue. */
  readonly queues: readonly Members[];
}

interface FleetMembers extends Members {
  readonly FleetId?: string;
  readonly Instances?: number;
  readonly ComputeType?: "EC2" | "ANYWHERE";
  readonly Locations?: readonly { readonly Location: string }[];
  readonly RuntimeConfiguration?: {
    readonly ServerProcesses?: readonly { readonly LaunchPath: string }[];
  };
}

/** What an emulator without a fleet file has: nothing, and is ready for Anywhere. */
export const EMPTY_FLEET_FILE: FleetFile = fleetFile("", {});

/** @throws EmulatorError EMULATOR_FLEET_FILE_INVALID with a line for each mistake. */
export function readFleetFile(file: string): FleetFile {
  const name = path.basename(file);
  try {
    return parseFleetFile(readFileSync(file, "utf8"), name);
  } catch (cause) {
    if (cause instanceof EmulatorError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw invalid(name, [`cannot be read (${code}): --config names ${file}`], cause);
  }
}

/** @param name - The file's, for messages. @throws EmulatorError EMULATOR_FLEET_FILE_INVALID, as above. */
export function parseFleetFile(text: string, name: string): FleetFile {
  const { fleetFileCharactersMax } = EMULATOR_LIMITS;
  if (text.length > fleetFileCharactersMax) {
    throw invalid(name, [`has ${text.length} characters; allowed are ${fleetFileCharactersMax}`]);
  }
  const content = parsed(text, name);
  const mistakes = mistakesIn(schemaJson as JsonSchema, content);
  if (mistakes.length > 0) throw invalid(name, mistakes);
  const file = fleetFile(name, content as Members);
  const unknown = unknownLocations(file);
  if (unknown.length > 0) throw invalid(name, unknown);
  return file;
}

/**
 * Checks that every program of an EC2 fleet is there and may be started, before anything is.
 * @throws EmulatorError EMULATOR_FLEET_FILE_INVALID with a line for each that is not.
 */
export function checkLaunchPaths(
  { name, fleets }: FleetFile,
  launchRoots: readonly string[],
): void {
  const mistakes = fleets.flatMap(({ ComputeType, RuntimeConfiguration }, fleet) => {
    if (ComputeType === "ANYWHERE") return [];
    return (RuntimeConfiguration?.ServerProcesses ?? []).flatMap(({ LaunchPath }, index) => {
      const target = launchTarget(LaunchPath, launchRoots);
      const at = `Fleets[${fleet}].RuntimeConfiguration.ServerProcesses[${index}]`;
      return "refusal" in target ? [`${at}: ${target.refusal}`] : [];
    });
  });
  if (mistakes.length > 0) throw invalid(name, mistakes);
}

/**
 * Creates what the file asks for, in its order.
 * @throws EmulatorError EMULATOR_FLEET_FILE_INVALID with a line for everything that the API refuses.
 */
export function createFromFile(file: FleetFile, api: Api): void {
  const mistakes: string[] = [];
  const created = (where: string, answer: ApiAnswer): void => {
    if ("error" in answer) mistakes.push(`${where}: ${answer.error.message}`);
  };
  file.locations.forEach((LocationName, index) => {
    created(`Locations[${index}]`, api.call("CreateLocation", { LocationName }));
  });
  file.fleets.forEach(({ FleetId, Instances, ...input }, index) => {
    const extras = {
      ...(FleetId !== undefined && { fleetId: FleetId }),
      ...(Instances !== undefined && { instancesPerLocation: Instances }),
    };
    created(`Fleets[${index}]`, api.createFleet(input, extras));
  });
  file.aliases.forEach(({ AliasId, ...input }, index) => {
    created(`Aliases[${index}]`, api.createAlias(input, AliasId));
  });
  file.queues.forEach((input, index) => {
    created(`Queues[${index}]`, api.call("CreateGameSessionQueue", input));
  });
  if (mistakes.length > 0) throw invalid(file.name, mistakes);
}

function fleetFile(name: string, content: Members): FleetFile {
  const { Region = defaultOf("Region"), AccountId = defaultOf("AccountId") } = content;
  const { Locations = [], Fleets = [], Aliases = [], Queues = [] } = content;
  return {
    name,
    region: Region as string,
    accountId: AccountId as string,
    locations: Locations as FleetFile["locations"],
    fleets: Fleets as FleetFile["fleets"],
    aliases: Aliases as FleetFile["aliases"],
    queues: Queues as FleetFile["queues"],
  };
}

function defaultOf(name: "Region" | "AccountId"): string {
  return schemaJson.properties[name].default;
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The parser's words quote the file, which may hold what is not for a log; the place is enough.
    const place = /\(line \d+ column \d+\)/.exec(String(cause))?.[0] ?? "";
    throw invalid(name, [`not JSON ${place}`.trimEnd()], cause);
  }
}

/** The API would say how to make one by a call; here it belongs into the file. */
function unknownLocations({ fleets, locations }: FleetFile): string[] {
  return fleets.flatMap(({ Locations = [] }, fleet) =>
    Locations.flatMap(({ Location }, index) =>
      !Location.startsWith("custom-") || locations.includes(Location)
        ? []
        : [`Fleets[${fleet}].Locations[${index}].Location: add "${Location}" to Locations`],
    ),
  );
}

function invalid(name: string, mistakes: readonly string[], cause?: unknown): EmulatorError {
  return new EmulatorError(
    EmulatorErrorCode.EMULATOR_FLEET_FILE_INVALID,
    [`${name} cannot be used:`, ...mistakes].join("\n  "),
    cause === undefined ? undefined : { cause },
  );
}
