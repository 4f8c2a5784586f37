/**
 * One measurement, in a process of its own: what so many ticks of the stepped match cost with telemetry on or off.
 * `node --expose-gc bench/telemetry/stepped-run.ts on|off WARM_UP_TICKS TICKS`; prints one line of JSON.
 */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { costOf } from "../measure/process-cost.ts";
import { SERVER_CORE } from "../subjects/subject.ts";
import { allObservers, noObservers } from "./observers.ts";
import { SteppedClock } from "./stepped-clock.ts";
import { SteppedMatch } from "./stepped-match.ts";

/** Of the configurations that we ship. */
const SCRAPE_INTERVAL_MS = 60_000;

const [, , which, warmUpTicks, ticks] = process.argv;
const isOn = which === "on";
const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-bench-"));
const clock = new SteppedClock();
let match: SteppedMatch | undefined;
const observers = isOn
  ? await allObservers({
      clock,
      folder,
      readings: () => {
        if (match === undefined) throw new Error("there is no match yet");
        return match.reading();
      },
    })
  : noObservers;
match = await SteppedMatch.open({ clock, telemetry: observers.telemetry, countsTraffic: isOn });
observers.telemetry.serverListening({
  port: 1,
  adminPort: 2,
  room: "arena",
  fleet: "gamelift",
  tls: "off",
});
let scrapes = 0;
const scrapeAgain = () => {
  scrapes++;
  void observers.scrape();
  clock.after(SCRAPE_INTERVAL_MS, scrapeAgain);
};
if (isOn) clock.after(SCRAPE_INTERVAL_MS, scrapeAgain);

await match.run(Number(warmUpTicks));
globalThis.gc?.();
const [startTicks, startScrapes] = [match.ranTicks, scrapes];
const { cpuMs, wallMs, foreignMs } = await costOf(process, SERVER_CORE, () =>
  match.run(Number(ticks)),
);
const ranTicks = match.ranTicks - startTicks;
console.log(JSON.stringify({ cpuMs, wallMs, foreignMs, ranTicks, scrapes: scrapes - startScrapes }));
rmSync(folder, { recursive: true });
process.exit(0);
