/**
 * PORT: what the server can tell at any moment without having been asked before. Events say what happened
 * (`telemetry.ts`), readings how things stand; taking one changes nothing and costs microseconds.
 * @module
 */
import type { GameSessionState, HealthParts } from "./telemetry.ts";

/** What went through the game port since the start. */
export interface TrafficReading {
  /** Bytes and frames that were read; before TLS's own. */
  readonly receivedBytes: number;
  readonly receivedFrames: number;
  /** Bytes and frames that were queued for a client, whether or not they arrived. */
  readonly sentBytes: number;
  readonly sentFrames: number;
}

export interface DoorReading {
  /** Open connections by what they are: strangers have no seat, clients speak for one. */
  readonly connections: { readonly strangers: number; readonly clients: number };
  readonly traffic: TrafficReading;
  /** Bytes that wait in this process for clients: of all together, and of the one with the most. */
  readonly sendQueue: { readonly bytes: number; readonly largestBytes: number };
}

/** What became of snapshots. */
export interface SnapshotReading {
  /** Groups of clients that are sent the same. */
  readonly groups: number;
  /** Clients that get none for now: they are on their way in, or do not keep up. */
  readonly waiting: number;
  /** Since the process began: messages that told a client everything anew, or its own entity alone. */
  readonly keyframes: number;
  readonly ownMessages: number;
  /** Likewise, of all messages together, before frames. */
  readonly bytes: number;
}

/** How the match's room stands. */
export interface MatchReading {
  /** Steps per second that it should make. */
  readonly tickRateHz: number;
  readonly ranTicks: number;
  readonly droppedTicks: number;
  readonly commandsQueued: number;
  /** Clients from which patches or snapshots are withheld for now, because they do not keep up. */
  readonly slowClients: number;
  /** `undefined` where everything is in the schema. */
  readonly snapshots: SnapshotReading | undefined;
}

export interface LifeReading {
  /** `draining` whatever the game session does meanwhile. */
  readonly phase: "idle" | "draining" | GameSessionState;
  readonly gameSession:
    | {
        readonly gameSessionId: string;
        readonly state: GameSessionState;
        readonly seatsHeld: number;
        readonly seatsMax: number;
      }
    | undefined;
  /** `undefined` without a match, and for a hosted Colyseus room. */
  readonly match: MatchReading | undefined;
  readonly isHealthy: boolean;
  readonly health: HealthParts;
}

export interface ServerReading extends DoorReading, LifeReading {}

/** Of a server that has not opened its ports. */
export const NO_READING: ServerReading = {
  connections: { strangers: 0, clients: 0 },
  traffic: { receivedBytes: 0, receivedFrames: 0, sentBytes: 0, sentFrames: 0 },
  sendQueue: { bytes: 0, largestBytes: 0 },
  phase: "idle",
  gameSession: undefined,
  match: undefined,
  isHealthy: true,
  health: { ticks: "none", eventLoop: "ok", match: "none" },
};

/** What became of log lines, by sink. */
export interface LogReading {
  readonly sink: "file" | "stdout";
  /** Lines written since the start. */
  readonly lines: number;
  /** Lines lost since the start, by reason. */
  readonly dropped: Readonly<Record<"full" | "disk" | "gone", number>>;
}
