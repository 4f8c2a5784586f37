import { fstatSync } from "node:fs";
import { BufferedSink, type BufferedSinkOptions } from "./buffered-sink.ts";
import { DescriptorOutlet } from "./descriptor-outlet.ts";
import type { Outlet } from "./outlet.ts";
import { PipeOutlet } from "./pipe-outlet.ts";

const STDOUT = 1;

/** Standard output, whatever it is: a pipe, a FIFO, a file, a terminal or a socket. */
export class StdoutSink extends BufferedSink {
  constructor(options: Pick<BufferedSinkOptions, "clock" | "identity" | "onFault">) {
    super({ ...options, name: "stdout", outlet: stdoutOutlet() });
  }
}

const outliveReader = () => {};

function stdoutOutlet(): Outlet {
  // Others may write to Node's own stream, and their reader may be gone; with it a pipe or socket does not block.
  process.stdout.off("error", outliveReader).on("error", outliveReader);
  const kind = fstatSync(STDOUT);
  if (kind.isFile()) return new DescriptorOutlet(STDOUT);
  if (kind.isFIFO() || kind.isCharacterDevice()) {
    const pipe = new PipeOutlet({ path: `/proc/self/fd/${STDOUT}` });
    const code = pipe.open();
    if (code === undefined || (code === "ENXIO" && kind.isFIFO())) return pipe;
  }
  // A socket cannot be opened anew; nor can the pipe of another user.
  return new PipeOutlet({ fd: STDOUT });
}
