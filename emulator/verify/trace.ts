/**
 * What verify did and saw in one life of a server process, in order: all that a rule judges by. It is plain JSON, and the
 * report ends with it. Tokens are not in it.
 * @module
 */

/**
 * - `match`: a game session with its players, faults on the way, and the end by TerminateProcess
 * - `idle`: TerminateProcess before any game session
 * - `dismissed`: the service closes the connection with 1001
 */
export type LifeName = "match" | "idle" | "dismissed";

/** What verify does in a life. */
export type Step =
  | "start-server"
  | "create-game-session"
  | "update-game-session"
  | "cut-link"
  | "refresh-connection"
  | "close-1001"
  | "terminate-process"
  | "kill";

/**
 * Why a client is started:
 * - `stays`: is to be let in, and is there until the server ends
 * - `leaves`: is to be let in, and leaves
 * - `after-link`, `during-refresh`: the same, after the link was lost, and while it is refreshed
 * - `twin`: presents the id of one who is there
 * - `used`: presents the id of one who has left
 * - `unknown`, `expired`, `foreign`: ids that nobody made, that timed out, and of another game session
 */
export type Role =
  | "stays"
  | "leaves"
  | "after-link"
  | "during-refresh"
  | "twin"
  | "used"
  | "unknown"
  | "expired"
  | "foreign";

export interface WireRequest {
  readonly kind: "request";
  readonly connection: number;
  /** `""` when it named none. */
  readonly action: string;
  readonly requestId: string;
  readonly members: Readonly<Record<string, unknown>>;
  /** Of the answer; `undefined` when there was none. */
  readonly statusCode: number | undefined;
  /** What is not as documented, such as `Port: not an integer`. */
  readonly problems: readonly string[];
  /** The process sent this RequestId before. */
  readonly isRepeat: boolean;
}

export type Happening =
  | { readonly kind: "step"; readonly step: Step; readonly detail?: string }
  | { readonly kind: "exited"; readonly code: number | null; readonly signal: string | null }
  | {
      readonly kind: "connected";
      /** 1, 2, … in this life. */
      readonly connection: number;
      /** Names of the query's parameters. */
      readonly parameters: readonly string[];
      readonly sdkVersion: string;
      readonly sdkLanguage: string;
      /** Each token by the order in which it was first seen, from 1; 0 for none. */
      readonly idempotencyToken: number;
      readonly authToken: number;
    }
  | {
      readonly kind: "connection-refused";
      readonly status: number;
      readonly why: string;
    }
  | { readonly kind: "disconnected"; readonly connection: number; readonly code: number }
  | WireRequest
  | { readonly kind: "bad-frame"; readonly connection: number; readonly why: string }
  | { readonly kind: "push"; readonly connection: number; readonly action: string }
  | {
      readonly kind: "probed";
      readonly port: number;
      readonly found: "tcp" | "udp" | "nothing";
    }
  | {
      readonly kind: "client-started";
      readonly client: number;
      readonly role: Role;
      readonly playerSessionId: string;
    }
  | { readonly kind: "client-told-to-leave"; readonly client: number }
  | {
      readonly kind: "client-gone";
      readonly client: number;
      readonly code: number | null;
      readonly signal: string | null;
    }
  | { readonly kind: "process-ended"; readonly reason: string }
  /** Why something was not tried. */
  | { readonly kind: "note"; readonly text: string }
  /** The server wrote a secret to its output. */
  | { readonly kind: "secret-written"; readonly what: string };

export type HappeningKind = Happening["kind"];
export type Entry = Happening & {
  /** Milliseconds since the life began. */
  readonly atMs: number;
};
export type EntryOf<K extends HappeningKind> = Extract<Entry, { kind: K }>;

/** What a life is judged by, milliseconds of real time. */
export interface Terms {
  readonly hasClient: boolean;
  /** From the start to InitSDK, from there to ProcessReady, and from there to the first heartbeat. */
  readonly initializationMs: number;
  readonly readyMs: number;
  readonly firstReportMs: number;
  /** Between heartbeats; a quarter may be added. */
  readonly reportMs: number;
  /** Heartbeats after the first that were waited for. */
  readonly reportsWanted: number;
  /** From CreateGameSession to ActivateGameSession. */
  readonly activationMs: number;
  /** From TerminateProcess to its deadline, and from ProcessEnding to the exit. */
  readonly terminationMs: number;
  readonly exitMs: number;
  /** Longest wait for what the service names no time for. */
  readonly patienceMs: number;
  /** Ports that the fleet opens; empty when it says nothing. */
  readonly openPorts: readonly { readonly from: number; readonly to: number }[];
}

export interface Trace {
  readonly life: LifeName;
  readonly terms: Terms;
  readonly entries: readonly Entry[];
}
