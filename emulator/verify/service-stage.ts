import { randomUUID } from "node:crypto";
import type { ControlPlane } from "../plane/control-plane.ts";
import type { GameSessionRequest } from "../plane/game-session-orders.ts";
import type { UpdateReason } from "../plane/links.ts";
import { isRefused } from "../plane/outcome.ts";
import type { Compute, ServerProcess } from "../plane/records.ts";
import type { ServerSdkService } from "../server-sdk/service.ts";
import type { Sighting } from "../server-sdk/wire-hooks.ts";
import type { Child, Children } from "../supervisor/child/child.ts";
import { childEnvironment, keptEnvironment } from "../supervisor/environment.ts";
import { Clients } from "./clients.ts";
import { VERIFY_LIMITS } from "./limits.ts";
import { Neighbour } from "./neighbour.ts";
import { OutputWatch } from "./output-watch.ts";
import { probePort } from "./port-probe.ts";
import { Reading } from "./reading.ts";
import { Recorder } from "./recorder.ts";
import type { Client, Stage } from "./stage.ts";
import type { LifeName, Role, Terms, Trace } from "./trace.ts";
import { WireTrace } from "./wire-trace.ts";

export interface ServiceStageOptions {
  readonly plane: ControlPlane;
  readonly service: Pick<ServerSdkService, "cut">;
  readonly children: Children;
  /** Hosts the server. */
  readonly compute: Compute;
  /** Of the server; the first one is the program. */
  readonly command: readonly string[];
  readonly client: string | undefined;
  readonly folder: string;
  /** Of whoever runs verify; only what a server needs of it goes on. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the game session is created with. */
  readonly gameSession: Pick<
    GameSessionRequest,
    "gameProperties" | "gameSessionData" | "matchmakerData"
  >;
  /** Ids of the players who come, in their order; others are made up when they do not suffice. */
  readonly playerIds: readonly string[];
  readonly terms: Terms;
  readonly life: LifeName;
  /** Is told each step, with the milliseconds since the life began. */
  readonly onStep: (text: string, atMs: number) => void;
}

/** A life on the emulator's own service, with real processes. */
export class ServiceStage implements Stage {
  readonly recorder: Recorder;
  readonly reading: Reading;
  readonly #options: ServiceStageOptions;
  readonly #trace: Trace;
  readonly #identity: { fleetId: string; computeName: string; processId: string };
  readonly #wire: WireTrace;
  readonly #output: OutputWatch;
  readonly #clients: Clients;
  readonly #stopListening: () => void;
  #child: Child | undefined;
  #unstartable: unknown;
  #gameSessionId = "";
  #players = 0;
  #held = { action: "", delayMs: 0 };

  constructor(options: ServiceStageOptions) {
    const { plane, compute, children, client: command, folder } = options;
    this.#options = options;
    this.recorder = new Recorder(plane.clock);
    this.#trace = this.recorder.trace(options.life, options.terms);
    this.reading = new Reading(this.#trace);
    const { fleetId, computeName } = compute;
    this.#identity = { fleetId, computeName, processId: `verify-${options.life}-${plane.uuid()}` };
    this.#wire = new WireTrace(this.#identity.processId);
    this.#output = new OutputWatch((what) => this.recorder.add({ kind: "secret-written", what }));
    this.#clients = new Clients({
      recorder: this.recorder,
      children,
      command,
      folder,
      environment: keptEnvironment(options.environment),
      isServerTold: () => this.reading.toldToEnd !== undefined,
    });
    this.#stopListening = plane.happenings.listen(({ kind, processId, detail = "" }) => {
      if (kind === "process-ended" && processId === this.#identity.processId)
        this.recorder.add({ kind: "process-ended", reason: detail });
    });
  }

  get trace(): Trace {
    return this.#trace;
  }

  /** The server's last lines. */
  get output(): readonly string[] {
    return this.#output.lines();
  }

  /** Why the server, or a client, could not be started at all. */
  get unrunnable(): string | undefined {
    if (this.#unstartable !== undefined) return `the server's command: ${this.#unstartable}`;
    const { unrunnable } = this.#clients;
    return unrunnable === undefined ? undefined : `the client's command: ${unrunnable}`;
  }

  /** Everything that is seen on the wire, of whatever process. */
  sighted(sighting: Sighting): void {
    const entry = this.#wire.entryOf(sighting);
    if (entry !== undefined) this.recorder.add(entry);
  }

  /** The service gives up a process. */
  kill(process: ServerProcess): void {
    if (process.processId === this.#identity.processId) this.#kill("the service ended it by force");
  }

  startServer(): void {
    const { plane, children, command, folder, environment } = this.#options;
    const { fleetId, computeName, processId } = this.#identity;
    const token = plane.computes.token(fleetId, computeName);
    if (isRefused(token)) throw new Error(`no token for ${computeName}: ${token.message}`);
    const authToken = token.value.token;
    this.#output.mind(authToken, "the auth token");
    this.#step("start-server");
    plane.processes.expect(this.#identity);
    const [program = "", ...args] = command;
    const child = children.start({
      program,
      args,
      folder,
      environment: childEnvironment(environment, {
        webSocketUrl: plane.endpoint(),
        authToken,
        fleetId,
        computeName,
        processId,
      }),
      output: (bytes) => this.#output.add(bytes),
      errorOutput: (bytes) => this.#output.add(bytes),
    });
    this.#child = child;
    void child.ended.then(async ({ code, signal, cause }) => {
      // A program that is not there ends in this way, before it could connect.
      if (cause !== undefined || (code === 127 && this.reading.first("connected") === undefined))
        this.#unstartable = cause ?? this.output.at(-1) ?? `exit code ${code}`;
      this.recorder.add({ kind: "exited", code, signal });
      const process = plane.processes.find(this.#identity);
      if (process !== undefined) plane.processes.exited(process, { code, signal });
    });
  }

  async probe(port: number): Promise<void> {
    this.recorder.add({
      kind: "probed",
      port,
      found: await probePort(port, this.#options.plane.clock),
    });
  }

  createGameSession(): boolean {
    const { plane, compute, gameSession } = this.#options;
    const created = plane.gameSessions.create({
      ...gameSession,
      fleetId: compute.fleetId,
      location: compute.location,
      maximumPlayerSessionCount: VERIFY_LIMITS.playersMax,
      name: "verify",
    });
    if (isRefused(created)) return this.#refused("CreateGameSession", created.message);
    this.#gameSessionId = created.value.gameSessionId;
    this.#step("create-game-session", this.#gameSessionId);
    return true;
  }

  reserve(): string | undefined {
    const { playerSessions } = this.#options.plane;
    const playerId = this.#nextPlayerId();
    const created = playerSessions.create(this.#gameSessionId, [{ playerId, playerData: "" }]);
    if (isRefused(created)) {
      this.#refused("CreatePlayerSession", created.message);
      return undefined;
    }
    return this.#minded(created.value[0]?.playerSessionId);
  }

  expired(): string | undefined {
    const playerSessionId = this.reserve();
    if (playerSessionId !== undefined) this.#options.plane.playerSessions.expire(playerSessionId);
    return playerSessionId;
  }

  unknown(): string {
    const playerSessionId = `psess-${randomUUID()}`;
    this.#minded(playerSessionId);
    return playerSessionId;
  }

  foreign(): string | undefined {
    const { plane, compute } = this.#options;
    return this.#minded(new Neighbour(plane, compute).playerSessionId(this.#nextPlayerId()));
  }

  updateGameSession(reason: UpdateReason): void {
    const { plane, gameSession } = this.#options;
    this.#step("update-game-session", reason);
    plane.backfills.end(this.#gameSessionId, reason, gameSession.matchmakerData);
  }

  cutLink(): void {
    this.#step("cut-link");
    this.#options.service.cut(this.#identity, { kind: "reset" });
  }

  refreshConnection(): void {
    const { plane } = this.#options;
    const process = plane.processes.find(this.#identity);
    this.#step("refresh-connection");
    if (process !== undefined) plane.processes.refresh(process);
  }

  holdAnswers(action: string, delayMs: number): void {
    this.#held = { action, delayMs };
  }

  /** How late the answer to a request goes out. */
  delayMsOf(action: string, processId: string): number {
    const isHeld = action === this.#held.action && processId === this.#identity.processId;
    return isHeld ? this.#held.delayMs : 0;
  }

  closeWith1001(): void {
    this.#step("close-1001");
    const how = { kind: "close", code: 1001, reason: "verify" } as const;
    this.#options.service.cut(this.#identity, how);
  }

  terminateProcess(): void {
    const { plane, terms } = this.#options;
    const process = plane.processes.find(this.#identity);
    this.#step("terminate-process");
    if (process !== undefined) plane.processes.terminate(process, terms.terminationMs);
  }

  startClient(role: Role, playerSessionId: string): Client {
    const port = Number(this.reading.ready?.members["Port"]);
    return this.#clients.start(role, playerSessionId, port);
  }

  dismiss(client: Client): Promise<void> {
    return this.#clients.dismiss(client);
  }

  async end(): Promise<void> {
    if (this.#child !== undefined && this.reading.exited === undefined)
      this.#kill("verify was done with it");
    const isGone = () => this.#child === undefined || this.reading.exited !== undefined;
    await this.recorder.until(isGone, VERIFY_LIMITS.killMs);
    await this.#clients.end();
    await this.#child?.outputEnded;
    this.#stopListening();
  }

  #kill(why: string): void {
    if (this.reading.step("kill") === undefined) this.#step("kill", why);
    this.#child?.kill();
  }

  #step(step: Parameters<Reading["step"]>[0], detail?: string): void {
    this.recorder.add({ kind: "step", step, ...(detail !== undefined && { detail }) });
    const atMs = this.recorder.entries.at(-1)?.atMs ?? 0;
    this.#options.onStep(detail === undefined ? step : `${step} (${detail})`, atMs);
  }

  #refused(operation: string, message: string): false {
    this.recorder.add({ kind: "note", text: `${operation} was refused: ${message}` });
    return false;
  }

  #nextPlayerId(): string {
    const number = this.#players++;
    return this.#options.playerIds[number] ?? `verify-player-${number + 1}`;
  }

  #minded(playerSessionId: string | undefined): string | undefined {
    if (playerSessionId !== undefined) this.#output.mind(playerSessionId, "a player session id");
    return playerSessionId;
  }
}
