/**
 * The service's side of the GameLift Server SDK 5 protocol, for tests of a server process: real sockets, the rules of
 * the service, a record of all that was asked, and faults. Not an emulator: it starts and ends no process, and nobody
 * but the test places game sessions.
 * @module
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { DocumentedRates } from "../../../emulator/server-sdk/rules/rates.ts";
import type { SigningKey } from "../../../emulator/server-sdk/rules/signature.ts";
import { type Clock, systemClock } from "../../../server/clock.ts";
import { Desk } from "./desk.ts";
import { RequestFaults } from "./faults.ts";
import { Front, type Upgrade } from "./front.ts";
import { Ledger, type RecordedRequest, type Wanted } from "./ledger.ts";
import type { Slices } from "./line.ts";
import type { ServerProcess, ServerProcessState } from "./processes.ts";
import type { FleetRoleCredentials } from "./rules/actions.ts";
import {
  type BackfillTicket,
  type GameSessionRequest,
  type GameSessionState,
  GameSessions,
  type UpdateReason,
} from "./rules/game-sessions.ts";
import type { PlayerSessionRecord } from "./rules/player-sessions.ts";
import { Gate } from "./upgrade.ts";

export interface GameLiftServiceOptions {
  /** PEM; speaks `wss` when given. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** `documented` answers 429 above the published rates for one process. @defaultValue "none" */
  readonly limits?: "documented" | "none";
  /** From RESERVED to TIMEDOUT. @defaultValue 60000 */
  readonly reservationMs?: number;
  /** From CreateGameSession to TERMINATED without ActivateGameSession. @defaultValue 600000 */
  readonly activationTimeoutMs?: number;
  /** Of reservations, rates, delays and slices; waiting for events is bounded by real time. */
  readonly clock?: Clock;
  /** Who may connect with `Authorization=SigV4`; nobody unless given. */
  readonly sigv4?: SigningKey;
  /** A made-up one unless given. */
  readonly fleetId?: string;
  /** The compute that is known from the start. @defaultValue "compute-1" */
  readonly computeId?: string;
}

const WAIT_MS = 5_000;

export class GameLiftService implements AsyncDisposable {
  /** Good for ever. */
  readonly authToken = randomUUID();
  readonly fleetId: string;
  readonly computeId: string;
  /** The home region, in ARNs. */
  readonly region: string;
  readonly faults = new RequestFaults();
  /** A directory or file, for GetComputeCertificate; `""` where the fleet has no certificate. */
  certificatePath = "";
  fleetRoleCredentials: FleetRoleCredentials = {
    accessKeyId: "ASIAEXAMPLE",
    secretAccessKey: "secret",
    sessionToken: "session-token",
    lifetimeMs: 3_600_000,
  };
  readonly gate: Gate;
  readonly sessions: GameSessions;
  readonly clock: Clock;
  readonly #isSecure: boolean;
  readonly #ledger = new Ledger();
  readonly #desk: Desk;
  readonly #front: Front;

  private constructor(options: GameLiftServiceOptions) {
    this.clock = options.clock ?? systemClock;
    this.region = options.sigv4?.region ?? "us-west-2";
    this.fleetId = options.fleetId ?? `fleet-${randomUUID()}`;
    this.computeId = options.computeId ?? "compute-1";
    this.#isSecure = options.tls !== undefined;
    this.gate = new Gate(this.fleetId, options.sigv4);
    this.gate.admitCompute(this.computeId);
    this.gate.admitToken(this.authToken, { expiresAtWallMs: Number.POSITIVE_INFINITY });
    this.sessions = new GameSessions({
      clock: this.clock,
      fleet: this,
      reservationMs: options.reservationMs ?? 60_000,
      activationTimeoutMs: options.activationTimeoutMs ?? 600_000,
    });
    const rates = options.limits === "documented" ? new DocumentedRates() : undefined;
    this.#desk = new Desk({ service: this, ledger: this.#ledger, rates });
    this.#front = new Front({
      clock: this.clock,
      tls: options.tls,
      gate: this.gate,
      rates,
      ledger: this.#ledger,
      onFrame: (...frame) => this.#desk.take(...frame),
    });
  }

  /** Listens on 127.0.0.1 at a port of the system's choice. */
  static async open(options: GameLiftServiceOptions = {}): Promise<GameLiftService> {
    const service = new GameLiftService(options);
    await service.#front.line.listen();
    return service;
  }

  get port(): number {
    return this.#front.line.port;
  }

  get url(): string {
    return `${this.#isSecure ? "wss" : "ws"}://127.0.0.1:${this.port}`;
  }

  /** The variables that an agent starts a process with. */
  environment(processId = "process-1"): Record<string, string> {
    return {
      GAMELIFT_SDK_WEBSOCKET_URL: this.url,
      GAMELIFT_SDK_AUTH_TOKEN: this.authToken,
      GAMELIFT_SDK_PROCESS_ID: processId,
      GAMELIFT_SDK_HOST_ID: this.computeId,
      GAMELIFT_SDK_FLEET_ID: this.fleetId,
    };
  }

  /** By pID, in the order of their first connection. */
  get processes(): ReadonlyMap<string, ServerProcessState> {
    return this.#front.processes;
  }

  /** Every attempt to connect that was read, also those that were refused. */
  get upgrades(): readonly Upgrade[] {
    return this.#front.upgrades;
  }

  /** Every request that reached the service, oldest first. */
  get requests(): readonly RecordedRequest[] {
    return this.#ledger.requests;
  }

  /** Everything that was not as documented, such as `AcceptPlayerSession: PlayerId: not documented`; no values. */
  get violations(): readonly string[] {
    return this.#ledger.violations;
  }

  /** TCP connections taken, those in a black hole included. */
  get tcpConnectionCount(): number {
    return this.#front.line.connectionCount;
  }

  /** Bytes that a black hole or a dead connection took. */
  get lostByteCount(): number {
    return this.#front.line.lostByteCount;
  }

  get backfills(): readonly BackfillTicket[] {
    return this.sessions.backfills;
  }

  /** Requests that reached the service, the same RequestId once. */
  count(wanted: Wanted): number {
    return this.#ledger.count(wanted);
  }

  /**
   * Resolves with the `times`-th request that is wanted, when it was served.
   * @param options.from - Index in {@link requests} to look from; 0 when left out, so earlier ones count.
   * @throws Error when it does not come within `timeoutMs` of real time.
   */
  async waitFor(
    wanted: Wanted,
    options: { times?: number; from?: number; timeoutMs?: number } = {},
  ): Promise<RecordedRequest> {
    const { times = 1, from = 0, timeoutMs = WAIT_MS } = options;
    const nth = () => this.#ledger.matching(wanted, from)[times - 1];
    await this.#ledger.until(() => nth() !== undefined, timeoutMs);
    return nth() as RecordedRequest;
  }

  /**
   * Resolves when `isTrue`, which is asked whenever a request, a connection, its end or lost bytes came.
   * @throws Error when that is not within `timeoutMs` of real time.
   */
  until(isTrue: () => boolean, timeoutMs = WAIT_MS): Promise<void> {
    return this.#ledger.until(isTrue, timeoutMs);
  }

  /**
   * Places a game session and tells the process, once it has sent a heartbeat.
   * @param request.processId - The only living process unless given, or the first that is ready and hosts none.
   * @returns The game session's ARN.
   */
  placeGameSession(request: GameSessionRequest & { processId?: string } = {}): string {
    const process = this.#host(request.processId);
    const arn = this.sessions.place(request, process.processId, () => process.port);
    process.push({
      action: "CreateGameSession",
      message: () => this.sessions.creationMessage(arn),
      onSent: () => this.sessions.sent(arn),
    });
    return arn;
  }

  /** @throws Error when there is no such game session. */
  gameSession(arn: string): GameSessionState {
    return this.sessions.state(arn);
  }

  /**
   * Reserves a seat, as a backend does.
   * @returns The player session's id.
   * @throws Error when the game session is not ACTIVE, denies or is full, unless `force` is set.
   */
  createPlayerSession(
    arn: string,
    playerId: string,
    playerData = "",
    { force = false }: { force?: boolean } = {},
  ): string {
    return this.sessions.createPlayerSession(arn, { playerId, playerData }, force).playerSessionId;
  }

  /** @throws Error when there is no such player session. */
  playerSession(playerSessionId: string): PlayerSessionRecord {
    const record = this.sessions.players.find(playerSessionId);
    if (record === undefined) throw new Error("there is no such player session");
    return record;
  }

  /** All player sessions of a game session, oldest first. */
  playerSessions(arn: string): readonly PlayerSessionRecord[] {
    return this.sessions.players.of(arn);
  }

  /** Tells the process what a matchmaker did; a ticket that is named is over with it. */
  updateGameSession(
    arn: string,
    update: { reason: UpdateReason; ticketId?: string; matchmakerData?: string },
  ): void {
    const { reason, ticketId = "", matchmakerData } = update;
    this.sessions.update(arn, reason, ticketId, matchmakerData);
    const GameSession = this.sessions.updateMessage(arn);
    this.#process(this.sessions.state(arn).processId).push({
      action: "UpdateGameSession",
      message: () => ({ UpdateReason: reason, BackfillTicketId: ticketId, GameSession }),
    });
  }

  /** @param terminationTimeMs - The deadline, milliseconds since 1970. */
  terminateProcess(terminationTimeMs: number, processId?: string): void {
    const message = { TerminationTime: Math.floor(terminationTimeMs) };
    this.#process(processId).push({ action: "TerminateProcess", message: () => message });
  }

  /** Asks the process to connect anew, here with a fresh token unless given otherwise. */
  refreshConnection(to: { endpoint?: string; authToken?: string; processId?: string } = {}): void {
    const message = {
      RefreshConnectionEndpoint: to.endpoint ?? this.url,
      AuthToken: to.authToken ?? this.mintToken(),
    };
    this.#process(to.processId).push({ action: "RefreshConnection", message: () => message });
  }

  /** Sends a frame as it is, at once, over the newest connection; bytes make a binary one. */
  pushRaw(frame: string | Buffer, processId?: string): void {
    const { current } = this.#process(processId);
    if (current === undefined) throw new Error("the process has no open connection");
    current.socket.send(frame);
  }

  /** Sends a WebSocket ping and resolves with its pong. */
  async ping(processId?: string): Promise<void> {
    const { current } = this.#process(processId);
    if (current === undefined) throw new Error("the process has no open connection");
    current.socket.ping();
    await once(current.socket, "pong", { signal: AbortSignal.timeout(WAIT_MS) });
  }

  /** @returns A token that opens connections until `lifetimeMs` from here, on the wall clock. */
  mintToken(lifetimeMs = Number.POSITIVE_INFINITY): string {
    const token = randomUUID();
    this.gate.admitToken(token, { expiresAtWallMs: this.clock.wallMs() + lifetimeMs });
    return token;
  }

  /** Ends connections: by TCP RST, by FIN without a close frame, or by a close frame. */
  cut(how: "reset" | "fin" | { code: number; reason?: string }, processId?: string): void {
    if (processId === undefined && how === "reset") {
      for (const stream of this.#front.line.streams) stream.reset();
      return;
    }
    for (const { socket, stream } of this.#front.open(processId)) {
      if (how === "reset") stream.reset();
      else if (how === "fin") stream.fin();
      else socket.close(how.code, how.reason);
    }
  }

  /** Whether the network swallows everything. Connections that lost a byte in it never carry one again. */
  blackHole(isOn: boolean): void {
    this.#front.line.isBlackHole = isOn;
  }

  /** Open connections go dead without a word and stay open; new ones are served. */
  halfOpen(processId?: string): void {
    for (const { stream } of this.#front.open(processId)) stream.die();
  }

  /** Refuses new connections: at TCP, by an HTTP status, or not at all. Open ones stay. */
  async refuse(how: "connection" | "off" | number): Promise<void> {
    this.#front.refusedWith = typeof how === "number" ? how : undefined;
    if (how === "connection") this.#front.line.stopListening();
    else await this.#front.line.listen();
  }

  /** Drips answers in small segments. */
  slice(slices: Slices | "off"): void {
    this.#front.line.slices = slices === "off" ? undefined : slices;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#desk.close();
    this.sessions.close();
    this.#front.close();
  }

  #process(processId: string | undefined): ServerProcess {
    const living = [...this.#front.processes.values()].filter(({ ended }) => !ended);
    const process = processId === undefined ? living[0] : this.#front.processes.get(processId);
    if (process === undefined) throw new Error("there is no such process");
    if (processId === undefined && living.length > 1) throw new Error("which process?");
    return process;
  }

  #host(processId: string | undefined): ServerProcess {
    const idle = [...this.#front.processes.values()].find(
      ({ processId: id, ready, ended }) => ready && !ended && !this.sessions.hostedBy(id),
    );
    const process = processId === undefined && idle !== undefined ? idle : this.#process(processId);
    const hosted = this.sessions.hostedBy(process.processId);
    if (hosted !== undefined || process.ended) throw new Error("the process takes no game session");
    return process;
  }
}
