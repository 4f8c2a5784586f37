/**
 * Loaded into the real program before it starts: makes it write many lines, and tells on standard error how many they
 * were and how late its ticks came.
 */
import { readFileSync } from "node:fs";
import { WinstonTelemetry } from "../../../../server/telemetry/winston/winston-telemetry.ts";

const WARM_MS = 8_000;
const LINES_PER_BURST = 8;
const BURST_MS = 20;

const watchedMs = Number(process.env["WATCHED_MS"]);

/** Milliseconds that others kept this thread from a processor, since it began. */
function waitedMs(): number {
  return Number(readFileSync("/proc/self/schedstat", "latin1").split(" ")[1]) / 1e6;
}

/** How late each step began, and how late without what others are to blame for. */
const lateMs: number[] = [];
const ownLateMs: number[] = [];
let isWatching = false;
let lastWaitedMs = 0;
WinstonTelemetry.prototype.tickRan = (info) => {
  if (!isWatching) return;
  const nowWaitedMs = waitedMs();
  lateMs.push(info.lateMs);
  ownLateMs.push(Math.max(0, info.lateMs - (nowWaitedMs - lastWaitedMs)));
  lastWaitedMs = nowWaitedMs;
};
const p99 = (all: number[]) => all.sort((a, b) => a - b)[Math.floor(all.length * 0.99)];

const tell = (what: object) => process.stderr.write(`${JSON.stringify(what)}\n`);
const rssMb = () => process.memoryUsage.rss() / 1_048_576;

const { serverListening } = WinstonTelemetry.prototype;
WinstonTelemetry.prototype.serverListening = function (info): void {
  serverListening.call(this, info);
  tell({ state: "listening", port: info.port });
  let made = 0;
  const text = "x".repeat(120);
  const burst = () => {
    for (let index = 0; index < LINES_PER_BURST; index++) {
      this.vendorMessage({ level: "debug", message: `made ${made++} ${text}` });
    }
  };
  const bursts = setInterval(burst, BURST_MS);
  setTimeout(() => {
    tell({ state: "watched" });
    lastWaitedMs = waitedMs();
    isWatching = true;
    let rssMaxMb = rssMb();
    const rssStartMb = rssMaxMb;
    const looks = setInterval(() => {
      rssMaxMb = Math.max(rssMaxMb, rssMb());
    }, 500);
    setTimeout(() => {
      isWatching = false;
      clearInterval(bursts);
      clearInterval(looks);
      tell({
        state: "done",
        made,
        ticks: lateMs.length,
        p99LateMs: p99(lateMs),
        p99OwnLateMs: p99(ownLateMs),
        rssStartMb,
        rssMaxMb,
      });
    }, watchedMs);
  }, WARM_MS).unref();
};
