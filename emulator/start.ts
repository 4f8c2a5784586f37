/**
 * From the command line to an emulator, and what is said when it stands.
 * @module
 */
import path from "node:path";
import type { EmulatorConfig } from "./config.ts";
import type { Emulator, EmulatorOptions } from "./emulator.ts";
import { EmulatorError, EmulatorErrorCode } from "./errors.ts";
import { FAULT_LIMITS } from "./faults/limits.ts";
import { readScenario, type ScenarioFile } from "./faults/scenario-file.ts";
import { checkLaunchPaths, EMPTY_FLEET_FILE, type FleetFile, readFleetFile } from "./fleet-file.ts";
import type { Fleet } from "./plane/records.ts";
import { withoutControls } from "./supervisor/logs/lines.ts";
import { readTextFile } from "./text-file.ts";

/** @throws EmulatorError for a file that cannot be used. */
export function optionsOf(config: EmulatorConfig, print: (line: string) => void): EmulatorOptions {
  const { launchRoots, fleetFile, scenarioFile, secrets } = config;
  const file = fleetFile === undefined ? EMPTY_FLEET_FILE : readFleetFile(fleetFile);
  checkLaunchPaths(file, launchRoots);
  const scenario = scenarioFile === undefined ? undefined : readScenarioFile(scenarioFile);
  const { credentials } = secrets;
  return { ...config, fleetFile: file, scenario, credentials, print };
}

function readScenarioFile(file: string): ScenarioFile {
  const name = path.basename(file);
  const read = readScenario(textOf(file), name);
  if ("scenario" in read) return read.scenario;
  throw new EmulatorError(
    EmulatorErrorCode.EMULATOR_SCENARIO_INVALID,
    [`${name} cannot be used:`, ...read.mistakes].join("\n  "),
  );
}

function textOf(file: string): string {
  try {
    return readTextFile(file, FAULT_LIMITS.scenarioBytesMax);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const words = `${path.basename(file)} cannot be read (${code}): --scenario names ${file}`;
    throw new EmulatorError(EmulatorErrorCode.EMULATOR_SCENARIO_INVALID, words, { cause });
  }
}

/** What a person wants to know first: where it is, what is there, what to try. */
export function startText(emulator: Emulator, { fleetFile, scenario }: EmulatorOptions): string {
  const { url, webSocketUrl, plane, certificateFile } = emulator;
  const isTls = url.startsWith("https:");
  const trust = isTls ? `AWS_CA_BUNDLE=${certificateFile} ` : "";
  const keys = "AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any";
  return [
    "",
    `Amazon GameLift, emulated on this machine for development and tests: ${url}`,
    "",
    `  Server processes  ${webSocketUrl}`,
    `  Console           ${url}/console`,
    `  Region, account   ${plane.region}, ${plane.accountId}`,
    ...(isTls ? [`  Certificate       ${certificateFile}`] : []),
    `  Loaded            ${loaded(fleetFile)}`,
    ...plane.fleets.list().map((fleet) => `      ${fleetLine(fleet)}`),
    ...(scenario === undefined ? [] : [`  Scenario          ${scenario.steps.length} steps`]),
    "",
    "  Try",
    `    ${trust}${keys} \\`,
    `    aws --endpoint-url ${url} --region ${plane.region} gamelift list-fleets`,
    "",
  ].join("\n");
}

function loaded(file: FleetFile = EMPTY_FLEET_FILE): string {
  if (file.name === "") return "nothing; ready for Anywhere (emulator/README.md shows how)";
  const counts = [
    count(file.locations, "location", "locations"),
    count(file.fleets, "fleet", "fleets"),
    count(file.aliases, "alias", "aliases"),
    count(file.queues, "queue", "queues"),
  ];
  return `${file.name}: ${counts.join(", ")}`;
}

function count(list: readonly unknown[], one: string, many: string): string {
  return `${list.length} ${list.length === 1 ? one : many}`;
}

function fleetLine(fleet: Fleet): string {
  const { fleetId, name, computeType, locations, capacities, runtimeConfiguration } = fleet;
  const where = locations.join(", ");
  if (computeType === "ANYWHERE") return `${fleetId} "${shown(name)}": Anywhere in ${where}`;
  const perInstance = runtimeConfiguration.serverProcesses.reduce(
    (sum, each) => sum + each.concurrentExecutions,
    0,
  );
  const instances = Object.values(capacities).reduce((sum, { desired }) => sum + desired, 0);
  const processes = perInstance * instances;
  const words = processes === 1 ? "1 server process" : `${processes} server processes`;
  return `${fleetId} "${shown(name)}": ${words} in ${where}`;
}

/** A name is anybody's text. */
function shown(name: string): string {
  const text = withoutControls(name);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
