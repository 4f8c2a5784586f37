/**
 * Between JOIN_ROOM and its acknowledgement a player is seated, and may not know it: his connection can be lost on the
 * way. Colyseus takes that for leaving for good, and spends a reconnection token as soon as it is shown. Here he is one
 * who lost his connection like any other, and the token with which he returned stays good until something is heard of
 * him, also where nothing is to be acknowledged:
 *
 *   away, token 1 --returns with 1--> told token 2, unheard ----is heard----> playing, token 2
 *        ^                                     |
 *        '------ token 1 or 2 is good ---------' the connection is lost
 * @module
 */
import {
  type Client,
  ClientState,
  type ClientPrivate as ColyseusClient,
  CloseCode as ColyseusCloseCode,
  type Room,
} from "@colyseus/core";
import { CloseCode } from "../../protocol/close-codes.ts";
import { internalsOf } from "./colyseus-internals.ts";
import { HOST_LIMITS } from "./limits.ts";

/** A close from here on up was decided by the server, or means that the player left: no seat waits for those. */
const FIRST_FINAL_CLOSE_CODE = 4000;

type RoomClient = Client &
  ColyseusClient & {
    /** Something came that shows that the peer has read his join: an acknowledgement, or whatever else. */
    readonly isHeard: boolean;
  };

/** Whether a connection ended by misfortune, so that its player may want to come back. */
export function isLostConnection(code: number | undefined): boolean {
  return (
    code === undefined || code < FIRST_FINAL_CLOSE_CODE || code === CloseCode.MAY_TRY_RECONNECT
  );
}

/** Lets a room wait for players who were lost before they had acknowledged their join. */
export class UnheardJoins {
  readonly #room: Room;
  /** Clients that were lost unheard, and for which the room has not been asked to wait yet. */
  readonly #lost = new WeakSet<object>();
  /** Of each client that returned: the token it showed, and what it was ended with, if it was. */
  readonly #returned = new WeakMap<object, { readonly token: string; endCode?: number }>();
  /** The token that Colyseus knows, by the one before it; one at most for each seat that waits. */
  readonly #later = new Map<string, string>();

  constructor(room: Room) {
    this.#room = room;
    const internals = internalsOf(room);
    const leave = internals._onLeave.bind(room);
    internals._onLeave = (client, code) => {
      const lost = client as RoomClient;
      if (!this.#isLostUnheard(lost, code)) return leave(client, code);
      this.#lost.add(lost);
      if (code !== ColyseusCloseCode.FAILED_TO_RECONNECT) return leave(client, code);
      // Else the room would be told that it has denied the return.
      lost.state = ClientState.JOINING;
      // The join that failed must not wait for who comes next.
      void leave(client, ColyseusCloseCode.ABNORMAL_CLOSURE);
      return Promise.resolve();
    };
    const allow = room.allowReconnection.bind(room);
    room.allowReconnection = (client, seconds) => {
      const lost = client as RoomClient;
      // One that nothing was asked of has joined all the same.
      const mayHaveOldToken = !isUnheard(lost) && !lost.isHeard && this.#returned.has(lost);
      return this.#lost.delete(lost) || mayHaveOldToken
        ? this.#allowUnheard(lost, () => allow(client, seconds))
        : allow(client, seconds);
    };
  }

  /** A client is about to return, by a token that stays good until it has acknowledged. */
  returns(client: RoomClient, token: string): void {
    const returned: { token: string; endCode?: number } = { token };
    this.#returned.set(client, returned);
    client.ref.once("close", (code: number) => {
      returned.endCode = code;
    });
  }

  /** @returns The token under which Colyseus knows the seat that this one opens. */
  currentToken(token: string): string {
    const later = this.#later.get(token);
    if (later !== undefined) return later;
    const heir = (this.#room.clients as unknown as RoomClient[]).find(
      (client) => !client.isHeard && this.#returned.get(client)?.token === token,
    );
    return heir?.reconnectionToken ?? token;
  }

  #isLostUnheard(client: RoomClient, code: number): boolean {
    const { sessionId } = client;
    if (!isUnheard(client) || this.#room.clients.get(sessionId) !== (client as Client))
      return false;
    if (code === ColyseusCloseCode.FAILED_TO_RECONNECT) {
      const endCode = this.#returned.get(client)?.endCode;
      return endCode !== undefined && isLostConnection(endCode);
    }
    // A reservation is there until the join has succeeded and is told.
    return (
      isLostConnection(code) && internalsOf(this.#room)._reservedSeats[sessionId] === undefined
    );
  }

  #allowUnheard(
    client: RoomClient,
    allow: () => ReturnType<Room["allowReconnection"]>,
  ): ReturnType<Room["allowReconnection"]> {
    const unheard = (client._enqueuedMessages ?? []).slice(0, HOST_LIMITS.unheardMessagesMax);
    // Colyseus waits for no client that has such a queue.
    (client as { _enqueuedMessages: unknown })._enqueuedMessages = undefined;
    const waiting = allow();
    const { reconnectionToken } = client;
    const token = this.#returned.get(client)?.token;
    if (token !== undefined) this.#later.set(token, reconnectionToken);
    waiting
      .then(
        // What `onJoin` said is said once.
        (next) => void (next as RoomClient)._enqueuedMessages?.unshift(...unheard),
        () => {},
      )
      .finally(() => {
        if (token !== undefined) this.#later.delete(token);
      });
    return waiting;
  }
}

/** Whether a client has not acknowledged its join. */
function isUnheard(client: RoomClient): boolean {
  return client._enqueuedMessages !== undefined;
}
