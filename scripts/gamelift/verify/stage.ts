/**
 * Two emulated EC2 fleets that run a build in a root of its own: one as dense as fleets are, one with a certificate.
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import {
  CreateGameSessionCommand,
  CreatePlayerSessionCommand,
  DescribeGameSessionsCommand,
  GameLiftClient,
  GetGameSessionLogUrlCommand,
} from "@aws-sdk/client-gamelift";
import { type Emulator, openEmulator } from "../../../emulator/emulator.ts";
import { parseFleetFile } from "../../../emulator/fleet-file.ts";
import type { ServerProcess } from "../../../emulator/plane/records.ts";
import { ChildProcesses } from "../../../emulator/supervisor/child/child-processes.ts";
import type { Jail } from "./jail.ts";
import { JailedChildren } from "./jailed-children.ts";

export const FLEETS = { plain: "fleet-plain", tls: "fleet-tls" } as const;
export type FleetId = (typeof FLEETS)[keyof typeof FLEETS];

const LOOK_MS = 100;
const ACTIVE_MS = 30_000;

interface Launch {
  readonly launchPath: string;
  readonly parameters: string;
}

export interface StageOptions {
  readonly jail: Jail;
  readonly launch: Launch;
  /** Of the plain fleet, and of the one with a certificate. */
  readonly processes: Readonly<Record<FleetId, number>>;
  /** For what the emulator keeps. */
  readonly dataFolder: string;
  readonly print: (line: string) => void;
}

export interface PlacedSession {
  readonly gameSessionId: string;
  readonly port: number;
}

export class Stage implements AsyncDisposable {
  readonly children: JailedChildren;
  readonly emulator: Emulator;
  readonly #api: GameLiftClient;

  private constructor(children: JailedChildren, emulator: Emulator) {
    this.children = children;
    this.emulator = emulator;
    this.#api = new GameLiftClient({
      endpoint: emulator.url,
      region: "us-west-2",
      credentials: { accessKeyId: "any", secretAccessKey: "any" },
    });
  }

  static async open(options: StageOptions): Promise<Stage> {
    const { jail, dataFolder, print } = options;
    const children = new JailedChildren(new ChildProcesses(), jail, `${dataFolder}/tls`);
    const emulator = await openEmulator({
      fleetFile: parseFleetFile(JSON.stringify(fleetFile(options)), "fleets of verify"),
      launchRoots: [jail.gameFolder],
      dataDirectory: dataFolder,
      environment: { PATH: "/usr/bin:/bin", HOME: "/local/game" },
      children,
      print,
    });
    return new Stage(children, emulator);
  }

  ready(fleetId: FleetId): readonly ServerProcess[] {
    return this.emulator.plane.processes.idle(fleetId);
  }

  /** Waits for so many ready processes, as long as none ends. */
  async untilReady(fleetId: FleetId, count: number, withinMs: number): Promise<boolean> {
    const hasFailed = () => this.children.ends.some((end) => end.fleetId === fleetId);
    await this.until(() => hasFailed() || this.ready(fleetId).length >= count, withinMs);
    return !hasFailed() && this.ready(fleetId).length === count;
  }

  async until(isTrue: () => boolean, withinMs: number): Promise<boolean> {
    const endMs = performance.now() + withinMs;
    while (!isTrue()) {
      if (performance.now() > endMs) return false;
      await pause(LOOK_MS);
    }
    return true;
  }

  /** @throws Error when it does not become active in time. */
  async place(FleetId: FleetId, MaximumPlayerSessionCount: number): Promise<PlacedSession> {
    const { GameSession } = await this.#api.send(
      new CreateGameSessionCommand({ FleetId, MaximumPlayerSessionCount }),
    );
    const GameSessionId = GameSession?.GameSessionId ?? "";
    const endMs = performance.now() + ACTIVE_MS;
    for (;;) {
      const { GameSessions = [] } = await this.#api.send(
        new DescribeGameSessionsCommand({ GameSessionId }),
      );
      const [found] = GameSessions;
      if (found?.Status === "ACTIVE")
        return { gameSessionId: GameSessionId, port: found.Port ?? 0 };
      if (performance.now() > endMs)
        throw new Error(`a game session is ${found?.Status}, not ACTIVE`);
      await pause(LOOK_MS);
    }
  }

  /** @returns A player session id. */
  async reserve({ gameSessionId }: PlacedSession, playerId: string): Promise<string> {
    const { PlayerSession } = await this.#api.send(
      new CreatePlayerSessionCommand({ GameSessionId: gameSessionId, PlayerId: playerId }),
    );
    return PlayerSession?.PlayerSessionId ?? "";
  }

  /** The process is told to terminate, as the service tells it, with less time than the five minutes that those have. */
  terminate(process: ServerProcess, withinMs: number): void {
    this.emulator.plane.processes.terminate(process, withinMs);
  }

  processOf({ gameSessionId }: PlacedSession): ServerProcess | undefined {
    const { processes } = this.emulator.plane;
    return processes.list().find((process) => process.gameSessionId === gameSessionId);
  }

  /** The zip of what the process named as its logs; `undefined` while there is none. */
  async logs({ gameSessionId }: PlacedSession, withinMs: number): Promise<Buffer | undefined> {
    const endMs = performance.now() + withinMs;
    while (performance.now() < endMs) {
      const { PreSignedUrl } = await this.#api
        .send(new GetGameSessionLogUrlCommand({ GameSessionId: gameSessionId }))
        .catch(() => ({ PreSignedUrl: undefined }));
      if (PreSignedUrl !== undefined) {
        return Buffer.from(await (await fetch(PreSignedUrl)).arrayBuffer());
      }
      await pause(LOOK_MS);
    }
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#api.destroy();
    await this.emulator.close();
  }
}

function fleetFile({ launch, processes }: StageOptions): object {
  const fleet = (FleetId: FleetId, CertificateType: string) => ({
    FleetId,
    Name: FleetId,
    ComputeType: "EC2",
    CertificateConfiguration: { CertificateType },
    RuntimeConfiguration: {
      ServerProcesses: [
        {
          LaunchPath: launch.launchPath,
          Parameters: launch.parameters,
          ConcurrentExecutions: processes[FleetId],
        },
      ],
    },
  });
  return { Fleets: [fleet(FLEETS.plain, "DISABLED"), fleet(FLEETS.tls, "GENERATED")] };
}
