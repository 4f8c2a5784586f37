import type { Measured, Pair } from "../measure/pairs.ts";
import { measuredInChild } from "./child-measurement.ts";

/** What one process measured. */
export interface SteppedCost {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly foreignMs: number;
  readonly ranTicks: number;
  /** Within the ticks that were measured. */
  readonly scrapes: number;
}

interface Plan {
  readonly pairs: number;
  /** In each turn. */
  readonly ticks: number;
  say(progress: string): void;
}

/** As fast as ticks go: one turn after the other; who goes first changes with every pair. */
export async function steppedPairs(plan: Plan): Promise<readonly Pair[]> {
  const pairs: Pair[] = [];
  for (let at = 0; at < plan.pairs; at++) {
    if (at % 2 === 0) {
      const peer = await turn(plan, "off", "stepped");
      pairs.push({ ours: await turn(plan, "on", "stepped"), peer });
    } else {
      const ours = await turn(plan, "on", "stepped");
      pairs.push({ ours, peer: await turn(plan, "off", "stepped") });
    }
  }
  return pairs;
}

/** 20 ticks a second: both turns of a pair at the same time, so that the machine is the same for both. */
export async function realTimePairs(plan: Plan): Promise<readonly Pair[]> {
  const pairs: Pair[] = [];
  for (let at = 0; at < plan.pairs; at++) {
    const [ours, peer] = await Promise.all([turn(plan, "on", "real"), turn(plan, "off", "real")]);
    // Each has the other as other work.
    pairs.push({ ours: notForeign(ours, peer), peer: notForeign(peer, ours) });
  }
  return pairs;
}

async function turn(plan: Plan, which: "on" | "off", pace: "stepped" | "real"): Promise<Measured> {
  const words = [which, pace, String(plan.ticks)];
  const { cpuMs, wallMs, foreignMs, ranTicks } = await measuredInChild<SteppedCost>(
    "stepped-run.ts",
    words,
  );
  const value = cpuMs / ranTicks;
  plan.say(`${ranTicks} ticks, ${pace}, telemetry ${which}: ${value.toFixed(3)} ms a tick`);
  return { value, cost: { cpuMs, wallMs, foreignMs } };
}

function notForeign({ value, cost }: Measured, other: Measured): Measured {
  return { value, cost: { ...cost, foreignMs: Math.max(0, cost.foreignMs - other.cost.cpuMs) } };
}
