import { setTimeout as delay } from "node:timers/promises";
import { type Line, lineOf, type Measured, type Pair } from "../measure/pairs.ts";
import { coreBusyMs } from "../measure/process-cost.ts";
import { SERVER_CORE } from "../subjects/subject.ts";
import { type DensityRun, planOf } from "./density-run.ts";
import { ProcessSet, type Starting } from "./process-set.ts";

const REST_MS = 200;

interface Start {
  readonly cpu: Measured;
  readonly wall: Measured;
}

/** One process at a time, from its start until it is ready. */
export async function starts({ ours, peers, effort, say }: DensityRun): Promise<Line[]> {
  const cpu: Pair[] = [];
  const wall: Pair[] = [];
  const cold: Pair[] = [];
  for (let nth = 1; nth <= effort.startPairs; nth++) {
    say(`starts, ${nth} of ${effort.startPairs}`);
    ours.forgetCompiled();
    const first = await timed(ours.startOne);
    const peer = await timed(peers.startOne);
    const own = await timed(ours.startOne);
    const peerAgain = await timed(peers.startOne);
    cpu.push({ ours: own.cpu, peer: peer.cpu, peerAgain: peerAgain.cpu });
    wall.push({ ours: own.wall, peer: peer.wall, peerAgain: peerAgain.wall });
    cold.push({ ours: first.cpu, peer: peer.cpu, peerAgain: peerAgain.cpu });
  }
  const promised = { direction: "at most", must: 0.65, aim: 0.45 } as const;
  return [
    lineOf({ ...planOf("P11", "P11 CPU from start to ready", "ms", 0), promised }, cpu),
    lineOf(planOf("start.wall", "time from start to ready", "ms", 0), wall),
    lineOf(planOf("start.cold", "CPU to ready, first start of a build", "ms", 0), cold),
  ];
}

async function timed(startOne: () => Starting): Promise<Start> {
  const busyMs = coreBusyMs(SERVER_CORE);
  await using set = await ProcessSet.start(1, startOne);
  const cpuMs = set.processes[0]?.readyCpuMs ?? Number.NaN;
  const foreignMs = Math.max(0, coreBusyMs(SERVER_CORE) - busyMs - cpuMs);
  const cost = { cpuMs, wallMs: set.wallMs, foreignMs };
  // Ours writes what was compiled right after it is ready.
  await delay(REST_MS);
  return { cpu: { value: cpuMs, cost }, wall: { value: set.wallMs, cost } };
}
