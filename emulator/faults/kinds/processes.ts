import { done, isRefused, refused } from "../../plane/outcome.ts";
import type { ServerProcess } from "../../plane/records.ts";
import { type Effect, type FaultKind, faultKind, toEach } from "../fault.ts";
import { FAULT_LIMITS } from "../limits.ts";
import { duration, named, target } from "../member-kinds.ts";
import { optional } from "../members.ts";
import { PROCESS_TARGET } from "../targets.ts";

/** Faults of server processes and of what they run on. */
export const PROCESS_FAULTS: Readonly<Record<string, FaultKind>> = {
  terminate: faultKind(
    "Tells a process to end, and ends it by force when the time is over; one without a heartbeat is ended at once.",
    { ...PROCESS_TARGET, in: optional(duration(FAULT_LIMITS.lastsMsMax), undefined) },
    ({ in: givenMs, ...at }, { plane, targets }) => {
      const afterMs = givenMs ?? plane.durations.terminationMs;
      const atMs = plane.clock.wallMs() + afterMs;
      const chosen = targets.processes(at, (process) => unlessEarlier(process, atMs));
      if (isRefused(chosen)) return chosen;
      return toEach(chosen.value, (process) => {
        plane.processes.terminate(process, afterMs);
        return done(effect(process, `terminate: in ${afterMs} ms`));
      });
    },
  ),
  kill: faultKind(
    "Kills a process at once (SIGKILL); one that the emulator did not start cannot be killed by it.",
    PROCESS_TARGET,
    (at, { plane, targets }) => {
      const { host } = plane.processes;
      if (host === undefined) return refused("NotReady", "no supervisor runs here");
      const chosen = targets.processes(at, unlessSupervised);
      if (isRefused(chosen)) return chosen;
      return toEach(chosen.value, (process) => {
        host.kill(process);
        return done(effect(process, "kill"));
      });
    },
  ),
  refresh: faultKind(
    "Tells a process to move to a fresh connection.",
    PROCESS_TARGET,
    (at, { plane, targets }) => {
      const chosen = targets.processes(at, unlessConnected);
      if (isRefused(chosen)) return chosen;
      return toEach(chosen.value, (process) => {
        plane.processes.refresh(process);
        return done(effect(process, "refresh"));
      });
    },
  ),
  "spot-notice": faultKind(
    "Tells all processes of a compute that its instance is taken away in two minutes.",
    { compute: target(false), fleet: optional(named, undefined) },
    ({ compute, fleet }, { plane, targets }) => {
      const chosen = targets.computes(compute, fleet);
      if (isRefused(chosen)) return chosen;
      return toEach(chosen.value, ({ fleetId, computeName }) => {
        const outcome = plane.processes.interrupt(fleetId, computeName);
        return isRefused(outcome) ? outcome : done({ fleetId, computeName, detail: "spot-notice" });
      });
    },
  ),
  deregister: faultKind(
    "Deregisters a compute.",
    { compute: target(false), fleet: optional(named, undefined) },
    ({ compute, fleet }, { plane, targets }) => {
      const chosen = targets.computes(compute, fleet);
      if (isRefused(chosen)) return chosen;
      return toEach(chosen.value, ({ fleetId, computeName }) => {
        const outcome = plane.computes.deregister(fleetId, computeName);
        return isRefused(outcome) ? outcome : done({ fleetId, computeName, detail: "deregister" });
      });
    },
  ),
};

function unlessConnected({ isConnected, state }: ServerProcess): string | undefined {
  if (state === "ENDED" || state === "ENDING") return `is ${state}`;
  return isConnected ? undefined : "is not connected";
}

/** The control plane moves no deadline back. */
function unlessEarlier({ state, terminationAtMs }: ServerProcess, atMs: number) {
  if (state === "ENDED" || state === "ENDING") return `is ${state}`;
  const isTold = terminationAtMs !== undefined && terminationAtMs <= atMs;
  return isTold ? "was told to end by then already" : undefined;
}

function unlessSupervised({ isSupervised, state }: ServerProcess): string | undefined {
  if (state === "ENDED") return "is ENDED";
  return isSupervised ? undefined : "was not started by this emulator, which cannot kill it";
}

function effect({ fleetId, computeName, processId }: ServerProcess, detail: string): Effect {
  return { fleetId, computeName, processId, detail };
}
