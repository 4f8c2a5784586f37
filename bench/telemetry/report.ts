import type { Spread, Verdict } from "../measure/pairs.ts";
import type { EventCost } from "./event-costs.ts";
import type { IdleCost } from "./idle.ts";
import { IDLE_PROMISE, MATCH_PROMISE, type MatchShare } from "./shares.ts";
import type { SocketMatchCost } from "./socket-match.ts";

const EVENTS_HEAD = [
  "part",
  "tickRan, ns",
  "joinEnded, ns",
  "playerJoined (a log line), ns",
  "a tick with all that is sent, ns",
  "scrape, ms",
];

/** What each event costs each part, beyond telling nobody. */
export function eventsText(events: readonly EventCost[]): string {
  const rows = events.map((cost) => [
    cost.name,
    ...[cost.tickRanNs, cost.joinEndedNs, cost.playerJoinedNs, cost.tickOfMatchNs].map((ns) =>
      ns.toFixed(0),
    ),
    cost.scrapeMs?.toFixed(2) ?? "",
  ]);
  const table = [EVENTS_HEAD, ...rows];
  const widths = EVENTS_HEAD.map((_, at) => Math.max(...table.map((row) => row[at]?.length ?? 0)));
  const lines = table.map((row) =>
    row.map((cell, at) =>
      at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
    ),
  );
  return lines.map((cells) => cells.join("  ")).join("\n");
}

/** @param real - The same at 20 ticks a second, where Node's own watches cost their time as well. */
export function matchText(share: MatchShare, ticks: number, real: MatchShare): string {
  const { must, aim } = MATCH_PROMISE;
  return [
    `Match of 200 players at 20 Hz: telemetry takes ${rangeOf(share.share)} of the match's CPU; at most ${percent(must, 0)} (aim ${percent(aim, 0)}): ${share.verdict}`,
    `  ${ticks} stepped ticks without sockets: ${pairsText(share)}${noiseText(share)}`,
    `  In real time, no promise: ${rangeOf(real.share)}. ${pairsText(real)}`,
  ].join("\n");
}

function pairsText({ perTick, pairsUsed, pairsDiscarded, isNoisy }: MatchShare): string {
  const left = pairsDiscarded === 0 ? "" : `, ${pairsDiscarded} left out`;
  return `${perTick.on.median.toFixed(3)} ms CPU a tick with all of it, ${perTick.off.median.toFixed(3)} without; ${pairsUsed} pairs${left}${isNoisy ? ", noisy" : ""}.`;
}

function noiseText({ noise }: MatchShare): string {
  if (noise === undefined) return "";
  return ` Without telemetry against itself: ${percent(noise.low, 2)} to ${percent(noise.high, 2)}.`;
}

export function socketsText({ cpuMsPerTick, ticks }: SocketMatchCost): string {
  return `  A tick with sockets: ${cpuMsPerTick.toFixed(2)} ms CPU, of ${ticks.toFixed(0)} ticks.`;
}

export function idleText(idle: IdleCost, verdict: Verdict): string {
  const threads = Object.entries(idle.wakeUpsPerSecond)
    .filter(([, rate]) => rate > 0)
    .map(([thread, rate]) => `${thread} ${rate.toFixed(2)}`);
  return [
    `Idle process on a fleet: ${percent(idle.share, 3)} of a core over ${(idle.windowMs / 1000).toFixed(0)} s; at most ${percent(IDLE_PROMISE.must, 2)} (aim ${percent(IDLE_PROMISE.aim, 2)}): ${verdict}`,
    `  ${idle.cpuMs.toFixed(1)} ms CPU. Wake-ups a second: ${threads.join(", ")}.`,
  ].join("\n");
}

function rangeOf({ low, median, high }: Spread): string {
  return `${percent(median, 2)} (${percent(low, 2)} to ${percent(high, 2)})`;
}

const percent = (share: number, digits: number) => `${(100 * share).toFixed(digits)} %`;
