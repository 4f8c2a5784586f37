import type { SimulationSetup, Snapshots } from "../../../rooms/simulation.ts";

/** Somebody whom snapshots go to. */
export interface Viewer {
  readonly seat: number;
  /**
   * Takes a whole ROOM_DATA_BYTES message that is never written again; others are given the very same memory.
   * @returns `false` if it cannot take it now: it is then out of the stream and gets a keyframe when it can.
   */
  send(message: Uint8Array): boolean;
}

interface AudienceDeps {
  readonly snapshots: Snapshots;
  readonly setup: SimulationSetup;
  /** Most that one client is sent; from 2048. */
  readonly bytesPerSecond: number;
}

interface AudienceFigures {
  /** Groups that somebody is in. */
  readonly groups: number;
  /** Viewers that are out of the stream and wait for their keyframe. */
  readonly behind: number;
  /** Keyframes sent since the start, one for each viewer that took it. */
  readonly keyframes: number;
  /** OWN messages sent since the start. */
  readonly ownMessages: number;
  /** Bytes of all messages sent since the start. */
  readonly bytes: number;
}

/** Who is sent which snapshot. Knows no sockets and no clock: it is stepped by ticks. */
export class Audience {
  readonly #deps: AudienceDeps;
  readonly #viewers = new Set<Viewer>();

  constructor(deps: AudienceDeps) {
    this.#deps = deps;
  }

  /** From its next tick on a viewer is sent snapshots, a keyframe first. May be called while a viewer is sent something. */
  join(viewer: Viewer): void {
    this.#viewers.add(viewer);
  }

  /** Nothing is sent to it from here on. May be called while a viewer is sent something. */
  leave(viewer: Viewer): void {
    this.#viewers.delete(viewer);
  }

  /**
   * Sends everybody what it should see of `state`.
   * @param tick - Of the step that made the state; greater than the one before.
   */
  tick(_state: unknown, _tick: number): void {
    void this.#deps;
  }

  get figures(): AudienceFigures {
    return { groups: 0, behind: this.#viewers.size, keyframes: 0, ownMessages: 0, bytes: 0 };
  }
}
