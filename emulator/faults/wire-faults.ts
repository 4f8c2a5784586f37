/**
 * What goes wrong between server processes and the Server SDK service. The service asks the hooks before it acts and
 * offers its connections to be cut.
 * @module
 */
import type { StandingFaults } from "./standing-faults.ts";

export const REQUEST_ACTIONS = [
  "ActivateServerProcess",
  "HeartbeatServerProcess",
  "TerminateServerProcess",
  "ActivateGameSession",
  "AcceptPlayerSession",
  "RemovePlayerSession",
  "DescribePlayerSessions",
  "UpdatePlayerSessionCreationPolicy",
  "StartMatchBackfill",
  "StopMatchBackfill",
  "GetComputeCertificate",
  "GetFleetRoleCredentials",
] as const;

export const PUSH_ACTIONS = [
  "CreateGameSession",
  "UpdateGameSession",
  "TerminateProcess",
  "RefreshConnection",
] as const;

/** A server process as its connection names it; it need not be known to the control plane yet. */
export interface WireProcess {
  readonly fleetId: string;
  readonly computeName: string;
  readonly processId: string;
}

/** What befalls an upgrade: an HTTP status instead of 101, or a reset without an answer. */
export type UpgradeFault = { readonly status: number } | { readonly reset: true };

/** What befalls a request, in this order of weight: lost, refused, late, doubled. */
export interface AnswerFault {
  /** `request`: read, without effect and answer. `answer`: has its effect, and no answer. */
  readonly lost: "request" | "answer" | undefined;
  /** Answered so, without effect. */
  readonly refusal: { readonly statusCode: number; readonly errorMessage: string } | undefined;
  /** From the effect to the answer; 0 for at once. */
  readonly delayMs: number;
  /** How often the answer goes out, 1 or 2. */
  readonly copies: number;
}

export interface PushFault {
  readonly isLost: boolean;
  readonly delayMs: number;
  /** How often it goes out, 1 or 2. */
  readonly copies: number;
}

/** How a connection ends, or goes dead: `half-open` carries nothing from then on and stays open. */
export type Cut =
  | { readonly kind: "reset" }
  | { readonly kind: "half-open" }
  /** A close frame. */
  | { readonly kind: "close"; readonly code: number; readonly reason: string };

/** The connections that the Server SDK service holds. */
export interface WireConnections {
  /** Strikes every open connection of the process. @returns False when there is none. */
  cut(process: WireProcess, how: Cut): boolean;
}

/** What the Server SDK service asks. Each answer uses up faults that strike a number of times: ask once per event. */
export class WireFaults {
  readonly #standing: StandingFaults;

  constructor(standing: StandingFaults) {
    this.#standing = standing;
  }

  beforeUpgrade({ fleetId, computeName, processId }: WireProcess): UpgradeFault | undefined {
    return this.#standing.strike("refuse", { fleetId, computeName, processId });
  }

  beforeAnswer(action: string, process: WireProcess): AnswerFault {
    const subject = subjectOf(action, process);
    const lost = this.#standing.strike("silence", subject)?.lost;
    if (lost !== undefined) return { lost, refusal: undefined, delayMs: 0, copies: 0 };
    return {
      lost,
      refusal: this.#standing.strike("answer", subject),
      delayMs: this.#standing.strike("slow", subject)?.delayMs ?? 0,
      copies: this.#copiesOf(subject),
    };
  }

  beforePush(action: string, process: WireProcess): PushFault {
    const subject = subjectOf(action, process);
    if (this.#standing.strike("silence", subject) !== undefined) {
      return { isLost: true, delayMs: 0, copies: 0 };
    }
    const delayMs = this.#standing.strike("slow", subject)?.delayMs ?? 0;
    return { isLost: false, delayMs, copies: this.#copiesOf(subject) };
  }

  #copiesOf(subject: ReturnType<typeof subjectOf>): number {
    return this.#standing.strike("duplicate", subject) === undefined ? 1 : 2;
  }
}

function subjectOf(action: string, { fleetId, computeName, processId }: WireProcess) {
  return { action, fleetId, computeName, processId };
}
