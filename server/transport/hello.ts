import { CloseCode, closeName } from "../../protocol/close-codes.ts";
import { decodeHello, type Hello } from "../../protocol/control.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { deafListener, type Wire } from "./wire.ts";

/**
 * Waits for the first message of a wire and hands it on if it is a HELLO; every other wire is closed. The caller bounds
 * the time. Whoever says more before he was answered is closed, too.
 */
export function awaitHello(
  wire: Wire,
  telemetry: Telemetry,
  connectionId: number,
  onHello: (hello: Hello) => void,
): void {
  const refuse = (code: CloseCode) => refuseWire(wire, telemetry, code, connectionId);
  wire.listener = {
    ...deafListener,
    onControlFrame: () => refuse(CloseCode.MALFORMED),
    onMessage: (message) => {
      // The join outlives the message.
      const hello = decodeHello(Buffer.from(message));
      if (hello === undefined) return refuse(CloseCode.MALFORMED);
      if ("otherVersion" in hello) return refuse(CloseCode.UPDATE_CLIENT);
      wire.listener = {
        ...deafListener,
        onControlFrame: () => refuse(CloseCode.MALFORMED),
        onMessage: () => refuse(CloseCode.MALFORMED),
      };
      onHello(hello);
    },
  };
}

/** Closes a wire that never became a client. */
export function refuseWire(
  wire: Wire,
  telemetry: Telemetry,
  code: CloseCode,
  connectionId: number,
): void {
  wire.listener = deafListener;
  telemetry.connectionClosed({ connectionId, closeCode: code });
  wire.close(code, closeName(code));
}
