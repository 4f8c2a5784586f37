import type {
  Acceptance,
  Backfills,
  Fleet,
  GameSession,
  PlayerSession,
  Removal,
  ServerProcessCallbacks,
} from "../../server/fleet/fleet.ts";

export const GAME_SESSION: GameSession = {
  gameSessionId: "gsess-1",
  name: "a match",
  maximumPlayerSessionCount: 8,
  gameProperties: {},
  gameSessionData: "",
  matchmakerData: "",
};

export function playerSession(number: number, over: Partial<PlayerSession> = {}): PlayerSession {
  return {
    playerSessionId: `psess-${number}`,
    playerId: `player-${number}`,
    gameSessionId: GAME_SESSION.gameSessionId,
    status: "RESERVED",
    playerData: "",
    ...over,
  };
}

/** A fleet whose every answer the test writes. Records what it was asked. */
export class ScriptedFleet implements Fleet {
  readonly kind = "local";
  backfills?: Backfills;
  records = new Map<string, PlayerSession>();
  /** Answers the next accepts; `undefined` means accepted if RESERVED. */
  answerAccept: ((id: string, signal: AbortSignal) => Promise<Acceptance>) | undefined;
  answerDescribe: (() => Promise<readonly PlayerSession[]>) | undefined;
  answerRemove: ((id: string) => Promise<Removal>) | undefined;
  next: "end_process" | "await_game_session" = "end_process";
  readonly accepts: string[] = [];
  readonly removes: string[] = [];
  readonly calls: string[] = [];
  describes = 0;
  callbacks: ServerProcessCallbacks | undefined;

  constructor(players = 0) {
    for (let number = 1; number <= players; number++) this.add(playerSession(number));
  }

  add(record: PlayerSession): void {
    this.records.set(record.playerSessionId, record);
  }

  readonly playerSessions = {
    accept: async (id: string, signal: AbortSignal): Promise<Acceptance> => {
      this.accepts.push(id);
      if (this.answerAccept !== undefined) return this.answerAccept(id, signal);
      const record = this.records.get(id);
      if (record?.status !== "RESERVED") return { outcome: "refused" };
      this.add({ ...record, status: "ACTIVE" });
      return { outcome: "accepted" };
    },
    remove: async (id: string): Promise<Removal> => {
      this.removes.push(id);
      if (this.answerRemove !== undefined) return this.answerRemove(id);
      const record = this.records.get(id);
      if (record !== undefined) this.add({ ...record, status: "COMPLETED" });
      return { outcome: "removed" };
    },
  };

  readonly gameSessions = {
    descriptionsPerSecond: 4,
    playerSessions: async (): Promise<readonly PlayerSession[]> => {
      this.describes++;
      return this.answerDescribe?.() ?? [...this.records.values()];
    },
  };

  readonly process = {
    ready: async (port: number, callbacks: ServerProcessCallbacks): Promise<void> => {
      this.calls.push(`ready ${port > 0 ? "port" : "no port"}`);
      this.callbacks = callbacks;
    },
    activateGameSession: async (id: string): Promise<void> => {
      this.calls.push(`activate ${id}`);
    },
    setOpenToPlayers: async (id: string, isOpen: boolean): Promise<void> => {
      this.calls.push(`${isOpen ? "open" : "close"} ${id}`);
    },
    gameSessionEnded: async (id: string) => {
      this.calls.push(`ended ${id}`);
      return this.next;
    },
    ending: async (): Promise<void> => {
      this.calls.push("ending");
    },
  };

  async [Symbol.asyncDispose](): Promise<void> {}
}
