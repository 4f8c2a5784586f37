import { Room } from "@colyseus/core";
import { schema, t } from "@colyseus/schema";
import { SIMULATIONS } from "../../rooms/index.ts";

const State = schema({ kept: t.number().default(0) }, "HoardingState");

const EVERY_MS = 20;
/** Some 300 KB. */
const OBJECTS = 2_000;

/** A game that keeps all that it ever made, 15 MB a second from its first player on: a leak. */
class HoardingRoom extends Room<{ state: InstanceType<typeof State> }> {
  override state = new State();
  readonly #kept: object[][] = [];

  override onJoin(): void {
    this.clock.setInterval(() => {
      const made = Array.from({ length: OBJECTS }, (_, number) => ({
        number,
        text: `${this.state.kept}-${number}-${Math.random()}`,
      }));
      this.#kept.push(made);
      this.state.kept = this.#kept.length;
    }, EVERY_MS);
  }
}

export const rooms = { ...SIMULATIONS, hoarding: HoardingRoom };
