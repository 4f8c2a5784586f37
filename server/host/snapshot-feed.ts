import { ClientState } from "@colyseus/core";
import type { SimulationSetup, Snapshots } from "../../rooms/simulation.ts";
import type { SnapshotReading } from "../telemetry/readings.ts";
import { Audience, type Viewer } from "./snapshots/audience.ts";

/** Somebody whom snapshots can be sent to. */
export interface SnapshotClient {
  readonly state: number;
  /** `false` while it does not keep up. */
  readonly takesSnapshots: boolean;
  /**
   * @param message - Not to be written to.
   * @returns `false` if it was not sent.
   */
  sendSnapshot(message: Uint8Array): boolean;
}

/** What this process has sent, over all its matches. */
export class SnapshotSums {
  keyframes = 0;
  ownMessages = 0;
  bytes = 0;
}

interface SnapshotFeedDeps {
  readonly snapshots: Snapshots;
  readonly setup: SimulationSetup;
  /** Most that one client is sent; from 2048. */
  readonly bytesPerSecond: number;
  readonly sums: SnapshotSums;
}

/**
 * How a match's snapshots reach its clients. One that has joined, returned or caught up gets a keyframe at the next tick,
 * behind its whole state, and from then on what changes; one that cannot take a message waits outside, at no cost.
 */
export class SnapshotFeed {
  readonly snapshots: Snapshots;
  readonly #deps: SnapshotFeedDeps;
  readonly #viewerOf = new Map<SnapshotClient, ClientViewer>();
  /** Those who get nothing yet: not told of their join, or behind. */
  readonly #outside = new Set<ClientViewer>();
  #audience: Audience;
  #isOver = false;
  /** Of the present audience: what the sums have of it already. */
  #counted = new SnapshotSums();

  constructor(deps: SnapshotFeedDeps) {
    this.#deps = deps;
    this.snapshots = deps.snapshots;
    this.#audience = new Audience(deps);
  }

  /** A client has joined or returned. */
  add(client: SnapshotClient, seat: number): void {
    const viewer = new ClientViewer(client, seat, () => this.#stall(viewer));
    this.#viewerOf.set(client, viewer);
    this.#outside.add(viewer);
  }

  /** A client cannot go on from what it was sent. */
  beginAnew(client: SnapshotClient): void {
    const viewer = this.#viewerOf.get(client);
    if (viewer !== undefined) this.#stall(viewer);
  }

  /** A client is gone, for a while or for good; one that was never there, too. */
  remove(client: SnapshotClient): void {
    const viewer = this.#viewerOf.get(client);
    if (viewer === undefined) return;
    this.#viewerOf.delete(client);
    this.#outside.delete(viewer);
    this.#audience.leave(viewer);
  }

  /** @param tick - Of the step that made the state. */
  tick(state: unknown, tick: number): void {
    this.#tell(state, tick);
  }

  /**
   * In place of {@link tick} once a match is over and its state rests: each client is shown all of it once, whatever of
   * it was still to be said.
   */
  show(state: unknown, tick: number): void {
    if (!this.#isOver) {
      this.#isOver = true;
      for (const viewer of this.#viewerOf.values()) this.#outside.add(viewer);
    }
    if (![...this.#outside].some(isReady)) return;
    // One that has told nobody anything.
    this.#audience = new Audience(this.#deps);
    this.#counted = new SnapshotSums();
    this.#tell(state, tick);
  }

  reading(): SnapshotReading {
    const { keyframes, ownMessages, bytes } = this.#deps.sums;
    const { groups } = this.#audience.figures;
    return { groups, waiting: this.#outside.size, keyframes, ownMessages, bytes };
  }

  #tell(state: unknown, tick: number): void {
    for (const viewer of this.#outside) {
      if (!isReady(viewer)) continue;
      this.#outside.delete(viewer);
      this.#audience.join(viewer);
    }
    this.#audience.tick(state, tick);
    this.#count();
  }

  #count(): void {
    const { keyframes, ownMessages, bytes } = this.#audience.figures;
    const { sums } = this.#deps;
    sums.keyframes += keyframes - this.#counted.keyframes;
    sums.ownMessages += ownMessages - this.#counted.ownMessages;
    sums.bytes += bytes - this.#counted.bytes;
    this.#counted = { keyframes, ownMessages, bytes };
  }

  /** It may be asked again when it keeps up, and no keyframe is made for it before. */
  #stall(viewer: ClientViewer): void {
    this.#audience.leave(viewer);
    this.#outside.add(viewer);
  }
}

class ClientViewer implements Viewer {
  readonly client: SnapshotClient;
  readonly seat: number;
  readonly #onRefused: () => void;

  constructor(client: SnapshotClient, seat: number, onRefused: () => void) {
    this.client = client;
    this.seat = seat;
    this.#onRefused = onRefused;
  }

  send(message: Uint8Array): boolean {
    const isSent = this.client.sendSnapshot(message);
    if (!isSent) this.#onRefused();
    return isSent;
  }
}

/** Nobody's first snapshot overtakes the whole state that follows his join. */
function isReady({ client }: ClientViewer): boolean {
  return client.state === ClientState.JOINED && client.takesSnapshots;
}
