/**
 * The control plane of a game hosting service, without a network: fleets, computes, server processes, game and player
 * sessions as state machines on an injected clock. Whoever speaks to clients or processes stands around it.
 * @module
 */
import { Aliases } from "./aliases.ts";
import { Backfills } from "./backfills.ts";
import { Builds } from "./builds.ts";
import { Computes } from "./computes.ts";
import type { PlaneContext } from "./context.ts";
import { FleetEvents } from "./fleet-events.ts";
import { Fleets } from "./fleets.ts";
import { GameSessions } from "./game-sessions.ts";
import { Happenings } from "./happenings.ts";
import { Locations } from "./locations.ts";
import { PlayerSessionRecords } from "./player-session-records.ts";
import { PlayerSessions } from "./player-sessions.ts";
import { Processes } from "./processes.ts";
import { ScalingPolicies } from "./scaling-policies.ts";

export type ControlPlaneOptions = Omit<PlaneContext, "happenings">;

export class ControlPlane implements PlaneContext {
  readonly clock: PlaneContext["clock"];
  readonly durations: PlaneContext["durations"];
  readonly region: string;
  readonly accountId: string;
  readonly uuid: () => string;
  readonly endpoint: () => string;
  readonly happenings: Happenings;
  readonly fleetEvents: FleetEvents;
  readonly locations: Locations;
  readonly builds: Builds;
  readonly fleets: Fleets;
  readonly scalingPolicies: ScalingPolicies;
  readonly aliases: Aliases;
  readonly computes: Computes;
  readonly processes: Processes;
  readonly gameSessions: GameSessions;
  readonly playerSessions: PlayerSessions;
  readonly backfills: Backfills;
  readonly #records: PlayerSessionRecords;

  constructor(options: ControlPlaneOptions) {
    this.clock = options.clock;
    this.durations = options.durations;
    this.region = options.region;
    this.accountId = options.accountId;
    this.uuid = options.uuid;
    this.endpoint = options.endpoint;
    this.happenings = new Happenings(options.clock);
    this.fleetEvents = new FleetEvents(this);
    this.locations = new Locations(this);
    this.builds = new Builds(this);
    this.fleets = new Fleets(this, this);
    this.scalingPolicies = new ScalingPolicies(this.fleets);
    this.aliases = new Aliases(this, this.fleets);
    this.computes = new Computes(this, this.fleets);
    this.processes = new Processes(this, this);
    this.#records = new PlayerSessionRecords(this);
    this.gameSessions = new GameSessions(this, {
      fleets: this.fleets,
      computes: this.computes,
      processes: this.processes,
      playerSessions: this.#records,
      fleetEvents: this.fleetEvents,
    });
    this.playerSessions = new PlayerSessions(this.#records, this.gameSessions);
    this.backfills = new Backfills(this, this);
  }

  /** Forgets all timers; nothing happens by itself from here on. */
  close(): void {
    this.processes.close();
    this.gameSessions.close();
    this.#records.close();
  }
}
