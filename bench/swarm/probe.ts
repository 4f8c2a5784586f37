import { type Decoder, Reflection } from "@colyseus/schema";
import { SnapshotDecoder } from "../../protocol/snapshot-decoder.ts";
import { readDelta } from "../match/delta-snapshot.ts";
import { bodyOfFloats, countOfFloats, helloOf, ticksOfFloats } from "../match/float-snapshot.ts";
import { npcKey } from "../match/match-schema.ts";
import type { Body } from "../match/rules.ts";
import { KINDS, matchSnapshots, NPC_IDS_FROM } from "../rooms/match-snapshots.ts";
import { shotKey } from "../rooms/match-state.ts";
import { OPCODE_MASK } from "./player.ts";

/** A client that decodes what it is sent, and so knows when its own inputs have come back to it. */
export interface Probe {
  /** @returns Whether the state has changed. */
  hear(payload: Buffer): boolean;
  /** Of the state, as the server counts; `undefined` before the first. */
  readonly tick: number | undefined;
  /** What its own body is called, once it knows. */
  readonly ownId: string | undefined;
  /** Where its own body looks, `undefined` while it knows of none. */
  ownAngle(): number | undefined;
  /** Everything it knows of at this tick, copied. */
  bodies(): ReadonlyMap<string, Body>;
}

const Code = { SEAT: 2, JOIN_ROOM: 10, STATE: 14, PATCH: 15 } as const;
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
      case Code.SEAT:
        this.#seat = seatOf(payload);
        return false;
      case Code.JOIN_ROOM:
        this.#decoder = Reflection.decode(reflectionOf(payload));
        return false;
      case Code.STATE:
        if (this.#hasState) this.#decoder?.decodeResync(payload, it);
        else this.#decoder?.decode(payload, it);
        this.#hasState = true;
        return true;
      case Code.PATCH:
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

/** `02 | u8 version | u16 seat | ...` */
const seatOf = (payload: Buffer): string => String(payload.readUInt16LE(2));

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

  get ownId(): string | undefined {
    return this.#own === undefined ? undefined : String(this.#own);
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

/** Decodes the deltas of the hand-written server. */
export class DeltaProbe implements Probe {
  readonly #bodies: Body[] = [];
  #own: number | undefined;
  tick: number | undefined;

  hear(payload: Buffer): boolean {
    const own = helloOf(payload);
    if (own !== undefined) this.#own = own;
    if (payload[0] !== Code.PATCH) return false;
    this.tick = readDelta(payload, this.#bodies);
    return true;
  }

  get ownId(): string | undefined {
    return this.#own === undefined ? undefined : String(this.#own);
  }

  ownAngle(): number | undefined {
    return this.#own === undefined ? undefined : this.#bodies[this.#own]?.angle;
  }

  bodies(): ReadonlyMap<string, Body> {
    return new Map(this.#bodies.map((body, nth) => [String(nth), { ...body }]));
  }
}

/** `11 a1 73`: ROOM_DATA_BYTES of the type `s`. */
const SNAPSHOT_HEAD = Buffer.from([0x11, 0xa1, 0x73]);
const ANGLE = matchSnapshots.layout[KINDS.ENTITY]?.fields.findIndex(
  ({ name }) => name === "angle",
) as number;

/** Decodes our snapshots, as a client of ours does. */
export class SnapshotProbe implements Probe {
  readonly #decoder: SnapshotDecoder;
  #seat: string | undefined;

  constructor(tickRateHz: number) {
    this.#decoder = new SnapshotDecoder(matchSnapshots.layout, tickRateHz);
  }

  hear(payload: Buffer): boolean {
    if (payload[0] === Code.SEAT) this.#seat = seatOf(payload);
    if (payload.compare(SNAPSHOT_HEAD, 0, 3, 0, 3) !== 0) return false;
    if (this.#decoder.read(payload.subarray(SNAPSHOT_HEAD.length)) === undefined) {
      throw new Error("a snapshot cannot be read");
    }
    return true;
  }

  get tick(): number | undefined {
    return this.#decoder.tick;
  }

  get ownId(): string | undefined {
    return this.#seat;
  }

  ownAngle(): number | undefined {
    return this.#decoder.entities[KINDS.ENTITY]?.get(Number(this.#seat))?.values[ANGLE];
  }

  bodies(): ReadonlyMap<string, Body> {
    const found = new Map<string, Body>();
    const tick = this.#decoder.tick ?? 0;
    this.#decoder.entities.forEach((entities, kind) => {
      for (const entity of entities.values()) {
        const value = (field: number) => this.#decoder.valueAt(kind, entity, field, tick);
        found.set(keyOf(kind, entity.id), {
          x: value(0),
          y: value(1),
          vx: value(2),
          vy: value(3),
          angle: value(ANGLE),
        });
      }
    });
    return found;
  }
}

function keyOf(kind: number, id: number): string {
  if (kind === KINDS.SHOT) return shotKey(id);
  return id < NPC_IDS_FROM ? String(id) : npcKey(id - NPC_IDS_FROM);
}
