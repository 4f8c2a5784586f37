import { setTimeout as delay } from "node:timers/promises";
import { type Line, lineOf, type Measured, type Pair, quantile, sumOf } from "../measure/pairs.ts";
import { phasesOf } from "../measure/phases.ts";
import { type Cost, costOf } from "../measure/process-cost.ts";
import {
  type RoomSettings,
  SERVER_CORE,
  type Subject,
  startColyseus,
  startFleetroom,
} from "../subjects/subject.ts";
import type { Way } from "../swarm/player.ts";
import { type BenchRun, type Family, withSubjects } from "./bench-run.ts";

/** A room of 50 that fills in one wave, empties, and fills again, as often as 1,000 player sessions allow. */
const ROOM: RoomSettings = { seats: 50, patchMs: 50, profileChars: 0 };
const WAVE = 50;
const ROUNDS = 20;
/** Long enough that the patch which tells of the last ones is out. */
const SETTLE_MS = 60;
const REST_MS = 40;

/** The order of a round, and how clients come to each. */
const TURNS = ["peer", "tcp", "play", "peerAgain"] as const;
type Turn = (typeof TURNS)[number];
const WAYS: Readonly<Record<Turn, Way>> = {
  peer: "stock",
  tcp: "tcp",
  play: "play",
  peerAgain: "stock",
};
const OURS = ["tcp", "play"] as const;
const TITLES = { tcp: "TCP", play: "WebSocket" } as const;

interface Wave {
  readonly cost: Cost;
  readonly times: readonly number[];
}

/** One-step joins on ours against the stock three steps on plain Colyseus, by waves in turn. */
export const joins: Family = async (run) => {
  const pairs = {
    tcp: { cpu: [] as Pair[], p99: [] as Pair[], young: [] as Pair[] },
    play: { cpu: [] as Pair[], p99: [] as Pair[], young: [] as Pair[] },
  };
  for (let block = 1; block <= run.effort.joinBlocks; block++) {
    run.say(`joins, block ${block} of ${run.effort.joinBlocks}`);
    const waves = await blockOf(run);
    for (const way of OURS) {
      const pairOf = (
        phase: "young" | "settled",
        measured: (waves: readonly Wave[]) => Measured,
      ): Pair => ({
        ours: measured(phasesOf(waves[way])[phase]),
        peer: measured(phasesOf(waves.peer)[phase]),
        peerAgain: measured(phasesOf(waves.peerAgain)[phase]),
      });
      pairs[way].cpu.push(pairOf("settled", joinsPerCpuSecond));
      pairs[way].p99.push(pairOf("settled", joinP99));
      pairs[way].young.push(pairOf("young", joinsPerCpuSecond));
    }
  }
  return OURS.flatMap((way): Line[] => {
    const names = { oursName: "ours, one step", peerName: "Colyseus, stock" };
    const perSecond = { ...names, unit: "1/s", digits: 0 };
    return [
      lineOf(
        {
          ...perSecond,
          id: `join.${way}.cpu`,
          title: `joins per CPU second, ${TITLES[way]}`,
          promised: { direction: "at least", must: 2, aim: 4 },
        },
        pairs[way].cpu,
      ),
      lineOf(
        {
          ...names,
          id: `join.${way}.p99`,
          title: `p99 join time of a wave of 50, ${TITLES[way]}`,
          unit: "ms",
          digits: 1,
          promised: { direction: "at most", must: 0.65, aim: 0.4 },
        },
        pairs[way].p99,
      ),
      lineOf(
        {
          ...perSecond,
          id: `join.${way}.cpu.young`,
          title: `joins per CPU second in a young process, ${TITLES[way]}`,
        },
        pairs[way].young,
      ),
    ];
  });
};

/** One process for each, so that all of them have seen as many joins. */
function blockOf(run: BenchRun): Promise<Record<Turn, readonly Wave[]>> {
  return withSubjects<[Subject, Subject, Subject, Subject], Record<Turn, readonly Wave[]>>(
    [
      startColyseus(ROOM, run.tls),
      startFleetroom(ROOM, run.tls),
      startFleetroom(ROOM, run.tls),
      startColyseus(ROOM, run.tls),
    ],
    async (...servers) => {
      const waves: Record<Turn, Wave[]> = { peer: [], tcp: [], play: [], peerAgain: [] };
      for (let round = 0; round < ROUNDS; round++) {
        for (const [index, server] of servers.entries()) {
          const turn = TURNS[index] ?? "peer";
          const wave = await waveInto(run, server, WAYS[turn]);
          waves[turn].push(wave);
        }
      }
      return waves;
    },
  );
}

async function waveInto({ swarm }: BenchRun, server: Subject, way: Way): Promise<Wave> {
  const { value: times, ...cost } = await costOf(server, SERVER_CORE, async () => {
    const joined = await swarm.open("wave", server, way, WAVE);
    await delay(SETTLE_MS);
    return joined;
  });
  await swarm.close("wave");
  await delay(REST_MS);
  return { cost, times };
}

function joinsPerCpuSecond(waves: readonly Wave[]): Measured {
  const cost = sumOf(waves.map((wave) => wave.cost));
  const count = waves.reduce((sum, { times }) => sum + times.length, 0);
  return { value: count / (cost.cpuMs / 1000), cost };
}

function joinP99(waves: readonly Wave[]): Measured {
  const times = waves.flatMap((wave) => wave.times);
  return { value: quantile(times, 0.99), cost: sumOf(waves.map((wave) => wave.cost)) };
}
