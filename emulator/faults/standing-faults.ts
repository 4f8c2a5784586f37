import type { Clock } from "../clock.ts";
import { done, type Outcome, refused } from "../plane/outcome.ts";
import { FAULT_LIMITS } from "./limits.ts";

/** What faults that stand for a while do, by kind. */
export interface StandingValues {
  /** The answer, or the push, goes out later. */
  readonly slow: { readonly delayMs: number };
  /** A request without effect and answer, or an effect without an answer. */
  readonly silence: { readonly lost: "request" | "answer" };
  readonly answer: { readonly statusCode: number; readonly errorMessage: string };
  readonly duplicate: Readonly<Record<never, never>>;
  readonly refuse: { readonly status: number } | { readonly reset: true };
  readonly full: Readonly<Record<never, never>>;
  readonly "slow-call": { readonly delayMs: number };
  readonly "fail-call": {
    readonly type: string;
    readonly message: string;
    readonly status: number;
  };
}

export type StandingKind = keyof StandingValues;

/** What a standing fault is narrowed to, or what is about to happen: a fault strikes what agrees in all its members. */
export interface Scope {
  readonly fleetId?: string | undefined;
  readonly computeName?: string | undefined;
  readonly processId?: string | undefined;
  readonly location?: string | undefined;
  /** Of the Server SDK: a request's or a push's. */
  readonly action?: string | undefined;
  /** Of the AWS API. */
  readonly operation?: string | undefined;
}

export interface StandingFault<K extends StandingKind = StandingKind> {
  readonly kind: K;
  readonly scope: Scope;
  readonly value: StandingValues[K];
  /** How often it strikes yet; `undefined` for no limit. */
  readonly timesLeft: number | undefined;
  /** Monotonic; `undefined` until it is cleared. */
  readonly untilMs: number | undefined;
}

type Entry = { -readonly [M in keyof StandingFault]: StandingFault[M] };

/** Faults that wait for what they strike. Of two that fit, the younger one strikes. */
export class StandingFaults {
  readonly #clock: Clock;
  #entries: Entry[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add<K extends StandingKind>(
    kind: K,
    scope: Scope,
    value: StandingValues[K],
    lasting: { readonly times: number | undefined; readonly lastsMs: number | undefined },
  ): Outcome<StandingFault> {
    if (this.list().length >= FAULT_LIMITS.standingMax) {
      const text = `${FAULT_LIMITS.standingMax} faults stand already; end them with the fault clear`;
      return refused("LimitExceeded", text);
    }
    const { times, lastsMs } = lasting;
    const untilMs = lastsMs === undefined ? undefined : this.#clock.nowMs() + lastsMs;
    const entry: Entry = { kind, scope, value, timesLeft: times, untilMs };
    this.#entries.push(entry);
    return done(entry);
  }

  /** The fault that strikes `subject`, which uses it up by one. */
  strike<K extends StandingKind>(kind: K, subject: Scope): StandingValues[K] | undefined {
    const entry = this.#find(kind, subject);
    if (entry?.timesLeft !== undefined) entry.timesLeft--;
    return entry?.value as StandingValues[K] | undefined;
  }

  /** Whether a fault would strike `subject`; uses nothing up. */
  stands(kind: StandingKind, subject: Scope): boolean {
    return this.#find(kind, subject) !== undefined;
  }

  /** Those that may still strike, oldest first. */
  list(): readonly StandingFault[] {
    const nowMs = this.#clock.nowMs();
    this.#entries = this.#entries.filter(
      ({ timesLeft = 1, untilMs = Number.POSITIVE_INFINITY }) => timesLeft > 0 && nowMs < untilMs,
    );
    return [...this.#entries];
  }

  /** Ends those whose scope agrees with `subject`. @returns How many. */
  clear(subject: Scope): number {
    const before = this.list().length;
    this.#entries = this.#entries.filter(({ scope }) => !agrees(subject, scope));
    return before - this.#entries.length;
  }

  #find(kind: StandingKind, subject: Scope): Entry | undefined {
    this.list();
    return this.#entries.findLast((entry) => entry.kind === kind && agrees(entry.scope, subject));
  }
}

function agrees(scope: Scope, subject: Scope): boolean {
  return Object.entries(scope).every(
    ([member, value]) => value === undefined || subject[member as keyof Scope] === value,
  );
}
