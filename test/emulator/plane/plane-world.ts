import { ControlPlane } from "../../../emulator/plane/control-plane.ts";
import { durations } from "../../../emulator/plane/durations.ts";
import type { FleetDefinition } from "../../../emulator/plane/fleets.ts";
import type { Push } from "../../../emulator/plane/links.ts";
import { isRefused, type Outcome } from "../../../emulator/plane/outcome.ts";
import type { Fleet, GameSession, ServerProcess } from "../../../emulator/plane/records.ts";
import { FakeClock } from "../../support/fake-clock.ts";

export const LOCATION = "custom-laptop";

/** A connection that keeps what it was given. */
export class RecordingLink {
  readonly pushes: Push[] = [];
  readonly closes: number[] = [];

  push(push: Push): void {
    this.pushes.push(push);
  }

  close(code: number): void {
    this.closes.push(code);
  }

  get kinds(): readonly string[] {
    return this.pushes.map(({ kind }) => kind);
  }
}

/** A control plane with an Anywhere fleet and a managed one, each with a compute; time stands until a test moves it. */
export class PlaneWorld {
  readonly clock = new FakeClock();
  readonly plane: ControlPlane;
  readonly anywhere: Fleet;
  readonly managed: Fleet;
  /** Processes the plane had killed. */
  readonly killed: ServerProcess[] = [];
  readonly #links = new Map<ServerProcess, RecordingLink>();
  #ids = 0;

  constructor(
    definitions: { anywhere?: Partial<FleetDefinition>; managed?: Partial<FleetDefinition> } = {},
  ) {
    this.plane = new ControlPlane({
      clock: this.clock,
      durations: durations(),
      region: "us-west-2",
      accountId: "123456789012",
      uuid: () => `00000000-0000-4000-8000-${String(++this.#ids).padStart(12, "0")}`,
      endpoint: () => "ws://127.0.0.1:9080",
    });
    this.plane.processes.host = { kill: (process) => this.killed.push(process) };
    granted(this.plane.locations.create(LOCATION));
    this.anywhere = granted(
      this.plane.fleets.create({
        name: "anywhere",
        computeType: "ANYWHERE",
        locations: [LOCATION],
        ...definitions.anywhere,
      }),
    );
    this.managed = granted(
      this.plane.fleets.create({ name: "managed", computeType: "EC2", ...definitions.managed }),
    );
    this.registerCompute("laptop");
    granted(
      this.plane.computes.register({
        fleetId: this.managed.fleetId,
        computeName: "i-1",
        ipAddress: "127.0.0.1",
        dnsName: "localhost",
        location: "us-west-2",
        type: "EC2",
      }),
    );
  }

  registerCompute(computeName: string): void {
    granted(
      this.plane.computes.register({
        fleetId: this.anywhere.fleetId,
        computeName,
        ipAddress: "127.0.0.1",
        dnsName: "",
        location: LOCATION,
        type: "ANYWHERE",
      }),
    );
  }

  /** Of the process's newest connection. */
  link(process: ServerProcess): RecordingLink {
    const link = this.#links.get(process);
    if (link === undefined) throw new Error("it never connected");
    return link;
  }

  /** CONNECTED, started by hand on `laptop` unless it is supervised. */
  connected(processId: string, { isSupervised = false } = {}): ServerProcess {
    const identity = isSupervised
      ? { fleetId: this.managed.fleetId, computeName: "i-1", processId }
      : { fleetId: this.anywhere.fleetId, computeName: "laptop", processId };
    if (isSupervised) granted(this.plane.processes.expect(identity));
    return this.connect(identity);
  }

  connect(identity: { fleetId: string; computeName: string; processId: string }): ServerProcess {
    const link = new RecordingLink();
    const process = granted(
      this.plane.processes.connect({ ...identity, sdkVersion: "5.6.0", sdkLanguage: "Go" }, link),
    );
    this.#links.set(process, link);
    return process;
  }

  /** READY, and with its first heartbeat behind it. */
  ready(processId: string, options: { isSupervised?: boolean } = {}): ServerProcess {
    const process = this.connected(processId, options);
    granted(this.activate(process));
    granted(this.plane.processes.report(process, true));
    return process;
  }

  activate(process: ServerProcess): Outcome<void> {
    return this.plane.processes.ready(process, {
      port: 7777,
      logPaths: ["logs"],
      sdkVersion: "5.6.0",
      sdkLanguage: "Go",
    });
  }

  place(process: ServerProcess, maximumPlayerSessionCount = 4): GameSession {
    const { fleetId, location } = process;
    return granted(
      this.plane.gameSessions.create({ fleetId, location, maximumPlayerSessionCount }),
    );
  }

  /** A process with an ACTIVE game session. */
  hosting(
    processId: string,
    options: { isSupervised?: boolean; maximum?: number } = {},
  ): { process: ServerProcess; session: GameSession } {
    const process = this.ready(processId, options);
    const session = this.place(process, options.maximum);
    granted(this.plane.gameSessions.activate(process, session.gameSessionId));
    return { process, session };
  }

  reserve(session: GameSession, playerId = "player-1"): string {
    const [player] = granted(
      this.plane.playerSessions.create(session.gameSessionId, [{ playerId, playerData: "" }]),
    );
    return player?.playerSessionId ?? "";
  }

  /** Fleet events of a fleet by code, oldest first; those of its creation left out. */
  events(fleet: Fleet): readonly string[] {
    return this.plane.fleetEvents
      .list(fleet.fleetId)
      .map(({ code }) => code)
      .filter((code) => !code.startsWith("FLEET_"));
  }
}

/** @throws Error with the refusal's words. */
export function granted<T>(outcome: Outcome<T>): T {
  if (isRefused(outcome)) throw new Error(`${outcome.refusal}: ${outcome.message}`);
  return outcome.value;
}

export function refusalOf(outcome: Outcome<unknown>): string | undefined {
  return isRefused(outcome) ? outcome.refusal : undefined;
}
