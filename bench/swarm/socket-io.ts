/**
 * What a client of socket.io with the msgpack parser says, over a WebSocket from the start.
 * @module
 */
import parser from "socket.io-msgpack-parser";
import { textFrame } from "./framing.ts";

export const ENGINE_PATH = "/socket.io/?EIO=4&transport=websocket";
/** First characters of engine.io's own messages. */
export const OPEN = "0".charCodeAt(0);
export const PING = "2".charCodeAt(0);
export const PONG_FRAME = textFrame("3");
export const EVENT = 2;

const encoder = new parser.Encoder();

export function encodePacket(packet: object): Buffer {
  // Its types know nothing of the list.
  const [bytes] = encoder.encode(packet as never) as unknown as [Uint8Array];
  return Buffer.from(bytes);
}

/** Joins the default namespace. */
export const CONNECT = encodePacket({ type: 0, nsp: "/" });

const decoder = new parser.Decoder();

export function decodePacket(payload: Buffer): { data?: unknown } {
  let found: { data?: unknown } = {};
  decoder.once("decoded", (packet: typeof found) => {
    found = packet;
  });
  decoder.add(payload);
  return found;
}
