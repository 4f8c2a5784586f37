import winston from "winston";
import type { Clock } from "../../clock.ts";
import { eventNameOf, type LogLevel, logEvents } from "../catalogue/log-events.ts";
import { type EventInfo, type EventName, EveryEvent } from "../every-event.ts";
import type { LogSink } from "../log-sinks/log-sink.ts";
import { StdoutSink } from "../log-sinks/stdout-sink.ts";
import { Correlation, type PlayerIdForm, withPlayerId } from "./correlation.ts";
import { type Fields, logLine } from "./log-line.ts";
import { Sampler } from "./sampler.ts";
import { type Hide, hideSecrets } from "./secrets.ts";
import { SinksTransport } from "./sinks-transport.ts";

const RANK: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

/** Lines held back until the server listens at most. */
const HELD_LINES_MAX = 256;

/** `playerJoined` is written as `player_joined`. */
const NAMES = Object.fromEntries(
  Object.keys(logEvents).map((event) => [event, eventNameOf(event as EventName)]),
) as Readonly<Record<EventName, string>>;

/** Beside all that is at least a warning: admissions and ends, and what whoever started the process waits for. */
const PRECIOUS: ReadonlySet<EventName> = new Set<EventName>([
  "serverListening",
  "serverStopping",
  "serverStopped",
  "gameSessionStateChanged",
  "gameSessionPlaced",
  "gameSessionStarted",
  "gameSessionFailed",
  "gameSessionEnded",
  "playerJoined",
  "playerDropped",
  "playerReconnected",
  "playerLeft",
]);

export interface WinstonTelemetryOptions {
  readonly clock: Clock;
  readonly level: LogLevel;
  /** Where lines go; standard output unless given. They are closed with `serverStopped`. */
  readonly sinks?: readonly LogSink[];
  /** Ids of this process, such as `fleetId`, that every line carries; empty ones are left out. */
  readonly identity?: Readonly<Record<string, string>>;
  /** @defaultValue `clear` */
  readonly playerIds?: PlayerIdForm;
  /**
   * What no line may show and no shape gives away: credentials, and player session ids that are not GameLift's. At least
   * 8 characters each; asked for with every text, so the same array as long as they are the same.
   */
  readonly secrets?: () => readonly string[];
}

interface Held {
  readonly line: string;
  readonly isPrecious: boolean;
}

/**
 * Writes one line of JSON per event. The first line is always the one that says where the server listens, unless it
 * never came so far; `serverStopped` ends all counting and holding back, so that no timer outlives it.
 */
export class WinstonTelemetry extends EveryEvent {
  readonly #clock: Clock;
  readonly #rankMax: number;
  readonly #sinks: readonly LogSink[];
  readonly #logger: winston.Logger;
  readonly #sampler: Sampler;
  readonly #correlation: Correlation;
  readonly #playerIds: PlayerIdForm;
  readonly #hide: Hide;
  /** Lines from before `server_listening`; `undefined` once they are out. */
  #held: Held[] | undefined = [];
  /** The server has stopped: what still comes is written as it comes. */
  #isClosed = false;

  constructor(options: WinstonTelemetryOptions) {
    super();
    const { clock, identity = {} } = options;
    this.#clock = clock;
    this.#rankMax = RANK[options.level];
    this.#sinks = options.sinks ?? [new StdoutSink({ clock, identity })];
    this.#sampler = new Sampler(clock);
    this.#correlation = new Correlation(identity);
    this.#playerIds = options.playerIds ?? "clear";
    this.#hide = hideSecrets(options.secrets);
    this.#logger = winston.createLogger({
      level: "debug", // The threshold is applied here, before the work of writing a line.
      levels: { ...RANK },
      format: winston.format.printf(({ message }) => String(message)),
      transports: [new SinksTransport(this.#sinks)],
    });
  }

  protected override record<Name extends EventName>(event: Name, info: EventInfo<Name>): void {
    try {
      const level = levelOf(event, info);
      if (level === "never") return;
      this.#correlation.begin(event, info);
      // Whoever started the process waits for this line, whatever the level.
      if (event === "serverListening") this.#listening(level, info);
      else if (event === "serverStopped") this.#stopped(level, info);
      else if (RANK[level] <= this.#rankMax) this.#sample(level, event, info);
    } catch {
      // An event that cannot be written is lost; telemetry never throws into what it watches.
    }
    this.#correlation.end(event);
  }

  #listening(level: LogLevel, info: unknown): void {
    const line = this.#line(level, "serverListening", info, { pid: process.pid });
    this.#held = [{ line, isPrecious: true }, ...(this.#held ?? [])];
    this.#release();
  }

  #stopped(level: LogLevel, info: unknown): void {
    this.#isClosed = true;
    this.#sampler.flush();
    this.#release();
    if (RANK[level] <= this.#rankMax) this.#write(this.#line(level, "serverStopped", info), true);
    // The process may end before the turn does.
    for (const sink of this.#sinks) sink.close();
  }

  #sample(level: LogLevel, event: EventName, info: unknown): void {
    const field = logEvents[event].sampledBy;
    const isPrecious = RANK[level] <= RANK.warn || PRECIOUS.has(event);
    if (field === undefined || this.#isClosed) {
      this.#write(this.#line(level, event, info), isPrecious);
      return;
    }
    const kind = `${event} ${field === "" ? "" : String((info as Record<string, unknown>)[field])}`;
    // Of the moment when it happened; by the time that it is written another game session may be here.
    const { context } = this.#correlation;
    this.#sampler.offer(kind, (count) =>
      this.#write(this.#line(level, event, info, { count }, context), isPrecious),
    );
  }

  #line(
    level: LogLevel,
    event: EventName,
    info: unknown,
    more: Fields = {},
    context: Fields = this.#correlation.context,
  ): string {
    const time = new Date(this.#clock.wallMs()).toISOString();
    const hasStack = event === "roomFault" || this.#rankMax === RANK.debug;
    const head = { time, level, event: NAMES[event], ...more };
    const told = withPlayerId(info, this.#playerIds);
    return logLine(head, told, { hasStack, context, hide: this.#hide });
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const { line, isPrecious } of held) this.#write(line, isPrecious);
  }

  #write(line: string, isPrecious: boolean): void {
    if (this.#held === undefined) this.#logger.log({ level: "info", message: line, isPrecious });
    else if (this.#held.length < HELD_LINES_MAX) this.#held.push({ line, isPrecious });
  }
}

function levelOf<Name extends EventName>(event: Name, info: EventInfo<Name>): LogLevel | "never" {
  if (event !== "vendorMessage") return logEvents[event].level;
  const { level } = info as EventInfo<"vendorMessage">;
  return Object.hasOwn(RANK, level) ? level : "info";
}
