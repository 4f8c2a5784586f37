import type { Body } from "../../match/rules.ts";

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

/** `02 | u8 version | u16 seat | ...` */
export const seatOf = (payload: Buffer): string => String(payload.readUInt16LE(2));
