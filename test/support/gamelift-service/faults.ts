import { type Answer, refusal } from "../../../emulator/server-sdk/rules/answer.ts";
import type { Action } from "../../../emulator/server-sdk/rules/shapes.ts";

/** One action, or all of them. */
type FaultyAction = Action | "*";

interface Refusal {
  readonly statusCode: number;
  readonly errorMessage: string;
}

interface Script extends Refusal {
  timesLeft: number;
}

interface Silence {
  /** Whether a request has its effect: true is a lost answer, false a lost request. */
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
   */
  silence(how: Silence | "off", action: FaultyAction = "*"): void {
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

  delayMsOf(action: Action): number {
    return this.#delays.get(action) ?? this.#delays.get("*") ?? 0;
  }

  silenceOf(action: Action): Silence | undefined {
    return this.#silences.get(action) ?? this.#silences.get("*");
  }

  /** The scripted answer to one request, which uses it up. */
  scripted(action: Action): Answer | undefined {
    return this.#take(action) ?? this.#take("*");
  }

  #take(action: FaultyAction): Answer | undefined {
    const script = this.#scripts.get(action);
    if (script === undefined || script.timesLeft <= 0) return undefined;
    script.timesLeft--;
    return refusal(script.statusCode, script.errorMessage);
  }
}
