import { CloseCode } from "../../protocol/close-codes.ts";
import type { EndReason, MatchOutcome } from "../results/results.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Deadline } from "./deadline.ts";
import type { Entrance } from "./entrance.ts";
import { SESSION_LIMITS } from "./limits.ts";
import type { MatchRoom } from "./match-room.ts";

interface ClosingDeps {
  readonly room: MatchRoom | undefined;
  readonly outcome: MatchOutcome;
  readonly why: EndReason;
  /** Delivers the result and closes the journal. */
  readonly result: Promise<void>;
  /** The open ticket is stopped, where there is one. */
  readonly backfillEnded: Promise<void> | undefined;
  readonly entrance: Entrance;
  readonly deadline: Deadline;
  readonly acceptTimeoutMs: number;
  readonly telemetry: Telemetry;
  /** Nobody will ever hear of a player session that is given back. */
  isFleetLost(): boolean;
}

/** Closes connections, frees seats, and waits for what must be delivered; each wait has its limit. Never rejects. */
export async function closeMatch(deps: ClosingDeps): Promise<void> {
  const { room, outcome, why, result, entrance, deadline, acceptTimeoutMs } = deps;
  const { admission, removals } = entrance;
  const { roomCloseMs, settleMs } = SESSION_LIMITS;
  await Promise.all([
    bounded(deps, room?.close(closeCodeOf(outcome, why)), roomCloseMs),
    bounded(deps, admission.settled(), acceptTimeoutMs),
  ]);
  for (const holder of admission.seats.holders()) admission.vacate(holder.sessionId);
  entrance.close();
  await Promise.all([
    bounded(deps, result, settleMs),
    bounded(deps, deps.backfillEnded, settleMs),
    removals.settle(deps.isFleetLost() ? 0 : deadline.leftMs(settleMs)),
  ]);
}

async function bounded(
  { deadline, telemetry }: ClosingDeps,
  work: Promise<void> | undefined,
  mostMs: number,
): Promise<void> {
  try {
    if (work !== undefined) await deadline.wait(work, mostMs);
  } catch (cause) {
    telemetry.roomFault({ where: "close", cause });
  }
}

function closeCodeOf(outcome: MatchOutcome, why: EndReason): CloseCode {
  // To players a match that took too long is over; only a fault is called one.
  if (outcome === "completed" || why === "too_long") return CloseCode.MATCH_OVER;
  return outcome === "aborted" ? CloseCode.MATCH_ABORTED : CloseCode.SERVER_DRAINED;
}
