import { setTimeout as delay } from "node:timers/promises";
import { type LinePlan, lineOf, type Measured, type Pair } from "../measure/pairs.ts";
import { collectedBytes, residentBytes } from "../measure/process-cost.ts";
import {
  type RoomSettings,
  type Subject,
  startColyseus,
  startFleetroom,
} from "../subjects/subject.ts";
import type { Way } from "../swarm/player.ts";
import { type BenchRun, type Family, withSubjects } from "./bench-run.ts";

/** Whoever joins watches: what a game keeps of its players is the game's, and the same on all servers. */
const ROOM: RoomSettings = { seats: 450, patchMs: 50, profileChars: "none" };
const CONNECTIONS = 400;
const AT_ONCE = 50;
/**
 * Waves that come and go first. V8 compiles what runs once per join after some 400 joins, which takes 20 MB of memory
 * that no connection needs, on all servers.
 */
const WARM_UP_WAVES = 12;
/** Silence is borne for 5 seconds on ours; opening, this and collecting take less. */
const SETTLE_MS = 500;
const WAVE_REST_MS = 30;

/** How resident memory is read: with what waits to be collected, as an operator sees it, or without. */
const READINGS = ["asItIs", "collected"] as const;
type Reading = (typeof READINGS)[number];
type Grown = Readonly<Record<Reading, Measured>>;

const KINDS = ["play", "tcp", "silent"] as const;
type Kind = (typeof KINDS)[number];
const LINES = {
  play: { title: "joined idle connection, WebSocket", peerName: "Colyseus, joined" },
  tcp: { title: "joined idle connection, TCP", peerName: "Colyseus, joined" },
  silent: { title: "silent connection before admission", peerName: "Colyseus, silent" },
} as const;

/** Resident memory that connections which do nothing add to a process that has seen many. */
export const memory: Family = async (run) => {
  const found: Record<Kind, { ours: Grown; peer: Grown; peerAgain?: Grown }[]> = {
    play: [],
    tcp: [],
    silent: [],
  };
  for (let round = 1; round <= run.effort.memoryRounds; round++) {
    run.say(`memory, round ${round} of ${run.effort.memoryRounds}`);
    const { tls } = run;
    await withSubjects<[Subject, Subject, Subject, Subject], void>(
      [
        startColyseus(ROOM, tls),
        startFleetroom(ROOM, tls),
        startFleetroom(ROOM, tls),
        startColyseus(ROOM, tls),
      ],
      async (colyseus, ours, oursToo, colyseusToo) => {
        const peer = await perConnection(run, colyseus, "stock");
        const tcp = await perConnection(run, ours, "tcp");
        const play = await perConnection(run, oursToo, "play");
        const peerAgain = await perConnection(run, colyseusToo, "stock");
        found.tcp.push({ ours: tcp, peer, peerAgain });
        found.play.push({ ours: play, peer, peerAgain });
      },
    );
    await withSubjects<[Subject, Subject], void>(
      [startColyseus(ROOM, tls), startFleetroom(ROOM, tls)],
      async (colyseus, ours) => {
        const peer = await perConnection(run, colyseus, "silent");
        found.silent.push({ peer, ours: await perConnection(run, ours, "silent") });
      },
    );
  }
  return READINGS.flatMap((reading) =>
    KINDS.map((kind) => {
      const isAsItIs = reading === "asItIs";
      const plan: LinePlan = {
        id: `memory.${kind}.${reading}`,
        title: `memory per ${LINES[kind].title}${isAsItIs ? "" : ", after collecting"}`,
        unit: "KB",
        digits: 1,
        oursName: "ours",
        peerName: LINES[kind].peerName,
        ...(isAsItIs && { promised: { direction: "at most", must: 0.6, aim: 0.4 } }),
      };
      const pairs = found[kind].map(
        ({ ours, peer, peerAgain }): Pair => ({
          ours: ours[reading],
          peer: peer[reading],
          ...(peerAgain !== undefined && { peerAgain: peerAgain[reading] }),
        }),
      );
      return lineOf(plan, pairs);
    }),
  );
};

async function perConnection({ swarm }: BenchRun, server: Subject, way: Way): Promise<Grown> {
  for (let wave = 0; wave < WARM_UP_WAVES; wave++) {
    await swarm.open("warm", server, way, AT_ONCE);
    await delay(WAVE_REST_MS);
    await swarm.close("warm");
    await delay(WAVE_REST_MS);
  }
  await delay(SETTLE_MS);
  const before = await collectedBytes(server.pid);
  await swarm.open("idle", server, way, CONNECTIONS, AT_ONCE);
  await delay(SETTLE_MS);
  const grown = (bytes: number): Measured => ({
    value: (bytes - before) / 1024 / CONNECTIONS,
    // Memory is no matter of time; other work on the core does not spoil it.
    cost: { cpuMs: 0, wallMs: 0, foreignMs: 0 },
  });
  const asItIs = grown(residentBytes(server.pid));
  const collected = grown(await collectedBytes(server.pid));
  await swarm.close("idle");
  return { asItIs, collected };
}
