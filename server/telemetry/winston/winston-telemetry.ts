import type { Writable } from "node:stream";
import winston from "winston";
import type { CancelTimer, Clock } from "../../clock.ts";
import { eventNameOf, type LogLevel, logEvents } from "../catalogue/log-events.ts";
import { type EventInfo, type EventName, EveryEvent } from "../every-event.ts";
import { logLine } from "./log-line.ts";
import { Sampler } from "./sampler.ts";

const RANK: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

/** Bytes that may wait for a reader of stdout that has stopped reading; what comes on top is dropped and counted. */
const WAITING_BYTES_MAX = 1_048_576;
/** Lines below `warn` that come so close together are written in one go. */
const GATHERING_MS = 20;
/** Lines held back until the server listens at most. */
const HELD_LINES_MAX = 256;

/** `playerJoined` is written as `player_joined`. */
const NAMES = Object.fromEntries(
  Object.keys(logEvents).map((event) => [event, eventNameOf(event as EventName)]),
) as Readonly<Record<EventName, string>>;

export interface WinstonTelemetryOptions {
  readonly clock: Clock;
  readonly level: LogLevel;
  /** Where lines go; standard output unless given. */
  readonly stream?: Writable;
}

/**
 * Writes one line of JSON per event. The first line is always the one that says where the server listens, unless it
 * never came so far; `serverStopped` ends all counting and holding back, so that no timer outlives it.
 */
export class WinstonTelemetry extends EveryEvent {
  readonly #clock: Clock;
  readonly #rankMax: number;
  readonly #stream: Writable;
  readonly #logger: winston.Logger;
  readonly #sampler: Sampler;
  /** Lines from before `server_listening`; `undefined` once they are out. */
  #held: { level: LogLevel; line: string }[] | undefined = [];
  #droppedLines = 0;
  /** Lines go to standard output some at a time: to write them one by one costs more than what they say. */
  readonly #gathersLines: boolean;
  #gathered: string[] = [];
  #gatheredCharacters = 0;
  #cancelGathering: CancelTimer = () => {};
  #isBroken = false;
  /** The server has stopped: what still comes is written as it comes. */
  #isClosed = false;

  constructor(options: WinstonTelemetryOptions) {
    super();
    this.#clock = options.clock;
    this.#rankMax = RANK[options.level];
    this.#stream = options.stream ?? process.stdout;
    this.#gathersLines = options.stream === undefined;
    // A reader that went away (EPIPE) ends the log, never the game. Stays attached: errors may come late.
    this.#stream.on("error", () => {
      this.#isBroken = true;
    });
    this.#sampler = new Sampler(options.clock);
    this.#logger = winston.createLogger({
      level: "debug", // The threshold is applied here, before the work of writing a line.
      levels: { ...RANK },
      format: winston.format.printf(({ message }) => String(message)),
      transports: [new winston.transports.Stream({ stream: this.#stream, eol: "\n" })],
    });
  }

  protected override record<Name extends EventName>(event: Name, info: EventInfo<Name>): void {
    try {
      const level = levelOf(event, info);
      if (level === "never") return;
      // Whoever started the process waits for this line, whatever the level.
      if (event === "serverListening") this.#listening(level, info);
      else if (event === "serverStopped") this.#stopped(level, info);
      else if (RANK[level] <= this.#rankMax) this.#sample(level, event, info);
    } catch {
      // An event that cannot be written is lost; telemetry never throws into what it watches.
    }
  }

  #listening(level: LogLevel, info: unknown): void {
    const line = this.#line(level, "serverListening", info, { pid: process.pid });
    const held = this.#held ?? [];
    this.#held = [{ level, line }, ...held];
    this.#release();
  }

  #stopped(level: LogLevel, info: unknown): void {
    // The process may end before the turn does.
    this.#releaseGathered();
    this.#isClosed = true;
    this.#sampler.flush();
    this.#release();
    if (RANK[level] <= this.#rankMax) this.#write(level, this.#line(level, "serverStopped", info));
  }

  #sample(level: LogLevel, event: EventName, info: unknown): void {
    const field = logEvents[event].sampledBy;
    if (field === undefined || this.#isClosed) {
      this.#write(level, this.#line(level, event, info));
      return;
    }
    const kind = `${event} ${field === "" ? "" : String((info as Record<string, unknown>)[field])}`;
    this.#sampler.offer(kind, (count) =>
      this.#write(level, this.#line(level, event, info, { count })),
    );
  }

  #line(
    level: LogLevel,
    event: EventName,
    info: unknown,
    more: Readonly<Record<string, number>> = {},
  ): string {
    const time = new Date(this.#clock.wallMs()).toISOString();
    const hasStack = event === "roomFault" || this.#rankMax === RANK.debug;
    return logLine({ time, level, event: NAMES[event], ...more }, info, hasStack);
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const { level, line } of held) this.#write(level, line);
  }

  #write(level: LogLevel, line: string): void {
    if (this.#held !== undefined) {
      if (this.#held.length < HELD_LINES_MAX) this.#held.push({ level, line });
      return;
    }
    if (this.#isBroken) return;
    if (this.#stream.writableLength + this.#gatheredCharacters > WAITING_BYTES_MAX) {
      this.#droppedLines++;
      return;
    }
    this.#reportDropped();
    if (!this.#gathersLines || this.#isClosed) {
      this.#logger.log(level, line);
      return;
    }
    this.#gatheredCharacters += line.length;
    // What went wrong is not kept back: it may be the last that this process says.
    if (this.#gathered.push(line) === 1 || RANK[level] <= RANK.warn) {
      this.#cancelGathering();
      const delayMs = RANK[level] <= RANK.warn ? 0 : GATHERING_MS;
      this.#cancelGathering = this.#clock.after(delayMs, () => this.#releaseGathered());
    }
  }

  #releaseGathered(): void {
    this.#cancelGathering();
    const lines = this.#gathered;
    this.#gathered = [];
    this.#gatheredCharacters = 0;
    // The format prints the lines and nothing else; their levels are in them.
    if (lines.length > 0) this.#logger.log("info", lines.join("\n"));
  }

  #reportDropped(): void {
    if (this.#droppedLines === 0) return;
    const time = new Date(this.#clock.wallMs()).toISOString();
    const head = { time, level: "warn", event: "log_lines_dropped", count: this.#droppedLines };
    this.#droppedLines = 0;
    this.#logger.log("warn", logLine(head, {}, false));
  }
}

function levelOf<Name extends EventName>(event: Name, info: EventInfo<Name>): LogLevel | "never" {
  if (event !== "vendorMessage") return logEvents[event].level;
  const { level } = info as EventInfo<"vendorMessage">;
  return Object.hasOwn(RANK, level) ? level : "info";
}
