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

const CONNECTIONS = 500;
const AT_ONCE = 50;
const ROOM: RoomSettings = { seats: 600, patchMs: 50, profileChars: 0 };
/** Clients that come and go first, so that code and buffers that are needed once are there already. */
const WARM_UP = 40;
/** Silence is borne for 5 seconds on ours; opening, this and collecting take less. */
const SETTLE_MS = 500;

/** How resident memory is read: with what waits to be collected, as an operator sees it, or without. */
const READINGS = ["collected", "asItIs"] as const;
type Reading = (typeof READINGS)[number];
type Grown = Readonly<Record<Reading, Measured>>;

const JOINED = { title: "joined idle connection", peerName: "Colyseus, joined" };
const LINES = {
  play: { ...JOINED, title: `${JOINED.title}, WebSocket` },
  tcp: { ...JOINED, title: `${JOINED.title}, TCP` },
  silent: { title: "silent connection before admission", peerName: "Colyseus, silent" },
} as const;
type Kind = keyof typeof LINES;

/** Resident memory of a fresh process before and after 500 connections that then do nothing. */
export const memory: Family = async (run) => {
  const found: Record<Kind, { ours: Grown; peer: Grown; peerAgain?: Grown }[]> = {
    play: [],
    tcp: [],
    silent: [],
  };
  for (let round = 1; round <= run.effort.memoryRounds; round++) {
    run.say(`memory, round ${round} of ${run.effort.memoryRounds}`);
    await withSubjects<[Subject, Subject, Subject, Subject], void>(
      [
        startColyseus(ROOM, run.tls),
        startFleetroom(ROOM, run.tls),
        startFleetroom(ROOM, run.tls),
        startColyseus(ROOM, run.tls),
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
      [startColyseus(ROOM, run.tls), startFleetroom(ROOM, run.tls)],
      async (colyseus, ours) => {
        const peer = await perConnection(run, colyseus, "silent");
        found.silent.push({ peer, ours: await perConnection(run, ours, "silent") });
      },
    );
  }
  return READINGS.flatMap((reading) =>
    (["play", "tcp", "silent"] as const).map((kind) => {
      const isCollected = reading === "collected";
      const plan: LinePlan = {
        id: `memory.${kind}.${reading}`,
        title: `memory per ${LINES[kind].title}${isCollected ? "" : ", garbage included"}`,
        unit: "KB",
        digits: 1,
        oursName: "ours",
        peerName: LINES[kind].peerName,
        ...(isCollected && { promised: { direction: "at most", must: 0.6, aim: 0.4 } }),
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
  await swarm.open("warm", server, way, WARM_UP);
  await swarm.close("warm");
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
