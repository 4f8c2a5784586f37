import { SnapshotDecoder, type SnapshotEntity } from "../../protocol/snapshot-decoder.ts";
import type { SnapshotKind, SnapshotLayout } from "../../protocol/snapshot-layout.ts";
import type { ArenaNews, ShipNews, ShotNews } from "./arena-news.ts";
import type { WordTolerance } from "./own-ship/own-word.ts";

/** A dead-reckoned field is off by 1.5 steps at most, any other by half a step; together with what was rounded here. */
const TOLERANCE_STEPS = 2;

type ShipField = Exclude<keyof ShipNews, "seat">;

/** Reads the snapshots of an arena as the layout of its welcome has them. */
export class SnapshotSource {
  /** How far a ship of the snapshots may be from the server's. */
  readonly tolerance: WordTolerance;
  readonly #decoder: SnapshotDecoder;
  readonly #ship: Columns<ShipField>;
  readonly #shot: Columns<"x" | "y" | "vx" | "vy" | "ownerSeat" | "age">;

  /** @throws RangeError if the layout is none, or lacks something of an arena. */
  constructor(layout: SnapshotLayout, tickRateHz: number) {
    this.#decoder = new SnapshotDecoder(layout, tickRateHz);
    this.#ship = columnsOf(layout, "ship", ["x", "y", "vx", "vy", "angle", "health", "ack"]);
    this.#shot = columnsOf(layout, "shot", ["x", "y", "vx", "vy", "ownerSeat", "age"]);
    const stepsOf = (name: ShipField): number =>
      (layout[this.#ship.kind]?.fields[this.#ship.column[name] ?? 0]?.step ?? 0) * TOLERANCE_STEPS;
    this.tolerance = {
      metres: stepsOf("x"),
      metresPerSecond: stepsOf("vx"),
      radians: stepsOf("angle"),
    };
  }

  /** @returns `undefined` for what cannot be read: nothing after it can either. */
  read(payload: Uint8Array): ArenaNews | undefined {
    const news = this.#decoder.read(payload);
    if (news === undefined) return undefined;
    const { tick, changed, removed, isKeyframe } = news;
    const of = (kind: number): SnapshotEntity[] =>
      changed.flatMap((each) => (each.kind === kind ? [each.entity] : []));
    const gone = (kind: number): number[] =>
      removed.flatMap((each) => (each.kind === kind ? [each.id] : []));
    return {
      tick,
      isWhole: isKeyframe,
      ships: of(this.#ship.kind).map((entity) => this.#shipAt(entity, tick)),
      shipsGone: gone(this.#ship.kind),
      shots: of(this.#shot.kind).map((entity) => this.#shotAt(entity, tick)),
      shotsGone: gone(this.#shot.kind),
    };
  }

  /** A ship at the newest tick; `undefined` for one that is destroyed or out of sight. */
  ship(seat: number): ShipNews | undefined {
    const { tick } = this.#decoder;
    const entity = this.#decoder.entities[this.#ship.kind]?.get(seat);
    return entity && tick !== undefined ? this.#shipAt(entity, tick) : undefined;
  }

  #shipAt(entity: SnapshotEntity, tick: number): ShipNews {
    const { kind, column } = this.#ship;
    const at = (field: number): number => this.#decoder.valueAt(kind, entity, field, tick);
    return {
      seat: entity.id,
      x: at(column.x),
      y: at(column.y),
      vx: at(column.vx),
      vy: at(column.vy),
      angle: at(column.angle),
      health: at(column.health),
      ack: at(column.ack),
    };
  }

  #shotAt(entity: SnapshotEntity, tick: number): ShotNews {
    const { kind, column } = this.#shot;
    const at = (field: number): number => this.#decoder.valueAt(kind, entity, field, tick);
    return {
      id: entity.id,
      x: at(column.x),
      y: at(column.y),
      vx: at(column.vx),
      vy: at(column.vy),
      ownerSeat: at(column.ownerSeat),
      tick,
      bornTick: tick - at(column.age),
    };
  }
}

/** Where in a layout a kind is, and in it its fields. */
interface Columns<Name extends string> {
  readonly kind: number;
  readonly column: Readonly<Record<Name, number>>;
}

function columnsOf<Name extends string>(
  layout: SnapshotLayout,
  kindName: string,
  names: readonly Name[],
): Columns<Name> {
  const kind = layout.findIndex(({ name }) => name === kindName);
  const fields = (layout[kind] as SnapshotKind | undefined)?.fields ?? [];
  const column = {} as Record<Name, number>;
  for (const name of names) {
    column[name] = fields.findIndex((field) => field.name === name);
    if (column[name] === -1) {
      throw new RangeError(`the snapshots of this server say nothing of a ${kindName}'s ${name}`);
    }
  }
  return { kind, column };
}
