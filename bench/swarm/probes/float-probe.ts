import { bodyOfFloats, countOfFloats, helloOf, ticksOfFloats } from "../../match/float-snapshot.ts";
import type { Body } from "../../match/rules.ts";
import { Opcode } from "../opcodes.ts";
import type { Probe } from "./probe.ts";

/** Decodes the snapshots of the hand-written server. */
export class FloatProbe implements Probe {
  #own: number | undefined;
  /** The last snapshot, whole. */
  #snapshot: Buffer | undefined;

  hear(payload: Buffer): boolean {
    const own = helloOf(payload);
    if (own !== undefined) this.#own = own;
    else if (payload[0] === Opcode.PATCH) {
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
