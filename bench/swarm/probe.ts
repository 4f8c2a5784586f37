import { type Decoder, Reflection } from "@colyseus/schema";
import {
  bodyOfFloats,
  countOfFloats,
  helloOf,
  ticksOfFloats,
} from "../match/float-snapshot.ts";
import type { Body } from "../match/rules.ts";

/** A client that decodes what it is sent, and so knows when its own inputs have come back to it. */
export interface Probe {
  /** @returns Whether the state has changed. */
  hear(payload: Buffer): boolean;
  /** Of the state, as the server counts; `undefined` before the first. */
  readonly tick: number | undefined;
  /** Where its own body looks, `undefined` while it knows of none. */
  ownAngle(): number | undefined;
  /** Everything it knows of at this tick, copied. */
  bodies(): ReadonlyMap<string, Body>;
}

const Code = { SEAT: 2, JOIN_ROOM: 10, STATE: 14, PATCH: 15 } as const;
const OPCODE_MASK = 0x1f;
/** Colyseus's rooms with inputs put a clock and an acknowledgement before each patch. */
const TIMED = 0x80;
const TIMED_BYTES = 8;

interface ReflectedState {
  readonly tick: number;
  readonly entities?: ReadonlyMap<string, Body>;
}

/** Decodes `room.state`, as the stock SDK does. */
export class SchemaProbe implements Probe {
  #decoder: Decoder | undefined;
  readonly #ownId: () => string | undefined;
  #seat: string | undefined;
  #hasState = false;

  /** @param ownId - Of its own body, where the server's JOIN_ROOM does not come with a seat. */
  constructor(ownId: () => string | undefined) {
    this.#ownId = () => this.#seat ?? ownId();
  }

  hear(payload: Buffer): boolean {
    const [first = 0] = payload;
    switch (first & OPCODE_MASK) {
      case Code.SEAT:
        this.#seat = String(payload.readUInt16LE(2));
        return false;
      case Code.JOIN_ROOM:
        this.#decoder = Reflection.decode(reflectionOf(payload));
        return false;
      case Code.STATE:
        if (this.#hasState) this.#decoder?.decodeResync(payload, { offset: 1 });
        else this.#decoder?.decode(payload, { offset: 1 });
        this.#hasState = true;
        return true;
      case Code.PATCH:
        this.#decoder?.decode(payload, { offset: 1 + (first & TIMED ? TIMED_BYTES : 0) });
        return true;
      default:
        return false;
    }
  }

  get tick(): number | undefined {
    return this.#state?.tick;
  }

  ownAngle(): number | undefined {
    return this.#state?.entities?.get(this.#ownId() ?? "")?.angle;
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

/** Decodes the snapshots of the hand-written server. */
export class FloatProbe implements Probe {
  #own: number | undefined;
  /** The last snapshot, whole. */
  #snapshot: Buffer | undefined;

  hear(payload: Buffer): boolean {
    const own = helloOf(payload);
    if (own !== undefined) this.#own = own;
    else if (payload[0] === Code.PATCH) {
      this.#snapshot = Buffer.from(payload);
      return true;
    }
    return false;
  }

  get tick(): number | undefined {
    return this.#snapshot && ticksOfFloats(this.#snapshot);
  }

  ownAngle(): number | undefined {
    if (this.#snapshot === undefined || this.#own === undefined) return undefined;
    if (this.#own >= countOfFloats(this.#snapshot)) return undefined;
    return bodyOfFloats(this.#snapshot, this.#own).angle;
  }

  bodies(): ReadonlyMap<string, Body> {
    const found = new Map<string, Body>();
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return found;
    for (let nth = 0; nth < countOfFloats(snapshot); nth++) {
      found.set(String(nth), bodyOfFloats(snapshot, nth));
    }
    return found;
  }
}
