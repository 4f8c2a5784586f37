/**
 * What goes wrong between server processes and the Server SDK service.
 * @module
 */
import type {
  AnswerFault,
  Cut,
  PushFault,
  UpgradeFault,
  WireFaults,
  WireProcess,
} from "../server-sdk/wire-hooks.ts";
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

/** The connections that the Server SDK service holds. */
export interface WireConnections {
  /** Strikes every open connection of the process. @returns False when there is none. */
  cut(process: WireProcess, how: Cut): boolean;
}

/** What the Server SDK service asks. Each answer uses up faults that strike a number of times: ask once per event. */
export class StandingWireFaults implements WireFaults {
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
