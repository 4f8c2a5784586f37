import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pause, percentile, report } from "../hostile/report.ts";
import { GameLiftMatch } from "../support/gamelift-match.ts";
import { LightPlayer } from "../support/light-player.ts";
import { MadeUpIds } from "../support/made-up-ids.ts";

const PLAYERS = 200;
const ARRIVE_WITHIN_MS = 1_000;
const MADE_UP_PER_SECOND = 500;
/** Valid joins beside the flood once the match is full of players: so many, so far apart. */
const LATECOMERS = 150;
const LATECOMER_EVERY_MS = 100;
/** Player sessions of people who came and went, or never came, before: more than one description can name. */
const EARLIER = 1_100;
const RESERVATION_MS = 5_000;
const TRY_AGAIN = 4403;
const TRY_AGAIN_AFTER_MS = 250;

let match: GameLiftMatch;

beforeEach(async () => {
  match = await GameLiftMatch.host({
    service: { limits: "documented", reservationMs: RESERVATION_MS },
    seats: PLAYERS + 40,
  });
});

afterEach(() => match[Symbol.asyncDispose]());

interface Arrival {
  readonly player: LightPlayer;
  /** From the first attempt to the state. */
  readonly tookMs: number;
  /** Answers that told him to try again. */
  readonly retries: number;
}

/** His player session is made as he comes; he tries again when he is told to. */
async function arrive(number: number): Promise<Arrival> {
  const way = {
    port: match.port,
    transport: number % 2 === 0 ? "tcp" : "ws",
  } as const;
  const id = match.reserve(`player-${number}`);
  const startMs = performance.now();
  for (let retries = 0; ; retries++) {
    const answer = await LightPlayer.join(way, id);
    if (typeof answer !== "number") {
      return { player: answer, tookMs: performance.now() - startMs, retries };
    }
    if (answer !== TRY_AGAIN) throw new Error(`player ${number} was refused with ${answer}`);
    await pause(TRY_AGAIN_AFTER_MS);
  }
}

/** All of them within a second. @returns How long it took until the last had his seat. */
async function arriveTogether() {
  const startMs = performance.now();
  const arrivals = await Promise.all(
    Array.from({ length: PLAYERS }, async (_, number) => {
      await pause((number * ARRIVE_WITHIN_MS) / PLAYERS);
      return arrive(number);
    }),
  );
  return { allInMs: Math.round(performance.now() - startMs), ...figuresOf(arrivals) };
}

/** One after the other, each leaves as soon as he is in. */
async function comeAndGo(count: number) {
  const arrivals: Promise<Arrival>[] = [];
  for (let number = 0; number < count; number++) {
    const one = arrive(PLAYERS + number);
    arrivals.push(one);
    void one.then(({ player }) => player.leave());
    await pause(LATECOMER_EVERY_MS);
  }
  return figuresOf(await Promise.all(arrivals));
}

function figuresOf(arrivals: readonly Arrival[]) {
  const tookMs = arrivals.map((each) => each.tookMs);
  return {
    joins: arrivals.length,
    p50Ms: percentile(tookMs, 0.5),
    p99Ms: percentile(tookMs, 0.99),
    maxMs: percentile(tookMs, 1),
    retries: arrivals.reduce((sum, { retries }) => sum + retries, 0),
  };
}

const overRate = () => match.service.requests.filter(({ statusCode }) => statusCode === 429).length;

describe("the service's documented limits", () => {
  it("[GT7] let 200 players who arrive within a second in within three", async () => {
    const together = await arriveTogether();
    const describes = match.service.count("DescribePlayerSessions");
    report("gamelift_limits", { ...together, describes, overRate: overRate() });
    expect(together.allInMs).toBeLessThan(3_000);
    expect(match.counts).toMatchObject({ accepts: PLAYERS, acceptRequests: PLAYERS });
    expect(overRate()).toBe(0);
    expect(match.service.violations).toEqual([]);
  });

  it("[GT7] let them in within ten beside 500 made-up ids a second, and those who come later within one", async () => {
    const flood = new MadeUpIds(match.port, MADE_UP_PER_SECOND);
    await pause(2_000);
    const together = await arriveTogether();
    const later = await comeAndGo(LATECOMERS);
    const madeUp = await flood.stop();
    const describes = match.service.count("DescribePlayerSessions");
    report("gamelift_limits_flood", { together, later, madeUp, describes, overRate: overRate() });
    expect(together.allInMs).toBeLessThan(10_000);
    expect(later.p99Ms).toBeLessThan(1_000);
    expect(madeUp.codes["0"]).toBeUndefined();
    expect(madeUp.asked).toBeGreaterThan(15 * MADE_UP_PER_SECOND * 0.9);
    expect(match.counts.acceptRequests).toBe(PLAYERS + LATECOMERS);
    expect(overRate()).toBe(0);
  });

  it("[GT7] let players in as fast when 1,100 have had player sessions before them", async () => {
    for (let number = 0; number < EARLIER; number++) {
      match.service.createPlayerSession(match.arn, `earlier-${number}`, "", { force: true });
    }
    await pause(RESERVATION_MS + 500);
    const flood = new MadeUpIds(match.port, MADE_UP_PER_SECOND);
    const later = await comeAndGo(50);
    const madeUp = await flood.stop();
    report("gamelift_limits_old_match", { earlier: EARLIER, later, madeUp, overRate: overRate() });
    expect(later.p99Ms).toBeLessThan(1_000);
    expect(overRate()).toBe(0);
  });
});
