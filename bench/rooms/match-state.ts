import { ConductedMatch, copyOf, type DumpedBody } from "../match/conducted-match.ts";
import { type MatchPlan, worldPlanOf } from "../match/match-plan.ts";
import { type Entity, npcKey } from "../match/match-schema.ts";
import { type Body, newBody } from "../match/rules.ts";
import { World } from "../match/world.ts";

/** The reference match as a game of ours has it. */
export interface MatchGame {
  readonly plan: MatchPlan;
  readonly conducted: ConductedMatch<Body>;
  readonly bySeat: (Body | undefined)[];
  /** Where each of them is shown in `room.state`, and each thing without a player. */
  readonly shownBySeat: (Entity | undefined)[];
  readonly shownNpcs: Entity[];
}

export function createMatch(plan: MatchPlan): MatchGame {
  const world = new World<Body>(worldPlanOf(plan), newBody);
  const bySeat: (Body | undefined)[] = [];
  const conducted = new ConductedMatch(world, plan.orderFile, () => allOf(world, bySeat));
  return { plan, conducted, bySeat, shownBySeat: [], shownNpcs: [] };
}

export const shotKey = (id: number): string => `shot-${id}`;

function allOf(world: World<Body>, bySeat: readonly (Body | undefined)[]): DumpedBody[] {
  const found = world.npcs.map((body, nth) => ({ id: npcKey(nth), body: copyOf(body) }));
  bySeat.forEach((body, seat) => {
    if (body !== undefined) found.push({ id: String(seat), body: copyOf(body) });
  });
  for (const { id, body } of world.shots) found.push({ id: shotKey(id), body: copyOf(body) });
  return found;
}
