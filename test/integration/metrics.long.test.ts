import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collectedBytes } from "../../bench/measure/process-cost.ts";
import { CloseCode } from "../../protocol/close-codes.ts";
import { PROMETHEUS_LIMITS } from "../../server/telemetry/prometheus/limits.ts";
import { inParallel, pause, percentile, report } from "../hostile/report.ts";
import { GameLiftMatch } from "../support/gamelift-match.ts";
import { LightPlayer } from "../support/light-player.ts";
import { MadeUpIds } from "../support/made-up-ids.ts";
import { Scraper, sumOf } from "../support/scraper.ts";

const PLAYERS = 200;
/** For those who come and go. */
const SPARE_SEATS = 20;
const AT_ONCE = 20;
const TRIES_MAX = 100;
const SCRAPE_EVERY_MS = 1_000;
const SCRAPE_MS_MAX = 20;
const SCRAPED_MS = 20_000;
const ROUNDS = 6;
const REFUSED = 10_000;
const REFUSED_PER_SECOND = 500;
/** What its thread takes to start, and more. */
const FLOOD_STARTS_MS = 700;
const VISITORS = 1_000;
/** Of what is in use, from the third round to the sixth; what collecting leaves differs by so much. */
const GROWTH_MAX = 0.05;
const COLLECT = `--import ${path.join(import.meta.dirname, "../../bench/subjects/collect-on-signal.js")}`;

const isPossible = process.platform === "linux";
if (!isPossible) process.stderr.write("SKIPPED: what a scrape costs; Linux tells of a thread\n");

let match: GameLiftMatch;
const players: LightPlayer[] = [];
let steering: NodeJS.Timeout;

const pidOf = ({ server }: GameLiftMatch) => server.child.pid ?? 0;
const transportOf = (number: number) => (number % 2 === 0 ? "tcp" : "ws");

/** Whoever is told to try again does. */
async function patientlyIn(playerId: string, transport: "tcp" | "ws"): Promise<LightPlayer> {
  const id = match.reserve(playerId);
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const answer = await LightPlayer.join({ port: match.port, transport }, id);
    if (typeof answer !== "number") return answer;
    if (answer !== CloseCode.TRY_AGAIN) throw new Error(`${playerId} was refused with ${answer}`);
    await pause(100);
  }
  throw new Error(`${playerId} was told to try again ${TRIES_MAX} times`);
}

beforeAll(async () => {
  match = await GameLiftMatch.host({
    seats: PLAYERS + SPARE_SEATS,
    variables: { NODE_OPTIONS: COLLECT },
  });
  await inParallel(PLAYERS, AT_ONCE, async (number) => {
    players.push(await patientlyIn(`player-${number}`, transportOf(number)));
  });
  steering = setInterval(() => {
    for (const player of players) player.steer();
  }, 50);
}, 60_000);

afterAll(async () => {
  clearInterval(steering);
  await match[Symbol.asyncDispose]();
});

async function metricsText(): Promise<string> {
  const answer = await fetch(`${match.server.adminUrl}/metrics`);
  if (answer.status !== 200) throw new Error(`/metrics answered with ${answer.status}`);
  return answer.text();
}

describe("a match with 200 players over both transports", () => {
  it.skipIf(!isPossible)("[ME8] is scraped every second in less than 20 ms each time", async () => {
    const before = await metricsText();
    const scraper = new Scraper(match.server.adminUrl, pidOf(match), SCRAPE_EVERY_MS);
    await pause(SCRAPED_MS);
    const scrapes = await scraper.stop();
    const text = scrapes.at(-1)?.text ?? "";
    const costsMs = scrapes.map(({ cpuMs }) => cpuMs);
    const controlsMs = scrapes.map(({ controlMs }) => controlMs);
    report("metrics_scrape", {
      players: sumOf(text, "fleetroom_players"),
      scrapes: scrapes.length,
      medianMs: percentile(costsMs, 0.5),
      mostMs: percentile(costsMs, 1),
      controlMedianMs: percentile(controlsMs, 0.5),
      controlMostMs: percentile(controlsMs, 1),
      series: scrapes.at(-1)?.series,
      ticks: sumOf(text, "fleetroom_ticks_total") - sumOf(before, "fleetroom_ticks_total"),
      collectedSeconds: sumOf(text, "fleetroom_gc_seconds_total"),
    });
    expect(scrapes.length).toBeGreaterThan(15);
    expect(percentile(costsMs, 0.5)).toBeLessThan(SCRAPE_MS_MAX / 2);
    // Steps fall in both.
    expect(Math.max(...costsMs) - Math.max(...controlsMs)).toBeLessThan(SCRAPE_MS_MAX);
    expect(sumOf(text, "fleetroom_players")).toBe(PLAYERS);
    expect(sumOf(text, "fleetroom_connections")).toBeGreaterThanOrEqual(PLAYERS);
    const passed = (metric: string) => sumOf(text, metric) - sumOf(before, metric);
    expect(passed("fleetroom_ticks_total")).toBeGreaterThan(300);
    expect(passed("fleetroom_commands_received_total")).toBeGreaterThan(30_000);
    expect(passed("fleetroom_sent_frames_total")).toBeGreaterThan(30_000);
  });

  it("[ME8] has no more series and no more memory for 10,000 refused joins and 1,000 players in and out", async () => {
    const before = await metricsText();
    const series: number[] = [];
    const heapBytes: number[] = [];
    const residentBytes: number[] = [];
    let visits = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const flood = new MadeUpIds(match.port, REFUSED_PER_SECOND);
      const startMs = performance.now();
      const visitors = Math.ceil(VISITORS / ROUNDS);
      await inParallel(visitors, AT_ONCE, async () => {
        const number = visits++;
        const visitor = await patientlyIn(`visitor-${number}`, transportOf(number));
        await visitor.leave();
      });
      const leftMs = (REFUSED / ROUNDS / REFUSED_PER_SECOND) * 1000 - (performance.now() - startMs);
      await pause(Math.max(0, leftMs) + FLOOD_STARTS_MS);
      await flood.stop();
      residentBytes.push(await collectedBytes(pidOf(match)));
      const text = await metricsText();
      series.push(text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length);
      heapBytes.push(sumOf(text, "nodejs_heap_size_used_bytes"));
    }
    const after = await metricsText();
    const passed = (metric: string) => sumOf(after, metric) - sumOf(before, metric);
    const growth = (values: readonly number[]) => (values[5] ?? 0) / (values[2] ?? 0) - 1;
    const joins = passed("fleetroom_joins_total");
    report("metrics_bounded", {
      visits,
      refused: joins - visits,
      series,
      heapMegabytes: heapBytes.map((bytes) => Math.round(bytes / 104_858) / 10),
      residentMegabytes: residentBytes.map((bytes) => Math.round(bytes / 104_858) / 10),
    });
    expect(visits).toBeGreaterThanOrEqual(VISITORS);
    expect(joins - visits).toBeGreaterThanOrEqual(REFUSED);
    expect(new Set(series).size).toBe(1);
    expect(Math.max(...series)).toBeLessThanOrEqual(PROMETHEUS_LIMITS.seriesMax);
    expect(growth(heapBytes)).toBeLessThan(GROWTH_MAX);
    expect(growth(residentBytes)).toBeLessThan(GROWTH_MAX);
    expect(players.filter(({ isClosed }) => isClosed)).toEqual([]);
  });
});
