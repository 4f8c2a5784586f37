/**
 * `npm run bench:density`: what a process of the built server takes to start, to wait and to play, so many beside each
 * other, against the full card (`bench/peers/full-card.js`). Prints a table, writes everything to `bench/out/`; exit code
 * 1 when a promise is missed by the whole spread, 2 when the run failed. Options: `--quick`, `--only starts,idle,playing`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import packageJson from "../package.json" with { type: "json" };
import { type DensityRun, FULL, QUICK } from "./density/density-run.ts";
import { FullCards } from "./density/full-cards.ts";
import { type IdleCpu, idleSets } from "./density/idle-sets.ts";
import { OurServers } from "./density/our-servers.ts";
import { playingSets } from "./density/playing-sets.ts";
import { idleCpuText } from "./density/report.ts";
import { starts } from "./density/starts.ts";
import type { Line } from "./measure/pairs.ts";
import { tableOf } from "./measure/report.ts";
import { canPin, pin, SWARM_CORE } from "./subjects/subject.ts";
import { Collectors } from "./telemetry/collectors.ts";

const PARTS = ["starts", "idle", "playing"];

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: PARTS.join(",") },
  },
});
const chosen = new Set(options.only.split(","));
for (const name of chosen) if (!PARTS.includes(name)) throw new Error(`no such part: ${name}`);
// What is measured ends with this process, however it ends (`process-set.ts`).
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(2));

const startMs = performance.now();
const say = (progress: string) =>
  console.error(`${((performance.now() - startMs) / 1000).toFixed(0).padStart(4)} s  ${progress}`);
const lines: Line[] = [];
let idleCpu: IdleCpu | undefined;
pin(process.pid, SWARM_CORE);
try {
  // Without its ports all goes on as it does on a machine without collectors.
  await using _collectors = await Collectors.listen().catch(() => undefined);
  await using ours = await OurServers.open("arena");
  await using peers = await FullCards.open();
  const run: DensityRun = { ours, peers, effort: options.quick ? QUICK : FULL, say };
  if (chosen.has("starts")) lines.push(...(await starts(run)));
  if (chosen.has("idle")) {
    const found = await idleSets(run);
    lines.push(...found.lines);
    idleCpu = found.idleCpu;
  }
  if (chosen.has("playing")) lines.push(...(await playingSets(run)));
} catch (error) {
  console.error(error);
  process.exitCode = 2;
}
// What was measured before something failed is still worth reading.
if (lines.length > 0) report();

function report(): void {
  const environment = {
    date: new Date().toISOString(),
    quick: options.quick,
    tookSeconds: Math.round((performance.now() - startMs) / 1000),
    cpu: os.cpus()[0]?.model ?? "",
    // All of them: this process itself is pinned to one.
    cores: os.cpus().length,
    memoryBytes: os.totalmem(),
    kernel: os.release(),
    node: process.version,
    colyseus: packageJson.dependencies["@colyseus/core"],
    pinned: canPin,
  };
  const folder = path.join(import.meta.dirname, "out");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `density-${environment.date.replaceAll(/[:.]/g, "-")}.json`);
  writeFileSync(file, JSON.stringify({ environment, lines, idleCpu }, null, 1));
  console.log(`${tableOf(lines)}\n`);
  if (idleCpu !== undefined) console.log(idleCpuText(idleCpu));
  console.log(
    `Ratio is ours to peer. All processes ${canPin ? "on core 0, all else on core 1" : "not pinned: no taskset here"}; a spread is that of processes, of starts where they were one by one.`,
  );
  console.log(`${environment.tookSeconds} s. Everything: ${path.relative(process.cwd(), file)}`);
  const missed = lines.filter(({ verdict }) => verdict === "MISSED").map(({ title }) => title);
  if (idleCpu?.verdict === "MISSED") missed.push("P13 idle CPU");
  for (const title of missed) console.log(`MISSED: ${title}`);
  if (missed.length > 0) process.exitCode ??= 1;
}
