import {
  type Client,
  CloseCode as ColyseusCloseCode,
  ErrorCode as ColyseusErrorCode,
  type Deferred,
  Room,
  ServerError,
} from "@colyseus/core";
import { type RoomInternals, stopAutoDisposeTimer } from "./colyseus-internals.ts";
import type { PlayerAuth } from "./player-auth.ts";

/** Any Colyseus room class, as a project brings it. */
export type RoomClass = new () => Room;

/** The hooks whose faults Colyseus would only print. `onCreate` and `onJoin` reach their caller as they are. */
const SWALLOWED_HOOKS = ["onLeave", "onDrop", "onDispose"] as const;

type Hook = (...args: unknown[]) => unknown;

/** What a rejected reconnection was rejected with: no fault, however a room takes it. */
const declinedReconnections = new WeakSet<object>();

/**
 * Makes a hosted room out of a project's own class:
 * - the session check stands in for a static `onAuth`;
 * - an instance `onAuth` still runs after it, can refuse, and can add to `client.auth` but not change who it is;
 * - a fault in a hook ends the match instead of vanishing, unless the class has its own `onUncaughtException`;
 * - a reconnection that is declined is no fault, also where the class does not await it, as Colyseus's own examples
 *   do not: else a client could end the match by not coming back;
 * - a handler of bytes is given bytes;
 * - its own decisions to lock and unlock itself are told, also while it is locked for being full, when Colyseus has
 *   no event for them.
 */
export function hostedRoomClass(
  projectClass: RoomClass,
  host: {
    onFault(where: string, cause: unknown): void;
    onLocked(isLocked: boolean): void;
    /** Whether a connection still speaks for a seat; nobody may wait for one that was taken over. */
    holdsSeat(sessionId: string): boolean;
  },
): RoomClass {
  // Colyseus asks the class for a static hook of its own; the base's stands for "none".
  return class HostedRoom extends (projectClass as typeof Room & RoomClass) {
    static override onAuth = Room.onAuth;

    constructor() {
      super();
      observeLock(this, host.onLocked);
      guardBytes(this);
      const hooks = this as unknown as Record<string, Hook | undefined>;
      const auth = hooks["onAuth"];
      if (auth !== undefined && auth !== (Room.prototype.onAuth as unknown)) {
        hooks["onAuth"] = keepingIdentity(auth.bind(this));
      }
      const create = hooks["onCreate"];
      if (create !== undefined) {
        hooks["onCreate"] = (...args) => {
          // Colyseus would dispose of it in the middle of an `onCreate` that takes more than 15 s.
          stopAutoDisposeTimer(this);
          return create.apply(this, args);
        };
      }
      if (this.onUncaughtException !== undefined) return;
      for (const name of SWALLOWED_HOOKS) {
        const hook = hooks[name];
        if (hook !== undefined) hooks[name] = reporting(hook.bind(this), name, host.onFault);
      }
    }

    override allowReconnection(client: Client, seconds: number | "manual"): Deferred<Client> {
      const waiting = host.holdsSeat(client.sessionId)
        ? super.allowReconnection(client, seconds)
        : (Promise.reject(new Error("the seat was taken over")) as unknown as Deferred<Client>);
      waiting.catch((reason: unknown) => {
        if (typeof reason === "object" && reason !== null) declinedReconnections.add(reason);
      });
      return waiting;
    }
  } as unknown as RoomClass;
}

/**
 * Colyseus keeps handlers of bytes among those of msgpack, under names that a client may use as a message's type: such a
 * handler would be given any value. Where the room has a validation of its own, that is asked.
 */
function guardBytes(room: Room): void {
  const on = room.onMessageBytes.bind(room) as Hook;
  (room as unknown as Record<"onMessageBytes", Hook>).onMessageBytes = (type, ...how) => {
    const [handle] = how;
    if (how.length !== 1 || typeof handle !== "function") return on(type, ...how);
    return on(type, (client: Client, bytes: unknown) => {
      if (bytes instanceof Uint8Array) return handle(client, bytes);
      // As Colyseus does where nobody handles a type.
      client.leave(ColyseusCloseCode.WITH_ERROR);
      return undefined;
    });
  };
}

function observeLock(room: Room, onLocked: (isLocked: boolean) => void): void {
  let isLocked = false;
  Object.defineProperty(room, "_lockedExplicitly" satisfies keyof RoomInternals, {
    get: () => isLocked,
    set: (next: boolean) => {
      if (next === isLocked) return;
      isLocked = next;
      onLocked(next);
    },
  });
}

function keepingIdentity(onAuth: Hook): Hook {
  return async (client, ...rest) => {
    const record = (client as { auth: PlayerAuth }).auth;
    let added: unknown;
    try {
      added = await onAuth(client, ...rest);
    } catch (cause) {
      // To throw is how a room refuses; only what it chose to say goes to the client.
      if (cause instanceof ServerError) throw cause;
      throw new ServerError(ColyseusErrorCode.AUTH_FAILED, "onAuth failed", { cause });
    }
    if (typeof added !== "object" || added === null) return added && record;
    return { ...added, ...record };
  };
}

/** A reconnection that was not made in time rejects with `false`; to await it bare is the documented way. */
function isDeclinedReconnection(cause: unknown): boolean {
  if (typeof cause !== "object" || cause === null) return cause === false;
  return declinedReconnections.has(cause);
}

function reporting(
  hook: Hook,
  name: string,
  onFault: (where: string, cause: unknown) => void,
): Hook {
  return (...args) => {
    try {
      const result = hook(...args);
      if (!(result instanceof Promise)) return result;
      return result.catch((cause: unknown) => {
        if (!isDeclinedReconnection(cause)) onFault(name, cause);
      });
    } catch (cause) {
      onFault(name, cause);
      return undefined;
    }
  };
}
