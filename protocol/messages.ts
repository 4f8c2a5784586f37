/**
 * What host and client of a Simulation say to each other, beside `room.state`, as Colyseus room messages.
 * @module
 */
import type { SnapshotLayout } from "./snapshot-layout.ts";

/** Client to server, raw bytes (`room.sendBytes`): one encoded command of the game. */
export const COMMAND = "c";

/** Server to client, once per join and reconnect: {@link Welcome}. Client to server, whatever comes with it: asks for it again. */
export const WELCOME = "welcome";

/** Server to client, raw bytes: a snapshot (`snapshot-layout.ts`). */
export const SNAPSHOT = "s";

/** Server to client when the server starts to drain: {@link Draining}. */
export const DRAINING = "draining";

export interface Welcome {
  /** Name of the game, as in `Simulation.name`. */
  readonly game: string;
  readonly version: number;
  /** The client's own seat, from 0. */
  readonly seat: number;
  /** Steps per second of this match. */
  readonly tickRateHz: number;
  /** Tick that the next step will have. */
  readonly tick: number;
  /** How the snapshots of this match are laid out; missing where everything is in `room.state`. */
  readonly snapshots?: SnapshotLayout;
}

export interface Draining {
  /** Milliseconds until connections are closed. */
  readonly deadlineMs: number;
}
