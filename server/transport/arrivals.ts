import type { AuthContext } from "@colyseus/core";
import { CloseCode } from "../../protocol/close-codes.ts";
import {
  CredentialKind,
  encodeSeat,
  type Hello,
  PROTOCOL_VERSION,
} from "../../protocol/control.ts";
import type { Clock } from "../clock.ts";
import { publicSessionId } from "../session/fingerprint.ts";
import type { Refused } from "../session/refused.ts";
import type { SeatHolder } from "../session/seats.ts";
import type { JoinOutcome, Telemetry } from "../telemetry/telemetry.ts";
import { traceParentOf } from "../telemetry/trace-parent.ts";
import type { Visitor } from "./address-budgets.ts";
import { ClientWatch, seatEvent } from "./client-watch.ts";
import { type ClientLimits, GameClient } from "./game-client.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { refuseWire } from "./hello.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import { parsedObject } from "./parsed-object.ts";
import { schemaVersionOf } from "./schema-version.ts";
import { SeatRecords } from "./seat-records.ts";
import type { Seating } from "./seating.ts";
import type { SendQueueLimits } from "./send-queue.ts";
import type { Wire } from "./wire.ts";

const OPEN = 1;
const MALFORMED: Refused = {
  outcome: "refused",
  code: CloseCode.MALFORMED,
  reason: "malformed",
};

export interface ArrivalsDeps {
  readonly seating: Seating;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly heartbeat: Heartbeat;
  readonly sendQueue: SendQueueLimits;
  readonly clients: ClientLimits;
}

/** Somebody at the door of the match that is open. */
interface Arrival {
  readonly wire: Wire;
  readonly visitor: Visitor;
  readonly current: NonNullable<Seating["current"]>;
  /** He speaks our own protocol and is told his seat. */
  readonly tellsSeat: boolean;
  readonly startedMs: number;
  /** W3C's, `""` without one. */
  traceParent: string;
}

interface Newcomer {
  readonly client: GameClient;
  readonly watch: ClientWatch;
}

/** Seats whoever has a right to a seat, over any wire, and ends every other wire with the reason's code. */
export class Arrivals {
  readonly #deps: ArrivalsDeps;
  readonly #records = new SeatRecords();
  /** Who has joined and said HELLO, or acknowledged the join: the whole state is next. */
  readonly #newcomers: Newcomer[] = [];

  constructor(deps: ArrivalsDeps) {
    this.#deps = deps;
  }

  /** Somebody has joined and is shown the room in one of the next turns of the event loop. */
  get isWelcoming(): boolean {
    return this.#newcomers.length > 0;
  }

  /** The one-step join: everything that is asked of a client came in one message. */
  async greet(wire: Wire, hello: Hello, visitor: Visitor): Promise<void> {
    const arrival = this.#arrive(wire, visitor, true);
    if (arrival === undefined) return;
    const { admission, room } = arrival.current;
    const { kind, credential, clientVersion } = hello;
    const said = parsedObject(Buffer.from(hello.options).toString());
    if (said === undefined) return this.#turnAway(arrival, MALFORMED);
    arrival.traceParent = traceParentOf(said["traceparent"]);
    if (!room.acceptsClient(clientVersion, schemaVersionOf(said))) {
      return this.#turnAway(arrival, admission.refuse("outdated", visitor));
    }
    if (kind === CredentialKind.PLAYER_SESSION) {
      const { playerSessionId: _secret, ...options } = said;
      return this.#reserveAndClaim(arrival, { playerSessionId: credential, options });
    }
    const sessionId = room.sessionIdOf(credential);
    if (sessionId === undefined) {
      return this.#turnAway(arrival, admission.refuse("bad_token", visitor));
    }
    await this.#return(arrival, sessionId, credential, kind === CredentialKind.TOKEN_WITH_SCHEMA);
  }

  /**
   * The second step of the stock SDK's join: a seat was reserved over HTTP. Or its only step, with a seat that a lobby
   * handed out: then the client brings the player session id, and the session id is made of it.
   * @param ticket.said - Where the player session id of such a seat may stand.
   */
  async claim(
    wire: Wire,
    ticket: { sessionId: string; said: readonly (string | undefined)[] },
    visitor: Visitor,
  ): Promise<void> {
    const arrival = this.#arrive(wire, visitor, false);
    const { sessionId, said } = ticket;
    if (arrival === undefined) return;
    const playerSessionId = said.find(
      (id) => id !== undefined && publicSessionId(id) === sessionId,
    );
    if (playerSessionId === undefined) return this.#claim(arrival, sessionId);
    const { admission, room } = arrival.current;
    // A lobby's seat is taken without options.
    if (!room.acceptsClient("", "")) {
      return this.#turnAway(arrival, admission.refuse("outdated", visitor));
    }
    await this.#reserveAndClaim(arrival, { playerSessionId, options: {}, sessionId });
  }

  /** The stock SDK's return. */
  async comeBack(
    wire: Wire,
    ticket: { sessionId: string; token: string; hasSchema: boolean },
    visitor: Visitor,
  ): Promise<void> {
    const arrival = this.#arrive(wire, visitor, false);
    const { sessionId, token, hasSchema } = ticket;
    if (arrival === undefined) return;
    const { admission, room } = arrival.current;
    // A session id is no secret: without its token it must cost the seat nothing.
    if (room.sessionIdOf(token) !== sessionId) {
      return this.#turnAway(arrival, admission.refuse("bad_token", visitor));
    }
    await this.#return(arrival, sessionId, token, hasSchema);
  }

  /**
   * Who has joined is shown the room once nobody else joins in the same moment, or after some turns of the event loop:
   * the whole state is then encoded once for all of them. What is told of their joins nobody waits for.
   */
  readonly #welcome = (client: GameClient, watch: ClientWatch): void => {
    const { length } = this.#newcomers;
    this.#newcomers.push({ client, watch });
    if (length === 0) this.#welcomeSoon(1, TRANSPORT_LIMITS.welcomeTurnsMax);
  };

  #welcomeSoon(known: number, turnsLeft: number): void {
    setImmediate(() => {
      const { length } = this.#newcomers;
      if (length > known && turnsLeft > 1) return this.#welcomeSoon(length, turnsLeft - 1);
      const newcomers = this.#newcomers.splice(0);
      for (const { client } of newcomers) {
        client.acknowledge();
        // A room without a state has nothing that the rest could go with.
        client.flush();
      }
      for (const { watch } of newcomers) watch.tellJoin();
    });
  }

  #arrive(wire: Wire, visitor: Visitor, tellsSeat: boolean): Arrival | undefined {
    const { seating, clock } = this.#deps;
    const { current } = seating;
    const join = { wire, visitor, tellsSeat, startedMs: clock.nowMs(), traceParent: "" };
    if (current === undefined) {
      this.#refuse(join, seating.refusalWithoutMatch());
      return undefined;
    }
    if (!visitor.beginJoin()) {
      this.#refuse(join, current.admission.refuse("rate_limited", visitor));
      return undefined;
    }
    return { ...join, current };
  }

  async #reserveAndClaim(
    arrival: Arrival,
    wanted: {
      playerSessionId: string;
      options: Readonly<Record<string, unknown>>;
      sessionId?: string;
    },
  ): Promise<void> {
    const { wire, visitor } = arrival;
    const { admission } = arrival.current;
    const reserved = await admission.reserve({ ...wanted, caller: visitor });
    if (reserved.outcome === "refused") return this.#turnAway(arrival, reserved);
    if (wire.readyState !== OPEN) {
      // Whoever has gone meanwhile may try again at once.
      admission.release(reserved.sessionId);
      return this.#tell(arrival, "abandoned");
    }
    await this.#claim(arrival, reserved.sessionId);
  }

  async #claim(arrival: Arrival, sessionId: string): Promise<void> {
    const { visitor } = arrival;
    const { admission, room } = arrival.current;
    const { client, watch } = this.#clientOf(arrival, sessionId);
    const claim = await admission.claim(sessionId, visitor);
    if (claim.outcome === "refused") return this.#turnClientAway(arrival, client, claim);
    const { holder, previous, options } = claim;
    const record = this.#records.begin(holder, previous, options["resyncs"] === true);
    client.resyncs ||= record.takesFullStates;
    client.resyncBudget = record.resyncs;
    this.#tellSeat(arrival, holder);
    const outcome = await room.seat(client, claim, contextOf(visitor));
    if (outcome.outcome === "refused") {
      if (outcome.error !== undefined) {
        client.error(outcome.error.code, outcome.error.message.slice(0, 64));
      }
      return this.#turnClientAway(arrival, client, admission.giveBack(claim, visitor));
    }
    const durationMs = this.#durationMsOf(arrival);
    watch.seated(client, () => {
      this.#deps.telemetry.playerJoined({
        ...seatEvent(holder, visitor),
        isTakeover: previous !== undefined,
      });
      this.#tell(arrival, "joined", durationMs);
    });
    if (arrival.tellsSeat) this.#welcome(client, watch);
  }

  async #return(
    arrival: Arrival,
    sessionId: string,
    token: string,
    hasSchema: boolean,
  ): Promise<void> {
    const { visitor } = arrival;
    const { admission, room } = arrival.current;
    const back = admission.seats.ofSession(sessionId);
    const record = back && this.#records.of(back);
    if (record?.returns.take(this.#deps.clock.nowMs()) === false) {
      return this.#turnAway(arrival, admission.refuse("too_many_returns", visitor));
    }
    const { client, watch } = this.#clientOf(arrival, sessionId);
    if (record !== undefined) {
      client.resyncs ||= record.takesFullStates;
      client.resyncBudget = record.resyncs;
    }
    if (back !== undefined) this.#tellSeat(arrival, back);
    const outcome = await room.reconnect(client, token, hasSchema, contextOf(visitor));
    if (outcome.outcome === "refused") {
      return this.#turnClientAway(arrival, client, admission.refuse("bad_token", visitor));
    }
    const durationMs = this.#durationMsOf(arrival);
    watch.seated(client, () => {
      if (back !== undefined) this.#deps.telemetry.playerReconnected(seatEvent(back, visitor));
      this.#tell(arrival, "returned", durationMs);
    });
    if (arrival.tellsSeat) this.#welcome(client, watch);
  }

  #clientOf({ wire, visitor, current, tellsSeat }: Arrival, sessionId: string) {
    const { clock, sendQueue, clients } = this.#deps;
    const watch = new ClientWatch(this.#deps, current, wire, visitor, sessionId, this.#welcome);
    const client = new GameClient(sessionId, wire, clock, watch, sendQueue, clients);
    // Our own protocol asks it of every client.
    client.resyncs = tellsSeat;
    client.isToldAtOnce = tellsSeat;
    return { client, watch };
  }

  #tellSeat({ wire, tellsSeat }: Arrival, { seat, sessionId }: SeatHolder): void {
    if (tellsSeat)
      wire.sendNext(encodeSeat({ protocolVersion: PROTOCOL_VERSION, seat, sessionId }));
  }

  #turnAway(arrival: Arrival, refused: Refused): void {
    arrival.visitor.failed();
    this.#refuse(arrival, refused);
  }

  #refuse(join: Omit<Arrival, "current">, { code, reason }: Refused): void {
    this.#tell(join, reason);
    refuseWire(join.wire, this.#deps.telemetry, code, join.visitor.connectionId);
  }

  #turnClientAway(arrival: Arrival, client: GameClient, { code, reason }: Refused): void {
    arrival.visitor.failed();
    this.#tell(arrival, reason);
    client.end(code);
  }

  #durationMsOf({ startedMs }: Pick<Arrival, "startedMs">): number {
    return this.#deps.clock.nowMs() - startedMs;
  }

  #tell(
    join: Omit<Arrival, "current">,
    outcome: JoinOutcome,
    durationMs: number = this.#durationMsOf(join),
  ): void {
    this.#deps.telemetry.joinEnded({
      connectionId: join.visitor.connectionId,
      transport: join.wire.transport,
      outcome,
      durationMs,
      traceParent: join.traceParent,
    });
  }
}

/** A token, an address: headers are a stranger's words, and few rooms look. */
function contextOf({ address }: Visitor): AuthContext {
  return {
    token: "",
    ip: address,
    get headers() {
      return new Headers();
    },
  };
}
