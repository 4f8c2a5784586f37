import type { BitReader } from "../bits/bit-reader.ts";
import type { BitWriter } from "../bits/bit-writer.ts";
import { K_BITS, noCodes, type RiceCodes } from "../bits/rice-codes.ts";
import { MODE_BITS } from "./motion.ts";

/** Of one field. */
export const FIELD_CODES_BITS = K_BITS + 1 + MODE_BITS;

/** How the updates of a kind are told: field by field 5 bits k, 1 bit whether there is a zero bit, 2 bits mode. */
export class UpdateCodes {
  readonly rice: RiceCodes;
  /** How each field is predicted (`motion.ts`). */
  readonly modes: Uint8Array;

  constructor(fields: number) {
    this.rice = noCodes(fields);
    this.modes = new Uint8Array(fields);
  }

  set({ rice, modes }: UpdateCodes): void {
    this.rice.k.set(rice.k);
    this.rice.hasZeroBit.set(rice.hasZeroBit);
    this.modes.set(modes);
  }

  write(writer: BitWriter): void {
    for (let field = 0; field < this.modes.length; field++) {
      writer.write(this.rice.k[field] ?? 0, K_BITS);
      writer.write(this.rice.hasZeroBit[field] ?? 0, 1);
      writer.write(this.modes[field] ?? 0, MODE_BITS);
    }
  }

  read(reader: BitReader): void {
    for (let field = 0; field < this.modes.length; field++) {
      this.rice.k[field] = reader.read(K_BITS);
      this.rice.hasZeroBit[field] = reader.read(1);
      this.modes[field] = reader.read(MODE_BITS);
    }
  }
}
