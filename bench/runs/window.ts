import { setTimeout as delay } from "node:timers/promises";
import { LEAD_MS, SETTLE_MS } from "../cases/match-case.ts";
import { quantile } from "../measure/pairs.ts";
import { type Cost, costOf, cpuMs, processTimes, residentBytes } from "../measure/process-cost.ts";
import type { MatchSettings, MatchSubject, Side } from "../subjects/match-subject.ts";
import { SERVER_CORE } from "../subjects/subject.ts";
import type { Swarm } from "../swarm/swarm.ts";

/** A match that is there, and plays when it is its turn. Its players are the swarm's group of the side's name. */
export interface Seated {
  readonly side: Side;
  readonly subject: MatchSubject;
  /** Resident, after its warm-up. */
  settledBytes: number;
}

/** What one match did for some seconds. */
export interface Window {
  readonly cost: Cost;
  /** Of the CPU time, what the kernel did for the process. */
  readonly systemShare: number;
  /** Steps in a second. */
  readonly rateHz: number;
  /** By how much longer than a period it was from one step to the next. */
  readonly lateMs: Quantiles;
  readonly inputToStateMs: Quantiles & { readonly count: number };
  /** With frames and pings, without what TCP adds. */
  readonly bytesPerClientSecond: number;
  readonly statesPerClientSecond: number;
  readonly inputsPerClientSecond: number;
  readonly residentBytes: number;
  /** The same when all matches of the block had warmed up together, without a pause: V8 gives back what stands. */
  readonly settledBytes: number;
  /** Of one core, what the load took. */
  readonly swarmShare: number;
}

interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

export interface WindowPlan {
  readonly swarm: Swarm;
  readonly settings: MatchSettings;
  readonly windowMs: number;
}

/** Lets one match play, all others stand. */
export async function measureWindow(
  plan: WindowPlan,
  { side, subject, settledBytes }: Seated,
  { all, messageBytes }: { all: readonly Seated[]; messageBytes: number | undefined },
): Promise<Window> {
  const { swarm, settings, windowMs } = plan;
  const { players, tickRateHz } = settings;
  const others = all.filter((each) => each.subject !== subject);
  const othersMs = () => others.reduce((sum, other) => sum + cpuMs(other.subject.pid), 0);
  await subject.run(messageBytes);
  const playing = swarm.playMatch(side, LEAD_MS + windowMs + SETTLE_MS);
  await delay(LEAD_MS);
  await swarm.count(side);
  const before = { times: processTimes(subject.pid), swarm: cpuMs(swarm.pid), others: othersMs() };
  const { value: received, ...cost } = await costOf(subject, SERVER_CORE, async () => {
    await delay(windowMs);
    return swarm.count(side);
  });
  const swarmShare = (cpuMs(swarm.pid) - before.swarm) / cost.wallMs;
  const siblingsMs = othersMs() - before.others;
  const times = processTimes(subject.pid);
  const played = await playing;
  const beganMs = await subject.stand();
  await delay(SETTLE_MS);
  const seconds = cost.wallMs / 1000;
  return {
    // Matches that stand still cost something, too, and are no foreign work.
    cost: { ...cost, foreignMs: Math.max(0, cost.foreignMs - siblingsMs) },
    systemShare: systemShareOf(before.times, times),
    ...paceOf(beganMs, tickRateHz),
    inputToStateMs: { ...quantilesOf(played.inputToStateMs), count: played.inputToStateMs.length },
    bytesPerClientSecond: received.wireBytes / players / seconds,
    statesPerClientSecond: (received.patches + received.messages) / players / seconds,
    inputsPerClientSecond: (1000 * played.inputs) / players / (LEAD_MS + windowMs + SETTLE_MS),
    residentBytes: residentBytes(subject.pid),
    settledBytes,
    swarmShare,
  };
}

type Times = ReturnType<typeof processTimes>;

function systemShareOf(before: Times, after: Times): number {
  const systemMs = after.systemMs - before.systemMs;
  const allMs = systemMs + after.userMs - before.userMs;
  return allMs === 0 ? 0 : systemMs / allMs;
}

/** @param beganMs - When each step began. */
export function paceOf(
  beganMs: readonly number[],
  tickRateHz: number,
): Pick<Window, "rateHz" | "lateMs"> {
  const first = beganMs[0] ?? Number.NaN;
  const last = beganMs.at(-1) ?? Number.NaN;
  const late = beganMs.slice(1).map((ms, nth) => ms - (beganMs[nth] ?? 0) - 1000 / tickRateHz);
  return { rateHz: (1000 * (beganMs.length - 1)) / (last - first), lateMs: quantilesOf(late) };
}

export function quantilesOf(values: readonly number[]): Quantiles {
  return { p50: quantile(values, 0.5), p99: quantile(values, 0.99) };
}
