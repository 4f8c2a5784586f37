import type { Measured, Pair } from "../measure/pairs.ts";
import { measuredInChild } from "./child-measurement.ts";
import type { CollectorPorts } from "./collectors.ts";

/** What one process measured. */
export interface SteppedCost {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly foreignMs: number;
  readonly ranTicks: number;
  /** Within the ticks that were measured. */
  readonly scrapes: number;
}

/** V8 has compiled by then what runs for every tick and every command. */
const WARM_UP_TICKS = 2_000;

/** One pair after the other; who goes first changes with every pair. */
export async function steppedPairs(plan: {
  readonly pairs: number;
  readonly ticks: number;
  readonly ports: CollectorPorts;
  say(progress: string): void;
}): Promise<readonly Pair[]> {
  const turn = async (which: "on" | "off"): Promise<Measured> => {
    const words = [which, WARM_UP_TICKS, plan.ticks, JSON.stringify(plan.ports)].map(String);
    const { cpuMs, wallMs, foreignMs, ranTicks } = await measuredInChild<SteppedCost>(
      "stepped-run.ts",
      words,
    );
    plan.say(`${plan.ticks} ticks, telemetry ${which}: ${(cpuMs / ranTicks).toFixed(3)} ms a tick`);
    return { value: cpuMs / ranTicks, cost: { cpuMs, wallMs, foreignMs } };
  };
  const pairs: Pair[] = [];
  for (let at = 0; at < plan.pairs; at++) {
    if (at % 2 === 0) {
      const peer = await turn("off");
      pairs.push({ ours: await turn("on"), peer });
    } else {
      const ours = await turn("on");
      pairs.push({ ours, peer: await turn("off") });
    }
  }
  return pairs;
}
