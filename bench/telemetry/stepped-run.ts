/**
 * One measurement, in a process of its own: what so many ticks of a match without sockets cost with telemetry on or off.
 * `node --expose-gc bench/telemetry/stepped-run.ts on|off PACE TICKS PORTS`, with the collectors' ports as JSON. `PACE`:
 * `stepped` makes ticks as fast as they go, `real` makes 20 a second. Prints one line of JSON, a {@link SteppedCost}.
 */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { eventLoopDelay } from "../../server/session/event-loop-delay.ts";
import { silentTelemetry } from "../../server/telemetry/fanout.ts";
import { costOf } from "../measure/process-cost.ts";
import { pin, SERVER_CORE } from "../subjects/subject.ts";
import type { CollectorPorts } from "./collectors.ts";
import { TICK_RATE_HZ } from "./crowd.ts";
import { DeafMatch } from "./deaf-match.ts";
import { OBSERVER_MAKERS, type Observer, together } from "./observers.ts";
import { SteppedClock } from "./stepped-clock.ts";
import type { SteppedCost } from "./stepped-cost.ts";

/** Of the configurations that we ship. */
const SCRAPE_INTERVAL_MS = 60_000;

/** V8 has compiled by then what runs for every tick and every command. */
const WARM_UP_TICKS = 2_000;
const TICK_MS = 1000 / TICK_RATE_HZ;

const [, , which, pace, ticks, ports = ""] = process.argv;
pin(process.pid, SERVER_CORE);
const isOn = which === "on";
const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true }));
const clock = new SteppedClock();
let match: DeafMatch | undefined;
const observer: Observer = isOn
  ? together(
      OBSERVER_MAKERS.map((make) =>
        make({
          clock,
          folder,
          ports: JSON.parse(ports) as CollectorPorts,
          readings: () => {
            if (match === undefined) throw new Error("there is no match yet");
            return match.reading();
          },
        }),
      ),
    )
  : { name: "none", telemetry: silentTelemetry };
const { telemetry, scrape } = observer;
match = await DeafMatch.open({ clock, telemetry, countsTraffic: isOn });
let scrapes = 0;
if (scrape !== undefined) scrapeLater(scrape);
// A server that hosts a match always watches this, for its health.
const loopDelay = eventLoopDelay();
loopDelay.takeMedianMs();

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
process.stdout.write(`${JSON.stringify(cost)}\n`, () => process.exit(0));

function scrapeLater(read: () => Promise<number>): void {
  clock.after(SCRAPE_INTERVAL_MS, () => {
    void read().then(() => scrapes++);
    scrapeLater(read);
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
