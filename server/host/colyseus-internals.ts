/**
 * The parts of `@colyseus/core` 0.18.17 that it keeps private and we need, named once. Pinned by
 * test/server/host/colyseus-internals.test.ts: an upgrade that moves one fails there, not in a match.
 * @module
 */
import type { Room } from "@colyseus/core";

export interface RoomInternals {
  /** Any truthy value keeps `patchRate = null` from arming a 16.7 ms timer (core/src/Room.ts, `patchRate` setter). */
  _simulationInterval: unknown;
  /** Runs while the room waits for its first player, and a second after `autoDispose` was set; holds up disposal. */
  _autoDisposeTimeout: NodeJS.Timeout | undefined;
  /** Assigned by `lock()`, `unlock()` and `setMatchmaking`: true if it was the room's own code, not for being full. */
  readonly _lockedExplicitly: boolean;
  readonly _reservedSeats: Record<string, unknown>;
  /** By token: who may come back with it, and the promise that waits for him. */
  readonly _reconnections: Record<string, [string, { reject(reason: unknown): void }] | undefined>;
  /** By token: a reconnection that waits for its old, still open connection to be dropped. */
  readonly _reconnectionAttempts: Record<string, { reject(reason: unknown): void } | undefined>;
  /** Emits "disconnect" once the room is disposed and its `onDispose` has settled. */
  readonly _events: { once(event: "disconnect", listener: () => void): unknown };
  /** Called without seconds, it means one: by Colyseus, whenever a reconnection is rejected. */
  resetAutoDisposeTimeout(seconds?: number): void;
  _reserveSeat(sessionId: string, options: unknown, auth: unknown): Promise<boolean>;
  _onLeave(client: unknown, code: number): Promise<void>;
}

export function internalsOf(room: Room): RoomInternals {
  return room as unknown as RoomInternals;
}

/** Stops the timer that disposes of an empty room. A room is looked at without it when somebody leaves. */
export function stopAutoDisposeTimer(room: Room): void {
  const internals = internalsOf(room);
  clearTimeout(internals._autoDisposeTimeout);
  internals._autoDisposeTimeout = undefined;
}
