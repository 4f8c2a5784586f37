import { SnapshotDecoder } from "../../../protocol/snapshot-decoder.ts";
import { npcKey } from "../../match/match-schema.ts";
import type { Body } from "../../match/rules.ts";
import { KINDS, matchSnapshots, NPC_IDS_FROM } from "../../rooms/match-snapshots.ts";
import { shotKey } from "../../rooms/match-state.ts";
import { Opcode } from "../opcodes.ts";
import { type Probe, seatOf } from "./probe.ts";

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
    if (payload[0] === Opcode.SEAT) this.#seat = seatOf(payload);
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
