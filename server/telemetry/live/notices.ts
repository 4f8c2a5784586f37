import { eventNameOf, type LogLevel, logEvents } from "../catalogue/log-events.ts";
import type { EventInfo, EventName } from "../every-event.ts";
import { LIVE_LIMITS } from "./limits.ts";
import type { LiveNotice } from "./live-snapshot.ts";

/**
 * What a notice says of an event: numbers, and words of closed sets. Texts that somebody wrote, ids and the messages of
 * errors stay in the log.
 */
const SHOWN = [
  "reason",
  "isHealthy",
  "where",
  "action",
  "lateMs",
  "droppedTicks",
  "isReachable",
  "source",
  "isOpen",
  "attempts",
  "tries",
  "bytes",
] as const;

interface Notice {
  readonly level: "warn" | "error";
  readonly event: EventName;
  what: string;
  count: number;
  atMs: number;
}

/** The last warnings and errors. Those of one kind are one notice with a count, so that a flood hides nothing else. */
export class Notices {
  /** In the order in which they came last. */
  readonly #kept = new Map<string, Notice>();

  add(nowMs: number, event: EventName, info: unknown): void {
    const level = levelOf(event, info);
    if (level !== "warn" && level !== "error") return;
    const what = describe(info);
    const kind = `${event} ${level} ${kindOf(event, info) ?? what}`;
    const notice = this.#kept.get(kind) ?? { level, event, what, count: 0, atMs: nowMs };
    notice.what = what;
    notice.count++;
    notice.atMs = nowMs;
    this.#kept.delete(kind);
    this.#kept.set(kind, notice);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= LIVE_LIMITS.noticesMax) break;
      this.#kept.delete(oldest);
    }
  }

  /**
   * The newest first.
   * @param bytesMax - Of the whole list as JSON; what does not fit is left out.
   */
  read(nowMs: number, bytesMax: number): readonly LiveNotice[] {
    const told: LiveNotice[] = [];
    let bytes = 2;
    for (const { level, event, what, count, atMs } of [...this.#kept.values()].reverse()) {
      const ago = Math.max(0, Math.floor((nowMs - atMs) / 1000));
      const notice: LiveNotice = [level, ago, eventNameOf(event), what, count];
      // It is ASCII: a character is a byte.
      bytes += JSON.stringify(notice).length + 1;
      if (bytes > bytesMax) break;
      told.push(notice);
    }
    return told;
  }
}

function levelOf(event: EventName, info: unknown): LogLevel | "never" {
  if (event !== "vendorMessage") return logEvents[event].level;
  return (info as EventInfo<"vendorMessage">).level;
}

/** The field that tells kinds of this event apart; `undefined` where it is all that is shown. */
function kindOf(event: EventName, info: unknown): string | undefined {
  const { sampledBy } = logEvents[event];
  if (sampledBy === undefined) return undefined;
  return sampledBy === "" ? "" : shown((info as Readonly<Record<string, unknown>>)[sampledBy]);
}

function describe(info: unknown): string {
  const fields = info as Readonly<Record<string, unknown>>;
  const words: string[] = [];
  for (const name of SHOWN) {
    const text = shown(fields[name]);
    if (text !== "") words.push(`${name} ${text}`);
  }
  const cause = causeOf(fields["cause"]);
  if (cause !== "") words.push(cause);
  return words.join(", ").slice(0, LIVE_LIMITS.noticeCharsMax);
}

/** A code of ours or Node's, otherwise the kind of error. */
function causeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "";
  const code: unknown = "code" in cause ? cause.code : undefined;
  return shown(code) || shown(cause.name);
}

/** Numbers and plain words; `""` for anything else. */
function shown(value: unknown): string {
  if (typeof value === "number") return String(Math.round(value * 10) / 10);
  if (typeof value === "boolean") return String(value);
  return typeof value === "string" && /^[A-Za-z][\w ]{0,31}$/.test(value) ? value : "";
}
