import type {
  Entry,
  EntryOf,
  HappeningKind,
  Role,
  Step,
  Terms,
  Trace,
  WireRequest,
} from "./trace.ts";

const ENDING_STEPS: ReadonlySet<Step> = new Set(["terminate-process", "close-1001", "kill"]);

export type RequestEntry = WireRequest & { readonly atMs: number };

/** One client that was started, and what became of it. */
export interface ClientStory {
  readonly role: Role;
  readonly playerSessionId: string;
  readonly startedAtMs: number;
  readonly toldToLeaveAtMs: number | undefined;
  readonly gone: EntryOf<"client-gone"> | undefined;
  /** It ended before anybody told it to, and before the server was told to end. */
  readonly leftByItself: boolean;
}

/** A trace, as rules ask about it. */
export class Reading {
  readonly trace: Trace;

  constructor(trace: Trace) {
    this.trace = trace;
  }

  get terms(): Terms {
    return this.trace.terms;
  }

  all<K extends HappeningKind>(kind: K): readonly EntryOf<K>[] {
    return this.trace.entries.filter((entry): entry is EntryOf<K> => entry.kind === kind);
  }

  /** The first of a kind that is wanted. */
  first<K extends HappeningKind>(
    kind: K,
    isWanted: (entry: EntryOf<K>) => boolean = () => true,
  ): EntryOf<K> | undefined {
    return this.all(kind).find(isWanted);
  }

  step(step: Step): EntryOf<"step"> | undefined {
    return this.first("step", (entry) => entry.step === step);
  }

  /** Each request once, however often it was sent by the same RequestId. */
  requests(action?: string): readonly RequestEntry[] {
    return this.all("request").filter(
      (request) => !request.isRepeat && (action === undefined || request.action === action),
    );
  }

  /** Those that the service granted. */
  granted(action: string): readonly RequestEntry[] {
    return this.requests(action).filter(({ statusCode }) => statusCode === 200);
  }

  /** When ProcessReady was granted. */
  get ready(): RequestEntry | undefined {
    return this.granted("ActivateServerProcess")[0];
  }

  get exited(): EntryOf<"exited"> | undefined {
    return this.first("exited");
  }

  /** ProcessEnding, granted or not. */
  get goodbye(): RequestEntry | undefined {
    return this.requests("TerminateServerProcess")[0];
  }

  /** The last moment of the trace. */
  get endMs(): number {
    return this.trace.entries.at(-1)?.atMs ?? 0;
  }

  clients(...roles: readonly Role[]): readonly ClientStory[] {
    return this.all("client-started")
      .filter(({ role }) => roles.length === 0 || roles.includes(role))
      .map((started) => this.#story(started));
  }

  /** AcceptPlayerSession or RemovePlayerSession for one player session. */
  about(action: "AcceptPlayerSession" | "RemovePlayerSession", playerSessionId: string) {
    return this.requests(action).filter(
      ({ members }) => members["PlayerSessionId"] === playerSessionId,
    );
  }

  /** When the process heard that it must end, from verify or from the service. */
  get toldToEnd(): Entry | undefined {
    const isTelling = (entry: Entry) =>
      (entry.kind === "push" && entry.action === "TerminateProcess") ||
      (entry.kind === "step" && ENDING_STEPS.has(entry.step));
    return this.trace.entries.find(isTelling);
  }

  /** Whether the process ended, or said goodbye, before verify asked for it. */
  get endedByItself(): Entry | undefined {
    const told = this.toldToEnd;
    const end = [this.goodbye, this.exited]
      .filter((entry) => entry !== undefined)
      .sort((a, b) => a.atMs - b.atMs)[0];
    if (end === undefined) return undefined;
    return told === undefined || this.isBefore(end, told) ? end : undefined;
  }

  /** Whether `entry` lies behind `from` and not behind `to`, by their places: much happens within one millisecond. */
  isBetween(entry: Entry, from: Entry, to: Entry | undefined): boolean {
    return this.isBefore(from, entry) && (to === undefined || this.isBefore(entry, to));
  }

  isBefore(one: Entry, other: Entry): boolean {
    const { entries } = this.trace;
    return entries.indexOf(one) < entries.indexOf(other);
  }

  /** The next step of another kind. */
  stepAfter(step: EntryOf<"step">): EntryOf<"step"> | undefined {
    return this.first("step", (entry) => entry.step !== step.step && this.isBefore(step, entry));
  }

  #story(started: EntryOf<"client-started">): ClientStory {
    const { client, role, playerSessionId, atMs } = started;
    const gone = this.first("client-gone", (entry) => entry.client === client);
    const told = this.first("client-told-to-leave", (entry) => entry.client === client);
    const terminated = this.toldToEnd ?? this.endedByItself;
    return {
      role,
      playerSessionId,
      startedAtMs: atMs,
      toldToLeaveAtMs: told?.atMs,
      gone,
      leftByItself:
        gone !== undefined &&
        (told === undefined || this.isBefore(gone, told)) &&
        (terminated === undefined || this.isBefore(gone, terminated)),
    };
  }
}
