import { createRandom, type Random } from "../../rooms/kernel/random.ts";
import {
  type Body,
  type Ground,
  head,
  INPUTS_PER_SHOT,
  type Input,
  move,
  place,
  SHOT_SECONDS,
  shoot,
  steer,
  turnsAt,
} from "./rules.ts";

export interface WorldPlan {
  readonly tickRateHz: number;
  /** Things without a player. */
  readonly npcs: number;
  readonly ground: Ground;
  readonly seed: number;
  /** Players shoot. */
  readonly isFight: boolean;
}

/** Flies straight, through walls, for {@link SHOT_SECONDS}. */
export interface Shot<Thing extends Body> {
  readonly id: number;
  readonly body: Thing;
  readonly diesAtTick: number;
}

/** Everything that moves in one match, in whatever objects its server keeps. It stands still until it is let run. */
export class World<Thing extends Body> {
  readonly plan: WorldPlan;
  readonly players = new Set<Thing>();
  readonly npcs: readonly Thing[];
  readonly shots: Shot<Thing>[] = [];
  isRunning = false;
  /** Steps taken while it ran. */
  tick = 0;
  readonly #random: Random;
  readonly #make: (nth: number) => Thing;
  readonly #inputs = new WeakMap<Thing, number>();
  #nextShotId = 0;

  /** @param make - Makes the `nth` thing without a player, and shots. */
  constructor(plan: WorldPlan, make: (nth: number) => Thing) {
    this.plan = plan;
    this.#random = createRandom(plan.seed);
    this.#make = make;
    this.npcs = Array.from({ length: plan.npcs }, (_, nth) => {
      const npc = make(nth);
      place(npc, plan.ground, this.#random);
      head(npc, this.#random);
      return npc;
    });
  }

  join(player: Thing): void {
    place(player, this.plan.ground, this.#random);
    this.players.add(player);
  }

  leave(player: Thing): void {
    this.players.delete(player);
  }

  take(player: Thing, input: Input): void {
    steer(player, input);
    if (this.plan.isFight) this.#fire(player);
  }

  step(dtSeconds: number): void {
    if (!this.isRunning) return;
    const { tickRateHz, ground } = this.plan;
    const { npcs, tick } = this;
    for (let nth = 0; nth < npcs.length; nth++) {
      const npc = npcs[nth] as Thing;
      if (turnsAt(nth, tick, tickRateHz)) head(npc, this.#random);
      move(npc, dtSeconds, ground);
    }
    for (const player of this.players) move(player, dtSeconds, ground);
    if (this.plan.isFight) this.#fly(dtSeconds);
    this.tick++;
  }

  #fire(player: Thing): void {
    const inputs = (this.#inputs.get(player) ?? 0) + 1;
    this.#inputs.set(player, inputs);
    if (inputs % INPUTS_PER_SHOT !== 0) return;
    const body = this.#make(0);
    shoot(body, player);
    const diesAtTick = this.tick + SHOT_SECONDS * this.plan.tickRateHz;
    this.shots.push({ id: this.#nextShotId++, body, diesAtTick });
  }

  #fly(dtSeconds: number): void {
    const { shots } = this;
    // All live as long, so that the oldest stand first.
    while ((shots[0]?.diesAtTick ?? Number.POSITIVE_INFINITY) <= this.tick) shots.shift();
    for (const { body } of shots) {
      body.x += body.vx * dtSeconds;
      body.y += body.vy * dtSeconds;
    }
  }
}
