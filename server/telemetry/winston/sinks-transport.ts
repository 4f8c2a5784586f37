import Transport from "winston-transport";
import type { LogSink } from "../log-sinks/log-sink.ts";

/** winston's symbol for the finished line. */
const MESSAGE = Symbol.for("message");

interface Line {
  readonly isPrecious?: boolean;
  readonly [MESSAGE]: string;
}

/** Hands winston's finished lines to all sinks, and never makes winston wait. */
export class SinksTransport extends Transport {
  readonly #sinks: readonly LogSink[];

  constructor(sinks: readonly LogSink[]) {
    super();
    this.#sinks = sinks;
  }

  override log(line: Line, next: () => void): void {
    for (const sink of this.#sinks) sink.write(line[MESSAGE], line.isPrecious === true);
    next();
  }
}
