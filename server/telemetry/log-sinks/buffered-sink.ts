import type { CancelTimer, Clock } from "../../clock.ts";
import type { LogReading } from "../readings.ts";
import { LOG_SINK_LIMITS } from "./limits.ts";
import { LineQueue, type Report } from "./line-queue.ts";
import type { LogSink, LossReason } from "./log-sink.ts";
import { type Outcome, type Outlet, type OutletFault, rest } from "./outlet.ts";

export interface BufferedSinkOptions {
  readonly name: LogReading["sink"];
  readonly outlet: Outlet;
  readonly clock: Clock;
  /** Ids of the process, as on all its lines; for those that the sink writes itself. Empty ones are left out. */
  readonly identity?: Readonly<Record<string, string>>;
  /** Told when lines do not come out, once until they do again: other sinks may. Not of a reader who takes his time. */
  readonly onFault?: (message: string) => void;
}

const FIRST_RETRY_MS: Readonly<Record<OutletFault, number>> = {
  stalled: LOG_SINK_LIMITS.stalledRetryMs,
  disk: LOG_SINK_LIMITS.diskRetryMs,
  gone: LOG_SINK_LIMITS.goneRetryMs,
};
const LAST_RETRY_MS: Readonly<Record<OutletFault, number>> = {
  stalled: LOG_SINK_LIMITS.stalledRetryMsMax,
  disk: LOG_SINK_LIMITS.diskRetryMsMax,
  gone: LOG_SINK_LIMITS.goneRetryMs,
};

/**
 * Gathers lines, brings them out through an outlet one batch at a time, waits out its faults and counts what is lost.
 * While nothing waits it has no timer.
 */
export class BufferedSink implements LogSink {
  readonly #name: LogReading["sink"];
  readonly #outlet: Outlet;
  readonly #clock: Clock;
  readonly #identity: Readonly<Record<string, string>>;
  readonly #onFault: (message: string) => void;
  readonly #queue = new LineQueue();
  #writtenLines = 0;
  readonly #dropped: Record<LossReason, number> = { full: 0, disk: 0, gone: 0 };
  /** Of these, what a line that is out has told. */
  readonly #told: Record<LossReason, number> = { full: 0, disk: 0, gone: 0 };
  #toldMs = Number.NEGATIVE_INFINITY;
  #fault: OutletFault | undefined;
  #retryMs = 0;
  /** What leads to the next write, if anything does. */
  #next: "none" | "gathered" | "soon" | "retry" | "under way" = "none";
  #cancelTimer: CancelTimer = () => {};
  #isClosed = false;

  constructor(options: BufferedSinkOptions) {
    this.#name = options.name;
    this.#outlet = options.outlet;
    this.#clock = options.clock;
    this.#onFault = options.onFault ?? (() => {});
    const ids = Object.entries(options.identity ?? {});
    this.#identity = Object.fromEntries(ids.filter(([, id]) => id !== ""));
  }

  get losses(): LogReading {
    return { sink: this.#name, lines: this.#writtenLines, dropped: { ...this.#dropped } };
  }

  write(line: string, isPrecious: boolean): void {
    if (!this.#queue.push(line, isPrecious)) this.#dropped[this.#reason]++;
    else if (this.#isClosed) this.#flush(0);
    else if (isPrecious) this.#hasten();
    else if (this.#next === "none") this.#arm("gathered", LOG_SINK_LIMITS.gatherMs);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTimer();
    if (this.#next === "under way") this.#confirm(this.#outlet.settle());
    this.#report();
    this.#flush(LOG_SINK_LIMITS.closeRests);
    this.#outlet.close();
  }

  get #reason(): LossReason {
    return this.#fault === undefined || this.#fault === "stalled" ? "full" : this.#fault;
  }

  #hasten(): void {
    if (this.#next !== "none" && this.#next !== "gathered") return;
    this.#cancelTimer();
    this.#arm("soon", 0);
  }

  #arm(next: "gathered" | "soon" | "retry", delayMs: number): void {
    this.#next = next;
    this.#cancelTimer = this.#clock.after(delayMs, () => this.#pump());
  }

  #pump(): void {
    if (this.#clock.nowMs() - this.#toldMs >= LOG_SINK_LIMITS.reportMs) this.#report();
    this.#next = "under way";
    this.#outlet.write(this.#queue.batch(), (outcome) => this.#written(outcome));
  }

  #written(outcome: Outcome): void {
    if (this.#isClosed) return;
    this.#account(outcome);
    if (outcome.fault !== undefined) {
      this.#arm("retry", this.#retryMs);
      return;
    }
    this.#next = "none";
    // Not in the same turn: a reader who took long enough must not take the event loop with all that waits.
    if (!this.#queue.isEmpty) this.#arm("soon", 0);
  }

  #account({ bytes, fault, linesLost = 0, code = "" }: Outcome): void {
    this.#confirm(bytes);
    this.#dropped.disk += linesLost;
    if (fault === "gone") this.#queue.startLineAnew();
    if (fault !== undefined) {
      const isSame = fault === this.#fault && bytes === 0;
      this.#retryMs = isSame
        ? Math.min(2 * this.#retryMs, LAST_RETRY_MS[fault])
        : FIRST_RETRY_MS[fault];
    }
    const isNews = fault !== undefined && fault !== this.#fault && fault !== "stalled";
    this.#fault = fault;
    // What a closed sink is told comes out at once, in the middle of what it is at.
    if (isNews && !this.#isClosed) this.#onFault(messageOf(this.#name, fault, code));
  }

  #confirm(bytes: number): void {
    this.#writtenLines += this.#queue.confirm(bytes);
  }

  /** @param rests - How often a stalled reader is waited for. */
  #flush(rests: number): void {
    let restsLeft = rests;
    while (!this.#queue.isEmpty) {
      this.#account(this.#outlet.writeAtOnce(this.#queue.batch()));
      if (this.#fault === undefined) continue;
      if (this.#fault !== "stalled" || restsLeft-- <= 0) break;
      rest(LOG_SINK_LIMITS.closeRestMs);
    }
    this.#dropped[this.#reason] += this.#queue.clear();
  }

  #report(): void {
    const reasons = (["full", "disk", "gone"] as const).filter(
      (reason) => this.#dropped[reason] > this.#told[reason],
    );
    if (reasons.length > 0) {
      this.#queue.replaceReports(reasons.map((reason) => this.#reportOf(reason)));
    }
  }

  #reportOf(reason: LossReason): Report {
    const count = this.#dropped[reason] - this.#told[reason];
    const time = new Date(this.#clock.wallMs()).toISOString();
    const head = { time, level: "warn", event: "log_lines_dropped", ...this.#identity };
    return {
      line: JSON.stringify({ ...head, sink: this.#name, reason, count }),
      onOut: () => {
        this.#told[reason] += count;
        this.#toldMs = this.#clock.nowMs();
      },
    };
  }
}

function messageOf(name: LogReading["sink"], fault: OutletFault, code: string): string {
  const why = code === "" ? "" : ` (${code})`;
  const problem = fault === "gone" ? "has no reader" : "cannot be written";
  return `log: ${name} ${problem}${why}; its lines wait, and are lost when too many do. This is told once until it works again`;
}
