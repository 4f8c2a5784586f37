import type {
  EntityRows,
  Interest,
  SnapshotField,
  SnapshotKind,
  Snapshots,
} from "../../rooms/simulation.ts";
import { CELL_METRES, type MatchPlan } from "../match/match-plan.ts";
import type { MatchState } from "../match/match-schema.ts";
import {
  ANGLES,
  type Body,
  PLAYER_METRES_PER_SECOND,
  SHOT_METRES_PER_SECOND,
  SHOT_SECONDS,
  SIDE_METRES,
} from "../match/rules.ts";
import type { MatchGame } from "./match-state.ts";

/** What is declared: a decoded number is within this of the server's, an angle exact. */
export const PRECISION = 1 / 64;

const ENTITY = 0;
const SHOT = 1;
/** Ids of things without a player begin here; below are seats. */
export const NPC_IDS_FROM = 10_000;

/** A field that goes on by its rate is off by one and a half steps at most. */
const place = (name: string, min: number, max: number): SnapshotField => ({
  name,
  step: PRECISION / 2,
  min,
  max,
  rate: `v${name}`,
});
const rate = (name: string, most: number): SnapshotField => ({
  name,
  step: PRECISION,
  min: -most,
  max: most,
});
const angle: SnapshotField = { name: "angle", step: 1, min: 0, max: ANGLES, wraps: true };

const entity: SnapshotKind = {
  name: "entity",
  fields: [
    place("x", 0, SIDE_METRES),
    place("y", 0, SIDE_METRES),
    rate("vx", PLAYER_METRES_PER_SECOND),
    rate("vy", PLAYER_METRES_PER_SECOND),
    angle,
  ],
  place: ["x", "y"],
};

/** It may fly out of the ground. */
const OUTSIDE_METRES = SHOT_SECONDS * SHOT_METRES_PER_SECOND;
const shot: SnapshotKind = {
  name: "shot",
  fields: [
    place("x", -OUTSIDE_METRES, SIDE_METRES + OUTSIDE_METRES),
    place("y", -OUTSIDE_METRES, SIDE_METRES + OUTSIDE_METRES),
    rate("vx", SHOT_METRES_PER_SECOND),
    rate("vy", SHOT_METRES_PER_SECOND),
    angle,
  ],
  place: ["x", "y"],
};

export const matchSnapshots: Snapshots<MatchGame, MatchState> = {
  layout: [entity, shot],

  interest(setup): Interest | undefined {
    const { nearMetres } = JSON.parse(setup.gameSessionData) as MatchPlan;
    if (nearMetres === undefined) return undefined;
    return {
      widthMetres: SIDE_METRES,
      heightMetres: SIDE_METRES,
      cellMetres: CELL_METRES,
      nearMetres,
      farMetres: nearMetres,
      farEveryTicks: 1,
    };
  },

  // Snapshots say the tick.
  writeRest() {},

  collect({ conducted: { world }, bySeat }, [entities, shots]) {
    // What stands still between two measurements has no velocity, or clients would let it go on.
    const pace = world.isRunning ? 1 : 0;
    bySeat.forEach((body, seat) => {
      if (body !== undefined) put(entities, seat, body, pace);
    });
    world.npcs.forEach((body, nth) => {
      put(entities, NPC_IDS_FROM + nth, body, pace);
    });
    for (const { id, body } of world.shots) put(shots, id, body, pace);
  },

  eyeOf({ bySeat }, seat, eye) {
    const body = bySeat[seat];
    if (body === undefined) return false;
    eye.x = body.x;
    eye.y = body.y;
    return true;
  },

  ownOf: ({ bySeat }, seat) =>
    bySeat[seat] === undefined ? undefined : { kind: ENTITY, id: seat },
};

export const KINDS = { ENTITY, SHOT } as const;

function put(rows: EntityRows | undefined, id: number, body: Body, pace: number): void {
  if (rows === undefined) return;
  const at = rows.add(id);
  const { values } = rows;
  values[at] = body.x;
  values[at + 1] = body.y;
  values[at + 2] = pace * body.vx;
  values[at + 3] = pace * body.vy;
  values[at + 4] = body.angle;
}
