/** A program for tests: writes numbered lines to the log's standard output, `LINES` at a time, as its arguments say. */
import { systemClock } from "../../../../server/clock.ts";
import { StdoutSink } from "../../../../server/telemetry/log-sinks/stdout-sink.ts";

const [rounds = "1", lines = "1", restMs = "0"] = process.argv.slice(2);
const sink = new StdoutSink({ clock: systemClock });
let made = 0;
for (let round = 0; round < Number(rounds); round++) {
  for (let line = 0; line < Number(lines); line++) {
    sink.write(JSON.stringify({ line: made++, text: "x".repeat(100) }), false);
  }
  process.stderr.write(round === 0 ? "begun\n" : "");
  await new Promise((resolve) => setTimeout(resolve, Number(restMs)));
}
sink.close();
process.stderr.write(`${JSON.stringify({ made, ...sink.losses })}\n`);
process.exit(0);
