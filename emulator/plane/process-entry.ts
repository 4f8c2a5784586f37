import type { CancelTimer } from "../clock.ts";
import type { Writable } from "./context.ts";
import { PLANE_LIMITS } from "./limits.ts";
import type { Push, ServerLink } from "./links.ts";
import type { ServerProcess } from "./records.ts";

/** What waits for a time to come; each at most once. */
export type ProcessWait = "start" | "report" | "deadline" | "refresh" | "vanish";

/** Why a process was told to terminate. */
export type TerminationCause =
  | "asked"
  | "activation-timeout"
  | "unhealthy"
  | "interrupted"
  | "surplus";

export interface ProcessIdentity {
  readonly fleetId: string;
  readonly computeName: string;
  readonly processId: string;
}

/** One process with what nobody else sees of it: its connection, what waits for it and its timers. */
export class ProcessEntry {
  readonly process: Writable<ServerProcess>;
  link: ServerLink | undefined;
  terminationCause: TerminationCause | undefined;
  /** Its connection's time is over, and no other one has come in its place. */
  isRefreshDue = false;
  readonly #waits = new Map<ProcessWait, CancelTimer>();
  #pushes: Push[] = [];

  constructor(process: Writable<ServerProcess>) {
    this.process = process;
  }

  /** Delivered at once, or when the process is connected and has sent its first heartbeat. */
  push(push: Push): void {
    if (this.isListening) this.link?.push(push);
    else if (this.#pushes.length < PLANE_LIMITS.pushesWaitingMax) this.#pushes.push(push);
  }

  flush(): void {
    if (!this.isListening) return;
    const pushes = this.#pushes;
    this.#pushes = [];
    for (const push of pushes) this.link?.push(push);
  }

  /** Replaces the same wait's earlier timer. */
  wait(wait: ProcessWait, timer: CancelTimer): void {
    this.cancel(wait);
    this.#waits.set(wait, timer);
  }

  cancel(wait: ProcessWait): void {
    this.#waits.get(wait)?.();
    this.#waits.delete(wait);
  }

  cancelAll(): void {
    for (const cancel of this.#waits.values()) cancel();
    this.#waits.clear();
    this.#pushes = [];
  }

  /** Connected, with a heartbeat behind it. */
  get isListening(): boolean {
    return this.link !== undefined && this.process.reportedAtMs !== undefined;
  }
}

/** Processes are known by fleet, compute and pID: two computes may use the same pID. */
export function keyOf({ fleetId, computeName, processId }: ProcessIdentity): string {
  return `${fleetId} ${computeName} ${processId}`;
}
