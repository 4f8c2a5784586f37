import { type Line, lineOf, type Promised } from "../measure/pairs.ts";
import { type Memory, memoryOf } from "../measure/process-cost.ts";
import type { Subject } from "../subjects/subject.ts";
import { Swarm } from "../swarm/swarm.ts";
import { type DensityRun, megabytes, pairsOf, planOf, RESTED_COUNT } from "./density-run.ts";
import { OurServers } from "./our-servers.ts";
import { hasRoomFor, type ProcessCost, ProcessSet } from "./process-set.ts";

const PLAYERS = 10;
const TICK_RATE_HZ = 20;
/** Of the patches or snapshots that are due; below it a match did not keep up, or the load did not: there is no figure. */
const NEWS_SHARE_MIN = 0.9;
const PSS_PROMISE: Promised = { direction: "at most", must: 0.9, aim: 0.75 };
const CROWD = "crowd";
const ROOM = { seats: String(PLAYERS), patchMs: "0", profileChars: "0" };
/** Longer than anything here lasts. */
const ENDLESS = { matchSeconds: "3600", scoreLimit: "1000" };

interface Played {
  readonly memory: readonly Memory[];
  readonly costs: readonly ProcessCost[];
}

/** Twenty matches of ten players, all at once. */
export async function playingSets(run: DensityRun): Promise<Line[]> {
  if (!hasRoomFor(RESTED_COUNT)) throw new Error("too little memory is free to play");
  const { effort, say, peers } = run;
  say(`${RESTED_COUNT} playing processes, ours`);
  await using ours = await OurServers.open("bench", "bench/rooms/rooms.ts");
  const own = await played(run, await ProcessSet.start(RESTED_COUNT, ours.startOne), {
    subject: (process) => ours.host(process, PLAYERS, ROOM),
    hasRunner: true,
  });
  say(`${RESTED_COUNT} playing processes, the full card`);
  const peer = await played(run, await ProcessSet.start(RESTED_COUNT, peers.startPlaying), {
    subject: async (process) => peers.subject(process),
    hasRunner: true,
  });
  const what = `of ${RESTED_COUNT} playing, ${PLAYERS} players each, the same room`;
  const lines = linesOf("P12.play", `P12 PSS ${what}`, what, own, peer, PSS_PROMISE);
  if (!effort.playsArena) return lines;
  say(`${RESTED_COUNT} playing processes, ours, the arena`);
  const arena = await played(run, await ProcessSet.start(RESTED_COUNT, run.ours.startOne), {
    subject: (process) => run.ours.host(process, PLAYERS, ENDLESS),
    hasRunner: false,
  });
  // Another game than the peer's: what it takes, and no comparison of servers.
  const other = `of ${RESTED_COUNT} playing, ours in the arena`;
  return [...lines, ...linesOf("arena", `PSS ${other}`, other, arena, peer)];
}

interface Way {
  subject(process: ProcessSet["processes"][number]): Promise<Subject>;
  /** The room stands still until one client has it run; that one sends no commands. */
  readonly hasRunner: boolean;
}

async function played(run: DensityRun, started: ProcessSet, way: Way): Promise<Played> {
  await using set = started;
  const swarm = new Swarm(undefined);
  try {
    for (const [at, process] of set.processes.entries()) {
      const subject = await way.subject(process);
      if (way.hasRunner) {
        await swarm.open(`runner-${at}`, subject, "stock", 1);
        await swarm.run(`runner-${at}`, 0);
      }
      await swarm.open(CROWD, subject, "stock", PLAYERS - (way.hasRunner ? 1 : 0));
    }
    const play = (forMs: number) =>
      way.hasRunner ? swarm.command(CROWD, forMs) : swarm.play(CROWD, forMs);
    await play(run.effort.playWarmUpMs);
    await swarm.count(CROWD);
    const startMs = performance.now();
    const costs = await set.costs(() => play(run.effort.playMs));
    const seconds = (performance.now() - startMs) / 1000;
    const { patches, messages } = await swarm.count(CROWD);
    const players = set.processes.length * (PLAYERS - (way.hasRunner ? 1 : 0));
    // In the arena most ticks are told by a snapshot, which is a message.
    const news = way.hasRunner ? patches : Math.max(patches, messages);
    const share = news / (players * TICK_RATE_HZ * seconds);
    if (share < NEWS_SHARE_MIN) throw new Error(`${share.toFixed(2)} of the news came`);
    return { memory: set.processes.map(({ pid }) => memoryOf(pid)), costs };
  } finally {
    swarm.stop();
  }
}

function linesOf(
  id: string,
  pssTitle: string,
  what: string,
  ours: Played,
  peer: Played,
  promised?: Promised,
): Line[] {
  const memory = (of: keyof Memory) => {
    const values = ({ memory: all }: Played) => all.map((each) => megabytes(each[of]));
    return pairsOf(values(ours), values(peer));
  };
  const shares = ({ costs }: Played) => costs.map(({ share }) => 100 * share);
  const pss = planOf(id, pssTitle, "MB", 1);
  return [
    lineOf({ ...pss, ...(promised && { promised }) }, memory("pss")),
    lineOf(planOf(`${id}.uss`, `USS ${what}`, "MB", 1), memory("uss")),
    lineOf(
      planOf(`${id}.cpu`, `CPU ${what}`, "% of a core", 2),
      pairsOf(shares(ours), shares(peer)),
    ),
  ];
}
