import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { BuiltServer } from "../../test/support/built-server.ts";
import { GameLiftService } from "../../test/support/gamelift-service/service.ts";
import type { Subject } from "../subjects/subject.ts";
import { DENSITY_LIMITS } from "./limits.ts";
import { MeasuredProcess, type Starting } from "./process-set.ts";

/** Long enough for a room to be made on a core that has nineteen others to serve. */
const HOSTS_WITHIN_MS = 30_000;

/**
 * Our server as a fleet has it: built, started with the fleet's variables, ready when the service was told so, with log
 * files and both collectors. The service is part of this process.
 */
export class OurServers implements AsyncDisposable {
  readonly #service: GameLiftService;
  readonly #built: BuiltServer;
  readonly #room: string;
  /** Journals, results and logs. */
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-density-"));
  readonly #idByPid = new Map<number, string>();
  #started = 0;

  private constructor(service: GameLiftService, built: BuiltServer, room: string) {
    this.#service = service;
    this.#built = built;
    this.#room = room;
  }

  /** @param rooms - A rooms module for the build; the server's own rooms when it is left out. */
  static async open(room: string, rooms?: string): Promise<OurServers> {
    return new OurServers(await GameLiftService.open(), new BuiltServer(rooms), room);
  }

  readonly startOne = (): Starting => {
    const id = `process-${++this.#started}`;
    const own = path.join(this.#folder, id);
    const flags = [
      ...["--host", "127.0.0.1", "--port", DENSITY_LIMITS.ports, "--room", this.#room],
      ...["--journal-dir", path.join(own, "journals"), "--results-dir", path.join(own, "results")],
      ...["--log-dir", path.join(own, "logs"), "--collectors", "both", "--tick-rate-hz", "20"],
    ];
    const { file, cwd } = this.#built.program;
    const process = new MeasuredProcess([file, ...flags], this.#service.environment(id), cwd);
    process.stdout.resume();
    this.#idByPid.set(process.pid, id);
    const isReady = () => this.#service.processes.get(id)?.ready === true;
    return { process, whenReady: this.#service.until(isReady, DENSITY_LIMITS.readyWithinMs) };
  };

  /** The next start is the first of its build: nothing that V8 compiled of it is kept. */
  forgetCompiled(): void {
    rmSync(path.join(this.#built.dist, ".compile-cache"), { recursive: true, force: true });
  }

  /** Has a process that is ready host a game session, and reserves its seats. */
  async host(
    { pid }: MeasuredProcess,
    players: number,
    gameProperties: Readonly<Record<string, string>>,
  ): Promise<Subject> {
    const processId = this.#idByPid.get(pid) ?? "";
    const service = this.#service;
    const arn = service.placeGameSession({
      processId,
      gameProperties,
      maximumPlayerSessionCount: players,
    });
    await service.until(() => service.gameSession(arn).status === "ACTIVE", HOSTS_WITHIN_MS);
    return {
      pid,
      port: service.processes.get(processId)?.port ?? 0,
      roomId: "match",
      playerSessionIds: Array.from({ length: players }, (_, index) =>
        service.createPlayerSession(arn, `player-${index}`),
      ),
      stop: async () => {},
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service[Symbol.asyncDispose]();
    this.#built[Symbol.dispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
