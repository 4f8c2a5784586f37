import { fstatSync } from "node:fs";
import { BufferedSink, type BufferedSinkOptions } from "./buffered-sink.ts";
import { DescriptorOutlet } from "./descriptor-outlet.ts";
import type { Outlet } from "./outlet.ts";
import { PipeOutlet } from "./pipe-outlet.ts";
import { StreamOutlet } from "./stream-outlet.ts";

const STDOUT = 1;

/** Standard output, whatever it is: a pipe, a FIFO, a file, a terminal or a socket. */
export class StdoutSink extends BufferedSink {
  constructor(options: Pick<BufferedSinkOptions, "clock" | "identity">) {
    super({ ...options, name: "stdout", outlet: stdoutOutlet() });
  }
}

/** Others may write to the stream as well; a reader who is gone must not end the process by way of theirs. */
const outliveReader = () => {};

function stdoutOutlet(): Outlet {
  process.stdout.off("error", outliveReader).on("error", outliveReader);
  const kind = fstatSync(STDOUT);
  if (kind.isFile()) return new DescriptorOutlet(STDOUT);
  if (kind.isFIFO() || kind.isCharacterDevice()) {
    const pipe = new PipeOutlet(`/proc/self/fd/${STDOUT}`);
    const code = pipe.open();
    // Whoever started the process as another user may keep it from opening its own output.
    if (code === undefined || (code === "ENXIO" && kind.isFIFO())) return pipe;
  }
  return new StreamOutlet(process.stdout);
}
