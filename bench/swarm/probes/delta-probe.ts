import { readDelta } from "../../match/delta-snapshot.ts";
import { helloOf } from "../../match/float-snapshot.ts";
import type { Body } from "../../match/rules.ts";
import { Opcode } from "../opcodes.ts";
import type { Probe } from "./probe.ts";

/** Decodes the deltas of the hand-written server. */
export class DeltaProbe implements Probe {
  readonly #bodies: Body[] = [];
  #own: number | undefined;
  tick: number | undefined;

  hear(payload: Buffer): boolean {
    const own = helloOf(payload);
    if (own !== undefined) this.#own = own;
    if (payload[0] !== Opcode.PATCH) return false;
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
