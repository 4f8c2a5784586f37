import type { Room } from "@colyseus/core";
import { $numFields, encode, type Metadata } from "@colyseus/schema";
import { internalsOf, type SchemaSerializerInternals } from "./colyseus-internals.ts";

const SWITCH_TO_STRUCTURE = 255;
const DELETE = 64;
/** An operation on each field that a structure may have, and what names the structure. */
const STRUCTURE_BYTES_MAX = 64 + 10;

/** Metadata of fields that Colyseus leaves out of full states, wholly or until later. */
const LEFT_OUT = ["~__patchOnlyFieldIndexes", "~__streamFieldIndexes"];

/**
 * A room's whole state, for clients that did not get some of its patches. Colyseus's own leaves out fields without a
 * value, so that a decoder keeps what it had there; here they are deleted by name.
 */
export class RoomFullState {
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  /**
   * Whether one full state says all that the missed patches said. Not in rooms whose clients have views or inputs of
   * their own, since their patches are no client's but one's.
   */
  isEnough(): boolean {
    const { _serializer, _inputController } = internalsOf(this.#room);
    if (_inputController !== undefined || _serializer.id !== "schema") return false;
    const { hasFilters, encoder } = _serializer as SchemaSerializerInternals;
    if (hasFilters) return false;
    for (const schema of encoder.context.schemas.keys()) {
      const metadata = schema[Symbol.metadata];
      if (metadata && LEFT_OUT.some((name) => name in metadata)) return false;
    }
    return true;
  }

  /** @returns A whole ROOM_STATE message. */
  encode(): Uint8Array {
    const serializer = internalsOf(this.#room)._serializer as SchemaSerializerInternals;
    const state = serializer.getFullState();
    const cleared = clearedFields(serializer);
    return cleared.length === 0 ? state : Buffer.concat([state, ...cleared]);
  }
}

/** Deletes of all fields without a value, structure by structure. */
function clearedFields({ encoder }: SchemaSerializerInternals): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const [refId, { ref }] of Object.entries(encoder.root.changeTrees)) {
    const metadata = (ref.constructor as { [Symbol.metadata]?: Metadata })[Symbol.metadata];
    if (metadata === undefined || metadata[$numFields] === undefined) continue;
    const bytes = Buffer.alloc(STRUCTURE_BYTES_MAX);
    const it = { offset: 0 };
    bytes[it.offset++] = SWITCH_TO_STRUCTURE;
    encode.number(bytes, Number(refId), it);
    const start = it.offset;
    for (let index = 0; index <= metadata[$numFields]; index++) {
      const field = metadata[index];
      if (field === undefined || field.deprecated) continue;
      const value = (ref as unknown as Record<string, unknown>)[field.name];
      if (value === undefined || value === null) bytes[it.offset++] = DELETE | index;
    }
    if (it.offset > start) found.push(bytes.subarray(0, it.offset));
  }
  return found;
}

/**
 * Calls `after` whenever a room has sent its patch, or found that there is none to send: before the messages that it
 * kept back for after the patch.
 */
export function afterEachPatch(room: Room, after: () => void): void {
  const internals = internalsOf(room);
  const observe = (serializer: typeof internals._serializer) => {
    // The other one is shared by all rooms without a state.
    if (serializer.id !== "schema") return;
    const apply = serializer.applyPatches.bind(serializer);
    serializer.applyPatches = (...given: unknown[]) => {
      const hasChanges = apply(...given);
      after();
      return hasChanges;
    };
  };
  observe(internals._serializer);
  const setSerializer = internals.setSerializer.bind(room);
  internals.setSerializer = (serializer) => {
    observe(serializer);
    setSerializer(serializer);
  };
}
