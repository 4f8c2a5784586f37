/**
 * The one-step join under the stock SDK: its Room decodes and reconnects as ever, and what its connection calls a
 * transport is this.
 * @module
 */
import type { Room } from "@colyseus/sdk";
import { CLOSE_CODES, CloseCode } from "../protocol/close-codes.ts";
import {
  CredentialKind,
  decodeSeat,
  encodeHello,
  PROTOCOL_VERSION,
  SCHEMA_VERSION_CHARS_MAX,
} from "../protocol/control.ts";
import { isJoinRoom, isWholeJoinRoom } from "./join-message.ts";
import { CONNECTION_LIMITS } from "./limits.ts";
import { type Wire, WireEnd, type WireListener } from "./wire/wire.ts";

type SdkConnection = Room["connection"];
type SdkTransport = SdkConnection["transport"];

export interface Ticket {
  readonly kind: CredentialKind;
  readonly credential: string;
}

export interface OneStepDeps {
  readonly dial: (listener: WireListener) => Wire;
  /** @see Hello.clientVersion */
  readonly clientVersion: string;
  /** `""` to say none. */
  readonly schemaVersion: string;
  /**
   * The connection ended in a way that the SDK is not told of: before it was joined, or by what cannot be read. Called
   * at most once.
   */
  readonly ended: (code: number) => void;
}

/**
 * ```
 * away -> greeting -> seated -> joined        each connection; a lost one is away again
 *   HELLO         SEAT     JOIN_ROOM
 * ```
 */
type Stage = "away" | "greeting" | "seated" | "joined";

export class OneStepTransport implements SdkTransport {
  readonly #deps: OneStepDeps;
  readonly #ticket: Ticket;
  #room: Room | undefined;
  #events: SdkConnection["events"] = {};
  #wire: Wire | undefined;
  #stage: Stage = "away";
  #isReturning = false;
  #wasJoined = false;
  #isRetired = false;
  #attemptTimer: ReturnType<typeof setTimeout> | undefined;
  /** What happened since the join, for the moment that the join needs to be known. */
  #held: (() => void)[] | undefined;

  constructor(ticket: Ticket, deps: OneStepDeps) {
    this.#ticket = ticket;
    this.#deps = deps;
  }

  /** Puts itself under a room that was never connected, and joins. */
  carry(room: Room): void {
    this.#room = room;
    let connection: SdkConnection | undefined;
    // The room makes its connection and connects it in one go; in between is the one place for another transport.
    Object.defineProperty(room, "connection", {
      get: () => connection,
      set: (made: SdkConnection) => {
        connection = made;
        connection.transport = this;
        connection.reconnect = ({ reconnectionToken: credential }) =>
          this.#greet({ kind: this.#tokenKind, credential });
        this.#events = made.events;
      },
    });
    // The wire knows where to; what the SDK makes of an endpoint goes nowhere.
    room.connect("", {});
  }

  get isOpen(): boolean {
    return this.#stage === "joined";
  }

  /** Called by the SDK, once per room. */
  connect(): void {
    this.#greet(this.#ticket);
  }

  send(message: Uint8Array): void {
    // What the SDK acknowledges its join with; only a return needs it, to be rid of the token before.
    if (this.#isReturning || !isJoinRoom(message)) this.#wire?.send(message);
  }

  sendUnreliable(message: Uint8Array): void {
    this.send(message);
  }

  /** Called by the SDK when a browser goes offline: no close frame will come. */
  close(code: number = CloseCode.CONSENTED): void {
    this.#wire?.close(code);
    this.#lost(code);
  }

  /** Closes what is open and opens nothing any more, whatever the SDK still tries. */
  retire(): void {
    this.#isRetired = true;
    clearTimeout(this.#attemptTimer);
    this.#wire?.close(CloseCode.CONSENTED);
    this.#wire = undefined;
    this.#stage = "away";
  }

  get #tokenKind(): CredentialKind {
    return this.#room?.serializer?.getState() === undefined
      ? CredentialKind.TOKEN
      : CredentialKind.TOKEN_WITH_SCHEMA;
  }

  #greet(ticket: Ticket): void {
    if (this.#isRetired) return;
    const { clientVersion, schemaVersion, dial } = this.#deps;
    const hello = encodeHello({
      protocolVersion: PROTOCOL_VERSION,
      ...ticket,
      clientVersion,
      options: optionsSaying(schemaVersion),
    });
    this.#stage = "greeting";
    this.#isReturning = ticket.kind !== CredentialKind.PLAYER_SESSION;
    const wire = dial({
      onOpen: () => wire.send(hello),
      onMessage: (message) => this.#inOrder(() => this.#hear(message)),
      onClose: (code) => this.#inOrder(() => this.#lost(code)),
    });
    this.#wire = wire;
    // The whole first join has a limit of its own, in which the fleet is asked.
    if (!this.#wasJoined) return;
    this.#attemptTimer = setTimeout(() => {
      wire.close(CloseCode.MAY_TRY_RECONNECT);
      this.#lost(WireEnd.ABNORMAL);
    }, CONNECTION_LIMITS.returnTimeoutMs);
  }

  #hear(message: Uint8Array): void {
    if (this.#stage === "greeting") {
      const seat = decodeSeat(message);
      if (this.#room === undefined || seat?.protocolVersion !== PROTOCOL_VERSION) {
        this.refuse();
        return;
      }
      this.#room.sessionId = seat.sessionId;
      this.#stage = "seated";
      return;
    }
    const isJoin = isJoinRoom(message);
    if (!this.#decodes(message, isJoin)) this.refuse();
    else if (isJoin && this.#stage === "seated") this.#joined();
  }

  /** Hands a message to the SDK. */
  #decodes(message: Uint8Array, isJoin: boolean): boolean {
    if (isJoin && !isWholeJoinRoom(message)) return false;
    try {
      this.#events.onmessage?.({ data: message.buffer });
      return true;
    } catch {
      return false;
    }
  }

  #joined(): void {
    clearTimeout(this.#attemptTimer);
    this.#stage = "joined";
    this.#wasJoined = true;
    this.#events.onopen?.({});
    this.#holdBack();
  }

  /** The state comes in the same breath as the join: whoever waits for the join is to see that first. */
  #holdBack(): void {
    const held: (() => void)[] = [];
    this.#held = held;
    const wire = this.#wire;
    setTimeout(() => {
      if (this.#held === held) this.#held = undefined;
      for (const happen of held) if (this.#wire === wire) happen();
    });
  }

  #inOrder(happen: () => void): void {
    if (this.#held === undefined) happen();
    else this.#held.push(happen);
  }

  #lost(code: number): void {
    clearTimeout(this.#attemptTimer);
    this.#held = undefined;
    this.#wire = undefined;
    if (!this.#wasJoined) {
      this.#end(code);
      return;
    }
    // An attempt to return that was turned away for now is as good as one that reached nobody: the seat waits.
    const isForNow = this.#stage !== "joined" && mayRetry(code);
    this.#tellClosed(isForNow ? CloseCode.MAY_TRY_RECONNECT : code);
  }

  /** What the server sends is not of this protocol, or the SDK, or whoever it hands it to, cannot decode it. */
  refuse(): void {
    clearTimeout(this.#attemptTimer);
    this.#wire?.close(CloseCode.MALFORMED);
    this.#wire = undefined;
    const { UNREADABLE } = WireEnd;
    this.#end(UNREADABLE);
    try {
      if (this.#wasJoined) this.#tellClosed(UNREADABLE);
    } catch {
      // The SDK tidies up a decoder that it never got.
    }
  }

  #end(code: number): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    this.#stage = "away";
    this.#deps.ended(code);
  }

  #tellClosed(code: number): void {
    // The SDK counts open connections, to close them when a browser goes offline; each end needs its beginning.
    if (this.#stage !== "joined") this.#events.onopen?.({});
    this.#stage = "away";
    this.#events.onclose?.({ code, reason: "" });
  }
}

/** @throws RangeError when the version is too long. */
function optionsSaying(schemaVersion: string): Uint8Array {
  if (schemaVersion.length > SCHEMA_VERSION_CHARS_MAX) {
    throw new RangeError(`schemaVersion is longer than ${SCHEMA_VERSION_CHARS_MAX} characters`);
  }
  return new TextEncoder().encode(schemaVersion === "" ? "" : JSON.stringify({ schemaVersion }));
}

function mayRetry(code: number): boolean {
  return (
    (CLOSE_CODES as Record<number, { mayRetry: boolean } | undefined>)[code]?.mayRetry ?? false
  );
}
