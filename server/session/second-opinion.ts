import type { PlayerSession } from "../fleet/fleet.ts";
import { RefusalReason } from "../telemetry/telemetry.ts";
import type { Roster } from "./roster.ts";

/** Why a roster's answer without a record gives no seat. */
export const REASON_WITHOUT_RECORD = {
  busy: RefusalReason.BUSY,
  unavailable: RefusalReason.FLEET_UNAVAILABLE,
  unknown: RefusalReason.UNKNOWN,
} as const;

/** What the second opinion has against a record. Fails closed: an old answer of it counts as none. */
export async function contradiction(
  secondOpinion: Roster,
  record: PlayerSession,
  giveUpAtMs: number,
): Promise<RefusalReason | undefined> {
  const answer = await secondOpinion.find(record.playerSessionId, giveUpAtMs);
  if (answer.outcome === "unknown") return RefusalReason.CONTRADICTED;
  if (answer.outcome !== "found") return REASON_WITHOUT_RECORD[answer.outcome];
  if (!answer.isFresh) return RefusalReason.FLEET_UNAVAILABLE;
  const { gameSessionId, playerId, status } = answer.record;
  const isConfirmed =
    status === "RESERVED" && gameSessionId === record.gameSessionId && playerId === record.playerId;
  return isConfirmed ? undefined : RefusalReason.CONTRADICTED;
}
