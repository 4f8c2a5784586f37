/**
 * The parts of `@colyseus/core` 0.18.17 that it keeps private and we need, named once. Pinned by
 * test/server/host/colyseus-internals.test.ts: an upgrade that moves one fails there, not in a match.
 * @module
 */
import type { Room } from "@colyseus/core";
import type { Metadata, Schema } from "@colyseus/schema";

/** How a room encodes its state. */
interface SerializerInternals {
  /** "schema" if it is a {@link SchemaSerializerInternals}. */
  readonly id: string;
  /** Sends every joined client its patch, if there is one. */
  applyPatches(...given: unknown[]): boolean;
}

export interface SchemaSerializerInternals extends SerializerInternals {
  /** Some fields are seen by some clients only. */
  readonly hasFilters: boolean;
  /** Some fields go over a channel of their own. */
  readonly hasUnreliableFields: boolean;
  /** Whether the next full state has to be encoded although nothing waits for a patch. */
  needFullEncode: boolean;
  /** Where full states are encoded; begins with their opcode. */
  fullEncodeBuffer: Uint8Array;
  /** What of the last one all clients see: a view of that memory, or of a larger one if it was too small. */
  readonly fullEncodeCache: Uint8Array;
  readonly encoder: {
    /** Something waits for the next patch. */
    readonly hasChanges: boolean;
    /** What `encode` writes to; replaced when it grows. */
    readonly sharedBuffer: Uint8Array;
    /** @returns What changed since `discardChanges`, behind `offset` bytes of its caller's; a view of `sharedBuffer`. */
    encode(it: { offset: number }): Uint8Array;
    discardChanges(): void;
    /** @returns The whole state, behind `offset` bytes; a view of `buffer`, or of a larger one if that is too small. */
    encodeAll(it: { offset: number }, buffer: Uint8Array): Uint8Array;
    readonly context: {
      readonly schemas: Map<{ readonly [Symbol.metadata]?: Metadata }, number>;
    };
    /** Every structure that the state holds now, by the number that clients know it under. */
    readonly root: { readonly changeTrees: Record<number, { readonly ref: Schema }> };
  };
  /** A ROOM_STATE message; a view of memory that is written again. `timing` is given in rooms that called `defineInput`. */
  getFullState(client?: unknown, timing?: unknown): Uint8Array;
  applyPatches(clients: readonly unknown[], state?: unknown, timing?: unknown): boolean;
}

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
  readonly _serializer: SerializerInternals;
  /** There is one if the room called `defineInput`; then every patch is made for one client. */
  readonly _inputController: unknown;
  /** Called by Colyseus with a new one whenever the room's code assigns `state`. */
  setSerializer(serializer: SerializerInternals): void;
  /** Called without seconds, it means one: by Colyseus, whenever a reconnection is rejected. */
  resetAutoDisposeTimeout(seconds?: number): void;
  _reserveSeat(sessionId: string, options: unknown, auth: unknown): Promise<boolean>;
  /** Bound to the end of a connection once its join is told; called by its name, so that an instance's own counts. */
  _onLeave(client: unknown, code: number): Promise<void>;
}

export function internalsOf(room: Room): RoomInternals {
  return room as unknown as RoomInternals;
}

/** What a return fails with whose client went while `onReconnect` ran. */
export function isReturnCutShort(cause: unknown): boolean {
  return cause instanceof Error && cause.message === "reconnection denied";
}

/** Stops the timer that disposes of an empty room. A room is looked at without it when somebody leaves. */
export function stopAutoDisposeTimer(room: Room): void {
  const internals = internalsOf(room);
  clearTimeout(internals._autoDisposeTimeout);
  internals._autoDisposeTimeout = undefined;
}
