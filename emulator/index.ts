/**
 * The emulated Amazon GameLift inside a program of one's own, a test above all: `fleetroom/emulator` of the npm package.
 * @module
 */
import { openEmulator } from "./emulator.ts";
import { EMPTY_FLEET_FILE, type FleetFile, parseFleetFile, readFleetFile } from "./fleet-file.ts";

export { EmulatorError, EmulatorErrorCode } from "./errors.ts";

/** Every member may be left out. */
export interface EmulatorSettings {
  /** What is there from the start: the path of a fleet file, or what such a file holds. Nothing unless given. */
  readonly fleet?: string | object;
  /** On 127.0.0.1. @defaultValue 0, any free one */
  readonly port?: number;
  /** Absolute folders below which alone programs are started; nothing is started unless given. The first is `/local/game`. */
  readonly launchRoots?: readonly string[];
  /** Whether the documented rates and quotas of the service hold. @defaultValue false */
  readonly hasRates?: boolean;
  /** How many times faster the service's own waits pass, 1 to 1000. @defaultValue 1 */
  readonly timeScale?: number;
  /** Server processes get an allow-listed part of it: PATH, HOME and their like. @defaultValue nothing */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Told what happens, line by line. @defaultValue nobody */
  readonly print?: (line: string) => void;
}

export interface RunningEmulator {
  /** For AWS clients, such as `http://127.0.0.1:9080`. Any credentials will do. */
  readonly url: string;
  /** For server processes of an Anywhere fleet. */
  readonly webSocketUrl: string;
  /** Of the fleet file, for AWS clients. */
  readonly region: string;
  /** Ends server processes, connections and timers. Called again meanwhile, it ends the processes at once. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts an emulator that is ready: what the fleet file asks for is there, and its server processes are starting.
 * @throws EmulatorError EMULATOR_FLEET_FILE_INVALID or EMULATOR_PORT_TAKEN, with what to do.
 */
export async function startEmulator(settings: EmulatorSettings = {}): Promise<RunningEmulator> {
  const { fleet, hasRates = false, print = () => {}, ...others } = settings;
  const fleetFile = fleetFileOf(fleet);
  const emulator = await openEmulator({ ...others, fleetFile, hasRates, print });
  const { url, webSocketUrl } = emulator;
  const close = () => emulator.close();
  const { region } = fleetFile;
  return { url, webSocketUrl, region, close, [Symbol.asyncDispose]: close };
}

function fleetFileOf(fleet: EmulatorSettings["fleet"]): FleetFile {
  if (fleet === undefined) return EMPTY_FLEET_FILE;
  if (typeof fleet === "string") return readFleetFile(fleet);
  return parseFleetFile(JSON.stringify(fleet), "the fleet of startEmulator");
}
