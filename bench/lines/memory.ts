import { setTimeout as delay } from "node:timers/promises";
import { furtherGrowth, kilobytesEach, type Readings, wholeGrowth } from "../measure/growth.ts";
import { type Line, type LinePlan, lineOf, type Measured, type Pair } from "../measure/pairs.ts";
import { collectedBytes, residentBytes } from "../measure/process-cost.ts";
import {
  type RoomSettings,
  type Subject,
  startColyseus,
  startFleetroom,
} from "../subjects/subject.ts";
import { type BenchRun, type Family, withSubjects } from "./bench-run.ts";

const ROOM: RoomSettings = { seats: 850, patchMs: 50, profileChars: 0 };
/** Those who join first and stay, so that what is compiled for the first joins is there already, and all who join. */
const CROWD = { warm: 350, full: 800 };
const SILENT = 500;
/** Silent clients that come and go first, so that code and buffers that are needed once are there already. */
const SILENT_WARM_UP = 40;
const AT_ONCE = 50;
/** Silence is borne for 5 seconds on ours; opening, this and collecting take less. */
const SETTLE_MS = 500;
const PROMISED = { direction: "at most", must: 0.6, aim: 0.4 } as const;

const WAYS = ["play", "tcp"] as const;
const TITLES = { play: "WebSocket", tcp: "TCP" } as const;

/**
 * How resident memory is read: with what waits to be collected, as an operator sees it, or without. Each in processes of
 * its own, since collecting changes what is seen later.
 */
type Reader = (pid: number) => number | Promise<number>;

/** Resident memory that connections which do nothing add to a fresh process. */
export const memory: Family = async (run) => {
  const joined: JoinedFound = { play: [], tcp: [] };
  const silent: SilentPairs[] = [];
  for (let round = 1; round <= run.effort.memoryRounds; round++) {
    run.say(`memory, round ${round} of ${run.effort.memoryRounds}`);
    const asItIs = await joinedRound(run, residentBytes);
    const collected = await joinedRound(run, collectedBytes);
    for (const way of WAYS) {
      joined[way].push({
        whole: pairOf(asItIs, way, wholeGrowth),
        further: pairOf(asItIs, way, furtherGrowth),
        furtherCollected: pairOf(collected, way, furtherGrowth),
      });
    }
    silent.push(await silentRound(run));
  }
  return [...promisedLines(joined, silent), ...otherLines(joined, silent)];
};

function promisedLines(joined: JoinedFound, silent: readonly SilentPairs[]): Line[] {
  const ofJoined = WAYS.map((way) => {
    const plan = planOf(`${way}.whole`, `resident memory per joined connection, ${TITLES[way]}`);
    const pairs = joined[way].map(({ whole }) => whole);
    return lineOf({ ...plan, promised: PROMISED }, pairs);
  });
  const pairs = silent.map(({ collected }) => collected);
  return [...ofJoined, lineOf({ ...SILENT_PLAN, promised: PROMISED }, pairs)];
}

function otherLines(joined: JoinedFound, silent: readonly SilentPairs[]): Line[] {
  const ofJoined = WAYS.flatMap((way) => {
    const title = `memory per further joined connection, ${TITLES[way]}`;
    const asItIs = planOf(`${way}.further.asItIs`, `${title}, garbage included`);
    const collected = planOf(`${way}.further.collected`, `${title}, collected`);
    return [
      lineOf(
        asItIs,
        joined[way].map(({ further }) => further),
      ),
      lineOf(
        collected,
        joined[way].map(({ furtherCollected }) => furtherCollected),
      ),
    ];
  });
  const title = `${SILENT_PLAN.title}, garbage included`;
  const pairs = silent.map(({ asItIs }) => asItIs);
  return [...ofJoined, lineOf({ ...SILENT_PLAN, id: "memory.silent.asItIs", title }, pairs)];
}

const planOf = (id: string, title: string): LinePlan => ({
  id: `memory.${id}`,
  title,
  unit: "KB",
  digits: 1,
  oursName: "ours",
  peerName: "Colyseus, joined",
});

const SILENT_PLAN: LinePlan = {
  ...planOf("silent.collected", "memory per silent connection before admission"),
  peerName: "Colyseus, silent",
};

type JoinedPairs = Readonly<Record<"whole" | "further" | "furtherCollected", Pair>>;
type JoinedFound = Readonly<Record<"play" | "tcp", JoinedPairs[]>>;
type SilentPairs = Readonly<Record<"collected" | "asItIs", Pair>>;
type JoinedRound = Readonly<Record<"play" | "tcp" | "peer" | "peerAgain", Readings>>;

function pairOf(
  round: JoinedRound,
  way: "play" | "tcp",
  growth: (readings: Readings, crowd: typeof CROWD) => number,
): Pair {
  const of = (readings: Readings) => measured(growth(readings, CROWD));
  return { ours: of(round[way]), peer: of(round.peer), peerAgain: of(round.peerAgain) };
}

/** Memory is no matter of time; other work on the core does not spoil it. */
const measured = (value: number): Measured => ({
  value,
  cost: { cpuMs: 0, wallMs: 0, foreignMs: 0 },
});

function joinedRound(run: BenchRun, read: Reader): Promise<JoinedRound> {
  const { tls } = run;
  return withSubjects<[Subject, Subject, Subject, Subject], JoinedRound>(
    [
      startColyseus(ROOM, tls),
      startFleetroom(ROOM, tls),
      startFleetroom(ROOM, tls),
      startColyseus(ROOM, tls),
    ],
    async (colyseus, ours, oursToo, colyseusToo) => ({
      peer: await whileJoining(run, colyseus, "stock", read),
      tcp: await whileJoining(run, ours, "tcp", read),
      play: await whileJoining(run, oursToo, "play", read),
      peerAgain: await whileJoining(run, colyseusToo, "stock", read),
    }),
  );
}

async function whileJoining(
  { swarm }: BenchRun,
  server: Subject,
  way: "play" | "tcp" | "stock",
  read: Reader,
): Promise<Readings> {
  const fresh = await read(server.pid);
  await swarm.open("idle", server, way, CROWD.warm, AT_ONCE);
  await delay(SETTLE_MS);
  const warm = await read(server.pid);
  await swarm.open("idle", server, way, CROWD.full - CROWD.warm, AT_ONCE);
  await delay(SETTLE_MS);
  const full = await read(server.pid);
  await swarm.close("idle");
  return { fresh, warm, full };
}

function silentRound(run: BenchRun): Promise<SilentPairs> {
  return withSubjects<[Subject, Subject], SilentPairs>(
    [startColyseus(ROOM, run.tls), startFleetroom(ROOM, run.tls)],
    async (colyseus, server) => {
      const peer = await whileSilent(run, colyseus);
      const ours = await whileSilent(run, server);
      return {
        collected: { ours: ours.collected, peer: peer.collected },
        asItIs: { ours: ours.asItIs, peer: peer.asItIs },
      };
    },
  );
}

async function whileSilent({ swarm }: BenchRun, server: Subject) {
  await swarm.open("warm", server, "silent", SILENT_WARM_UP);
  await swarm.close("warm");
  await delay(SETTLE_MS);
  const before = await collectedBytes(server.pid);
  await swarm.open("idle", server, "silent", SILENT, AT_ONCE);
  await delay(SETTLE_MS);
  const asItIs = measured(kilobytesEach(residentBytes(server.pid) - before, SILENT));
  const collected = measured(kilobytesEach((await collectedBytes(server.pid)) - before, SILENT));
  await swarm.close("idle");
  return { asItIs, collected };
}
