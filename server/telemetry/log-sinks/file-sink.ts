import { BufferedSink, type BufferedSinkOptions } from "./buffered-sink.ts";
import { FileOutlet } from "./file-outlet.ts";
import { LogFiles } from "./log-files.ts";

export interface FileSinkOptions
  extends Pick<BufferedSinkOptions, "clock" | "identity" | "onFault"> {
  /** Of this process alone; made with the first line. */
  readonly dir: string;
  /** A file is rotated before it grows beyond so many bytes, or when it is so old and more is to be written. */
  readonly fileBytes: number;
  readonly fileMs: number;
  /** Files kept, the current one included; at least 1. */
  readonly filesMax: number;
}

/** `server.jsonl` in a directory, and the files it was rotated to. */
export class FileSink extends BufferedSink {
  constructor({ dir, fileBytes, fileMs, filesMax, ...options }: FileSinkOptions) {
    const files = new LogFiles(dir, filesMax);
    const outlet = new FileOutlet({ files, clock: options.clock, fileBytes, fileMs });
    super({ ...options, name: "file", outlet });
  }
}
