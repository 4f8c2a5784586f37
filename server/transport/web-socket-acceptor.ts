import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { TRANSPORT_LIMITS } from "./limits.ts";
import { WebSocketWire } from "./web-socket-wire.ts";
import type { Wire } from "./wire.ts";

/**
 * Completes WebSocket upgrades. Based on Colyseus's transport for the handshake; its routes, its express, its pings and
 * its send path are not used.
 */
export class WebSocketAcceptor extends WebSocketTransport {
  constructor() {
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
  }

  /** Completes an upgrade whose target and origin were found good. */
  accept(
    request: IncomingMessage,
    stream: Duplex,
    head: Buffer,
    onWire: (wire: Wire) => void,
  ): void {
    this.wss.handleUpgrade(request, stream, head, (socket) => onWire(new WebSocketWire(socket)));
  }

  /** Cuts what is still open. */
  override shutdown(): void {
    for (const socket of this.wss.clients) socket.terminate();
    this.wss.close();
  }
}
