import { randomUUID } from "node:crypto";
import type { ControlPlane } from "../../../emulator/plane/control-plane.ts";
import type { Fleet, ServerProcess } from "../../../emulator/plane/records.ts";
import {
  ServerSdkService,
  type ServerSdkServiceOptions,
} from "../../../emulator/server-sdk/service.ts";
import type { Sighting } from "../../../emulator/server-sdk/wire-hooks.ts";
import type { FakeClock } from "../../support/fake-clock.ts";
import { MemoryLine } from "../../support/memory-line.ts";
import { granted, LOCATION, PlaneWorld } from "../plane/plane-world.ts";

export type Frame = Readonly<Record<string, unknown>>;
export type Query = Readonly<Record<string, string>>;

export const CONFIGURATION =
  "arn:aws:gamelift:us-west-2:123456789012:matchmakingconfiguration/my-config";
export const ACTIVATION = {
  SdkVersion: "5.6.0",
  SdkLanguage: "Go",
  Port: 7777,
  LogPaths: ["logs"],
};

/** A server process on a line in memory: every answer is there when the request returns. */
export class WireProcess {
  readonly query: Query;
  /** Everything it heard, oldest first. */
  readonly frames: Frame[] = [];
  readonly line = new MemoryLine({
    onText: (text) => this.frames.push(JSON.parse(text) as Frame),
    onEnd() {},
  });

  constructor(query: Query) {
    this.query = query;
  }

  /** @returns The answer; nothing when there was none at once. */
  ask(action: string, members: object = {}, requestId: string = randomUUID()): Frame {
    const before = this.frames.length;
    this.line.say(JSON.stringify({ Action: action, RequestId: requestId, ...members }));
    const answer = this.frames.slice(before).find((frame) => frame["RequestId"] === requestId);
    return answer ?? {};
  }

  code(action: string, members: object = {}, requestId?: string): unknown {
    return this.ask(action, members, requestId)["StatusCode"];
  }

  /** Frames that answer no request. */
  get pushes(): readonly Frame[] {
    return this.frames.filter((frame) => frame["RequestId"] === undefined);
  }
}

/** The service on a control plane with an Anywhere fleet and a managed one; time stands until a test moves it. */
export class ServiceWorld {
  readonly clock: FakeClock;
  readonly plane: ControlPlane;
  readonly anywhere: Fleet;
  readonly managed: Fleet;
  readonly house: PlaneWorld;
  readonly service: ServerSdkService;
  readonly printed: string[] = [];
  readonly sightings: Sighting[] = [];

  constructor(
    options: Partial<ServerSdkServiceOptions> = {},
    fleets: ConstructorParameters<typeof PlaneWorld>[0] = {},
  ) {
    this.house = new PlaneWorld(fleets);
    this.clock = this.house.clock;
    this.plane = this.house.plane;
    this.anywhere = this.house.anywhere;
    this.managed = this.house.managed;
    this.service = new ServerSdkService({
      plane: this.plane,
      rates: false,
      print: (line) => this.printed.push(line),
      onSighting: (sighting) => this.sightings.push(sighting),
      ...options,
    });
  }

  tokenOf(computeName = "laptop", fleetId = this.anywhere.fleetId): string {
    return granted(this.plane.computes.token(fleetId, computeName)).token;
  }

  /** The seven parameters of an upgrade that is good. */
  query(over: Query = {}): Query {
    return {
      pID: "process-1",
      sdkVersion: "5.6.0",
      sdkLanguage: "Go",
      ComputeId: "laptop",
      FleetId: this.anywhere.fleetId,
      IdempotencyToken: randomUUID(),
      ...(over["Authorization"] === undefined && { Authorization: this.tokenOf() }),
      ...over,
    };
  }

  /** The status that an upgrade is refused with; 101 when it is not. */
  status(over: Query = {}): number {
    const process = new WireProcess(this.query(over));
    const accepted = this.service.accept(process.query, process.line);
    return "status" in accepted ? accepted.status : 101;
  }

  /** @throws Error when the upgrade is refused. */
  connect(over: Query = {}): WireProcess {
    const process = new WireProcess(this.query(over));
    const accepted = this.service.accept(process.query, process.line);
    if ("status" in accepted) throw new Error(`${accepted.status}: ${accepted.message}`);
    return process;
  }

  /** Connected, active and past its first heartbeat. */
  reporting(over: Query = {}, port = 7777): WireProcess {
    const process = this.connect(over);
    process.ask("ActivateServerProcess", { ...ACTIVATION, Port: port });
    process.ask("HeartbeatServerProcess", { HealthStatus: true });
    return process;
  }

  /** With an ACTIVE game session. */
  hosting(over: Query = {}, request: object = {}): { process: WireProcess; arn: string } {
    const process = this.reporting(over);
    const { gameSessionId: arn } = granted(
      this.plane.gameSessions.create({
        fleetId: this.anywhere.fleetId,
        location: LOCATION,
        maximumPlayerSessionCount: 8,
        ...request,
      }),
    );
    process.ask("ActivateGameSession", { GameSessionId: arn });
    return { process, arn };
  }

  /** @returns The ids of player sessions for those players. */
  reserve(gameSessionId: string, ...playerIds: string[]): string[] {
    const players = playerIds.map((playerId) => ({ playerId, playerData: `of ${playerId}` }));
    const created = granted(this.plane.playerSessions.create(gameSessionId, players));
    return created.map(({ playerSessionId }) => playerSessionId);
  }

  record(processId = "process-1", computeName = "laptop"): ServerProcess {
    const { fleetId } = this.anywhere;
    const process = this.plane.processes.find({ fleetId, computeName, processId });
    if (process === undefined) throw new Error("there is no such process");
    return process;
  }
}
