import { setTimeout as delay } from "node:timers/promises";
import { type MatchCase, type Pacing, SETTLE_MS, turnsOf } from "../cases/match-case.ts";
import { type CheckPlan, checkState, type StateCheck } from "../cases/state-check.ts";
import type { BenchRun } from "../lines/bench-run.ts";
import { SHOT_SECONDS } from "../match/rules.ts";
import { foreignShareOf } from "../measure/pairs.ts";
import { residentBytes } from "../measure/process-cost.ts";
import { PRECISION } from "../rooms/match-snapshots.ts";
import { type MatchSubject, type Side, SPOKEN, startMatch } from "../subjects/match-subject.ts";
import { measureWindow, type Seated, type Window } from "./window.ts";

const PROBES = 4;
const JOIN_AT_ONCE = 25;
/** States are kept for so long before and after the one that the server is asked for. */
const KEEP_MS = 300;
/** After a fight its shots must have landed, and what waited for want of bytes must be said. */
const CEASE_FIRE_MS = 1_000 * SHOT_SECONDS + 2_000;
const PRECISIONS: Readonly<Partial<Record<Side, number>>> = { ours: PRECISION, "socket.io": 0 };
/** A server that was late sends no state of each tick that it catches up; one of those is not asked for. */
const DUMPS_MAX = 3;
/** How far things come to each other between two looks at who sees whom, metres: those on the edge are not compared. */
const EDGE_METRES = 10;
/** More rounds than planned, in place of those that other work has spoilt. */
const EXTRA_ROUNDS_MAX = 2;

/** What was measured in one round, by side; the peer's next window is `peerAgain`. */
export interface Round {
  readonly windows: Readonly<Partial<Record<Side, Window>>>;
  readonly peerAgain: Window | undefined;
}

export interface BlockResult {
  readonly kind: "match";
  readonly caseId: string;
  readonly rounds: readonly Round[];
  /** Of each side's probes. */
  readonly checks: Readonly<Partial<Record<Side, readonly StateCheck[]>>>;
}

export interface BlockRun extends Pick<BenchRun, "swarm" | "tls" | "say"> {
  readonly pacing: Pacing;
  /** Metrics of these servers are scraped once a minute from here on. */
  readonly scrape: (subject: MatchSubject) => void;
  /** Whether there is time for more than was planned. */
  readonly hasTime: () => boolean;
}

/** Fresh processes that live beside each other, of which one plays at a time. */
export async function matchBlock(
  run: BlockRun,
  plan: MatchCase,
  block: number,
): Promise<BlockResult> {
  const turns = turnsOf(plan, block);
  const sides = [...new Set([...turns.flat(), ...(plan.peer === undefined ? [] : [plan.peer])])];
  const all: Seated[] = [];
  try {
    for (const side of sides) all.push(await seat(run, plan, side));
    await warmUp(run, all, pacingOf(run, plan).warmUpMs);
    const rounds = await roundsOf(run, plan, turns, all);
    const checks: Partial<Record<Side, readonly StateCheck[]>> = {};
    for (const seated of all) {
      // It has no state.
      if (seated.side !== "floor") checks[seated.side] = await check(run, plan, seated);
    }
    for (const { side } of all) await run.swarm.close(side);
    return { kind: "match", caseId: plan.id, rounds, checks };
  } finally {
    await Promise.all(all.map(({ subject }) => subject.stop()));
  }
}

function pacingOf(run: BlockRun, plan: MatchCase): Pacing {
  return { ...run.pacing, ...plan.pacing };
}

async function seat(run: BlockRun, { settings }: MatchCase, side: Side): Promise<Seated> {
  const subject = await startMatch(side, settings, run.tls);
  run.scrape(subject);
  const { players: count, tickRateHz } = settings;
  const how = { ...SPOKEN[side], tickRateHz, count, probes: PROBES, atOnce: JOIN_AT_ONCE };
  await run.swarm.openMatch(side, subject, how);
  return { side, subject, settledBytes: 0 };
}

async function warmUp({ swarm }: BlockRun, all: readonly Seated[], forMs: number): Promise<void> {
  await Promise.all(all.map(({ subject }) => subject.run()));
  await Promise.all(all.map(({ side }) => swarm.playMatch(side, forMs)));
  for (const seated of all) seated.settledBytes = residentBytes(seated.subject.pid);
  await Promise.all(all.map(({ subject }) => subject.stand()));
  await delay(SETTLE_MS);
}

async function roundsOf(
  run: BlockRun,
  plan: MatchCase,
  turns: readonly (readonly Side[])[],
  all: readonly Seated[],
): Promise<readonly Round[]> {
  const measured: Partial<Record<Side, Window>>[] = [];
  const windowOf = (side: Side, messageBytes?: number) => {
    const seated = all.find((each) => each.side === side) as Seated;
    const { settings } = plan;
    return measureWindow({ settings, ...pacingOf(run, plan), swarm: run.swarm }, seated, {
      all,
      messageBytes,
    });
  };
  const extra: (readonly Side[])[] = [];
  for (const turn of [...turns, ...extra]) await measureTurn(turn);
  while (extra.length < EXTRA_ROUNDS_MAX && spoiltOf(measured) > extra.length && run.hasTime()) {
    const turn = turns[0] ?? [];
    extra.push(turn);
    await measureTurn(turn);
  }
  const last = plan.peer && (await windowOf(plan.peer));
  return measured.map((windows, nth) => ({
    windows,
    peerAgain: plan.peer && (measured[nth + 1]?.[plan.peer] ?? last),
  }));

  async function measureTurn(turn: readonly Side[]): Promise<void> {
    const windows: Partial<Record<Side, Window>> = {};
    for (const side of turn) windows[side] = await windowOf(side, messageBytesOf(windows.ours));
    measured.push(windows);
    run.say(`${plan.title}: ${turn.map((side) => wordOf(side, windows[side])).join(", ")}`);
  }
}

/** What a client was sent at once, in the mean. */
function messageBytesOf(window: Window | undefined): number | undefined {
  return window && window.bytesPerClientSecond / window.statesPerClientSecond;
}

/** How many rounds had other work on the core. */
function spoiltOf(rounds: readonly Partial<Record<Side, Window>>[]): number {
  return rounds.filter((windows) => {
    const costs = Object.values(windows).map(({ cost }) => cost);
    return foreignShareOf(costs) > MATCH_FOREIGN_SHARE_MAX;
  }).length;
}

/** Other work on the servers' core beyond this share of a pair's time makes a pair of matches worthless. */
export const MATCH_FOREIGN_SHARE_MAX = 0.05;

function wordOf(side: Side, window: Window | undefined): string {
  if (window === undefined) return side;
  const { cpuMs, wallMs, foreignMs } = window.cost;
  const percent = (part: number) => `${((100 * part) / wallMs).toFixed(1)} %`;
  return `${side} ${percent(cpuMs)} (+${percent(foreignMs)})`;
}

/** Nobody sends inputs: what comes between a step and its state would make both differ. */
async function check(
  { swarm }: BlockRun,
  { settings }: MatchCase,
  { side, subject }: Seated,
): Promise<readonly StateCheck[]> {
  const { nearMetres, isFight } = settings;
  const plan: CheckPlan = {
    precision: PRECISIONS[side] ?? "float32",
    ...(nearMetres !== undefined && { withinMetres: nearMetres - EDGE_METRES }),
  };
  await subject.run();
  if (isFight) await delay(CEASE_FIRE_MS);
  const compare = async (triesLeft: number): Promise<readonly StateCheck[]> => {
    await swarm.keepStates(side);
    await delay(KEEP_MS);
    const dump = await subject.dump();
    await delay(KEEP_MS);
    const known = await swarm.statesAt(side, dump);
    const isMissed = known.some((each) => "why" in each && each.isMissed);
    if (isMissed && triesLeft > 1) return compare(triesLeft - 1);
    return known.map((each) => checkState(dump, each, plan));
  };
  const checks = await compare(DUMPS_MAX);
  await subject.stand();
  return checks;
}
