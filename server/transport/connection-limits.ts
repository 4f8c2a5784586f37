import { readFileSync } from "node:fs";
import { TRANSPORT_LIMITS } from "./limits.ts";

export interface ConnectionLimits {
  /** Sockets on the game port in all. */
  readonly connectionsMax: number;
  /** Of them, those that have not said what they want. */
  readonly waitingMax: number;
}

/**
 * What the game port may have so that strangers cannot take the descriptors that this process needs for itself: a result
 * that cannot be written is lost, and a fleet that cannot be reached calls the process crashed.
 * @param openFilesMax - Descriptors that this process may have, all kinds together.
 */
export function connectionLimits(openFilesMax: number): ConnectionLimits {
  const { filesKept, connectionsMin, waitingShare } = TRANSPORT_LIMITS;
  const connectionsMax = Math.min(
    TRANSPORT_LIMITS.connectionsMax,
    Math.max(connectionsMin, openFilesMax - filesKept),
  );
  return { connectionsMax, waitingMax: Math.floor(connectionsMax * waitingShare) };
}

/** @returns Descriptors that this process may have; infinite where the system does not say. */
export function openFilesMax(): number {
  try {
    const limits = readFileSync("/proc/self/limits", "latin1");
    return Number(/^Max open files +(\d+) /m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
