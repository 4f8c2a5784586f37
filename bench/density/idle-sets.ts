import { setTimeout as delay } from "node:timers/promises";
import {
  type Line,
  lineOf,
  type Promised,
  type Spread,
  spreadOf,
  type Verdict,
  verdictOf,
} from "../measure/pairs.ts";
import type { Memory } from "../measure/process-cost.ts";
import {
  type DensityRun,
  megabytes,
  pairsOf,
  planOf,
  RESTED_COUNT,
  V8_RESTS_AFTER_MS,
} from "./density-run.ts";
import { hasRoomFor, type ProcessCost, ProcessSet } from "./process-set.ts";

/** Of one core, by one process that waits, with all that watches it switched on. */
export const IDLE_CPU_PROMISE = {
  direction: "at most",
  must: 0.001,
  aim: 0.0003,
} as const satisfies Promised;
const PSS_PROMISE: Promised = { direction: "at most", must: 0.9, aim: 0.8 };

interface Readings {
  readonly wallMs: number;
  readonly readyCpuMs: readonly number[];
  readonly settled: readonly Memory[];
  /** Of {@link RESTED_COUNT} alone. */
  readonly rested: readonly Memory[];
  readonly idle: readonly ProcessCost[];
}

export interface IdleCpu {
  readonly ours: Spread;
  readonly peer: Spread;
  readonly wakeUpsPerSecond: { readonly ours: Spread; readonly peer: Spread };
  readonly verdict: Verdict;
}

/** Processes that wait for their first players, so many at once. */
export async function idleSets(run: DensityRun): Promise<{ lines: Line[]; idleCpu: IdleCpu }> {
  const lines: Line[] = [];
  let idleCpu: IdleCpu | undefined;
  for (const count of run.effort.counts) {
    if (!hasRoomFor(count)) {
      run.say(`${count} idle processes: left out, too little memory is free`);
      continue;
    }
    const ours = await readingsOf(run, count, "ours", V8_RESTS_AFTER_MS);
    const peer = await readingsOf(run, count, "the full card", 0);
    lines.push(...linesOf(count, run.effort, ours, peer));
    if (count === RESTED_COUNT) idleCpu = idleCpuOf(ours.idle, peer.idle);
  }
  if (idleCpu === undefined) throw new Error(`too little memory is free for ${RESTED_COUNT}`);
  return { lines, idleCpu };
}

async function readingsOf(
  { ours, peers, effort, say }: DensityRun,
  count: number,
  name: "ours" | "the full card",
  restsAfterMs: number,
): Promise<Readings> {
  say(`${count} idle processes, ${name}`);
  const { startOne } = name === "ours" ? ours : peers;
  await using set = await ProcessSet.start(count, startOne);
  const readyMs = performance.now();
  await delay(effort.settleMs);
  const settled = set.memory;
  const readings = {
    wallMs: set.wallMs,
    readyCpuMs: set.processes.map(({ readyCpuMs }) => readyCpuMs),
    settled,
  };
  if (count !== RESTED_COUNT) return { ...readings, rested: [], idle: [] };
  await delay(effort.restMs - effort.settleMs);
  const rested = set.memory;
  await delay(Math.max(0, readyMs + restsAfterMs - performance.now()));
  return { ...readings, rested, idle: await set.costs(() => delay(effort.idleMs)) };
}

function linesOf(
  count: number,
  { settleMs, restMs }: DensityRun["effort"],
  ours: Readings,
  peer: Readings,
): Line[] {
  const memory = (of: keyof Memory, when: "settled" | "rested") => {
    const values = (all: Readings) => all[when].map((each) => megabytes(each[of]));
    return pairsOf(values(ours), values(peer));
  };
  const after = (ms: number) => `${(ms / 1000).toFixed(0)} s after the start`;
  const of = `of ${count} idle`;
  const together = [
    lineOf(
      planOf(`idle.${count}.wall`, `all ${count} ready`, "ms", 0),
      pairsOf([ours.wallMs], [peer.wallMs]),
    ),
    lineOf(
      planOf(`idle.${count}.cpu`, `CPU to ready, each ${of}`, "ms", 0),
      pairsOf(ours.readyCpuMs, peer.readyCpuMs),
    ),
  ];
  const uss = planOf(`idle.${count}.uss`, `USS ${of}, ${after(settleMs)}`, "MB", 1);
  // One by one they are measured more often elsewhere.
  const lines = [...(count > 1 ? together : []), lineOf(uss, memory("uss", "settled"))];
  const pss = planOf(`idle.${count}.pss`, `PSS ${of}, ${after(settleMs)}`, "MB", 1);
  const isRested = count === RESTED_COUNT && restMs > settleMs;
  if (count !== RESTED_COUNT || isRested) lines.push(lineOf(pss, memory("pss", "settled")));
  if (count === RESTED_COUNT) {
    const title = `P12 PSS ${of}, ${after(restMs)}`;
    lines.push(
      lineOf({ ...pss, id: "P12.idle", title, promised: PSS_PROMISE }, memory("pss", "rested")),
    );
  }
  return lines;
}

function idleCpuOf(ours: readonly ProcessCost[], peer: readonly ProcessCost[]): IdleCpu {
  const shares = (costs: readonly ProcessCost[]) => spreadOf(costs.map(({ share }) => share));
  const rates = (costs: readonly ProcessCost[]) =>
    spreadOf(costs.map(({ wakeUpsPerSecond }) => wakeUpsPerSecond));
  return {
    ours: shares(ours),
    peer: shares(peer),
    wakeUpsPerSecond: { ours: rates(ours), peer: rates(peer) },
    verdict: verdictOf(IDLE_CPU_PROMISE, shares(ours)),
  };
}
