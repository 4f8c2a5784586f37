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
import { ANY_PORTS, Collectors } from "./telemetry/collectors.ts";
import type { EventCost } from "./telemetry/event-costs.ts";
import { idleCost } from "./telemetry/idle.ts";
import { eventsText, idleText, matchNotes, matchText } from "./telemetry/report.ts";
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
  await using collectors = await Collectors.listen(ANY_PORTS);
  if (chosen.has("events")) await measureEvents(collectors);
  if (chosen.has("match")) await measureMatch(collectors);
  if (chosen.has("idle")) await measureIdle();
} catch (error) {
  console.error(error);
  process.exitCode = 2;
} finally {
  finish();
}

async function measureEvents({ ports }: Collectors): Promise<void> {
  say("what each event costs");
  const events = await measuredInChild<readonly EventCost[]>("event-costs.ts", [
    JSON.stringify(ports),
  ]);
  found["events"] = events;
  console.log(`${eventsText(events)}\n`);
}

async function measureMatch({ ports, heard }: Collectors): Promise<void> {
  say("the match with sockets");
  const sockets = await socketMatchCost(effort.socketWindows);
  const pairs = await steppedPairs({ ...effort, ports, say });
  const share = matchShareOf(pairs, sockets.cpuMsPerTick);
  const realPairs = await realTimePairs({
    pairs: effort.realTimePairs,
    ticks: effort.realTimeTicks,
    ports,
    say,
  });
  const real = matchShareOf(realPairs, sockets.cpuMsPerTick);
  found["match"] = { share, real, sockets, heard, pairs, realPairs };
  if (share.verdict === "MISSED") process.exitCode = 1;
  console.log(`${matchText(share, effort.ticks, real)}`);
  console.log(`${matchNotes(sockets, heard)}\n`);
}

async function measureIdle(): Promise<void> {
  say("an idle process");
  const idle = await idleCost(effort.idleMs);
  const verdict = idleVerdict(idle.share);
  found["idle"] = { ...idle, verdict };
  if (verdict === "MISSED") process.exitCode = 1;
  console.log(`${idleText(idle, verdict)}\n`);
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
