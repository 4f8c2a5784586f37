import { type Line, lineOf, type Measured, type Pair, type Promised } from "../measure/pairs.ts";
import { type BlockResult, MATCH_FOREIGN_SHARE_MAX } from "../runs/match-block.ts";
import type { Window } from "../runs/window.ts";
import type { MatchSettings, Side } from "../subjects/match-subject.ts";
import type { MatchCase } from "./match-case.ts";
import { METRICS, type MetricName } from "./metrics.ts";

/** One line about one case: which number of whom, against whom. */
export interface MatchLinePlan {
  readonly id: string;
  readonly title: string;
  readonly metric: MetricName;
  readonly side: Side;
  /** `absolute`: the number itself is promised. */
  readonly against: Side | "absolute";
  readonly promised?: Promised;
}

export const SIDE_NAMES: Readonly<Record<Side, string>> = {
  ours: "ours",
  "ours-schema": "ours, all in room.state",
  colyseus: "Colyseus",
  "colyseus-input": "Colyseus, defineInput and setFixedTimestep",
  "colyseus-views": "Colyseus, StateView",
  ws: "ws, float32",
  "ws-delta": "ws, deltas",
  "socket.io": "socket.io, msgpack",
  floor: "bare sockets",
};

/** A client that gets less than this share of the states that are due, or sends less, was not served, or did not play. */
const DONE_SHARE_MIN = 0.9;
const INPUTS_PER_SECOND = 20;
/** Beyond this share of its core the load might be the slower side. */
export const SWARM_SHARE_MAX = 0.7;

/** @returns `undefined` where nothing was measured. */
export function matchLineOf(
  plan: MatchLinePlan,
  matchCase: MatchCase,
  blocks: readonly BlockResult[],
): Line | undefined {
  const pairs = pairsOf(plan, matchCase, blocks);
  if (pairs.length === 0) return undefined;
  const { unit, digits } = METRICS[plan.metric];
  const { id, title, promised } = plan;
  return lineOf(
    {
      id,
      title,
      unit,
      digits,
      oursName: SIDE_NAMES[plan.side],
      ...(plan.against === "absolute"
        ? { peerName: "", isAbsolute: true }
        : { peerName: SIDE_NAMES[plan.against] }),
      ...(promised !== undefined && { promised }),
    },
    pairs,
    MATCH_FOREIGN_SHARE_MAX,
  );
}

/** In the order they were measured. Windows that do not count are in none. */
export function pairsOf(
  { side, against, metric }: Pick<MatchLinePlan, "side" | "against" | "metric">,
  { settings, peer }: MatchCase,
  blocks: readonly BlockResult[],
): Pair[] {
  const measuredOf = (window: Window): Measured => ({
    value: METRICS[metric].of(window, settings),
    cost: window.cost,
  });
  const isWhole = (window: Window | undefined): window is Window =>
    window !== undefined && doesCount(window, settings);
  return blocks
    .flatMap(({ rounds }) => rounds)
    .flatMap(({ windows, peerAgain }): Pair[] => {
      const ours = windows[side];
      if (!isWhole(ours)) return [];
      if (against === "absolute") return [{ ours: measuredOf(ours), peer: ONE }];
      const other = windows[against];
      if (!isWhole(other)) return [];
      const pair = { ours: measuredOf(ours), peer: measuredOf(other) };
      const isFlanked = against === peer && isWhole(peerAgain);
      return [isFlanked ? { ...pair, peerAgain: measuredOf(peerAgain) } : pair];
    });
}

/** Whether a match did its work, and whether the load had time to spare. */
export function doesCount(window: Window, settings: MatchSettings): boolean {
  return hasDoneItsWork(window, settings) && window.swarmShare <= SWARM_SHARE_MAX;
}

/** Whether everybody got the states that were due, and said what he had to say. */
function hasDoneItsWork(window: Window, { tickRateHz }: MatchSettings): boolean {
  const { statesPerClientSecond, inputsPerClientSecond } = window;
  return (
    statesPerClientSecond >= DONE_SHARE_MIN * tickRateHz &&
    inputsPerClientSecond >= DONE_SHARE_MIN * INPUTS_PER_SECOND
  );
}

/** A ratio to it is the number itself. */
const ONE: Measured = { value: 1, cost: { cpuMs: 0, wallMs: 0, foreignMs: 0 } };
