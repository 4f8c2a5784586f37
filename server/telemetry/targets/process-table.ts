import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";

/** Which processes live here. A pid alone is used again; with the moment of its start it is one process for good. */
export interface ProcessTable {
  /** This process; `startTicks` is `0` where the system does not tell. */
  readonly own: ProcessKey;
  /** Whether that very process lives. A doubt is a yes: another's file is kept. */
  isAlive(key: ProcessKey): boolean;
}

export interface ProcessKey {
  readonly pid: number;
  /** Clock ticks from the machine's start to the process's. */
  readonly startTicks: number;
}

/**
 * For containers that share a directory: each has pids of its own, so that no pid says anything and starts may be alike.
 * A made-up key stands for this process, and all others are taken to live.
 */
export function unseenProcesses(): ProcessTable {
  return { own: { pid: process.pid, startTicks: randomInt(1, 2 ** 47) }, isAlive: () => true };
}

/** The processes of this machine. Reads of `/proc` are no disk's business, so they do not wait. */
export function systemProcesses(): ProcessTable {
  const { pid } = process;
  return {
    own: { pid, startTicks: processState(pid)?.startTicks ?? 0 },
    isAlive: ({ pid, startTicks }) => {
      if (startTicks === 0) return answersToSignals(pid);
      try {
        const state = processState(pid);
        return state !== undefined && !state.isDead && state.startTicks === startTicks;
      } catch {
        return true;
      }
    },
  };
}

/** @returns `undefined` for no such process, or no `/proc`. @throws When it is there and cannot be read. */
function processState(pid: number): { isDead: boolean; startTicks: number } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ESRCH: it died while it was read.
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
  // "pid (name) state ppid …": the name may hold blanks and brackets, the rest does not. The start is field 22.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  // A zombie answers nobody; its parent has not looked yet.
  return { isDead: fields[0] === "Z" || fields[0] === "X", startTicks: Number(fields[19]) };
}

function answersToSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
