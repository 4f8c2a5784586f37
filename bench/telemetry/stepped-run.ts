/**
 * One measurement, in a process of its own: what so many ticks of a match without sockets cost with telemetry on or off.
 * `bench/telemetry/stepped-run.ts on|off PACE TICKS`, where the pace `stepped` makes ticks as fast as they go and `real`
 * makes 20 a second. Sends a {@link SteppedCost}.
 */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import packageJson from "../../package.json" with { type: "json" };
import { readConfig } from "../../server/config.ts";
import { settleEngine } from "../../server/engine.ts";
import { Observers } from "../../server/observers.ts";
import { eventLoopDelay } from "../../server/session/event-loop-delay.ts";
import { silentTelemetry } from "../../server/telemetry/fanout.ts";
import { costOf } from "../measure/process-cost.ts";
import { pin, SERVER_CORE } from "../subjects/subject.ts";
import { sendMeasured } from "./child-measurement.ts";
import { TICK_RATE_HZ } from "./crowd.ts";
import { DeafMatch } from "./deaf-match.ts";
import { SteppedClock } from "./stepped-clock.ts";
import type { SteppedCost } from "./stepped-cost.ts";

/** Of the configurations that we ship. */
const SCRAPE_INTERVAL_MS = 60_000;

/** V8 has compiled by then what runs for every tick and every command. */
const WARM_UP_TICKS = 2_000;
const TICK_MS = 1000 / TICK_RATE_HZ;

const [, , which, pace, ticks] = process.argv;
settleEngine();
pin(process.pid, SERVER_CORE);
const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true }));
const clock = new SteppedClock();
const observers = which === "on" ? allObservers() : undefined;
const telemetry = observers?.telemetry ?? silentTelemetry;
const match = await DeafMatch.open({
  clock,
  telemetry,
  countsTraffic: observers !== undefined,
  onOpened: (reading) =>
    observers?.opened({
      games: { usual: "arena" },
      port: 1,
      adminPort: 2,
      fleet: "gamelift",
      tls: "off",
      reading,
    }),
});
let scrapes = 0;
if (observers !== undefined) scrapeLater(observers);
// A server that hosts a match always watches this, for its health.
const loopDelay = eventLoopDelay();
loopDelay.takeMedianMs(true);

await run(match, WARM_UP_TICKS, turn);
globalThis.gc?.();
const [startTicks, startScrapes] = [match.ranTicks, scrapes];
const { cpuMs, wallMs, foreignMs } = await costOf(process, SERVER_CORE, () =>
  run(match, Number(ticks), pace === "real" ? nextPeriod() : turn),
);
const cost: SteppedCost = {
  cpuMs,
  wallMs,
  foreignMs,
  ranTicks: match.ranTicks - startTicks,
  scrapes: scrapes - startScrapes,
};
sendMeasured(cost);

/** Everything that a process on a fleet has, with both collectors, as its configuration says. */
function allObservers(): Observers {
  const config = readConfig({
    env: {
      GAMELIFT_SDK_WEBSOCKET_URL: "wss://127.0.0.1",
      GAMELIFT_SDK_AUTH_TOKEN: "bench-auth-token",
      GAMELIFT_SDK_PROCESS_ID: "process-bench",
      GAMELIFT_SDK_HOST_ID: "bench",
      GAMELIFT_SDK_FLEET_ID: "fleet-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
    },
    argv: ["--collectors", "both"],
    cwd: folder,
    readFile: () => undefined,
  });
  return new Observers(config, clock, packageJson.version);
}

function scrapeLater({ admin }: Observers): void {
  clock.after(SCRAPE_INTERVAL_MS, () => {
    void admin.metrics.text().then(() => scrapes++);
    scrapeLater(observers as Observers);
  });
}

/** @param between - What is asynchronous gets its turns there. */
async function run(of: DeafMatch, count: number, between: () => Promise<void>): Promise<void> {
  const end = of.ranTicks + count;
  while (of.ranTicks < end) {
    of.command();
    clock.advance(TICK_MS);
    await between();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function nextPeriod(): () => Promise<void> {
  let dueMs = performance.now();
  return () => {
    dueMs += TICK_MS;
    return delay(Math.max(0, dueMs - performance.now()));
  };
}
