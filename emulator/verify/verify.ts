/**
 * Verify mode: takes a game server in any language through its lives on the emulator's own service, and tells which of the
 * service's demands it keeps.
 * @module
 */
import { randomUUID } from "node:crypto";
import { systemClock } from "../clock.ts";
import { type DataDirectory, openDataDirectory, writeCertificate } from "../data-directory.ts";
import { EmulatorError, EmulatorErrorCode } from "../errors.ts";
import { Front } from "../front/front.ts";
import type { SelfSigned } from "../front/self-signed.ts";
import { ControlPlane } from "../plane/control-plane.ts";
import type { Durations } from "../plane/durations.ts";
import type { GameSessionRequest } from "../plane/game-session-orders.ts";
import { isRefused } from "../plane/outcome.ts";
import type { Compute, Fleet } from "../plane/records.ts";
import { ServerSdkService } from "../server-sdk/service.ts";
import type { Children } from "../supervisor/child/child.ts";
import { runLife } from "./life.ts";
import { VERIFY_LIMITS } from "./limits.ts";
import { matchedPlayerIds } from "./matchmaker-data.ts";
import { type LifeRecord, type Report, reportOn } from "./report.ts";
import { EVERY_RULE } from "./rules/every-rule.ts";
import { ServiceStage } from "./service-stage.ts";
import type { LifeName, Terms } from "./trace.ts";

export interface VerifyOptions {
  /** Program and arguments of the server. */
  readonly command: readonly string[];
  /** For a shell, run once per player; without it the rules about players are not checked. */
  readonly client: string | undefined;
  /** Where both are started. */
  readonly folder: string;
  /** Of it only PATH, HOME and their like go on to them. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly durations: Durations;
  readonly region: string;
  readonly accountId: string;
  /** Creates locations and fleets; the first fleet is the server's. A managed one of its own unless given. */
  readonly createFleets?: (plane: ControlPlane) => void;
  /** Speaks `wss` with it. */
  readonly tls?: SelfSigned;
  readonly gameSession?: Pick<
    GameSessionRequest,
    "gameProperties" | "gameSessionData" | "matchmakerData"
  >;
  /** Heartbeats after the first to wait for. @defaultValue 0 */
  readonly heartbeats?: number;
  /** From TerminateProcess to its deadline. @defaultValue 30000 */
  readonly terminationMs?: number;
  /** Longest wait for what the service names no time for. @defaultValue 30000 */
  readonly patienceMs?: number;
  /** All unless given, one after the other. */
  readonly lives?: readonly LifeName[];
  readonly children: Children;
  /** Lines about what is going on. */
  readonly print: (line: string) => void;
}

const EVERY_LIFE: readonly LifeName[] = ["match", "idle", "dismissed"];
const NO_FAULT = { lost: undefined, refusal: undefined, copies: 1 };
const NOTHING_HERE = () => ({ status: 404, body: "verify serves game servers alone\n" });

/**
 * Nothing that was started runs when this settles.
 * @throws EmulatorError EMULATOR_VERIFY_FAILED when the server's or the client's command cannot be run.
 */
export async function verify(options: VerifyOptions): Promise<Report> {
  const house = await House.open(options);
  try {
    const lives: LifeRecord[] = [];
    for (const life of options.lives ?? EVERY_LIFE) lives.push(await house.live(life));
    return reportOn(options.command, EVERY_RULE, lives);
  } finally {
    await house.close();
  }
}

/** The service that the lives are lived on. */
class House {
  readonly #options: VerifyOptions;
  readonly #plane: ControlPlane;
  readonly #service: ServerSdkService;
  readonly #fleet: Fleet;
  readonly #data: DataDirectory | undefined;
  #front: Front | undefined;
  #stage: ServiceStage | undefined;

  private constructor(options: VerifyOptions) {
    const { durations, region, accountId, createFleets = createOwnFleet } = options;
    this.#options = options;
    this.#plane = new ControlPlane({
      clock: systemClock,
      // Each RefreshConnection has a token of its own, so that it shows which one the server uses.
      durations: { ...durations, tokenLeftMs: durations.tokenMs },
      region,
      accountId,
      uuid: randomUUID,
      endpoint: () => this.#front?.webSocketUrl ?? "",
    });
    createFleets(this.#plane);
    const [fleet] = this.#plane.fleets.list();
    if (fleet === undefined) throw failed("the configuration has no fleet");
    this.#fleet = fleet;
    // Without one of its own a server that asks for the fleet's certificate could not listen.
    const hasCertificate = fleet.certificateType === "GENERATED";
    this.#data = hasCertificate ? openDataDirectory(undefined) : undefined;
    this.#plane.processes.host = { kill: (process) => this.#stage?.kill(process) };
    this.#service = new ServerSdkService({
      plane: this.#plane,
      rates: true,
      ...(this.#data && { certificatePath: writeCertificate(this.#data).folder }),
      faults: {
        beforeUpgrade: () => undefined,
        beforeAnswer: (action, { processId }) => ({
          ...NO_FAULT,
          delayMs: this.#stage?.delayMsOf(action, processId) ?? 0,
        }),
        beforePush: () => ({ isLost: false, delayMs: 0, copies: 1 }),
      },
      onSighting: (sighting) => this.#stage?.sighted(sighting),
    });
  }

  static async open(options: VerifyOptions): Promise<House> {
    const house = new House(options);
    house.#front = await Front.open({
      host: "127.0.0.1",
      port: 0,
      tls: options.tls,
      allowHosts: [],
      handlers: {
        api: NOTHING_HERE,
        logs: NOTHING_HERE,
        uploads: async () => NOTHING_HERE(),
        control: NOTHING_HERE,
        console: NOTHING_HERE,
      },
      upgrade: (...upgrade) => house.#service.handleUpgrade(...upgrade),
      uuid: randomUUID,
      onFault: (fault) => options.print(`verify failed at a request: ${fault}`),
    });
    return house;
  }

  async live(life: LifeName): Promise<LifeRecord> {
    const { print, gameSession = {} } = this.#options;
    print(`life: ${life}`);
    const stage = new ServiceStage({
      ...this.#options,
      plane: this.#plane,
      service: this.#service,
      compute: this.#compute(life),
      gameSession,
      playerIds: matchedPlayerIds(gameSession.matchmakerData ?? ""),
      terms: termsOf(this.#options, this.#fleet),
      life,
      onStep: (text, atMs) => print(`  ${(atMs / 1000).toFixed(1).padStart(6)} s  ${text}`),
    });
    this.#stage = stage;
    await runLife(life, stage);
    this.#stage = undefined;
    if (stage.unrunnable !== undefined) throw failed(stage.unrunnable);
    return { trace: stage.trace, output: stage.output };
  }

  async close(): Promise<void> {
    this.#options.children.close();
    this.#service.close();
    this.#plane.close();
    await this.#front?.close();
    this.#data?.close();
  }

  /** One for each life: what is left of an earlier one is nobody's neighbour. */
  #compute(life: LifeName): Compute {
    const { fleetId, computeType, locations } = this.#fleet;
    const [location = ""] = locations;
    const computeName = `verify-${life}`;
    const compute = this.#plane.computes.register({
      fleetId,
      computeName,
      location,
      ipAddress: "127.0.0.1",
      dnsName: "localhost",
      type: computeType,
    });
    if (isRefused(compute)) throw failed(`compute ${computeName}: ${compute.message}`);
    return compute.value;
  }
}

function createOwnFleet({ fleets }: ControlPlane): void {
  fleets.create({ name: "verify", computeType: "EC2" });
}

function termsOf(options: VerifyOptions, fleet: Fleet): Terms {
  const { durations, client, heartbeats = 0, terminationMs, patienceMs } = options;
  const { gameSessionActivationTimeoutSeconds } = fleet.runtimeConfiguration;
  return {
    hasClient: client !== undefined,
    initializationMs: durations.initializationMs,
    readyMs: durations.readyMs,
    firstReportMs: durations.firstReportMs,
    reportMs: durations.reportMs,
    reportsWanted: heartbeats,
    activationMs: durations.scaled(gameSessionActivationTimeoutSeconds * 1_000),
    terminationMs: terminationMs ?? VERIFY_LIMITS.terminationMs,
    exitMs: durations.exitMs,
    patienceMs: patienceMs ?? VERIFY_LIMITS.patienceMs,
    openPorts: fleet.inboundPermissions.map(({ fromPort, toPort }) => ({
      from: fromPort,
      to: toPort,
    })),
  };
}

function failed(why: string): EmulatorError {
  return new EmulatorError(EmulatorErrorCode.EMULATOR_VERIFY_FAILED, why);
}
