import { ClientState } from "@colyseus/core";
import { CloseCode } from "../../protocol/close-codes.ts";
import type { CancelTimer, Clock } from "../clock.ts";
import { readingInputOf } from "../session/input-seat.ts";
import type { SeatHolder } from "../session/seats.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Visitor } from "./address-budgets.ts";
import type { GameClient, GameClientEvents } from "./game-client.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import type { Seating } from "./seating.ts";
import type { Wire } from "./wire.ts";

/** What becomes of one client, from its way to a seat until its connection is over. */
export class ClientWatch implements GameClientEvents {
  readonly #deps: { clock: Clock; telemetry: Telemetry; heartbeat: Heartbeat };
  readonly #current: NonNullable<Seating["current"]>;
  readonly #wire: Wire;
  readonly #visitor: Visitor;
  readonly #sessionId: string;
  readonly #welcome: (client: GameClient, watch: ClientWatch) => void;
  #isSeated = false;
  #cancelAcknowledgement: CancelTimer | undefined;
  #tellJoin: (() => void) | undefined;

  constructor(
    deps: { clock: Clock; telemetry: Telemetry; heartbeat: Heartbeat },
    current: NonNullable<Seating["current"]>,
    wire: Wire,
    visitor: Visitor,
    sessionId: string,
    welcome: (client: GameClient, watch: ClientWatch) => void,
  ) {
    this.#welcome = welcome;
    this.#deps = deps;
    this.#current = current;
    this.#wire = wire;
    this.#visitor = visitor;
    this.#sessionId = sessionId;
    deps.heartbeat.add(wire);
  }

  /**
   * The client has a seat. Unless its join is taken for known, it must acknowledge it from now on.
   * @param tell - Says so to the telemetry. Whoever is welcomed in a moment waits for that less: then {@link tellJoin} does.
   */
  seated(client: GameClient, tell: () => void): void {
    this.#isSeated = true;
    this.#visitor.forget();
    this.#tellJoin = tell;
    if (client.isToldAtOnce) return;
    this.tellJoin();
    // What a room sends to a client that never acknowledges its join would queue without end.
    this.#cancelAcknowledgement = this.#deps.clock.after(
      TRANSPORT_LIMITS.acknowledgeTimeoutMs,
      () => {
        if (client.state === ClientState.JOINING) client.end(CloseCode.MALFORMED);
      },
    );
  }

  /** Tells of the join, once: before anything else is told of the client. */
  tellJoin(): void {
    const tell = this.#tellJoin;
    this.#tellJoin = undefined;
    tell?.();
  }

  onAcknowledge(client: GameClient): void {
    this.#welcome(client, this);
  }

  onJoined(): void {
    this.#deps.heartbeat.joined(this.#wire);
  }

  get seat(): number | undefined {
    return this.#holder?.seat;
  }

  onMessageFault(cause: unknown): void {
    this.tellJoin();
    const by = this.#holder;
    const playerId = by?.playerId ?? "";
    this.#deps.telemetry.clientFault({ where: "message", playerId, cause });
    const { room } = this.#current;
    if (by !== undefined) readingInputOf(by.seat, () => room.messageFailed(cause));
  }

  onEnding(): void {
    this.tellJoin();
  }

  onEnd(closeCode: number): void {
    const { heartbeat, telemetry } = this.#deps;
    this.#cancelAcknowledgement?.();
    heartbeat.remove(this.#wire);
    const { connectionId } = this.#visitor;
    telemetry.connectionClosed({ connectionId, closeCode });
    const dropped = this.#holder;
    if (dropped !== undefined && this.#isSeated) {
      telemetry.playerDropped({ ...seatEvent(dropped, this.#visitor), closeCode });
    }
  }

  get #holder(): SeatHolder | undefined {
    return this.#current.admission.seats.ofSession(this.#sessionId);
  }
}

export function seatEvent(
  { playerId, playerSessionHash, seat }: SeatHolder,
  { connectionId }: Visitor,
) {
  return { connectionId, playerId, playerSessionHash, seat };
}
