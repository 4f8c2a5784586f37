import { hash } from "node:crypto";
import { OPCODE_MASK, Opcode } from "./opcodes.ts";

/** Of our snapshots: everything, and those that all who follow one stream are sent alike. */
const [KEYFRAME, DELTA] = [1, 2];

/** What became of one who did not read for a while. */
export interface SlowEnd {
  readonly closeCode: number | undefined;
  readonly fault: string | undefined;
  /** Messages that nobody else got so. */
  readonly wrong: number;
  /** Messages that came more often than to others. */
  readonly repeated: number;
}

/** How often somebody was sent each message, by its hash. */
export class HeardMessages {
  readonly #counts = new Map<string, number>();
  isListening = true;
  /** One who got any after his join has missed what came before it. */
  wholeStates = 0;

  readonly hear = (payload: Buffer): void => {
    if (!this.isListening) return;
    if (isWhole(payload)) this.wholeStates++;
    if (!isShared(payload)) return;
    const name = hash("sha1", payload);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  };

  /** What was heard here and not, or not so often, by one who always reads. To be asked when both have read everything. */
  beyond(witness: HeardMessages): Pick<SlowEnd, "wrong" | "repeated"> {
    let wrong = 0;
    let repeated = 0;
    for (const [name, count] of this.#counts) {
      const known = witness.#counts.get(name) ?? 0;
      if (known === 0) wrong++;
      else if (count > known) repeated += count - known;
    }
    return { wrong, repeated };
  }
}

const opcodeOf = (payload: Buffer): number => (payload[0] ?? 0) & OPCODE_MASK;

function isWhole(payload: Buffer): boolean {
  const opcode = opcodeOf(payload);
  return opcode === Opcode.STATE || (opcode === Opcode.BYTES && payload[3] === KEYFRAME);
}

/** Whether it is sent to all alike. */
function isShared(payload: Buffer): boolean {
  const opcode = opcodeOf(payload);
  return opcode === Opcode.PATCH || (opcode === Opcode.BYTES && payload[3] === DELTA);
}
