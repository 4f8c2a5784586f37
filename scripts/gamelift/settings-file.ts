import { readFileSync } from "node:fs";
import { readConfig } from "../../server/config.ts";
import { GAME_FOLDER, SETTINGS_PATH } from "./launch.ts";

/** What the installer does about the CloudWatch agent. */
export const AGENT_WISHES = ["required", "optional", "off"] as const;
export type AgentWish = (typeof AGENT_WISHES)[number];

/** The build's `fleetroom.json`: a fleet gives its processes no variables. */
export interface FleetSettings {
  readonly text: string;
  /** Who collects metrics, as the servers will be told. */
  readonly collectors: string;
}

/**
 * A process of a fleet, as far as the judgement of its settings goes. The local fleet would refuse what a fleet allows.
 */
const ON_A_FLEET = { GAMELIFT_SDK_PROCESS_ID: "process" };

/** What launch parameters say, which win over settings. */
const OF_THE_LAUNCH = ["logDir", "port"];
/** Collectors for which the installer has something to do. */
const WITH_AGENT: readonly string[] = ["agent", "gl-otel", "both"];

/**
 * All that a server writes goes below the folder of logs, which the launch parameters name, but for the files by which the
 * agent finds it. Paths are relative to the folder of the game, in which a fleet starts its processes, so that a build may
 * lie elsewhere to be tried.
 * @param file - A project's own settings, which win; `undefined` for none.
 * @param room - Which of the rooms is hosted where a game session names none; `undefined` for what the settings say.
 * @throws Error with every mistake in them.
 */
export function fleetSettings(
  agent: AgentWish,
  file: string | undefined,
  room: string | undefined,
): FleetSettings {
  const collectors = agent === "off" ? "off" : "agent";
  const settings = {
    collectors,
    logStdout: false,
    journalDir: "logs/journals",
    resultsDir: "logs/results",
    ...(agent === "off" ? {} : { targetsDir: "targets" }),
    ...(file === undefined ? {} : ownSettings(file)),
    ...(room === undefined ? {} : { room }),
  };
  const text = `${JSON.stringify(settings, null, 2)}\n`;
  const { telemetry } = readConfig({
    env: ON_A_FLEET,
    argv: ["--config", SETTINGS_PATH],
    cwd: GAME_FOLDER,
    readFile: (name) => (name === SETTINGS_PATH ? text : undefined),
  });
  const { collectors: found } = telemetry;
  if (agent !== "off" && !WITH_AGENT.includes(found)) {
    throw new Error(
      `--settings has collectors "${found}", for which nothing is installed: build with --agent off`,
    );
  }
  return { text, collectors: found };
}

function ownSettings(file: string): object {
  let settings: unknown;
  try {
    settings = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`${file} cannot be used as --settings: ${(cause as Error).message}`, { cause });
  }
  if (typeof settings === "object" && settings !== null && !Array.isArray(settings)) {
    const fixed = OF_THE_LAUNCH.filter((name) => Object.hasOwn(settings, name));
    if (fixed.length === 0) return settings;
    throw new Error(
      `${file} has ${fixed.join(" and ")}, which the launch parameters of a fleet say: take it out`,
    );
  }
  throw new Error(`${file} cannot be used as --settings: it must hold one JSON object`);
}
