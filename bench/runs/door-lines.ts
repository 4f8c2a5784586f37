/**
 * The lines of `npm run bench:door` as the server was promised by its goals, with less effort.
 * @module
 */
import type { BenchRun, Effort, Family } from "../lines/bench-run.ts";
import { crowdOf } from "../lines/crowd.ts";
import { joins } from "../lines/joins.ts";
import { memory } from "../lines/memory.ts";
import { streamsOf } from "../lines/streams.ts";
import { type Line, lineOf, type Measured, type Pair, type Promised } from "../measure/pairs.ts";

export const DOOR_EFFORT: Effort = {
  joinBlocks: 5,
  crowdBlocks: 1,
  crowdRounds: 13,
  streamBlocks: 1,
  streamRounds: 8,
  windowMs: 1_500,
  warmUpMs: 4_000,
  memoryRounds: 3,
};

/** As many as one game session of a fleet may have, less those who join to be measured. */
const CROWD = 700;

interface DoorPart {
  readonly id: string;
  readonly title: string;
  readonly expectedMs: number;
  readonly lines: Family;
}

export const DOOR_PARTS: readonly DoorPart[] = [
  { id: "joins", title: "joins in waves", expectedMs: 70_000, lines: joinLines },
  { id: "crowd", title: `joins into a room of ${CROWD}`, expectedMs: 30_000, lines: crowdLines },
  { id: "streams", title: "several messages per tick", expectedMs: 130_000, lines: streamLines },
  { id: "memory", title: "memory of connections", expectedMs: 70_000, lines: memoryLines },
];

const GOALS: Readonly<Record<string, { id: string; promised: Promised }>> = {
  "join.tcp.cpu": { id: "P8.tcp.cpu", promised: { direction: "at least", must: 2, aim: 5 } },
  "join.play.cpu": { id: "P8.ws.cpu", promised: { direction: "at least", must: 2, aim: 5 } },
  "join.tcp.p99": { id: "P8.tcp.p99", promised: { direction: "at most", must: 0.5, aim: 0.4 } },
  "join.play.p99": { id: "P8.ws.p99", promised: { direction: "at most", must: 0.5, aim: 0.4 } },
  "patch4.play": { id: "P10.ws", promised: { direction: "at most", must: 0.6, aim: 0.4 } },
  "patch4.tcp": { id: "P10.tcp", promised: { direction: "at most", must: 0.6, aim: 0.4 } },
  "memory.play.asItIs": { id: "P9.ws", promised: { direction: "at most", must: 0.6, aim: 0.4 } },
  "memory.tcp.asItIs": { id: "P9.tcp", promised: { direction: "at most", must: 0.6, aim: 0.4 } },
};

/** Those of which a goal tells, by its promise. */
function promisedOf(lines: readonly Line[]): Line[] {
  return lines.flatMap((line) => {
    const goal = GOALS[line.id];
    return goal === undefined ? [] : [lineOf({ ...line, ...goal }, line.pairs)];
  });
}

async function joinLines(run: BenchRun): Promise<readonly Line[]> {
  return promisedOf(await joins(run));
}

async function streamLines(run: BenchRun): Promise<readonly Line[]> {
  return promisedOf(await streamsOf(["patch4"])(run));
}

async function memoryLines(run: BenchRun): Promise<readonly Line[]> {
  return promisedOf(await memory(run));
}

async function crowdLines(run: BenchRun): Promise<readonly Line[]> {
  const [ours, colyseus] = await crowdOf(CROWD)(run);
  if (ours === undefined || colyseus === undefined) return [];
  const plan = {
    unit: "×",
    digits: 2,
    oursName: "ours",
    peerName: "Colyseus",
  };
  const growth = ours.pairs.flatMap((pair, nth): Pair[] => {
    const peer = colyseus.pairs[nth];
    return peer === undefined ? [] : [{ ours: growthOf(pair), peer: growthOf(peer) }];
  });
  return [
    lineOf(
      {
        ...plan,
        id: "P17.growth",
        title: `CPU of a join into a room of ${CROWD}, of one into a room of 10`,
        promised: { direction: "at most", must: 0.5, aim: 0.5 },
      },
      growth,
    ),
    lineOf(
      {
        ...ours,
        id: "P17.ours",
        title: `the same by itself: into ${CROWD} beside into 10`,
        promised: { direction: "at most", aim: 1.3 },
      },
      ours.pairs,
    ),
  ];
}

/** How many times as much it is. */
function growthOf({ ours, peer, peerAgain }: Pair): Measured {
  const few = peerAgain === undefined ? peer.value : (peer.value + peerAgain.value) / 2;
  return { value: ours.value / few, cost: ours.cost };
}
