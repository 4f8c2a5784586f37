import type { MatchSettings, Side } from "../subjects/match-subject.ts";

/** One reference match and who plays it. Ours is measured in every round; what is compared with whom is said elsewhere. */
export interface MatchCase {
  /** Results are kept by it. */
  readonly id: string;
  readonly title: string;
  readonly settings: MatchSettings;
  /** Measured before and after each of ours; nobody where it is missing. */
  readonly peer: Side | undefined;
  /** Measured in so many of the rounds, the first ones. */
  readonly beside: Readonly<Partial<Record<Side, number>>>;
  /** Measurements of ours, in all blocks. */
  readonly rounds: number;
  /** Fresh processes for each. */
  readonly blocks: number;
  /** All servers and clients speak TLS. */
  readonly isTls?: boolean;
  /** What this case has in place of the run's own. */
  readonly pacing?: Partial<Pacing>;
}

/** How long a window is, and what comes before it. Milliseconds. */
export interface Pacing {
  readonly windowMs: number;
  /** All matches of a block play at the same time before anything counts: V8 has then compiled what runs for each tick. */
  readonly warmUpMs: number;
}

/** Between the start of a match and that of its window: who stood still finds his pace again. */
export const LEAD_MS = 500;
/** After a match was stopped, until all that it has sent has come. */
export const SETTLE_MS = 150;

/** What is measured in each round of one block, in order; the peer comes once more at the end. */
export function turnsOf(plan: MatchCase, block: number): readonly (readonly Side[])[] {
  const from = startOf(plan.rounds, plan.blocks, block);
  const until = startOf(plan.rounds, plan.blocks, block + 1);
  return Array.from({ length: until - from }, (_, nth) => [
    ...(plan.peer === undefined ? [] : [plan.peer]),
    "ours" as const,
    ...sidesBeside(plan).filter((side) => {
      const count = plan.beside[side] ?? 0;
      const first = startOf(count, plan.blocks, block);
      return nth < startOf(count, plan.blocks, block + 1) - first;
    }),
  ]);
}

/** Who plays in a case, ours among them. */
export function sidesOf(plan: MatchCase): readonly Side[] {
  return [...(plan.peer === undefined ? [] : [plan.peer]), "ours", ...sidesBeside(plan)];
}

const sidesBeside = ({ beside }: MatchCase): Side[] => Object.keys(beside) as Side[];

/** Of so many, the first that a block has: the first blocks have more. */
function startOf(count: number, blocks: number, block: number): number {
  return Math.ceil((count * block) / blocks);
}

/** How long a case takes, milliseconds, by experience. */
export function expectedMs(plan: MatchCase, pacing: Pacing): number {
  const { windowMs, warmUpMs } = { ...pacing, ...plan.pacing };
  const sides = sidesOf(plan).length;
  const startMs = 500 * sides + sides * plan.settings.players;
  const beside = Object.values(plan.beside).reduce((sum, count) => sum + count, 0);
  const peers = plan.peer === undefined ? 0 : plan.rounds + plan.blocks;
  const windows = plan.rounds + beside + peers;
  const turnMs = windowMs + LEAD_MS + 2 * SETTLE_MS;
  return plan.blocks * (startMs + warmUpMs + 1_000 * sides) + windows * turnMs;
}
