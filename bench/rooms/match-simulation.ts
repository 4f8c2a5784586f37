import { StateHash } from "../../rooms/kernel/state-hash.ts";
import type { Simulation, SimulationResult } from "../../rooms/simulation.ts";
import { INPUT_BYTES, readInput } from "../match/input-bytes.ts";
import type { MatchPlan } from "../match/match-plan.ts";
import { Entity, MatchState, npcKey } from "../match/match-schema.ts";
import { type Body, type Input, newBody } from "../match/rules.ts";
import { matchSnapshots } from "./match-snapshots.ts";
import { createMatch, type MatchGame } from "./match-state.ts";

const SEATS_MAX = 1_000;
/** All that came since the last step; the newest holds. */
const INPUTS_PER_TICK_MAX = 8;

const nothing: SimulationResult = { winners: [], scores: [] };

/** The reference match as a game of ours. Its plan is the game session's data. */
export const matchSimulation: Simulation<MatchGame, Input, MatchState> = {
  name: "match",
  version: 1,
  tickRateHz: 20,
  seatsMax: SEATS_MAX,
  commandBytesMax: INPUT_BYTES,
  commandsPerTickMax: INPUTS_PER_TICK_MAX,
  snapshots: matchSnapshots,

  replica: {
    create: () => new MatchState(),
    join: (state, seat) => void state.entities.set(String(seat), new Entity()),
    leave: (state, seat) => void state.entities.delete(String(seat)),
    write({ conducted: { world }, bySeat, shownBySeat, shownNpcs }, state) {
      state.tick = world.tick;
      world.npcs.forEach((body, nth) => {
        shownNpcs[nth] ??= addNpc(state, nth);
        show(body, shownNpcs[nth]);
      });
      bySeat.forEach((body, seat) => {
        if (body === undefined) return;
        shownBySeat[seat] ??= state.entities.get(String(seat));
        show(body, shownBySeat[seat]);
      });
    },
  },

  create: (setup) => createMatch(JSON.parse(setup.gameSessionData) as MatchPlan),

  join({ conducted, bySeat }, seat) {
    const body = newBody();
    bySeat[seat] = body;
    conducted.world.join(body);
  },

  leave({ conducted, bySeat, shownBySeat }, seat) {
    const body = bySeat[seat];
    if (body !== undefined) conducted.world.leave(body);
    bySeat[seat] = undefined;
    shownBySeat[seat] = undefined;
  },

  decode: (bytes) => readInput(bytes),

  advance({ conducted, bySeat }, commands, step) {
    const { world } = conducted;
    for (const { seat, command } of commands) {
      const body = bySeat[seat];
      if (body !== undefined) world.take(body, command);
    }
    conducted.step(step.dtSeconds, { snapshotTick: step.tick + 1 });
  },

  result: () => undefined,
  standing: () => nothing,

  hash({ conducted: { world } }) {
    const hash = new StateHash();
    hash.addUint32(world.tick);
    for (const bodies of [world.npcs, world.players]) {
      for (const { x, y, vx, vy, angle } of bodies) {
        for (const value of [x, y, vx, vy]) hash.addFloat64(value);
        hash.addUint32(angle);
      }
    }
    return hash.digest();
  },
};

function addNpc(state: MatchState, nth: number): Entity {
  const entity = new Entity();
  state.entities.set(npcKey(nth), entity);
  return entity;
}

/** The library skips what did not change; floats are rounded here, before it compares. */
function show(body: Body, entity: Entity | undefined): void {
  if (entity === undefined) return;
  entity.x = Math.fround(body.x);
  entity.y = Math.fround(body.y);
  entity.vx = Math.fround(body.vx);
  entity.vy = Math.fround(body.vy);
  entity.angle = body.angle;
}
