import type { HealthCheck } from "./heartbeat.ts";
import type { GameSession, GameSessionUpdate } from "./session-types.ts";

/** What a process tells the service when it is ready, and what it wants to hear of it. */
export interface ProcessParameters {
  /** 1 to 60,000: where players reach this process. */
  readonly port: number;
  /** Files and folders that the service keeps after the process has ended; at least one. */
  readonly logPaths: readonly string[];
  /** A game session was placed here: prepare it, then call `activateGameSession`. */
  onStartGameSession(session: GameSession): void | Promise<void>;
  onUpdateGameSession?(update: GameSessionUpdate): void | Promise<void>;
  /**
   * The process must end: save what is to be saved, then `processEnding`, `destroy` and exit. Without it the SDK does
   * these three.
   * @param terminationTimeMs - Milliseconds since 1970; `undefined` when the service named none.
   */
  onProcessTerminate?(terminationTimeMs: number | undefined): void | Promise<void>;
  /** Without it the process is always healthy. */
  onHealthCheck?: HealthCheck;
}

/** What happens beside the calls, for a log. Holds no id, token or key. */
export type SdkEvent =
  | { readonly type: "connected" }
  /** There is no connection for now. */
  | { readonly type: "disconnected" }
  | {
      readonly type: "connect_failed";
      readonly status: number | undefined;
      readonly cause: unknown;
    }
  /** The service closed the connection for good; no call works any more. End the process. */
  | { readonly type: "dead"; readonly cause: unknown }
  | { readonly type: "heartbeat_answered" }
  | { readonly type: "heartbeat_failed"; readonly cause: unknown }
  | {
      readonly type: "frame_ignored";
      readonly why: "not_json" | "unknown_action" | "unknown_request" | "out_of_turn";
    }
  | { readonly type: "callback_failed"; readonly callback: string; readonly cause: unknown };
