/**
 * Loaded into the real program before it starts: makes it write many lines, to files if `WATCHED_DIR` is set, and tells
 * on standard error what it made, what its sink lost, and how late its ticks were.
 */
import { systemClock } from "../../../../server/clock.ts";
import { BufferedSink } from "../../../../server/telemetry/log-sinks/buffered-sink.ts";
import { FileSink } from "../../../../server/telemetry/log-sinks/file-sink.ts";
import { StdoutSink } from "../../../../server/telemetry/log-sinks/stdout-sink.ts";
import { WinstonTelemetry } from "../../../../server/telemetry/winston/winston-telemetry.ts";

const WARM_MS = 8_000;
const LINES_PER_BURST = 8;
const BURST_MS = 20;

const { WATCHED_DIR: dir = "", WATCHED_MS = "60000" } = process.env;
const watchedMs = Number(WATCHED_MS);
const limits = { fileBytes: 10_485_760, fileMs: 86_400_000, filesMax: 4 };
const files = dir === "" ? undefined : new FileSink({ dir, clock: systemClock, ...limits });

let sink: BufferedSink | undefined = files;
StdoutSink.prototype.write = function (line, isPrecious): void {
  sink = files ?? this;
  BufferedSink.prototype.write.call(sink, line, isPrecious);
};
StdoutSink.prototype.close = function (): void {
  BufferedSink.prototype.close.call(files ?? this);
};

const lateMs: number[] = [];
let isWatching = false;
WinstonTelemetry.prototype.tickRan = (info) => {
  if (isWatching) lateMs.push(info.lateMs);
};

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
      const worst = lateMs.sort((a, b) => a - b);
      const p99LateMs = worst[Math.floor(worst.length * 0.99)];
      tell({
        state: "done",
        made,
        ticks: worst.length,
        p99LateMs,
        rssStartMb,
        rssMaxMb,
        losses: sink?.losses,
      });
    }, watchedMs);
  }, WARM_MS).unref();
};
