/**
 * One measurement, in a process of its own: what so many ticks of the stepped match cost with telemetry on or off.
 * `node --expose-gc bench/telemetry/stepped-run.ts on|off WARM_UP_TICKS TICKS PORTS`, with the collectors' ports as JSON;
 * prints one line of JSON, a {@link SteppedCost}.
 */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { silentTelemetry } from "../../server/telemetry/fanout.ts";
import { costOf } from "../measure/process-cost.ts";
import { pin, SERVER_CORE } from "../subjects/subject.ts";
import type { CollectorPorts } from "./collectors.ts";
import { OBSERVER_MAKERS, type Observer, together } from "./observers.ts";
import { SteppedClock } from "./stepped-clock.ts";
import type { SteppedCost } from "./stepped-cost.ts";
import { SteppedMatch } from "./stepped-match.ts";

/** Of the configurations that we ship. */
const SCRAPE_INTERVAL_MS = 60_000;

const [, , which, warmUpTicks, ticks, ports = ""] = process.argv;
pin(process.pid, SERVER_CORE);
const isOn = which === "on";
const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true }));
const clock = new SteppedClock();
let match: SteppedMatch | undefined;
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
match = await SteppedMatch.open({ clock, telemetry, countsTraffic: isOn });
let scrapes = 0;
if (scrape !== undefined) scrapeLater(scrape);

await match.run(Number(warmUpTicks));
globalThis.gc?.();
const [startTicks, startScrapes] = [match.ranTicks, scrapes];
const { cpuMs, wallMs, foreignMs } = await costOf(process, SERVER_CORE, () =>
  match.run(Number(ticks)),
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
