import { type Answer, refusal } from "./rules/answer.ts";
import type { Action } from "./rules/shapes.ts";

/** One action, or all of them. */
export type FaultyAction = Action | "*";

export interface Refusal {
  readonly statusCode: number;
  readonly errorMessage: string;
}

interface Script extends Refusal {
  timesLeft: number;
}

interface Silence {
  readonly applies: boolean;
}

/** How a request is treated beside what it asks. */
export interface Treatment {
  readonly delayMs: number;
  /** Answered so, without effect. */
  readonly answer: Answer | undefined;
  readonly isSilent: boolean;
  /** A silent request has its effect all the same. */
  readonly applies: boolean;
}

/** What the service does wrong to requests, switched while it runs. What is set for one action wins over `*`. */
export class RequestFaults {
  /** Every answer goes out twice. */
  duplicateAnswers = false;
  /** Answers carry RequestIds that nobody sent. */
  wrongRequestIds = false;
  readonly #delays = new Map<FaultyAction, number>();
  readonly #silences = new Map<FaultyAction, Silence>();
  readonly #scripts = new Map<FaultyAction, Script>();

  /** Requests have their effect at once and are answered `delayMs` later; 0 disables. */
  delay(delayMs: number, action: FaultyAction = "*"): void {
    this.#delays.set(action, delayMs);
  }

  /**
   * Requests are read and never answered.
   * @param how.applies - Whether they have their effect: true is a lost answer, false a lost request.
   */
  silence(how: { applies: boolean } | "off", action: FaultyAction = "*"): void {
    if (how === "off") this.#silences.delete(action);
    else this.#silences.set(action, how);
  }

  /** Answers requests so, without effect. @param times - How many of them; all when it is left out. */
  answerWith(action: FaultyAction, how: Refusal | "off", times = Number.POSITIVE_INFINITY): void {
    if (how === "off") this.#scripts.delete(action);
    else this.#scripts.set(action, { ...how, timesLeft: times });
  }

  /** Switches every fault off. */
  clear(): void {
    this.duplicateAnswers = false;
    this.wrongRequestIds = false;
    this.#delays.clear();
    this.#silences.clear();
    this.#scripts.clear();
  }

  /** How one request is to be treated; a scripted answer is used up by it. */
  treat(action: Action): Treatment {
    const silence = this.#silences.get(action) ?? this.#silences.get("*");
    return {
      delayMs: this.#delays.get(action) ?? this.#delays.get("*") ?? 0,
      answer: this.#scripted(action) ?? this.#scripted("*"),
      isSilent: silence !== undefined,
      applies: silence?.applies ?? true,
    };
  }

  #scripted(action: FaultyAction): Answer | undefined {
    const script = this.#scripts.get(action);
    if (script === undefined || script.timesLeft <= 0) return undefined;
    script.timesLeft--;
    return refusal(script.statusCode, script.errorMessage);
  }
}
