/**
 * What 1,000 players cost who are there at the same time, worked out of what was measured; for `docs/INFRA.md`.
 * @module
 */
import { heapMegabytesPerProcess } from "../gamelift/launch.ts";
import { INSTANCE_MEGABYTES, PROCESS_COUNTS } from "./instance-types.ts";

/** Of one kind of match, as `docs/PERFORMANCE.md` has it: medians of the run of 2026-11-23. */
interface Match {
  readonly what: string;
  readonly players: number;
  readonly cpuMsPerPlayerMinute: number;
  /** To each client, thousands of bytes of WebSocket frames. */
  readonly kilobytesPerSecond: number;
}

const MATCHES: readonly Match[] = [
  { what: "10 players, 20 Hz", players: 10, cpuMsPerPlayerMinute: 143.3, kilobytesPerSecond: 3.7 },
  { what: "10 players, 60 Hz", players: 10, cpuMsPerPlayerMinute: 246.4, kilobytesPerSecond: 4.4 },
  { what: "50 players, 30 Hz", players: 50, cpuMsPerPlayerMinute: 68.5, kilobytesPerSecond: 8 },
  {
    what: "200 players, 20 Hz",
    players: 200,
    cpuMsPerPlayerMinute: 25.5,
    kilobytesPerSecond: 19,
  },
  {
    what: "200 players, 60 Hz",
    players: 200,
    cpuMsPerPlayerMinute: 53.7,
    kilobytesPerSecond: 23.3,
  },
];

export const COST_INPUTS = {
  instanceType: "c6a.large",
  processors: 2,
  /** Dollars for an hour. */
  onDemandPerHour: 0.099,
  spotPerHour: 0.03,
  /** Of the processors; the rest is for joins, collections and neighbours. */
  usableShare: 0.6,
  /** Of the game sessions, `FreeGameSessionsPercent`. */
  freeShare: 0.2,
  /** That a process makes in a day for the CloudWatch agent, idle or not. */
  logGigabytesPerDay: 0.157,
} as const;

const PLAYERS = 1_000;

export interface Cost {
  readonly processes: number;
  readonly limitedBy: "memory" | "CPU";
  /** Of the processors, by the matches that are played. */
  readonly cpuShare: number;
  readonly playersPerInstance: number;
  readonly instances: number;
  readonly sentGigabytesPerHour: number;
  readonly logGigabytesPerHour: number;
}

/** The most processes of an instance that the template offers and that processors and heap limits bear. */
export function costOf(match: Match, inputs: typeof COST_INPUTS = COST_INPUTS): Cost {
  const { instanceType, processors, usableShare, freeShare, logGigabytesPerDay } = inputs;
  const memoryMegabytes = INSTANCE_MEGABYTES.get(instanceType) ?? 0;
  const cores = (match.players * match.cpuMsPerPlayerMinute) / 60_000;
  const byCpu = (count: number) => count * cores * (1 - freeShare) <= processors * usableShare;
  const byMemory = (count: number) => heapMegabytesPerProcess(memoryMegabytes, count) !== undefined;
  const most = (isBorne: (count: number) => boolean) => PROCESS_COUNTS.filter(isBorne).at(-1) ?? 0;
  const processes = Math.min(most(byCpu), most(byMemory));
  const played = processes * (1 - freeShare);
  const instances = PLAYERS / (played * match.players);
  return {
    processes,
    limitedBy: most(byMemory) <= most(byCpu) ? "memory" : "CPU",
    cpuShare: (played * cores) / processors,
    playersPerInstance: played * match.players,
    instances,
    sentGigabytesPerHour: (PLAYERS * match.kilobytesPerSecond * 3_600) / 1e6,
    logGigabytesPerHour: (instances * processes * logGigabytesPerDay) / 24,
  };
}

export function costTable(): string {
  const rows = MATCHES.map((match) => {
    const cost = costOf(match);
    const dollars = (perHour: number) => `$${(cost.instances * perHour).toFixed(2)}`;
    return [
      match.what,
      `${match.cpuMsPerPlayerMinute} ms, ${match.kilobytesPerSecond} KB/s`,
      `${cost.processes}, by ${cost.limitedBy}`,
      `${Math.round(100 * cost.cpuShare)} %`,
      String(Math.round(cost.playersPerInstance)),
      cost.instances.toFixed(2),
      dollars(COST_INPUTS.onDemandPerHour),
      dollars(COST_INPUTS.spotPerHour),
      `${cost.sentGigabytesPerHour.toFixed(0)} GB`,
      `${cost.logGigabytesPerHour.toFixed(2)} GB`,
    ];
  });
  const head = [
    ...["Matches of", "CPU per player-minute, sent to each", "Processes on an instance"],
    ...["CPU in use", "Players on it", "Instances", "On-Demand, an hour", "Spot, an hour"],
    ...["Sent, an hour", "Log lines for metrics, an hour"],
  ];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
