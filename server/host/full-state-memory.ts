import type { SchemaSerializerInternals } from "./colyseus-internals.ts";

/** How much larger than a full state its memory is, at least: it may grow so much until the next one. */
const ROOM_TO_GROW = 1.25;

/**
 * Has a serializer encode full states for clients with views into memory that holds them. Colyseus's own has 16 KB and
 * never grows: what lies beyond is lost as soon as a client's own part is put behind it.
 * @returns In place of its `getFullState`.
 */
export function withMemoryForViews(
  serializer: SchemaSerializerInternals,
): SchemaSerializerInternals["getFullState"] {
  const getFullState = serializer.getFullState.bind(serializer);
  return (client, timing) => {
    const full = getFullState(client, timing);
    if (!serializer.hasFilters) return full;
    const hadRoom = serializer.fullEncodeCache.buffer === serializer.fullEncodeBuffer.buffer;
    makeRoom(serializer, full.byteLength);
    return hadRoom ? full : getFullState(client, timing);
  };
}

/**
 * Before it is needed, if things grow little by little: else Colyseus encodes twice, and prints a warning.
 * @param bytes - Of a full state, a client's own part included.
 */
function makeRoom(serializer: SchemaSerializerInternals, bytes: number): void {
  const { fullEncodeBuffer } = serializer;
  if (bytes * ROOM_TO_GROW <= fullEncodeBuffer.byteLength) return;
  const [opcode = 0] = fullEncodeBuffer;
  serializer.fullEncodeBuffer = new Uint8Array(bytes * 2);
  serializer.fullEncodeBuffer[0] = opcode;
  serializer.needFullEncode = true;
}
