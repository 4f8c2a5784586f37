import type { Random } from "./seeded.ts";

/** A frame of the byte stream. @param announced - Its length field, right or wrong. */
export function tcpFrame(payload: Buffer, announced = payload.length): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32LE(announced >>> 0);
  return Buffer.concat([header, payload]);
}

interface FrameFlags {
  readonly opcode?: number;
  readonly isFinal?: boolean;
  /** The three reserved bits, 0 to 7. */
  readonly reserved?: number;
  readonly isMasked?: boolean;
  /** What the length field says, right or wrong. */
  readonly announced?: number;
}

/** A WebSocket frame with every bit open to choice. */
export function webSocketFrame(random: Random, payload: Buffer, flags: FrameFlags = {}): Buffer {
  const { opcode = 2, isFinal = true, reserved = 0, isMasked = true } = flags;
  const announced = flags.announced ?? payload.length;
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  const maskBit = isMasked ? 0x80 : 0;
  let length: Buffer;
  if (announced < 126) length = Buffer.from([maskBit | announced]);
  else if (announced < 65_536)
    length = Buffer.from([maskBit | 126, announced >> 8, announced & 255]);
  else {
    length = Buffer.alloc(9, maskBit | 127);
    length.writeBigUInt64BE(BigInt(announced), 1);
  }
  const mask = isMasked ? random.bytes(4) : Buffer.alloc(0);
  const body = isMasked ? payload.map((byte, at) => byte ^ (mask[at & 3] ?? 0)) : payload;
  return Buffer.concat([Buffer.from([first]), length, mask, body]);
}

/** The request that opens a WebSocket, with headers left out or changed on demand. */
export function upgradeRequest(
  random: Random,
  target: string,
  over: Readonly<Record<string, string | undefined>> = {},
): Buffer {
  const headers: Record<string, string | undefined> = {
    Host: "127.0.0.1",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": random.bytes(16).toString("base64"),
    ...over,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return Buffer.from(`GET ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`, "latin1");
}
