import { GameLiftService, type GameLiftServiceOptions } from "./gamelift-service/service.ts";
import { LightPlayer, type Way } from "./light-player.ts";
import { type Program, ServerProcess } from "./server-process.ts";

interface Hosting {
  /** Shared with other processes; one of its own, which ends with it, when it is left out or described. */
  readonly service?: GameLiftService | GameLiftServiceOptions;
  readonly processId?: string;
  /** @defaultValue 16 */
  readonly seats?: number;
  readonly flags?: readonly string[];
  /** Beside those that connect the process. */
  readonly variables?: Record<string, string>;
  readonly openFilesMax?: number;
  /** From source when it is left out. */
  readonly program?: Program;
}

const PROCESS_ID = "process-1";
/** An arena that nobody wins while a test lasts. */
const ENDLESS = { matchSeconds: "3600", scoreLimit: "1000" };
const HOSTS_WITHIN_MS = 15_000;

/** The real program as an agent starts it, on the scripted service, with a game session that takes players. */
export class GameLiftMatch implements AsyncDisposable {
  readonly service: GameLiftService;
  readonly server: ServerProcess;
  readonly processId: string;
  /** Reconnection tokens that were handed out, to look for them where they must not be. */
  readonly tokens: string[] = [];
  readonly #ownsService: boolean;
  #arn = "";

  private constructor(
    service: GameLiftService,
    server: ServerProcess,
    { processId = PROCESS_ID, service: given }: Hosting,
  ) {
    this.service = service;
    this.server = server;
    this.processId = processId;
    this.#ownsService = service !== given;
  }

  static async host(hosting: Hosting = {}): Promise<GameLiftMatch> {
    const { service: given, flags, openFilesMax, program, processId = PROCESS_ID } = hosting;
    const service = given instanceof GameLiftService ? given : await GameLiftService.open(given);
    const variables = { ...service.environment(processId), ...hosting.variables };
    // A patch with each tick: tests count what players miss.
    const all = ["--replication", "schema", ...(flags ?? [])];
    const server = await ServerProcess.startOnFleet(variables, all, openFilesMax, program);
    const match = new GameLiftMatch(service, server, hosting);
    try {
      await match.#begin(hosting.seats ?? 16);
      return match;
    } catch (cause) {
      await match[Symbol.asyncDispose]();
      const { stdout, stderr } = server;
      throw new Error(`no game session; the server wrote:\n${stdout}${stderr}`, { cause });
    }
  }

  async #begin(maximumPlayerSessionCount: number): Promise<void> {
    const { service, processId } = this;
    const isReady = () => (service.processes.get(processId)?.healthReports.length ?? 0) > 0;
    await service.until(isReady, HOSTS_WITHIN_MS);
    const request = { processId, maximumPlayerSessionCount, gameProperties: ENDLESS };
    this.#arn = service.placeGameSession(request);
    const isActive = () => service.gameSession(this.#arn).status === "ACTIVE";
    await service.until(isActive, HOSTS_WITHIN_MS);
  }

  /** Of the game session. */
  get arn(): string {
    return this.#arn;
  }

  get port(): number {
    return this.server.port;
  }

  get process() {
    const process = this.service.processes.get(this.processId);
    if (process === undefined) throw new Error("the process never connected");
    return process;
  }

  /** As a backend does. @returns The player session's id. */
  reserve(playerId: string): string {
    return this.service.createPlayerSession(this.arn, playerId);
  }

  /** @throws Error when he is refused. */
  async join(playerId: string, way: Partial<Way> = {}): Promise<LightPlayer> {
    const to = { port: this.port, transport: "tcp", ...way } as const;
    const player = await LightPlayer.join(to, this.reserve(playerId));
    if (typeof player === "number") throw new Error(`${playerId} was refused with ${player}`);
    this.tokens.push(player.token);
    return player;
  }

  /** Log lines of an event. */
  logged(event: string) {
    return this.server.lines.filter((line) => line.event === event);
  }

  /** What the service counted over all player sessions of the game session. */
  get counts() {
    const all = this.service.playerSessions(this.arn);
    const sum = (of: (each: (typeof all)[number]) => number) =>
      all.reduce((total, each) => total + of(each), 0);
    return {
      accepts: sum(({ accepts }) => accepts),
      acceptRequests: sum(({ acceptRequests }) => acceptRequests),
      removes: sum(({ removes }) => removes),
      removeRequests: sum(({ removeRequests }) => removeRequests),
      // Of those who had been accepted.
      endedWithGameSession: sum((each) => (each.endedWithGameSession ? each.accepts : 0)),
    };
  }

  /** What must be in no log: tokens, and ids that are keys to a seat. */
  get leaks(): string[] {
    const written = this.server.stdout + this.server.stderr;
    const ids = this.service.playerSessions(this.arn).map((each) => each.playerSessionId);
    return [this.service.authToken, ...this.tokens, ...ids].filter((each) =>
      written.includes(each),
    );
  }

  /** Tells the process that it has so long. @returns How it ended, and how long before its deadline. */
  async terminate(leftMs: number): Promise<{ code: number | null; earlyMs: number }> {
    const deadlineMs = Date.now() + leftMs;
    this.service.terminateProcess(deadlineMs, this.processId);
    const { code } = await this.server.exited;
    return { code, earlyMs: deadlineMs - Date.now() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.kill();
    if (this.#ownsService) await this.service[Symbol.asyncDispose]();
  }
}
