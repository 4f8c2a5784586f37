/**
 * An arena as it was when this client last heard of it, whichever way it hears: roster and score out of the state, places
 * out of the state or out of snapshots.
 * @module
 */
import type { ArenaReplica } from "../../rooms/arena/replica.ts";
import type { ShipNews } from "./arena-news.ts";

export interface ShipView {
  readonly seat: number;
  /** Untrusted text. */
  readonly name: string;
  /** A team of the match, or `""`. */
  readonly team: string;
  readonly score: number;
  readonly isAlive: boolean;
  /** Tick at which it appears again; 0 while it is alive. */
  readonly respawnAtTick: number;
  /** Where it is and how it does; `undefined` while it is destroyed, or too far away to be told of. */
  readonly body: ShipNews | undefined;
}

export interface ArenaView {
  /** The newest that was heard of. */
  readonly tick: number;
  readonly tickRateHz: number;
  /** `"playing"` or `"over"`. */
  readonly phase: string;
  readonly endsAtTick: number;
  readonly widthMetres: number;
  readonly heightMetres: number;
  readonly obstacles: Iterable<{ readonly x: number; readonly y: number; readonly radius: number }>;
  /** By seat. */
  readonly ships: ReadonlyMap<number, ShipView>;
  readonly winners: Iterable<number>;
}

/** @param bodyOf - Living ships at the newest tick. */
export function viewOf(
  state: ArenaReplica,
  tick: number,
  bodyOf: (seat: number) => ShipNews | undefined,
): ArenaView {
  const { tickRateHz, phase, endsAtTick, widthMetres, heightMetres, obstacles, winners } = state;
  const ships = new Map<number, ShipView>();
  for (const ship of state.ships.values()) {
    const { seat, name, team, score, isAlive, respawnAtTick } = ship;
    const body = isAlive ? bodyOf(seat) : undefined;
    ships.set(seat, { seat, name, team, score, isAlive, respawnAtTick, body });
  }
  const ground = { widthMetres, heightMetres, obstacles };
  return { tick, tickRateHz, phase, endsAtTick, ...ground, ships, winners };
}
