import type { GameSession, ServerProcess } from "./records.ts";

export type UpdateReason =
  | "MATCHMAKING_DATA_UPDATED"
  | "BACKFILL_FAILED"
  | "BACKFILL_TIMED_OUT"
  | "BACKFILL_CANCELLED";

/** What the control plane tells a server process by itself. */
export type Push =
  | { readonly kind: "create-game-session"; readonly gameSession: GameSession }
  | {
      readonly kind: "update-game-session";
      readonly gameSession: GameSession;
      readonly reason: UpdateReason;
      /** `""` for none. */
      readonly ticketId: string;
    }
  | { readonly kind: "terminate-process"; readonly terminationAtMs: number }
  | { readonly kind: "refresh-connection"; readonly endpoint: string; readonly authToken: string };

/** The newest connection of a server process. The control plane never pushes over one that is gone. */
export interface ServerLink {
  push(push: Push): void;
  /** WebSocket close code; 1000 and 1001 tell a process not to come back. */
  close(code: number, reason: string): void;
}

/** Whoever can end a supervised process by force; he then reports its exit. */
export interface ProcessHost {
  kill(process: ServerProcess): void;
}
