/** Plays in a thread of its own, so that the attackers' work is not measured along with the server's. */
import net from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import * as adapter from "./adapter.ts";
import type { HonestFigures } from "./honest-player.ts";

const PING = 18;
const PING_EVERY_MS = 20;
const { port, transport, id, isArena } = workerData as {
  port: number;
  transport: adapter.Transport;
  id: string;
  isArena: boolean;
};

let intervalsMs: number[] = [];
let roundTripsMs: number[] = [];
let missedTicks = 0;
let code: number | undefined;
let lastTick = 0;
let lastAtMs = 0;
let pingedAtMs = 0;
let sequence = 0;

const read = adapter.decoder(transport);
const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
const send = (payload: Buffer) => socket.write(adapter.frame(transport, payload));
const greeting = adapter.join(transport, id);
socket.write(
  Buffer.concat([adapter.preamble(transport), adapter.frame(transport, greeting.hello)]),
);
socket.on("error", () => {});
socket.on("close", () => {
  code ??= 1006;
});
socket.on("data", (bytes) => {
  const nowMs = performance.now();
  for (const event of read.push(bytes)) {
    if (event.reply !== undefined) send(event.reply);
    if (event.code !== undefined) code = event.code;
    if (event.payload[0] === PING && pingedAtMs > 0) {
      roundTripsMs.push(nowMs - pingedAtMs);
      pingedAtMs = 0;
    }
    if (event.kind === "state" && sequence++ === 0) parentPort?.postMessage("seated");
    if (isArena && event.tick !== undefined) {
      if (lastTick > 0) {
        missedTicks += Math.max(0, event.tick - lastTick - 1);
        intervalsMs.push(nowMs - lastAtMs);
      }
      lastTick = event.tick;
      lastAtMs = nowMs;
    }
  }
});

const pinging = setInterval(() => {
  // One at a time: an answer that takes long shows as one long round trip.
  if (pingedAtMs > 0 || sequence === 0) return;
  pingedAtMs = performance.now();
  send(adapter.ping());
  if (isArena) send(adapter.command(sequence++, { buttons: 1, aimRadians: 0 }));
}, PING_EVERY_MS);

const percentile = (sorted: number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

function figures(): HonestFigures {
  const intervals = intervalsMs.toSorted((a, b) => a - b);
  const periodMs = percentile(intervals, 0.5);
  const jitters = intervals.map((each) => Math.abs(each - periodMs)).sort((a, b) => a - b);
  const roundTrips = roundTripsMs.toSorted((a, b) => a - b);
  const rounded = (value: number) => Math.round(value * 10) / 10;
  return {
    frames: intervals.length,
    missedTicks,
    jitterP99Ms: rounded(percentile(jitters, 0.99)),
    gapMaxMs: rounded(intervals.at(-1) ?? 0),
    pings: roundTrips.length,
    roundTripP99Ms: rounded(percentile(roundTrips, 0.99)),
    roundTripMaxMs: rounded(roundTrips.at(-1) ?? 0),
    closeCode: code,
  };
}

parentPort?.on("message", (order: "begin" | "end" | "leave") => {
  if (order === "begin") {
    intervalsMs = [];
    roundTripsMs = [];
    missedTicks = 0;
  } else if (order === "end") {
    parentPort?.postMessage(figures());
  } else {
    clearInterval(pinging);
    socket.destroy();
    parentPort?.close();
  }
});
