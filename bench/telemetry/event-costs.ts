/**
 * What one event costs each part of telemetry by itself. A process of its own, which sends a list of {@link EventCost}.
 */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { silentTelemetry } from "../../server/telemetry/fanout.ts";
import type { ServerReading } from "../../server/telemetry/readings.ts";
import type { Telemetry } from "../../server/telemetry/telemetry.ts";
import { quantile } from "../measure/pairs.ts";
import { pin, SERVER_CORE } from "../subjects/subject.ts";
import { sendMeasured } from "./child-measurement.ts";
import { PLAYERS, TICK_RATE_HZ } from "./crowd.ts";
import { PART_MAKERS, type Part } from "./parts.ts";
import { SteppedClock } from "./stepped-clock.ts";

/** Nanoseconds of CPU for each event, all threads, median of the rounds. */
export interface EventCost {
  readonly name: string;
  readonly tickRanNs: number;
  readonly joinEndedNs: number;
  /** An event that is a log line. */
  readonly playerJoinedNs: number;
  /** As 20 times a second, with all that is sent every 10 s or 60 s. */
  readonly tickOfMatchNs: number;
  /** `undefined` where nothing is to be read. */
  readonly scrapeMs: number | undefined;
}

const ROUNDS = 5;
/** In a round: 20 minutes of a match. */
const TICKS = 24_000;
/** In a round, where nothing is written, and of log lines. */
const EVENTS = 50_000;
const LINES = 2_000;
/** Then what was written gets a turn of the event loop. */
const EVENTS_PER_TURN = 50;
/** What was written is on its way to the disk, or sent. */
const SETTLE_MS = 100;
const SCRAPES = 30;

const READING: ServerReading = {
  connections: { strangers: 0, clients: PLAYERS },
  traffic: { receivedBytes: 1e9, receivedFrames: 1e7, sentBytes: 1e10, sentFrames: 1e7 },
  sendQueue: { bytes: 20_000, largestBytes: 5_000 },
  phase: "active",
  gameSession: {
    gameSessionId: "arn:aws:gamelift:eu-central-1::gamesession/fleet-1/bench/gsess-bench",
    state: "active",
    seatsHeld: PLAYERS,
    seatsMax: PLAYERS,
  },
  match: {
    tickRateHz: TICK_RATE_HZ,
    ranTicks: 20_000,
    droppedTicks: 0,
    commandsQueued: 100,
    slowClients: 0,
    snapshots: { groups: 40, waiting: 1, keyframes: 5_000, ownMessages: 100, bytes: 1e9 },
  },
  isHealthy: true,
  health: { ticks: "ok", eventLoop: "ok", match: "ok" },
};

const tick = (telemetry: Telemetry, nth: number) =>
  telemetry.tickRan({
    durationMs: 2 + (nth % 97) / 30,
    lateMs: (nth % 13) / 5,
    intervalMs: 50 + (nth % 7) / 9,
    commands: PLAYERS,
  });
const joinEnded = (telemetry: Telemetry, nth: number) =>
  telemetry.joinEnded({
    connectionId: nth,
    transport: "tcp",
    outcome: "joined",
    durationMs: 5 + (nth % 31),
    traceParent: "",
  });
const playerJoined = (telemetry: Telemetry, nth: number) =>
  telemetry.playerJoined({
    connectionId: nth,
    playerId: `player-${nth % PLAYERS}`,
    playerSessionHash: "0a1b2c3d",
    seat: nth % PLAYERS,
    isTakeover: false,
  });

pin(process.pid, SERVER_CORE);
const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true }));
const costs: EventCost[] = [];
for (const make of PART_MAKERS) {
  // Each has time of its own, which moves for it alone.
  const clock = new SteppedClock();
  const part = make({
    clock,
    folder,
    readings: () => READING,
  });
  part.telemetry.serverListening({
    port: 1,
    adminPort: 2,
    room: "arena",
    fleet: "gamelift",
    tls: "off",
  });
  costs.push(await costsOf(part, clock));
  part.telemetry.serverStopped({ exitCode: 0 });
}
sendMeasured(costs);

async function costsOf({ name, telemetry, scrape }: Part, clock: SteppedClock): Promise<EventCost> {
  const nsOf = (act: (to: Telemetry, nth: number) => void, count: number) =>
    beyondSilence((to) => eventsNs(to, act, count), telemetry);
  return {
    name,
    tickRanNs: await nsOf(tick, EVENTS),
    joinEndedNs: await nsOf(joinEnded, EVENTS),
    playerJoinedNs: await nsOf(playerJoined, LINES),
    tickOfMatchNs: await beyondSilence(
      (to) => ticksOfMatchNs(to, to === telemetry ? clock : new SteppedClock()),
      telemetry,
    ),
    scrapeMs: scrape && (await scrapeMs(scrape)),
  };
}

/** The median of what it costs to tell, beyond telling nobody. */
async function beyondSilence(
  measure: (to: Telemetry) => Promise<number>,
  telemetry: Telemetry,
): Promise<number> {
  const values: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const nobody = await measure(silentTelemetry);
    values.push((await measure(telemetry)) - nobody);
  }
  // The first one runs code that is not compiled yet.
  return quantile(values.slice(1), 0.5);
}

async function eventsNs(
  to: Telemetry,
  act: (to: Telemetry, nth: number) => void,
  count: number,
): Promise<number> {
  return cpuNs(count, async () => {
    for (let nth = 0; nth < count; nth++) {
      act(to, nth);
      if (nth % EVENTS_PER_TURN === 0) await turn();
    }
    await delay(SETTLE_MS);
  });
}

async function ticksOfMatchNs(to: Telemetry, clock: SteppedClock): Promise<number> {
  return cpuNs(TICKS, async () => {
    for (let nth = 0; nth < TICKS; nth++) {
      tick(to, nth);
      clock.advance(1000 / TICK_RATE_HZ);
      if (nth % EVENTS_PER_TURN === 0) await turn();
    }
    await delay(SETTLE_MS);
  });
}

async function cpuNs(count: number, work: () => Promise<void>): Promise<number> {
  globalThis.gc?.();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / count;
}

async function scrapeMs(scrape: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let nth = 0; nth < SCRAPES; nth++) {
    const startMs = performance.now();
    await scrape();
    values.push(performance.now() - startMs);
  }
  return quantile(values, 0.5);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
