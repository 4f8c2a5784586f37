import { setTimeout as delay } from "node:timers/promises";
import { CloseCode } from "../../protocol/close-codes.ts";
import { SIDE_NAMES, SWARM_SHARE_MAX } from "../cases/match-lines.ts";
import { type Line, lineOf, type Measured, type Pair } from "../measure/pairs.ts";
import { cpuMs, residentBytes } from "../measure/process-cost.ts";
import { type MatchSettings, type Side, SPOKEN, startMatch } from "../subjects/match-subject.ts";
import type { SlowEnd } from "../swarm/slow-watch.ts";
import type { BlockRun } from "./match-block.ts";
import { quantilesOf } from "./window.ts";

/** So much state, so often, that Colyseus has more for a client that does not read than the kernel takes. */
const SLOW = 12;
const STEADY = 20;
const SETTINGS: MatchSettings = { players: STEADY + SLOW, npcs: 1_200, tickRateHz: 60 };
/** Of those who read all the time. */
const PROBES = 3;
/** The first half comes back in time; the second is so late that ours may end it. */
const STALLS_MS = [6_000, 12_000] as const;
const WARM_UP_MS = 6_000;
const WINDOW_MS = 6_000;
const CATCH_UP_MS = 3_000;
const LOOK_MS = 250;
const SETTLE_MS = 500;
/** What may wait for one client by the server's own settings, and what the heap does in these seconds in any case. */
const GROWTH_MB_MAX = (SLOW * 262_144) / 1e6 + 24;

const CUT = 1006;
const CLEAN_ENDS: ReadonlySet<number> = new Set([CloseCode.TOO_SLOW, CUT]);

/** How long all of this takes for one server. */
export const SLOW_READERS_MS =
  4_000 + WARM_UP_MS + 2 * WINDOW_MS + STALLS_MS[0] + STALLS_MS[1] + 2 * CATCH_UP_MS;

interface SlowResult {
  readonly others: readonly Pair[];
  readonly ends: readonly SlowEnd[];
  readonly grownMb: number;
}

/** Clients that do not read for a while, among others that do. */
export async function slowReaders(run: BlockRun, side: Side): Promise<readonly Line[]> {
  const { others, ends, grownMb } = await stallSome(run, side);
  const isOurs = side === "ours" || side === "ours-schema";
  const names = { oursName: SIDE_NAMES[side], peerName: "" };
  const plan = { ...names, isAbsolute: true, digits: 0, unit: "" };
  const whose = SIDE_NAMES[side];
  return [
    lineOf(
      {
        ...plan,
        id: `P15.${side}.wrong`,
        title: `slow readers of ${SLOW} with a wrong or repeated state: ${whose}`,
        ...(isOurs && { promised: { direction: "at most", must: 0, aim: 0 } as const }),
      },
      [absolute(ends.filter(isWrong).length)],
    ),
    lineOf(
      {
        ...plan,
        id: `P15.${side}.memory`,
        title: `what memory grew by while they did not read: ${whose}`,
        unit: "MB",
        ...(isOurs && {
          promised: { direction: "at most", must: GROWTH_MB_MAX, aim: GROWTH_MB_MAX } as const,
        }),
      },
      [absolute(grownMb)],
    ),
    lineOf(
      {
        ...names,
        peerName: "before",
        id: `P15.${side}.others`,
        title: `input to state, p99, of the others meanwhile: ${whose}`,
        unit: "ms",
        digits: 1,
        ...(isOurs && { promised: { direction: "at most", must: 1.1, aim: 1.1 } as const }),
      },
      others,
    ),
  ];
}

/**
 * Whoever was told that it is too slow, or was cut, knows where it stands: a client that does not read cannot be told.
 */
function isWrong({ closeCode, fault, wrong, repeated }: SlowEnd): boolean {
  if (fault !== undefined || wrong > 0 || repeated > 0) return true;
  return closeCode !== undefined && !CLEAN_ENDS.has(closeCode);
}

function wordOf({ closeCode, fault, wrong, repeated }: SlowEnd): string {
  const faults = [
    ...(wrong > 0 ? [`${wrong} wrong`] : []),
    ...(repeated > 0 ? [`${repeated} twice`] : []),
    ...(fault === undefined ? [] : [fault]),
    ...(closeCode === undefined ? [] : [`closed with ${closeCode}`]),
  ];
  return faults.length === 0 ? "caught up" : faults.join(" and ");
}

const free = { cpuMs: 0, wallMs: 0, foreignMs: 0 };
const absolute = (value: number): Pair => ({
  ours: { value, cost: free },
  peer: { value: 1, cost: free },
});

async function stallSome({ swarm, tls, scrape, say }: BlockRun, side: Side): Promise<SlowResult> {
  const subject = await startMatch(side, SETTINGS, tls);
  scrape(subject);
  const { way, dialect } = SPOKEN[side];
  const { tickRateHz } = SETTINGS;
  try {
    const who = { way, dialect, tickRateHz, count: STEADY, probes: PROBES, atOnce: STEADY };
    await swarm.openMatch(side, subject, who);
    // Snapshots are cheap to decode; everything in one state is not, for so many.
    await swarm.openSlow(side, subject, { way, count: SLOW, decode: side === "ours" });
    await subject.run();
    await swarm.playMatch(side, WARM_UP_MS);
    const others: Pair[] = [];
    let grownBytes = 0;
    const [startMs, loadMs] = [performance.now(), cpuMs(swarm.pid)];
    for (const part of [0, 1] as const) {
      const before = await p99(WINDOW_MS);
      const residentBefore = residentBytes(subject.pid);
      const stallMs = STALLS_MS[part];
      await swarm.stall(side, part, stallMs);
      const looking = looksFor(stallMs, () => residentBytes(subject.pid));
      others.push({ ours: await p99(stallMs), peer: before });
      grownBytes = Math.max(grownBytes, (await looking) - residentBefore);
      await swarm.playMatch(side, CATCH_UP_MS);
    }
    const share = (cpuMs(swarm.pid) - loadMs) / (performance.now() - startMs);
    if (share > SWARM_SHARE_MAX) throw new Error(`the load took ${share.toFixed(2)} of its core`);
    await subject.stand();
    await delay(SETTLE_MS);
    const ends = await swarm.slowEnds(side);
    say(`${side}: ${ends.map(wordOf).join(", ")}`);
    await swarm.close(side);
    return { others, ends, grownMb: grownBytes / 1e6 };
  } finally {
    await subject.stop();
  }

  async function p99(forMs: number): Promise<Measured> {
    const { inputToStateMs } = await swarm.playMatch(side, forMs);
    return { value: quantilesOf(inputToStateMs).p99, cost: free };
  }
}

/** @returns The largest that was seen. */
async function looksFor(forMs: number, look: () => number): Promise<number> {
  const endMs = performance.now() + forMs;
  let most = 0;
  while (performance.now() < endMs) {
    most = Math.max(most, look());
    await delay(LOOK_MS);
  }
  return most;
}
