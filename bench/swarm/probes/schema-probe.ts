import { type Decoder, Reflection } from "@colyseus/schema";
import type { Body } from "../../match/rules.ts";
import { OPCODE_MASK, Opcode } from "../opcodes.ts";
import { type Probe, seatOf } from "./probe.ts";

/** Colyseus's rooms with inputs put a clock and an acknowledgement before each state and patch. */
const TIMED = 0x80;
const TIMED_BYTES = 8;

interface ReflectedState {
  readonly tick: number;
  readonly entities?: ReadonlyMap<string, Body>;
}

/** Decodes `room.state`, as the stock SDK does. */
export class SchemaProbe implements Probe {
  #decoder: Decoder | undefined;
  readonly #sessionId: () => string | undefined;
  #seat: string | undefined;
  #hasState = false;

  /** @param sessionId - What its own body is called, where the server does not give it a seat. */
  constructor(sessionId: () => string | undefined) {
    this.#sessionId = sessionId;
  }

  hear(payload: Buffer): boolean {
    const [first = 0] = payload;
    const it = { offset: 1 + (first & TIMED ? TIMED_BYTES : 0) };
    switch (first & OPCODE_MASK) {
      case Opcode.SEAT:
        this.#seat = seatOf(payload);
        return false;
      case Opcode.JOIN_ROOM:
        this.#decoder = Reflection.decode(reflectionOf(payload));
        return false;
      case Opcode.STATE:
        if (this.#hasState) this.#decoder?.decodeResync(payload, it);
        else this.#decoder?.decode(payload, it);
        this.#hasState = true;
        return true;
      case Opcode.PATCH:
        this.#decoder?.decode(payload, it);
        return true;
      default:
        return false;
    }
  }

  get tick(): number | undefined {
    return this.#state?.tick;
  }

  get ownId(): string | undefined {
    return this.#seat ?? this.#sessionId();
  }

  ownAngle(): number | undefined {
    return this.#state?.entities?.get(this.ownId ?? "")?.angle;
  }

  bodies(): ReadonlyMap<string, Body> {
    const found = new Map<string, Body>();
    this.#state?.entities?.forEach(({ x, y, vx, vy, angle }, id) => {
      found.set(id, { x, y, vx, vy, angle });
    });
    return found;
  }

  get #state(): ReflectedState | undefined {
    return this.#decoder?.state as ReflectedState | undefined;
  }
}

/** `0a | u8 n | token (n) | u8 n | serializer's name (n) | number n | reflection (n) | ...` */
function reflectionOf(payload: Buffer): Buffer {
  const tokenEnd = 2 + (payload[1] ?? 0);
  const at = tokenEnd + 1 + (payload[tokenEnd] ?? 0);
  const first = payload[at] ?? 0;
  if (first < 0x80) return payload.subarray(at + 1, at + 1 + first);
  const bytes = first === 0xcc ? 1 : 2;
  const start = at + 1 + bytes;
  return payload.subarray(start, start + payload.readUIntLE(at + 1, bytes));
}
