/**
 * `npm run bench:telemetry`: what metrics and logs cost a match of 200 players and an idle process, and whether that keeps
 * to what was promised. Writes everything to `bench/out/`; exit code 1 when a promise is missed, 2 when the run failed.
 * Options: `--quick`, `--only events,match,idle`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { FOREIGN_SHARE_MAX } from "./measure/pairs.ts";
import { canPin, pin, SWARM_CORE } from "./subjects/subject.ts";
import { measuredInChild } from "./telemetry/child-measurement.ts";
import { Collectors, heardSince, heardText } from "./telemetry/collectors.ts";
import type { EventCost } from "./telemetry/event-costs.ts";
import { IdleProcess } from "./telemetry/idle.ts";
import { eventsText, idleText, matchText, socketsText } from "./telemetry/report.ts";
import { idleVerdict, matchShareOf } from "./telemetry/shares.ts";
import { socketMatchCost } from "./telemetry/socket-match.ts";
import { realTimePairs, steppedPairs } from "./telemetry/stepped-cost.ts";

const FULL = {
  pairs: 11,
  ticks: 20_000,
  realTimePairs: 4,
  realTimeTicks: 500,
  socketWindows: 2,
  idleMs: 120_000,
};
const QUICK = {
  pairs: 3,
  ticks: 5_000,
  realTimePairs: 3,
  realTimeTicks: 200,
  socketWindows: 1,
  idleMs: 20_000,
};
const PARTS = ["events", "match", "idle"];

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: PARTS.join(",") },
  },
});
const chosen = new Set(options.only.split(","));
for (const name of chosen) if (!PARTS.includes(name)) throw new Error(`no such part: ${name}`);
const effort = options.quick ? QUICK : FULL;

const startMs = performance.now();
const say = (progress: string) =>
  console.error(`${((performance.now() - startMs) / 1000).toFixed(0).padStart(4)} s  ${progress}`);
const found: Record<string, unknown> = {};
pin(process.pid, SWARM_CORE);
try {
  // Without its ports all goes on as it does on a machine without collectors.
  await using collectors = await Collectors.listen().catch(() => undefined);
  // It settles while the rest is measured, and asks for next to nothing meanwhile.
  await using idle = chosen.has("idle") ? await IdleProcess.start() : undefined;
  if (chosen.has("events")) await measureEvents();
  if (chosen.has("match")) await measureMatch();
  if (idle !== undefined) await measureIdle(idle, collectors);
  found["heard"] = collectors?.heard;
  console.log(`In all: ${heardText(collectors?.heard)}`);
} catch (error) {
  console.error(error);
  process.exitCode = 2;
} finally {
  finish();
}

async function measureEvents(): Promise<void> {
  say("what each event costs");
  const events = await measuredInChild<readonly EventCost[]>("event-costs.ts", []);
  found["events"] = events;
  console.log(`${eventsText(events)}\n`);
}

async function measureMatch(): Promise<void> {
  say("the match with sockets");
  const sockets = await socketMatchCost(effort.socketWindows);
  const pairs = await steppedPairs({ ...effort, say });
  const share = matchShareOf(pairs, sockets.cpuMsPerTick);
  const { realTimePairs: count, realTimeTicks: ticks } = effort;
  const realPairs = await realTimePairs({ pairs: count, ticks, say });
  const real = matchShareOf(realPairs, sockets.cpuMsPerTick);
  found["match"] = { share, real, sockets, pairs, realPairs };
  if (share.verdict === "MISSED") process.exitCode = 1;
  console.log(`${matchText(share, effort.ticks, real)}\n${socketsText(sockets)}\n`);
}

async function measureIdle(idle: IdleProcess, collectors: Collectors | undefined): Promise<void> {
  await idle.settled();
  say("an idle process");
  const before = collectors && { ...collectors.heard };
  const cost = await idle.cost(effort.idleMs);
  const verdict = idleVerdict(cost.share);
  found["idle"] = { ...cost, verdict };
  if (verdict === "MISSED") process.exitCode = 1;
  const heard = before && collectors && heardSince(before, collectors.heard);
  console.log(`${idleText(cost, verdict)}\n  ${heardText(heard)}\n`);
}

function finish(): void {
  const environment = {
    date: new Date().toISOString(),
    quick: options.quick,
    tookSeconds: Math.round((performance.now() - startMs) / 1000),
    cpu: os.cpus()[0]?.model ?? "",
    cores: os.availableParallelism(),
    kernel: os.release(),
    node: process.version,
    pinned: canPin,
  };
  const folder = path.join(import.meta.dirname, "out");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `telemetry-${environment.date.replaceAll(/[:.]/g, "-")}.json`);
  writeFileSync(file, JSON.stringify({ environment, ...found }, null, 1));
  console.log(
    `What is measured runs ${canPin ? "on core 0, all else on core 1" : "not pinned: no taskset here"}. Pairs with more than ${100 * FOREIGN_SHARE_MAX} % of other work on its core are left out.`,
  );
  console.log(`${environment.tookSeconds} s. Everything: ${path.relative(process.cwd(), file)}`);
}
