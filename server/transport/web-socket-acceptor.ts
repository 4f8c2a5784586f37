import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type AuthContext, ClientState } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import type { WebSocket } from "ws";
import { CloseCode } from "../../protocol/close-codes.ts";
import type { CancelTimer, Clock } from "../clock.ts";
import type { Refused } from "../session/admission.ts";
import { fingerprint } from "../session/fingerprint.ts";
import type { SeatHolder } from "../session/seats.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { GameClient } from "./game-client.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import type { Seating, SeatOutcome } from "./seating.ts";
import type { UpgradeTarget } from "./targets.ts";

export interface WebSocketAcceptorDeps {
  readonly seating: Seating;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

type CountedSocket = WebSocket & { pingCount: number };

/**
 * Accepts WebSockets that claim a reserved seat or bring a reconnection token. Based on Colyseus's transport for the
 * handshake and the ping; its routes, its express and its send path are not used.
 */
export class WebSocketAcceptor extends WebSocketTransport {
  readonly #deps: WebSocketAcceptorDeps;

  constructor(deps: WebSocketAcceptorDeps) {
    super({
      noServer: true,
      maxPayload: TRANSPORT_LIMITS.messageBytesMax,
      perMessageDeflate: false,
      ...{
        closeTimeout: TRANSPORT_LIMITS.closeTimeoutMs,
        maxFragments: TRANSPORT_LIMITS.fragmentsMax,
        maxBufferedChunks: TRANSPORT_LIMITS.chunksMax,
      },
    });
    this.#deps = deps;
    this.autoTerminateUnresponsiveClients(
      TRANSPORT_LIMITS.pingIntervalMs,
      TRANSPORT_LIMITS.pingsUnansweredMax,
    );
  }

  /** Completes an upgrade whose target and origin were found good. */
  accept(request: IncomingMessage, stream: Duplex, head: Buffer, target: UpgradeTarget): void {
    const remoteAddress = request.socket.remoteAddress ?? "";
    this.wss.handleUpgrade(request, stream, head, (socket) => {
      const counted = socket as CountedSocket;
      counted.pingCount = 0;
      socket.on("pong", () => {
        counted.pingCount = 0;
      });
      void this.#admit(socket, target, remoteAddress);
    });
  }

  /** Cuts what is still open. */
  override shutdown(): void {
    clearInterval(this.pingInterval);
    for (const socket of this.wss.clients) socket.terminate();
    this.wss.close();
  }

  async #admit(socket: WebSocket, target: UpgradeTarget, remoteAddress: string): Promise<void> {
    const { seating, clock, telemetry } = this.#deps;
    const { current } = seating;
    let isSeated = false;
    let cancelAcknowledgement: CancelTimer = () => {};
    const holder = () => current?.admission.seats.ofSession(target.sessionId);
    const client = new GameClient(target.sessionId, socket, clock, {
      onMessageFault: (cause) =>
        telemetry.clientFault({ where: "message", playerId: holder()?.playerId ?? "", cause }),
      onEnd: (closeCode) => {
        cancelAcknowledgement();
        telemetry.connectionClosed({ closeCode });
        const dropped = holder();
        if (dropped !== undefined && isSeated) {
          telemetry.playerDropped({ ...seatEvent(dropped), closeCode });
        }
      },
    });
    if (current === undefined) return client.end(seating.refusalWithoutMatch().code);
    // A token, an address: headers are a stranger's words.
    const context: AuthContext = { token: "", ip: remoteAddress, headers: new Headers() };

    if (target.reconnectionToken !== undefined) {
      const { reconnectionToken: token, skipHandshake } = target;
      const outcome = await current.room.reconnect(client, token, skipHandshake, context);
      if (outcome.outcome === "refused") {
        return client.end(current.admission.refuseToken(remoteAddress).code);
      }
      isSeated = true;
      const back = holder();
      if (back !== undefined) telemetry.playerReconnected(seatEvent(back));
      cancelAcknowledgement = this.#awaitAcknowledgement(client);
      return;
    }

    const claim = await current.admission.claim(target.sessionId, remoteAddress);
    if (claim.outcome === "refused") return client.end(claim.code);
    const outcome = await current.room.seat(client, claim, context);
    if (outcome.outcome === "refused") {
      return endRefused(client, current.admission.giveBack(claim, remoteAddress), outcome);
    }
    isSeated = true;
    telemetry.playerJoined({
      ...seatEvent(claim.holder),
      isTakeover: claim.previous !== undefined,
    });
    cancelAcknowledgement = this.#awaitAcknowledgement(client);
  }

  /** What a room sends to a client that never acknowledges its join would queue without end. */
  #awaitAcknowledgement(client: GameClient): CancelTimer {
    return this.#deps.clock.after(TRANSPORT_LIMITS.acknowledgeTimeoutMs, () => {
      if (client.state === ClientState.JOINING) client.end(CloseCode.MALFORMED);
    });
  }
}

function endRefused(client: GameClient, refused: Refused, outcome: SeatOutcome): void {
  if (outcome.outcome === "refused" && outcome.error !== undefined) {
    client.error(outcome.error.code, outcome.error.message.slice(0, 64));
  }
  client.end(refused.code);
}

function seatEvent(holder: SeatHolder) {
  return {
    playerId: holder.playerId,
    playerSessionHash: fingerprint(holder.playerSessionId),
    seat: holder.seat,
  };
}
