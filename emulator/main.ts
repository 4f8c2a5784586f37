/**
 * `npm run emulator`: Amazon GameLift on this machine, for development and tests (emulator/README.md).
 * @module
 */
import { type EmulatorConfig, helpText, readProcessConfig } from "./config.ts";
import { openEmulator } from "./emulator.ts";
import { EmulatorError } from "./errors.ts";
import { optionsOf, startText } from "./start.ts";
import { StopSignals } from "./stop-signals.ts";
import { runVerify } from "./verify-command.ts";

/** After this everything has closed by itself; what a vendor keeps open does not keep the process. */
const EXIT_TIMEOUT_MS = 1_000;

/** It could not be begun at all. 1 is for what went wrong later, and for a server that verify found at fault. */
const EXIT_NOT_STARTED = 2;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function run(config: EmulatorConfig): Promise<number> {
  const signals = new StopSignals(() => performance.now());
  const options = optionsOf(config, print);
  let exitCode = 0;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => signals.take());
  }
  for (const stray of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(stray, (fault: unknown) => {
      exitCode = 1;
      print(`The emulator failed: ${fault instanceof Error ? fault.stack : fault}`);
      signals.take();
    });
  }
  const emulator = await openEmulator(options);
  print(startText(emulator, options));
  await signals.first;
  print("Ending: server processes are told to terminate. Another Ctrl-C ends them at once.");
  void signals.second.then(() => {
    exitCode = 1;
    void emulator.close();
    setTimeout(() => process.exit(exitCode), EXIT_TIMEOUT_MS).unref();
  });
  await emulator.close();
  return exitCode;
}

async function main(): Promise<number> {
  const line = readProcessConfig();
  switch (line.command) {
    case "help":
      print(helpText());
      return 0;
    case "verify":
      return runVerify(line, print);
    case "run":
      return run(line.config);
  }
}

// A reader that went away ends the output, never the server processes.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
try {
  process.exitCode = await main();
} catch (error) {
  const words = error instanceof EmulatorError ? `${error.code}: ${error.message}` : error;
  process.stderr.write(`${words instanceof Error ? words.stack : words}\n`);
  process.exitCode = EXIT_NOT_STARTED;
}
setTimeout(() => process.exit(), EXIT_TIMEOUT_MS).unref();
