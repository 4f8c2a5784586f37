import { createRandom, type Random } from "../../rooms/kernel/random.ts";
import { type Body, head, move, place, turnsAt } from "./rules.ts";

export interface WorldPlan {
  readonly tickRateHz: number;
  /** Things without a player. */
  readonly npcs: number;
  readonly sideMetres: number;
  readonly seed: number;
}

/** Everything that moves in one match, in whatever objects its server keeps. It stands still until it is let run. */
export class World<Thing extends Body> {
  readonly plan: WorldPlan;
  readonly players = new Set<Thing>();
  readonly npcs: readonly Thing[];
  isRunning = false;
  /** Steps taken while it ran. */
  tick = 0;
  readonly #random: Random;

  /** @param make - Makes the `nth` thing without a player. */
  constructor(plan: WorldPlan, make: (nth: number) => Thing) {
    this.plan = plan;
    this.#random = createRandom(plan.seed);
    this.npcs = Array.from({ length: plan.npcs }, (_, nth) => {
      const npc = make(nth);
      place(npc, plan.sideMetres, this.#random);
      head(npc, this.#random);
      return npc;
    });
  }

  join(player: Thing): void {
    place(player, this.plan.sideMetres, this.#random);
    this.players.add(player);
  }

  leave(player: Thing): void {
    this.players.delete(player);
  }

  step(dtSeconds: number): void {
    if (!this.isRunning) return;
    const { tickRateHz, sideMetres } = this.plan;
    const { npcs, tick } = this;
    for (let nth = 0; nth < npcs.length; nth++) {
      const npc = npcs[nth] as Thing;
      if (turnsAt(nth, tick, tickRateHz)) head(npc, this.#random);
      move(npc, dtSeconds, sideMetres);
    }
    for (const player of this.players) move(player, dtSeconds, sideMetres);
    this.tick++;
  }
}
