import type { AttributeValue } from "../fleet/fleet.ts";
import { HOST_LIMITS } from "./limits.ts";

/** What a room finds in `client.auth`: the fleet's record of the player, never the client's claim. */
export interface PlayerAuth {
  readonly playerId: string;
  /** Whatever the backend attached to the player session, `""` when nothing. Untrusted text. */
  readonly playerData: string;
  /** The team the matchmaker put the player in, `""` when there is none. */
  readonly team: string;
  /** What the matchmaker knew of the player; empty when it knew nothing. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** 0 ≤ seat < capacity; the same for as long as the player holds it. */
  readonly seat: number;
}

/**
 * The name that others see: `name` out of the player data if that is JSON with one, else the player id.
 * @returns 1 to `nameCharsMax` characters without control or invisible format characters.
 */
export function shownName(auth: Pick<PlayerAuth, "playerId" | "playerData">): string {
  const given = nameIn(auth.playerData);
  return tidy(given ?? "") || tidy(auth.playerId) || "player";
}

function nameIn(playerData: string): string | undefined {
  if (!playerData.trimStart().startsWith("{")) return undefined;
  try {
    const name = (JSON.parse(playerData) as { name?: unknown }).name;
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined;
  }
}

function tidy(text: string): string {
  const visible = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}\p{DI}]/gu, "").trim();
  return [...visible].slice(0, HOST_LIMITS.nameCharsMax).join("").trim();
}
