/**
 * Every alarm: what it watches, from when on it rings, what to do then. `infra/alarms.yaml` and its rows in
 * `docs/RUNBOOK.md` are made of it.
 * @module
 */
import { gamelift, host, log, server, type Term } from "./cloudwatch-terms.ts";

export interface Alarm {
  /** By id; ids begin with a small letter. */
  readonly terms: Readonly<Record<string, Term>>;
  /** CloudWatch's metric math over the ids; the one term itself without it. */
  readonly expression?: string;
  readonly comparison: ">" | ">=" | "<";
  readonly threshold: number;
  /** Seconds, a multiple of 60. */
  readonly periodS: number;
  /** It rings when so many of the last so many periods are beyond the threshold. */
  readonly periods: readonly [beyond: number, of: number];
  /** What a period without any sample counts as: a fleet may be empty. */
  readonly missing: "notBreaching" | "breaching";
  /** Markdown, one or two sentences each. */
  readonly meaning: string;
  readonly lookAt: string;
  readonly toDo: string;
}

const QUICK = { periodS: 60, missing: "notBreaching" } as const;
const SLOW = { periodS: 300, periods: [1, 1], missing: "notBreaching" } as const;

/** By question: does it keep up, can people join, is a match broken, is the process well, is anything lost. */
export const alarms: Readonly<Record<string, Alarm>> = {
  "ticks-dropped": {
    ...QUICK,
    terms: {
      dropped: server("fleetroom_ticks_dropped_total", "Sum"),
      ran: server("fleetroom_ticks_total", "Sum"),
    },
    expression: "100 * dropped / (dropped + ran)",
    comparison: ">",
    threshold: 1,
    periods: [3, 5],
    meaning:
      "More than 1 % of the steps that were due were not made: matches run slower than they should.",
    lookAt:
      "`step_overran` in the log names processes; tick duration and event-loop delay on the dashboard tell the game's own work from somebody else's.",
    toDo: "Fewer processes on an instance, a faster instance type, or less work in a step: [health](#health).",
  },
  "ticks-late": {
    ...QUICK,
    terms: { late: server("fleetroom_tick_lateness_seconds", "p99") },
    comparison: ">",
    threshold: 0.02,
    periods: [5, 5],
    meaning: "One step in a hundred begins 20 ms late or later, for five minutes: players feel it.",
    lookAt: "CPU of the instances, and whether one process or all of them are late.",
    toDo: "As for `ticks-dropped`; if the CPU is idle, look for a room's code that waits without giving way.",
  },
  "event-loop-slow": {
    ...QUICK,
    terms: { delay: server("fleetroom_event_loop_delay_seconds", "Maximum", "99") },
    comparison: ">",
    threshold: 0.1,
    periods: [3, 3],
    meaning: "In some process one turn of the event loop in a hundred comes more than 0.1 s late.",
    lookAt:
      "Garbage collection and memory on the dashboard; `health_changed` with `event_loop_slow`.",
    toDo: "Look for synchronous work in the room's code; give the instance fewer processes.",
  },
  "joins-fail": {
    ...QUICK,
    terms: {
      unavailable: server("fleetroom_joins_total", "Sum", "fleet_unavailable"),
      busy: server("fleetroom_joins_total", "Sum", "busy"),
      rooms: server("fleetroom_joins_total", "Sum", "room_refused"),
      every: server("fleetroom_joins_total", "Sum"),
    },
    expression:
      "IF(FILL(every, 0) >= 20, 100 * (FILL(unavailable, 0) + FILL(busy, 0) + FILL(rooms, 0)) / every, 0)",
    comparison: ">",
    threshold: 5,
    periods: [2, 3],
    meaning: "More than 5 % of at least 20 joins a minute fail through no fault of the players.",
    lookAt: "Joins by outcome on the dashboard; `join_refused` and `fleet_call_failed` in the log.",
    toDo: "[A player cannot join](#a-player-cannot-join), from step 5 on.",
  },
  "joins-rejected": {
    terms: {
      unknown: server("fleetroom_joins_total", "Sum", "unknown"),
      foreign: server("fleetroom_joins_total", "Sum", "foreign"),
      used: server("fleetroom_joins_total", "Sum", "used"),
      malformed: server("fleetroom_joins_total", "Sum", "malformed"),
      token: server("fleetroom_joins_total", "Sum", "bad_token"),
    },
    expression:
      "FILL(unknown, 0) + FILL(foreign, 0) + FILL(used, 0) + FILL(malformed, 0) + FILL(token, 0)",
    comparison: ">",
    threshold: 300,
    ...SLOW,
    meaning:
      "More than 300 joins in five minutes brought ids or tokens that are no good here: somebody tries them out, or a backend hands out wrong ones.",
    lookAt:
      "`remoteAddress` of `join_refused`: one network or many? Did matchmaking or a client change?",
    toDo: "Nothing at once, such joins are cheap and limited per address. Correct the backend, or block the network at the fleet's inbound permissions.",
  },
  "fleet-out-of-reach": {
    ...QUICK,
    terms: { reachable: server("fleetroom_fleet_reachable", "Minimum") },
    comparison: "<",
    threshold: 1,
    periods: [3, 3],
    meaning:
      "A process has not reached the fleet's control plane for three minutes: nobody new can join there.",
    lookAt:
      "One process or all of them? `fleet_reachable`, `fleet_call_failed`; the AWS health page of the Region.",
    toDo: "[Without the fleet](#without-the-fleet): matches go on by themselves.",
  },
  "fleet-silent": {
    ...QUICK,
    terms: {
      first: server("fleetroom_fleet_breaker_open", "Maximum", "fleet"),
      second: server("fleetroom_fleet_breaker_open", "Maximum", "second_opinion"),
    },
    expression: "MAX([FILL(first, 0), FILL(second, 0)])",
    comparison: ">=",
    threshold: 1,
    periods: [3, 5],
    meaning:
      "Joins are refused unasked, because the fleet or the second opinion did not answer five times in a row.",
    lookAt: "`fleet_breaker_turned` says which of the two; `fleet_call_failed` says why.",
    toDo: "[Without the fleet](#without-the-fleet), or [the second opinion](#the-second-opinion).",
  },
  "no-room-left": {
    ...SLOW,
    terms: { free: gamelift("PercentAvailableGameSessions", "Average") },
    comparison: "<",
    threshold: 5,
    periods: [2, 2],
    meaning:
      "Less than 5 % of the game sessions that the fleet could host are free: soon nobody gets a match.",
    lookAt:
      "Active instances and their limit; processes that do not become ready; the quota of the account.",
    toDo: "Raise the fleet's capacity or its scaling limit.",
  },
  "rooms-break": {
    ...SLOW,
    terms: { faults: log("room_faults") },
    comparison: ">=",
    threshold: 1,
    meaning: "The game's code threw where the match could not go on; its players were sent home.",
    lookAt:
      "`room_fault`: `where`, the stack in `cause`, and `gameSessionId`. The match's journal plays it again.",
    toDo: "[Replay it](#journal-and-replay), mend the game's code, roll back the build if it is new.",
  },
  "matches-aborted": {
    ...SLOW,
    terms: { aborted: log("game_sessions_ended", "aborted") },
    comparison: ">=",
    threshold: 1,
    meaning: "A match ended as `aborted`: a fault, or longer than it may take.",
    lookAt: "`game_session_ended` with `why`, and the lines of its `gameSessionId` before it.",
    toDo: "`fault`: as for `rooms-break`. `too_long`: the game does not end, or `FLEETROOM_MATCH_SECONDS_MAX` is too small.",
  },
  "matches-not-opened": {
    ...SLOW,
    terms: { failed: log("game_sessions_failed") },
    comparison: ">=",
    threshold: 1,
    meaning: "A game session was placed and players never could come in.",
    lookAt: "`game_session_failed`: its [reason](TELEMETRY.md#reasons-of-a-failed-game-session).",
    toDo: "`room_failed`, `room_timed_out`: the room's `onCreate`. The others: compare `FLEETROOM_ACTIVATION_SECONDS` with the fleet's own limit.",
  },
  "processes-die": {
    ...SLOW,
    terms: { abnormal: gamelift("ServerProcessAbnormalTerminations", "Sum") },
    comparison: ">=",
    threshold: 1,
    meaning: "GameLift saw a process end that had not said so: it crashed, was killed, or hung.",
    lookAt:
      "The log without a `server_stopped`; standard error in the game session's uploaded log; memory of the instance; the fleet's events.",
    toDo: "Out of memory: fewer processes on an instance. An assertion or a native crash: report it with the log.",
  },
  "process-unwell": {
    ...QUICK,
    terms: { healthy: server("fleetroom_healthy", "Minimum") },
    comparison: "<",
    threshold: 1,
    periods: [2, 2],
    meaning:
      "A process tells its fleet that it is not healthy; after three minutes the fleet ends it with its players.",
    lookAt: "`health_changed` and the health parts on the dashboard.",
    toDo: "[Health](#health).",
  },
  "memory-high": {
    ...QUICK,
    terms: { used: host("mem_used_percent", "Maximum") },
    comparison: ">",
    threshold: 90,
    periods: [5, 5],
    meaning: "An instance uses more than 90 % of its memory: the system may soon kill a process.",
    lookAt: "Resident memory per process on the dashboard: does one grow, or are there too many?",
    toDo: "Fewer processes on an instance, or a larger one. One that grows in every match is a leak: take a heap snapshot on a laptop.",
  },
  "disk-full": {
    ...QUICK,
    terms: { used: host("disk_used_percent", "Maximum") },
    comparison: ">",
    threshold: 90,
    periods: [5, 5],
    meaning:
      "An instance's disk is nearly full: logs, journals and results will be lost. Matches go on.",
    lookAt: "Sizes of the log directory, `.fleetroom/journals` and `.fleetroom/results`.",
    toDo: "Lower `FLEETROOM_LOG_FILE_BYTES` or `FLEETROOM_LOG_FILES_MAX`, delete old journals, replace the instance.",
  },
  "clients-slow": {
    ...QUICK,
    terms: {
      slow: server("fleetroom_slow_clients", "Sum"),
      seated: server("fleetroom_connections", "Sum", "clients"),
    },
    expression: "IF(FILL(seated, 0) >= 20, 100 * slow / seated, 0)",
    comparison: ">",
    threshold: 20,
    periods: [5, 5],
    meaning: "One client in five does not take what the game sends.",
    lookAt:
      "Send queues and bytes sent on the dashboard; the instance's network; closes with 4415.",
    toDo: "A game that sends too much, or a bad network in front of the location.",
  },
  "removals-fail": {
    ...SLOW,
    terms: { failed: log("player_session_removals_failed") },
    comparison: ">",
    threshold: 10,
    meaning:
      "Player sessions were not given back: their places stay taken until the game session ends.",
    lookAt: "`player_session_remove_failed` and its `cause`; is the fleet out of reach?",
    toDo: "[Without the fleet](#without-the-fleet). Otherwise nothing: the end of the game session frees them.",
  },
  "results-lost": {
    ...SLOW,
    terms: { lost: log("results_lost") },
    comparison: ">=",
    threshold: 1,
    meaning: "A match result did not reach one of its sinks.",
    lookAt: "`result_not_delivered`: `resultId` and `cause`.",
    toDo: "[Results](#results): the other sink may have it; the journal ends with the same id.",
  },
  "journals-fail": {
    ...SLOW,
    terms: { failed: log("journals_failed") },
    comparison: ">=",
    threshold: 1,
    meaning: "A match goes on without being recorded.",
    lookAt: "`journal_failed` and its `cause`; the disk.",
    toDo: "As for `disk-full`; check that the process may write to the journal directory.",
  },
  "fleet-lost": {
    ...SLOW,
    terms: { lost: log("fleets_lost") },
    comparison: ">=",
    threshold: 1,
    meaning:
      "The fleet ended its connection to a process for good; the process ends after its match.",
    lookAt: "`cause` of `fleet_lost`; the fleet's events.",
    toDo: "See `FLEET_LOST` [above](#error-codes).",
  },
  "certificate-bad": {
    ...SLOW,
    terms: { rejected: log("certificates_rejected") },
    comparison: ">=",
    threshold: 1,
    meaning: "A new certificate cannot be used; the last good one stays until it runs out.",
    lookAt: "`problem` of `certificate_rejected`, `validUntil` of the last `certificate_loaded`.",
    toDo: "[Certificates](#certificates).",
  },
  "log-lines-lost": {
    ...SLOW,
    terms: { dropped: server("fleetroom_log_lines_dropped_total", "Sum") },
    comparison: ">",
    threshold: 0,
    meaning: "Log lines were lost: the disk takes none, or nobody reads standard output.",
    lookAt: "`log_lines_dropped`; the disk; whoever reads standard output.",
    toDo: "As for `disk-full`. Logging resumes by itself.",
  },
  "telemetry-silent": {
    ...QUICK,
    terms: {
      told: server("fleetroom_healthy", "SampleCount"),
      processes: gamelift("ActiveServerProcesses", "Average"),
    },
    expression: "IF(FILL(processes, 0) > 0 AND FILL(told, 0) < 1, 1, 0)",
    comparison: ">=",
    threshold: 1,
    periods: [10, 10],
    meaning: "Processes are active and no metrics come: every other alarm of this list is blind.",
    lookAt:
      "The agent on an instance, and what the installer said: [the sidecar](SIDECAR.md#when-nothing-arrives).",
    toDo: "Mend the agent's installation, permissions or credentials; new instances come with the next build.",
  },
};
