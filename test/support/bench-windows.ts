import type { BlockResult, Round } from "../../bench/runs/match-block.ts";
import type { Window } from "../../bench/runs/window.ts";
import type { Side } from "../../bench/subjects/match-subject.ts";

/** A window of one second at 20 Hz in which everything was as it should be. */
export function windowOf(
  more: Partial<Window> & { cpuMs?: number; foreignMs?: number } = {},
): Window {
  const { cpuMs = 100, foreignMs = 0, ...rest } = more;
  return {
    cost: { cpuMs, wallMs: 1000, foreignMs },
    systemShare: 0.25,
    rateHz: 20,
    lateMs: { p50: 0, p99: 1 },
    inputToStateMs: { p50: 25, p99: 50, count: 100 },
    bytesPerClientSecond: 1000,
    statesPerClientSecond: 20,
    inputsPerClientSecond: 20,
    residentBytes: 1e8,
    settledBytes: 1e8,
    swarmShare: 0.1,
    ...rest,
  };
}

/** A block of rounds, each with the CPU of some sides in milliseconds. */
export function blockOf(
  caseId: string,
  rounds: readonly Readonly<Partial<Record<Side, number>>>[],
): BlockResult {
  const made = rounds.map((round) =>
    Object.fromEntries(Object.entries(round).map(([side, cpuMs]) => [side, windowOf({ cpuMs })])),
  );
  return {
    kind: "match",
    caseId,
    rounds: made.map((windows): Round => ({ windows, peerAgain: undefined })),
    checks: { ours: [{ compared: 10, wrong: [] }] },
  };
}
