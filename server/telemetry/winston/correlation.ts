import { hash } from "node:crypto";
import type { EventInfo, EventName } from "../every-event.ts";

/** How a line names a player: by the id, by the first 8 hex digits of its SHA-256, or not at all. */
export type PlayerIdForm = "clear" | "hash" | "off";

/** The ids by which lines are found together: of the process always, of a game session while it is here. */
export class Correlation {
  readonly #identity: Readonly<Record<string, string>>;
  #context: Readonly<Record<string, string>>;

  /** @param identity - Of the process; empty values are left out. */
  constructor(identity: Readonly<Record<string, string>>) {
    this.#identity = withoutEmpty(identity);
    this.#context = this.#identity;
  }

  /** Valid for the event that is told now; a new object when it changes. */
  get context(): Readonly<Record<string, string>> {
    return this.#context;
  }

  /** Before an event is written. */
  begin<Name extends EventName>(event: Name, info: EventInfo<Name>): void {
    if (event !== "gameSessionPlaced") return;
    const { gameSessionId, placementId, matchId, ticketId } =
      info as EventInfo<"gameSessionPlaced">;
    const ids = { gameSessionId, placementId, matchId, ticketId };
    this.#context = { ...this.#identity, ...withoutEmpty(ids) };
  }

  /** After it. */
  end(event: EventName): void {
    if (event === "gameSessionEnded") this.#context = this.#identity;
  }
}

function withoutEmpty(ids: Readonly<Record<string, unknown>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, id] of Object.entries(ids)) {
    if (typeof id === "string" && id !== "") kept[name] = id.slice(0, 300);
  }
  return kept;
}

/** Puts the player id of an event into the form that the operator wants. */
export function withPlayerId(info: unknown, form: PlayerIdForm): unknown {
  if (form === "clear" || typeof info !== "object" || info === null) return info;
  if (!Object.hasOwn(info, "playerId")) return info;
  const { playerId, ...rest } = info as Record<string, unknown>;
  if (form === "off") return rest;
  const playerIdHash = hash("sha256", String(playerId), "hex").slice(0, 8);
  return { playerIdHash, ...rest };
}
