import type { LogReading } from "../readings.ts";
import type { LogSink } from "./log-sink.ts";

/** A sink that is opened by its first line: where it writes may depend on what is not known before. */
export class LateSink implements LogSink {
  readonly #name: LogReading["sink"];
  readonly #open: () => LogSink;
  #sink: LogSink | undefined;

  constructor(name: LogReading["sink"], open: () => LogSink) {
    this.#name = name;
    this.#open = open;
  }

  get losses(): LogReading {
    const nothing = { sink: this.#name, lines: 0, dropped: { full: 0, disk: 0, gone: 0 } };
    return this.#sink?.losses ?? nothing;
  }

  write(line: string, isPrecious: boolean): void {
    this.#sink ??= this.#open();
    this.#sink.write(line, isPrecious);
  }

  close(): void {
    this.#sink?.close();
  }
}
