import type { Happening, Happenings } from "../plane/happenings.ts";
import type { ServerProcess } from "../plane/records.ts";
import { FAULT_LIMITS } from "./limits.ts";

type Identity = Pick<ServerProcess, "fleetId" | "computeName" | "processId">;

/** In which order things came, whatever became of them: the first is 1. */
export class Census {
  readonly #processes = new Map<string, number>();
  readonly #gameSessions = new Map<string, number>();
  readonly #playerSessions = new Map<string, number>();
  readonly #endListening: () => void;

  /** Counts from here on. */
  constructor(happenings: Happenings) {
    this.#endListening = happenings.listen((happening) => this.#count(happening));
  }

  /** Of {@link keyOf}, by their first connection. */
  get processKeys(): readonly string[] {
    return [...this.#processes.keys()];
  }

  /** By their creation. */
  get gameSessionIds(): readonly string[] {
    return [...this.#gameSessions.keys()];
  }

  /** By their reservation. */
  get playerSessionIds(): readonly string[] {
    return [...this.#playerSessions.keys()];
  }

  /** `undefined` for a process that never connected. */
  ordinalOf(process: Identity): number | undefined {
    return this.#processes.get(keyOf(process));
  }

  close(): void {
    this.#endListening();
  }

  #count(happening: Happening): void {
    const { kind, fleetId = "", computeName = "", processId = "" } = happening;
    if (kind === "process-connected") {
      keep(this.#processes, keyOf({ fleetId, computeName, processId }));
    } else if (kind === "game-session-created") {
      keep(this.#gameSessions, happening.gameSessionId);
    } else if (kind === "player-session-reserved") {
      keep(this.#playerSessions, happening.playerSessionId);
    }
  }
}

/** A line feed is in none of the three. */
export function keyOf({ fleetId, computeName, processId }: Identity): string {
  return `${fleetId}\n${computeName}\n${processId}`;
}

function keep(ordinals: Map<string, number>, id: string | undefined): void {
  if (id === undefined || ordinals.has(id) || ordinals.size >= FAULT_LIMITS.ordinalsMax) return;
  ordinals.set(id, ordinals.size + 1);
}
