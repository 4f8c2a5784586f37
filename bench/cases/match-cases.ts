/**
 * The matches that are played, and how often.
 * @module
 */
import { ENTITIES } from "../match/match-plan.ts";
import type { Side } from "../subjects/match-subject.ts";
import { FIGHT_BYTES_PER_SECOND } from "./goals.ts";
import type { MatchCase, Pacing } from "./match-case.ts";

export type Effort = "quick" | "usual" | "full";

/** As long as V8 takes to make a heap as large as such a match needs it: the peer's grows until 30 s, in some processes later. */
const MEMORY_WARM_UP_MS = 38_000;
/** Many processes rather than long ones, where each draws its own luck, and no CPU is compared. */
const INPUTS_PACING: Pacing = { windowMs: 3_500, warmUpMs: 5_000 };
/** A circle of it has some 50 of 1,000 things on the whole ground. */
const NEAR_METRES = 126;
const INTEREST_THINGS = 1_000;

export const PACINGS: Readonly<Record<Effort, Pacing>> = {
  quick: { windowMs: 3_500, warmUpMs: 6_000 },
  usual: { windowMs: 7_000, warmUpMs: 10_000 },
  full: { windowMs: 10_000, warmUpMs: 12_000 },
};

const RATES_HZ = [20, 60] as const;

export function matchCasesOf(effort: Effort): readonly MatchCase[] {
  switch (effort) {
    case "quick":
      return RATES_HZ.flatMap((hz) => [
        plain(10, hz, { rounds: 3, blocks: 1, beside: {} }),
        plain(200, hz, { rounds: 3, blocks: 1, beside: { ws: 2 } }),
      ]);
    case "usual":
      return [...usualCases(7), ...RATES_HZ.map((hz) => crowded(hz, 2))];
    case "full":
      return [...usualCases(9, FULL_BESIDE), ...moreCases()];
  }
}

const BESIDE = { ws: 3, "ours-schema": 3 } as const;
/** At 200 players `ws` tells whether a run is fair, and three pairs are too few for that on a noisy machine. */
const FAIRNESS_PAIRS = 5;
const FULL_BESIDE = { ...BESIDE, "ws-delta": 3, "socket.io": 3, floor: 3 } as const;

function usualCases(rounds: number, beside: MatchCase["beside"] = BESIDE): MatchCase[] {
  return [
    ...RATES_HZ.flatMap((hz) =>
      [10, 200].map((players) => {
        const more = players === 200 ? { ws: FAIRNESS_PAIRS } : {};
        return plain(players, hz, { rounds, blocks: 2, beside: { ...beside, ...more } });
      }),
    ),
    ...RATES_HZ.map((hz) => interest(hz, rounds)),
    inputs(30, 5),
    // There the peer is in many processes nearly as fast as ours.
    inputs(60, 10),
    fight(),
  ];
}

/** Of which nothing was promised. */
function moreCases(): MatchCase[] {
  const amount = { rounds: 5, blocks: 1, beside: FULL_BESIDE };
  return [
    ...[2, 50].flatMap((players) => RATES_HZ.map((hz) => plain(players, hz, amount))),
    ...[10, 50, 200].map((players) => plain(players, 30, amount)),
    ...RATES_HZ.map((hz) => crowded(hz, 4)),
    ...RATES_HZ.map((hz) => ({
      ...plain(200, hz, { rounds: 5, blocks: 1, beside: { ws: 3 } }),
      id: `tls.200@${hz}`,
      title: `200 players @${hz}, TLS`,
      isTls: true,
    })),
  ];
}

interface Amount {
  readonly rounds: number;
  readonly blocks: number;
  readonly beside: Readonly<Partial<Record<Side, number>>>;
}

function plain(players: number, tickRateHz: number, amount: Amount): MatchCase {
  return {
    id: `${players}@${tickRateHz}`,
    title: `${players} players @${tickRateHz}`,
    settings: { players, npcs: Math.max(0, ENTITIES - players), tickRateHz },
    peer: "colyseus",
    ...amount,
  };
}

function interest(tickRateHz: number, rounds: number): MatchCase {
  const players = 200;
  return {
    id: `interest@${tickRateHz}`,
    title: `interest @${tickRateHz}`,
    settings: {
      players,
      npcs: INTEREST_THINGS - players,
      tickRateHz,
      nearMetres: NEAR_METRES,
    },
    peer: "colyseus-views",
    beside: {},
    rounds,
    blocks: 2,
    pacing: { warmUpMs: MEMORY_WARM_UP_MS },
  };
}

/**
 * What the deterministic way of doing things costs in time: inputs wait for their step on both sides. How long they wait
 * on the peer's depends on how its two timers lie to each other, which each of its processes draws anew.
 */
function inputs(tickRateHz: number, processes: number): MatchCase {
  return {
    ...plain(50, tickRateHz, { rounds: processes, blocks: processes, beside: {} }),
    id: `inputs@${tickRateHz}`,
    title: `inputs of 50 players @${tickRateHz}`,
    peer: "colyseus-input",
    pacing: INPUTS_PACING,
  };
}

function fight(): MatchCase {
  return {
    id: "fight",
    title: "a fight of 200 in one cell @60",
    settings: {
      players: 200,
      npcs: 0,
      tickRateHz: 60,
      nearMetres: NEAR_METRES,
      isFight: true,
      bytesPerSecond: FIGHT_BYTES_PER_SECOND,
    },
    peer: undefined,
    beside: {},
    rounds: 3,
    blocks: 1,
  };
}

/** More than usual, to see how CPU grows. */
function crowded(tickRateHz: number, rounds: number): MatchCase {
  return plain(500, tickRateHz, { rounds, blocks: 1, beside: {} });
}
