/**
 * What was promised of the server, by the ids under which it was promised, and which lines tell of each.
 * @module
 */
import type { Line, Promised, Verdict } from "../measure/pairs.ts";
import type { Side } from "../subjects/match-subject.ts";
import type { MatchCase } from "./match-case.ts";
import type { MatchLinePlan } from "./match-lines.ts";

export const GOALS = {
  P1: "CPU at 10 players",
  P2: "CPU at 200 players",
  P3: "CPU beside hand-written ws",
  P4: "bytes",
  P5: "interest",
  P6: "tick rate and lateness",
  P7: "input to state",
  P8: "join",
  P9: "memory per idle connection",
  P10: "several messages per tick",
  P14: "players at 70 % of a core",
  P15: "slow readers",
  P17: "join into a full room",
  budget: "bytes when all fight in one cell",
  more: "other matches and other peers",
} as const;

export type GoalId = keyof typeof GOALS;

const atMost = (must: number, aim: number): Promised => ({ direction: "at most", must, aim });

/** Of the snapshots of one client; less than it would take to tell him everything. */
export const FIGHT_BYTES_PER_SECOND = 16_384;
/** With what carries them: frames of 4 bytes at 60 Hz, and pings. */
const FIGHT_WIRE_BYTES_MAX = 1.03 * FIGHT_BYTES_PER_SECOND;

/** Of a line's id, which begins with it. */
export const goalOf = (lineId: string): GoalId => lineId.split(".", 1)[0] as GoalId;

/** What is said of a case; nothing is promised of those that are in no goal. */
export function linePlansOf(plan: MatchCase): readonly MatchLinePlan[] {
  const promised = PROMISED[plan.id];
  return [...(promised ?? comparison(plan)), ...others(plan)];
}

const OTHERS: readonly Side[] = ["ws-delta", "socket.io", "floor"];

/** Ours beside peers that are there now and then. */
function others({ id, title, beside }: MatchCase): MatchLinePlan[] {
  return OTHERS.filter((side) => side in beside).map((side) => ({
    id: `more.${id}.${side}`,
    title: `CPU per player-minute, ${title}`,
    metric: "cpu",
    side: "ours",
    against: side,
  }));
}

function comparison({ id, title, peer, beside }: MatchCase): MatchLinePlan[] {
  if (peer === undefined) return [];
  const peers = [peer, ...("ws" in beside ? (["ws"] as const) : [])];
  return [
    ...peers.map(
      (against): MatchLinePlan => ({
        id: `more.${id}.cpu.${against}`,
        title: `CPU per player-minute, ${title}`,
        metric: "cpu",
        side: "ours",
        against,
      }),
    ),
    {
      id: `more.${id}.bytes`,
      title: `bytes per client and second, ${title}`,
      metric: "bytes",
      side: "ours",
      against: peer,
    },
  ];
}

/** By the id of the case. */
const PROMISED: Readonly<Record<string, readonly MatchLinePlan[]>> = promisedLines();

function promisedLines(): Readonly<Record<string, readonly MatchLinePlan[]>> {
  return {
    ...Object.fromEntries(
      [10, 200].flatMap((players) =>
        [20, 60].map((hz) => [`${players}@${hz}`, plainLines(players, hz)] as const),
      ),
    ),
    ...Object.fromEntries([20, 60].map((hz) => [`interest@${hz}`, interestLines(hz)] as const)),
    ...Object.fromEntries([30, 60].map((hz) => [`inputs@${hz}`, inputLines(hz)] as const)),
    fight: [
      {
        id: "budget.fight",
        title: "bytes of one client, of its budget, 200 players who fight in one cell @60",
        metric: "rawBytes",
        side: "ours",
        against: "absolute",
        promised: atMost(FIGHT_WIRE_BYTES_MAX, FIGHT_WIRE_BYTES_MAX),
      },
    ],
  };
}

function plainLines(players: number, hz: number): MatchLinePlan[] {
  const where = `${players} players @${hz}`;
  const id = `${players}@${hz}`;
  const cpu = { metric: "cpu", side: "ours" } as const;
  const promised = players === 10 ? atMost(0.8, 0.65) : atMost(0.85, 0.7);
  const goal = players === 10 ? "P1" : "P2";
  return [
    {
      ...cpu,
      id: `${goal}.${id}`,
      title: `CPU per player-minute, ${where}`,
      against: "colyseus",
      promised,
    },
    {
      ...cpu,
      id: `${goal}.${id}.schema`,
      title: `the same, all in room.state, ${where}`,
      side: "ours-schema",
      against: "colyseus",
    },
    {
      ...cpu,
      id: `P3.${id}`,
      title: `CPU per player-minute, ${where}`,
      against: "ws",
      ...(players === 200 && { promised: atMost(1.15, 0.95) }),
    },
    {
      id: `P4.${id}`,
      title: `bytes per client and second, ${where}`,
      metric: "bytes",
      side: "ours",
      against: "colyseus",
      promised: atMost(0.55, 0.38),
    },
    {
      id: `P4.${id}.schema`,
      title: `the same, all in room.state, ${where}`,
      metric: "bytes",
      side: "ours-schema",
      against: "colyseus",
    },
    ...paceLines(id, where, hz === 60),
  ];
}

function paceLines(id: string, where: string, isPromised: boolean): MatchLinePlan[] {
  const absolute = { side: "ours", against: "absolute" } as const;
  return [
    {
      ...absolute,
      id: `P6.${id}.rate`,
      title: `error of the tick rate, ${where}`,
      metric: "rateError",
      promised: atMost(0.5, 0.05),
    },
    {
      ...absolute,
      id: `P6.${id}.late`,
      title: `p99 lateness of a tick, ${where}`,
      metric: "lateP99",
      ...(isPromised && { promised: atMost(4, 2) }),
    },
  ];
}

function interestLines(hz: number): MatchLinePlan[] {
  const where = `200 players, 1,000 things, some 50 near @${hz}`;
  const aims = { cpu: 0.42, bytes: 0.45, settled: 0.5 } as const;
  const titles = {
    cpu: "CPU per player-minute",
    bytes: "bytes per client and second",
    settled: "resident memory",
  };
  return (["cpu", "bytes", "settled"] as const).map((metric) => ({
    id: `P5.${hz}.${metric}`,
    title: `${titles[metric]}, ${where}`,
    metric,
    side: "ours",
    against: "colyseus-views",
    promised: atMost(0.6, aims[metric]),
  }));
}

function inputLines(hz: number): MatchLinePlan[] {
  const periodMs = 1000 / hz;
  const where = `50 players @${hz}`;
  const aims = { inputP50: periodMs / 2 + 2, inputP99: periodMs + 4 } as const;
  const names = { inputP50: "p50", inputP99: "p99" } as const;
  return [
    ...(["inputP50", "inputP99"] as const).flatMap((metric): MatchLinePlan[] => [
      {
        id: `P7.${hz}.${names[metric]}`,
        title: `input to state, ${names[metric]}, ${where}`,
        metric,
        side: "ours",
        against: "colyseus-input",
        promised: atMost(0.7, 0.7),
      },
      {
        id: `P7.${hz}.${names[metric]}.aim`,
        title: `the same by itself, ${where}`,
        metric,
        side: "ours",
        against: "absolute",
        promised: { direction: "at most", aim: aims[metric] },
      },
    ]),
    {
      id: `P6.inputs@${hz}.late`,
      title: `p99 lateness of a tick, ${where}`,
      metric: "lateP99",
      side: "ours",
      against: "colyseus-input",
    },
  ];
}

/** From the worst to the best. */
const RANKS: readonly Verdict[] = ["MISSED", "unsure", "short", "must", "aim", "no promise"];

/** What is true of all lines of a goal. */
export function goalVerdict(lines: readonly Line[]): Verdict {
  return RANKS.find((verdict) => lines.some((line) => line.verdict === verdict)) ?? "no promise";
}
