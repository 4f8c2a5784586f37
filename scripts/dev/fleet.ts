/**
 * An emulated fleet with server processes for every game, inside this process, so that nothing of it outlives this one.
 * @module
 */
import { randomBytes } from "node:crypto";
import { type Emulator, openEmulator } from "../../emulator/emulator.ts";
import { EmulatorError } from "../../emulator/errors.ts";
import { parseFleetFile } from "../../emulator/fleet-file.ts";
import { readableFleetLine } from "./child-output.ts";
import { ADMIN_PORTS, developmentFleetFile, type ServerLaunch } from "./fleet-file.ts";

/** Where the emulator is when nothing else is. */
const USUAL_PORT = 9080;

/** What a server process may take to end when its sources have changed. */
const RESTART_MS = 3_000;

export interface DevelopmentFleetOptions {
  /** Of the page. */
  readonly origins: readonly string[];
  readonly launch: ServerLaunch;
  /** Absolute. The first is the working directory. */
  readonly launchRoots: readonly string[];
  /** The developer's own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly print: (line: string) => void;
}

export class DevelopmentFleet {
  /** Good for this run alone. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly #emulator: Emulator;

  private constructor(emulator: Emulator, credentials: DevelopmentFleet["credentials"]) {
    this.#emulator = emulator;
    this.credentials = credentials;
  }

  /** Its server processes are starting by then. @throws EmulatorError */
  static async open(options: DevelopmentFleetOptions): Promise<DevelopmentFleet> {
    const { origins, launch, launchRoots, environment, print } = options;
    const credentials = {
      accessKeyId: `DEV${randomBytes(8).toString("hex").toUpperCase()}`,
      secretAccessKey: randomBytes(24).toString("base64url"),
    };
    const file = JSON.stringify(developmentFleetFile(origins, environment, undefined, launch));
    const openAt = (port: number) =>
      openEmulator({
        adminPorts: adminPorts(),
        fleetFile: parseFleetFile(file, "the development fleet"),
        port,
        credentials,
        // Bots come in numbers.
        hasRates: false,
        launchRoots,
        environment,
        print: (line) => {
          const readable = readableFleetLine(line);
          if (readable !== undefined) print(readable);
        },
      });
    try {
      return new DevelopmentFleet(await openAt(USUAL_PORT), credentials);
    } catch (error) {
      if (!(error instanceof EmulatorError) || error.code !== "EMULATOR_PORT_TAKEN") throw error;
      return new DevelopmentFleet(await openAt(0), credentials);
    }
  }

  get url(): string {
    return this.#emulator.url;
  }

  /** Ends every server process in good order, players are told; the fleet replaces them. */
  restartServers(): void {
    const { processes } = this.#emulator.plane;
    for (const process of processes.list()) {
      if (process.state !== "ENDING" && process.state !== "ENDED") {
        processes.terminate(process, RESTART_MS);
      }
    }
  }

  /** Ends everything; called again meanwhile, at once. */
  close(): Promise<void> {
    return this.#emulator.close();
  }
}

function adminPorts(): number[] {
  const { first, last } = ADMIN_PORTS;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
