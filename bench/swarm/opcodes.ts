/**
 * First bytes of what servers send, as far as the load has to know them.
 * @module
 */
export const Opcode = {
  /** Ours, before the room's own. */
  SEAT: 2,
  JOIN_ROOM: 10,
  LEAVE_ROOM: 12,
  STATE: 14,
  PATCH: 15,
  BYTES: 17,
} as const;

/** What else a first byte may say. */
export const OPCODE_MASK = 0x1f;
