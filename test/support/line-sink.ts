import type { LogSink } from "../../server/telemetry/log-sinks/log-sink.ts";

/** Keeps lines for a test to read. */
export class LineSink implements LogSink {
  readonly texts: string[] = [];
  /** Those of them that were called precious. */
  readonly precious: string[] = [];
  isClosed = false;

  get lines(): Record<string, unknown>[] {
    return this.texts.map((text) => JSON.parse(text) as Record<string, unknown>);
  }

  get losses() {
    const dropped = { full: 0, disk: 0, gone: 0 };
    return { sink: "stdout" as const, lines: this.texts.length, dropped };
  }

  write(line: string, isPrecious: boolean): void {
    this.texts.push(line);
    if (isPrecious) this.precious.push(line);
  }

  close(): void {
    this.isClosed = true;
  }
}
