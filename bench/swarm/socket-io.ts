/**
 * What a client of socket.io with the msgpack parser says, over a WebSocket from the start.
 * @module
 */
import parser from "socket.io-msgpack-parser";
import type { Body } from "../match/rules.ts";
import { textFrame } from "./framing.ts";
import type { Probe } from "./probe.ts";

export const ENGINE_PATH = "/socket.io/?EIO=4&transport=websocket";
/** First characters of engine.io's own messages. */
export const OPEN = "0".charCodeAt(0);
export const PING = "2".charCodeAt(0);
export const PONG_FRAME = textFrame("3");
export const EVENT = 2;

const encoder = new parser.Encoder();
const decoder = new parser.Decoder();

export function encodePacket(packet: object): Buffer {
  // Its types know nothing of the list.
  const [bytes] = encoder.encode(packet as never) as unknown as [Uint8Array];
  return Buffer.from(bytes);
}

/** Joins the default namespace. */
export const CONNECT = encodePacket({ type: 0, nsp: "/" });

interface State {
  readonly tick: number;
  readonly bodies: readonly Body[];
}

/** Decodes events `hello` and `state`. */
export class SocketIoProbe implements Probe {
  #own: number | undefined;
  #state: State | undefined;

  hear(payload: Buffer): boolean {
    // A map of msgpack; engine.io's own messages are text.
    if ((payload[0] ?? 0) < 0x80) return false;
    const { data } = decode(payload);
    if (!Array.isArray(data)) return false;
    const [event, value] = data as [string, unknown];
    if (event === "hello") this.#own = value as number;
    if (event !== "state") return false;
    this.#state = value as State;
    return true;
  }

  get tick(): number | undefined {
    return this.#state?.tick;
  }

  get ownId(): string | undefined {
    return this.#own === undefined ? undefined : String(this.#own);
  }

  ownAngle(): number | undefined {
    return this.#own === undefined ? undefined : this.#state?.bodies[this.#own]?.angle;
  }

  bodies(): ReadonlyMap<string, Body> {
    return new Map(this.#state?.bodies.map((body, nth) => [String(nth), body]));
  }
}

function decode(payload: Buffer): { data?: unknown } {
  let found: { data?: unknown } = {};
  decoder.once("decoded", (packet: typeof found) => {
    found = packet;
  });
  decoder.add(payload);
  return found;
}
