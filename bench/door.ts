/**
 * `npm run bench:door`: what the game port costs, beside plain Colyseus and plain `ws` in the same run. Prints a table,
 * writes everything to `bench/out/`; exit code 1 when a promise is missed by the whole spread, 2 when the run failed.
 * Options: `--quick`, `--tls`, `--only joins,crowd,streams,memory`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import packageJson from "../package.json" with { type: "json" };
import { type Family, FULL, QUICK } from "./lines/bench-run.ts";
import { crowd } from "./lines/crowd.ts";
import { joins } from "./lines/joins.ts";
import { memory } from "./lines/memory.ts";
import { streams } from "./lines/streams.ts";
import { FOREIGN_SHARE_MAX, foreignShare, type Line, underTls } from "./measure/pairs.ts";
import { cpuMs } from "./measure/process-cost.ts";
import { tableOf } from "./measure/report.ts";
import { makeCertificateFiles } from "./subjects/certificate-files.ts";
import { canPin } from "./subjects/subject.ts";
import { TLS_OFFER } from "./swarm/streams-to-server.ts";
import { Swarm } from "./swarm/swarm.ts";

const FAMILIES: Readonly<Record<string, Family>> = { joins, crowd, streams, memory };

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    tls: { type: "boolean", default: false },
    only: { type: "string", default: Object.keys(FAMILIES).join(",") },
  },
});
const chosen = options.only.split(",").map((name) => {
  const family = FAMILIES[name];
  if (family === undefined) throw new Error(`no such lines: ${name}`);
  return family;
});

const startMs = performance.now();
const tls = options.tls ? makeCertificateFiles() : undefined;
const swarm = new Swarm(tls?.certFile);
const lines: Line[] = [];
try {
  const say = (progress: string) =>
    console.error(
      `${((performance.now() - startMs) / 1000).toFixed(0).padStart(4)} s  ${progress}`,
    );
  for (const family of chosen) {
    const found = await family({ swarm, effort: options.quick ? QUICK : FULL, tls, say });
    lines.push(...(tls === undefined ? found : found.map(underTls)));
  }
} catch (error) {
  console.error(error);
  process.exitCode = 2;
} finally {
  swarm.stop();
  tls?.remove();
}
// What was measured before something failed is still worth reading.
if (lines.length > 0) report();

function report(): void {
  const tookMs = performance.now() - startMs;
  const foreign = lines.flatMap(({ pairs }) => pairs.map(foreignShare)).sort((a, b) => a - b);
  const environment = {
    date: new Date().toISOString(),
    quick: options.quick,
    tookSeconds: Math.round(tookMs / 1000),
    cpu: os.cpus()[0]?.model ?? "",
    cores: os.availableParallelism(),
    kernel: os.release(),
    node: process.version,
    colyseus: packageJson.dependencies["@colyseus/core"],
    ws: packageJson.dependencies.ws,
    pinned: canPin,
    tls: tls === undefined ? "off" : { ...TLS_OFFER, key: "ECDSA P-256", isResumed: false },
    foreignShareMedian: foreign[Math.floor(foreign.length / 2)] ?? 0,
    swarmShare: cpuMs(swarm.pid) / tookMs,
  };
  const folder = path.join(import.meta.dirname, "out");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `door-${environment.date.replaceAll(/[:.]/g, "-")}.json`);
  writeFileSync(file, JSON.stringify({ environment, lines }, null, 1));
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  console.log(tableOf(lines));
  console.log();
  console.log(
    `Ratio is ours to peer. Servers ${canPin ? "on core 0, load on core 1" : "not pinned: no taskset here"}. TLS: ${tls === undefined ? "off" : `on all sides, ${TLS_OFFER.suite}, ${TLS_OFFER.group}, nothing resumed`}.`,
  );
  console.log(
    `Other work on the servers' core: median ${percent(environment.foreignShareMedian)}; pairs with more than ${percent(FOREIGN_SHARE_MAX)} are left out. Load process: ${percent(environment.swarmShare)} of its core.`,
  );
  console.log(`${environment.tookSeconds} s. All pairs: ${path.relative(process.cwd(), file)}`);
  const missed = lines.filter(({ verdict }) => verdict === "MISSED");
  for (const { title, ratio } of missed)
    console.log(`MISSED: ${title}: ${ratio.median.toFixed(2)}`);
  if (missed.length > 0) process.exitCode ??= 1;
}
