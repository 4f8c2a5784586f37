/** Asks in a thread of its own, so that the players beside it are not slowed down by its work. */
import { randomUUID } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { percentile } from "../hostile/report.ts";
import { LightPlayer } from "./light-player.ts";
import type { FloodFigures } from "./made-up-ids.ts";

const LOOK_EVERY_MS = 2;
const ADDRESSES = 2_000;
const { port, perSecond } = workerData as { port: number; perSecond: number };

const startMs = performance.now();
const codes: Record<string, number> = {};
const tookMs: number[] = [];
const underWay = new Set<Promise<void>>();
let asked = 0;

async function ask(number: number): Promise<void> {
  const address = number % ADDRESSES;
  const localAddress = `127.1.${Math.floor(address / 250)}.${1 + (address % 250)}`;
  const transport = number % 2 === 0 ? "tcp" : "ws";
  const askedAtMs = performance.now();
  const answer = await LightPlayer.join({ port, transport, localAddress }, `psess-${randomUUID()}`);
  const code = typeof answer === "number" ? answer : 0;
  codes[code] = (codes[code] ?? 0) + 1;
  tookMs.push(performance.now() - askedAtMs);
}

const asking = setInterval(() => {
  const due = ((performance.now() - startMs) / 1000) * perSecond;
  while (asked < due) {
    const one = ask(asked++).finally(() => underWay.delete(one));
    underWay.add(one);
  }
}, LOOK_EVERY_MS);

parentPort?.once("message", async () => {
  clearInterval(asking);
  const lastedMs = performance.now() - startMs;
  await Promise.all(underWay);
  const figures: FloodFigures = {
    asked,
    perSecond: Math.round((asked / lastedMs) * 1000),
    codes,
    p50Ms: percentile(tookMs, 0.5),
    p99Ms: percentile(tookMs, 0.99),
  };
  parentPort?.postMessage(figures);
});
