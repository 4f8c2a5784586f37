import { setTimeout as delay } from "node:timers/promises";
import { type LinePlan, lineOf, type Measured, type Pair } from "../measure/pairs.ts";
import { settledBytes } from "../measure/process-cost.ts";
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
const SETTLE_MS = 1_000;

const PROMISED = { direction: "at most", must: 0.6, aim: 0.4 } as const;

/** Resident memory of a fresh process before and after 500 connections that then do nothing. */
export const memory: Family = async (run) => {
  const pairs: Record<"tcp" | "play" | "silent" | "mute", Pair[]> = {
    tcp: [],
    play: [],
    silent: [],
    mute: [],
  };
  for (let round = 1; round <= run.effort.memoryRounds; round++) {
    run.say(`memory, round ${round} of ${run.effort.memoryRounds}`);
    const peer = await perConnection(run, startColyseus, "stock");
    const tcp = await perConnection(run, startFleetroom, "tcp");
    const play = await perConnection(run, startFleetroom, "play");
    const peerAgain = await perConnection(run, startColyseus, "stock");
    pairs.tcp.push({ ours: tcp, peer, peerAgain });
    pairs.play.push({ ours: play, peer, peerAgain });
    const idle = await perConnection(run, startColyseus, "silent");
    const silent = await perConnection(run, startFleetroom, "silent");
    const mute = await perConnection(run, startFleetroom, "mute");
    const idleAgain = await perConnection(run, startColyseus, "silent");
    pairs.silent.push({ ours: silent, peer: idle, peerAgain: idleAgain });
    pairs.mute.push({ ours: mute, peer: idle, peerAgain: idleAgain });
  }
  const plan = { unit: "KB", digits: 1, oursName: "ours" };
  const lines: readonly (readonly [keyof typeof pairs, LinePlan])[] = [
    [
      "play",
      {
        ...plan,
        id: "memory.joined.play",
        title: "memory per joined idle connection, WebSocket",
        peerName: "Colyseus, joined",
        promised: PROMISED,
      },
    ],
    [
      "tcp",
      {
        ...plan,
        id: "memory.joined.tcp",
        title: "memory per joined idle connection, TCP",
        peerName: "Colyseus, joined",
        promised: PROMISED,
      },
    ],
    [
      "silent",
      {
        ...plan,
        id: "memory.silent",
        title: "memory per silent connection before admission",
        peerName: "Colyseus, silent",
        promised: PROMISED,
      },
    ],
    [
      "mute",
      {
        ...plan,
        id: "memory.mute",
        title: "memory per WebSocket that says no HELLO",
        peerName: "Colyseus, silent TCP",
      },
    ],
  ];
  return lines.map(([kind, line]) => lineOf(line, pairs[kind]));
};

function perConnection(
  { swarm }: BenchRun,
  start: (settings: RoomSettings) => Promise<Subject>,
  way: Way,
): Promise<Measured> {
  return withSubjects<[Subject], Measured>([start(ROOM)], async (server) => {
    await swarm.open("warm", server, way, WARM_UP);
    await swarm.close("warm");
    await delay(SETTLE_MS);
    const before = await settledBytes(server.pid);
    await swarm.open("idle", server, way, CONNECTIONS, AT_ONCE);
    await delay(SETTLE_MS);
    const after = await settledBytes(server.pid);
    await swarm.close("idle");
    // Memory is not a matter of time; foreign work does not spoil it.
    const cost = { cpuMs: 0, wallMs: 0, foreignMs: 0 };
    return { value: (after - before) / 1024 / CONNECTIONS, cost };
  });
}
