import { EventEmitter } from "node:events";
import { ClientState } from "@colyseus/core";
import { WebSocketClient } from "@colyseus/ws-transport/WebSocketClient";
import { CloseCode, closeName } from "../../protocol/close-codes.ts";
import { COMMAND } from "../../protocol/messages.ts";
import type { Clock } from "../clock.ts";
import { readingInputOf } from "../session/input-seat.ts";
import { newToken } from "../tokens.ts";
import { InboundBudget, type InboundLimits } from "./inbound-budget.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import { type FullState, Pace } from "./pace.ts";
import type { MinuteBudget } from "./seat-records.ts";
import { SendQueue, type SendQueueLimits } from "./send-queue.ts";
import type { Pulse, Wire, WireListener } from "./wire.ts";

const OPEN = 1;
const CLOSED = 3;
/** Colyseus makes tokens of 9 characters; ours have 22, which is 128 bits. */
const TOKEN_CHARS = 22;

/** Colyseus opcodes that a client may send; the unreliable input channel is WebTransport's alone. */
const OPCODES = new Set([10, 12, 13, 17, 18, 19, 21]);
const OPCODE_MASK = 0x1f;
const JOIN_ROOM = 10;
const ROOM_STATE = 14;
const ROOM_STATE_PATCH = 15;
const ROOM_DATA_BYTES = 17;
const ACKNOWLEDGEMENT = Buffer.of(JOIN_ROOM);
/** ROOM_DATA_BYTES, and the name of its type as msgpack has it. */
const COMMAND_HEAD = Buffer.of(17, 0xa0 | COMMAND.length, ...Buffer.from(COMMAND));
const PING = 18;

export interface ClientLimits extends InboundLimits {
  /** How long a client may send no message; `0` means for ever. */
  readonly idleMs: number;
}

/** Who takes commands of joined clients: past Colyseus's dispatch, and to the same end. */
export interface CommandTaker {
  /** @param command - Overwritten once this returns. @throws What the room's code does. */
  takeCommand(client: GameClient, command: Uint8Array): void;
}

export interface GameClientEvents {
  /** Of the client, as long as he holds one; what the room does about a message is done in its name. */
  readonly seat: number | undefined;
  /** The client says that it knows its join. It is acknowledged some time after, or before its next message. */
  onAcknowledge(client: GameClient): void;
  /** The client's join is acknowledged and the whole state on its way, so that it can be asked things. */
  onJoined(): void;
  /** The room's code threw while it read this client's message. */
  onMessageFault(cause: unknown): void;
  /** The connection is over, and the room is told next. */
  onEnding(): void;
  /** The room has been told; called once. */
  onEnd(closeCode: number): void;
}

/**
 * A connection as a Colyseus room sees it, over any wire. The room talks to an event emitter in between, so that a
 * connection can be ended for the room at once, without waiting for its peer, and so that a throw has one victim.
 */
export class GameClient extends WebSocketClient implements WireListener {
  // What every patch reads lies together: of so many clients little is in the processor's cache.
  #isEnded = false;
  /** As the pace has it: it gets no snapshots for now. */
  #isBehind = false;
  /** Nor patches. */
  #isWithheld = false;
  readonly #wire: Wire;
  readonly #softBytes: number;
  /**
   * What waits for the acknowledgement of the join, `undefined` after it. Colyseus deletes the field then, which would make
   * the client a dictionary: slow to read for the rest of the match, and three times its size.
   */
  declare untilAcknowledged: Uint8Array[] | undefined;
  /** Whether the peer takes a full state for all there is: what he has and it lacks is gone. Not all decoders do. */
  resyncs = false;
  /** Its join and the whole state come in one breath: nothing is asked of the client in between. */
  isToldAtOnce = false;
  /** The room's, once the client is joined to it. */
  fullState: FullState | undefined;
  /** Without it commands are messages like any other. */
  commands: CommandTaker | undefined;
  readonly #events: GameClientEvents;
  readonly #roomSide: EventEmitter;
  readonly #clock: Clock;
  readonly #queue: SendQueue;
  readonly #pace: Pace;
  #token = "";
  readonly #idleMs: number;
  readonly #inbound: InboundBudget;
  /** When it last sent a message. Its time begins when it says that it has joined. */
  #activeMs = Number.POSITIVE_INFINITY;
  #isHeard = false;
  /** It has said that it knows its join, and the room is not told yet. */
  #isWelcomeDue = false;

  constructor(
    sessionId: string,
    wire: Wire,
    clock: Clock,
    events: GameClientEvents,
    queueLimits: SendQueueLimits,
    limits: ClientLimits,
  ) {
    const roomSide = new EventEmitter();
    super(sessionId, roomSide as unknown as WebSocketClient["ref"]);
    this.#wire = wire;
    this.#clock = clock;
    this.#queue = new SendQueue(wire, clock, queueLimits);
    this.#softBytes = queueLimits.softBytes;
    this.#pace = new Pace(clock);
    this.#idleMs = limits.idleMs;
    this.#inbound = new InboundBudget(limits);
    this.#events = events;
    this.#roomSide = roomSide;
    wire.listener = this;
  }

  onControlFrame(): void {
    this.#isHeard = true;
    this.#take(0, this.#clock.nowMs());
  }

  onClose(code: number): void {
    this.#finish(code);
  }

  /** Whether anything came of the peer, so that he must have read his join. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  /** What life signs take there and back, whole milliseconds, 0 to 1000; `undefined` until it is measured. */
  get roundTripMs(): number | undefined {
    return this.#wire.roundTripMs;
  }

  override get readyState(): 0 | 1 | 2 | 3 {
    return this.#isEnded ? CLOSED : this.#wire.readyState;
  }

  // @ts-expect-error -- an accessor over the base's plain field, which it only ever assigns.
  override get reconnectionToken(): string {
    return this.#token;
  }

  /** Colyseus assigns a short token at every join, and copies ours to the client that was replaced. */
  override set reconnectionToken(token: string) {
    this.#token = token.length >= TOKEN_CHARS ? token : newToken();
  }

  // @ts-expect-error -- as above; it is assigned by the base's constructor, before private fields are there.
  override get _enqueuedMessages(): Uint8Array[] {
    return this.untilAcknowledged as Uint8Array[];
  }

  override set _enqueuedMessages(messages: Uint8Array[] | undefined) {
    this.untilAcknowledged = messages;
  }

  /** Full states count for the seat, whichever connection gets them. */
  set resyncBudget(budget: MinuteBudget) {
    this.#pace.budget = budget;
  }

  override raw(
    data: Uint8Array | Buffer,
    _options?: unknown,
    sent?: (error?: Error) => void,
  ): void {
    const opcode = (data[0] ?? 0) & OPCODE_MASK;
    if (!this.#takes(opcode)) return;
    if (opcode === JOIN_ROOM && this.isToldAtOnce) this.#wire.sendNext(data);
    else this.#queue.send(data, opcode === ROOM_STATE, sent);
  }

  /** @param patch - ROOM_STATE_PATCH, in memory that nobody writes to any more. */
  sendPatch(patch: Uint8Array): void {
    if (this.#takes(ROOM_STATE_PATCH)) this.#wire.sendFinal(patch);
  }

  /** Whether a snapshot would be sent now: it is not behind, nor about to close. */
  get takesSnapshots(): boolean {
    return !this.#isBehind && this.readyState === OPEN;
  }

  /**
   * @param message - A whole message, in memory that nobody writes to any more.
   * @returns `false` if it was not sent: this client's snapshots have to begin anew.
   */
  sendSnapshot(message: Uint8Array): boolean {
    if (this.#isBehind) {
      this.#pace.missedSnapshot();
      this.fullState?.behind.add(this);
      return false;
    }
    if (this.readyState !== OPEN || !this.#takes(ROOM_DATA_BYTES)) return false;
    this.#wire.sendFinal(message);
    return true;
  }

  /**
   * The room has sent its patch, and this is one of those that are behind. A client that has caught up gets the whole
   * state in place of the patches it missed.
   */
  afterPatch(): void {
    if (this.readyState !== OPEN) return;
    const resync = this.#pace.resync();
    this.#readPace();
    if (!this.#isBehind) this.fullState?.behind.delete(this);
    if (resync === "too_often") this.end(CloseCode.TOO_SLOW);
    else if (resync === "now" && this.fullState !== undefined)
      this.raw(this.fullState.encode(this));
  }

  /** Whether a message may be sent. A client that lets too much wait is closed. */
  #takes(opcode: number): boolean {
    if (this.#isEnded) return false;
    if (opcode === ROOM_STATE_PATCH && this.#isWithheld) {
      this.#pace.missedPatch();
      return false;
    }
    if (!this.#isOverfull()) return true;
    if (this.readyState === OPEN) this.end(CloseCode.TOO_SLOW);
    return false;
  }

  /** To ask what really waits costs more than a patch's whole way to the wire. */
  #isOverfull(): boolean {
    return this.#wire.queuedBytesAtMost > this.#softBytes && this.#queue.isOverfull();
  }

  /** Writes what this turn has sent so far, without waiting for its end. */
  flush(): void {
    this.#wire.flush();
  }

  override leave(code: number = CloseCode.CONSENTED, reason: string = closeName(code)): void {
    this.#wire.close(code, String(reason));
  }

  /** Closes the connection and tells the room now; the peer has `closeTimeoutMs` to answer. */
  end(code: number): void {
    this.leave(code);
    this.#finish(code);
  }

  /** Tells the room that the client knows its join, so that the whole state follows. The second time nothing happens. */
  acknowledge(): void {
    this.#isWelcomeDue = false;
    if (this.#isEnded || this.state !== ClientState.JOINING) return;
    this.#activeMs = Math.min(this.#activeMs, this.#clock.nowMs());
    this.#handOn(ACKNOWLEDGEMENT);
    // The room has changed the state under way.
    const state = this.state as ClientState;
    if (state !== ClientState.JOINED) return;
    this.untilAcknowledged = undefined;
    this.#events.onJoined();
  }

  onPulse(pulse: Pulse): void {
    if (this.#isEnded) return;
    if (pulse.lagMs >= TRANSPORT_LIMITS.tooSlowAfterMs || this.#isOverfull()) {
      this.end(CloseCode.TOO_SLOW);
      return;
    }
    if (this.#idleMs > 0 && this.#clock.nowMs() - this.#activeMs >= this.#idleMs) {
      this.end(CloseCode.IDLE);
      return;
    }
    this.#pace.onPulse(pulse, this.#mayWithhold);
    this.#readPace();
    if (this.#isWithheld) this.fullState?.behind.add(this);
  }

  #readPace(): void {
    this.#isBehind = this.#pace.isBehind;
    this.#isWithheld = this.#pace.isWithheld;
  }

  readonly #mayWithhold = () => this.resyncs && this.fullState?.isEnough() === true;

  onMessage(message: Buffer): void {
    this.#isHeard = true;
    const nowMs = this.#clock.nowMs();
    this.#take(message.length, nowMs);
    if (this.#isEnded) return;
    const { commands } = this;
    if (commands !== undefined && this.state === ClientState.JOINED && isCommand(message)) {
      this.#activeMs = nowMs;
      this.#handCommand(commands, message.subarray(COMMAND_HEAD.length));
      return;
    }
    const opcode = (message[0] ?? 0) & OPCODE_MASK;
    if (!OPCODES.has(opcode)) {
      this.end(CloseCode.MALFORMED);
      return;
    }
    if (opcode === JOIN_ROOM) {
      // Again and again it means nothing.
      if (this.state === ClientState.JOINING && !this.#isWelcomeDue) {
        this.#isWelcomeDue = true;
        this.#events.onAcknowledge(this);
      }
      return;
    }
    if (opcode !== PING) this.#activeMs = nowMs;
    // Nobody's messages overtake his acknowledgement.
    if (this.#isWelcomeDue) this.acknowledge();
    // A room may keep it.
    this.#handOn(Buffer.from(message));
  }

  #handCommand(commands: CommandTaker, command: Uint8Array): void {
    try {
      commands.takeCommand(this, command);
    } catch (cause) {
      this.#failed(cause);
    }
  }

  #handOn(message: Buffer): void {
    try {
      const { seat } = this.#events;
      if (seat === undefined) deliver(this.#roomSide, message);
      else readingInputOf(seat, deliver, this.#roomSide, message);
    } catch (cause) {
      this.#failed(cause);
    }
  }

  #failed(cause: unknown): void {
    this.#events.onMessageFault(cause);
    this.end(CloseCode.MESSAGE_FAILED);
  }

  /** Ends a client that sends more than it may. */
  #take(bytes: number, nowMs: number): void {
    if (!this.#inbound.take(bytes, nowMs)) this.end(CloseCode.TOO_MANY_MESSAGES);
  }

  #finish(code: number): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.fullState?.behind.delete(this);
    this.#events.onEnding();
    this.#roomSide.emit("close", code);
    this.#events.onEnd(code);
  }
}

function deliver(roomSide: EventEmitter, message: Buffer): void {
  roomSide.emit("message", message);
}

function isCommand(message: Uint8Array): boolean {
  return (
    message.length >= COMMAND_HEAD.length &&
    message[0] === COMMAND_HEAD[0] &&
    message[1] === COMMAND_HEAD[1] &&
    message[2] === COMMAND_HEAD[2]
  );
}
