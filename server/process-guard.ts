import { constants } from "node:os";
import { HostAssertion } from "./errors.ts";
import type { StopReason } from "./session/game-session-life.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";

/** What the guard needs of whatever runs in this process. */
export interface Guarded {
  drain(reason: StopReason, deadlineMs: number): void;
  fault(where: string, cause: unknown): void;
}

/** A second signal ends the process within a second, whatever still runs; the rest of it is for what is not written yet. */
const SECOND_SIGNAL_MS = 700;
/** The last of what was told takes at most a second to get out; whoever takes longer is not waited for. */
const SETTLED_MS_MAX = 1_500;
const SIGNALS = ["SIGTERM", "SIGINT"] as const;
/**
 * Everything of ours is closed by then and what was logged is written (pipes and files are written at once on Linux);
 * what may be left is a timer of Colyseus's statistics, up to a second long.
 */
const LINGER_MS = 100;

/**
 * Stands between the process and what happens to it: signals drain, a stray throw ends the match and not the process,
 * and only a broken assertion of the host's own ends the process with an error.
 */
export class ProcessGuard {
  #telemetry: Telemetry | undefined;
  #guarded: Guarded | undefined;
  #signals = 0;
  #hasStopped = false;

  /** Runs a start-up step whose mistakes are the operator's: they are printed as text, and the process exits with 1. */
  orExit<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      process.stderr.write(`${messageOf(error)}\n`);
      process.exit(1);
    }
  }

  /**
   * Runs the server to its end and sets the exit code.
   * @param settled - Called last, when all is told: what the process waits for before it ends, for 1.5 s at most.
   */
  async run(
    telemetry: Telemetry,
    server: () => Promise<void>,
    settled: () => Promise<void> = async () => {},
  ): Promise<void> {
    this.guardStrays(undefined, telemetry);
    for (const signal of SIGNALS) process.on(signal, this.#endAtStart);
    try {
      await server();
      this.#stopped(0);
      process.exitCode = 0;
    } catch (error) {
      process.stderr.write(`${messageOf(error)}\n`);
      this.#stopped(1);
      process.exitCode = 1;
    }
    const overdue = setTimeout(() => process.exit(), SETTLED_MS_MAX);
    try {
      await settled();
    } catch (error) {
      process.stderr.write(`${messageOf(error)}\n`);
    }
    clearTimeout(overdue);
    setTimeout(() => process.exit(), LINGER_MS).unref();
  }

  /** From now on stray throws and rejections are `guarded`'s faults; without one they end the process. */
  guardStrays(guarded: Guarded | undefined, telemetry: Telemetry): void {
    this.#telemetry = telemetry;
    this.#guarded = guarded;
    process.on("uncaughtException", (cause) => this.#stray("uncaught exception", cause));
    process.on("unhandledRejection", (cause) => this.#stray("unhandled rejection", cause));
  }

  /** From now on signals drain `guarded` within `drainMs`, and stray throws are its faults. */
  watch(guarded: Guarded, drainMs: number): void {
    this.#guarded = guarded;
    for (const signal of SIGNALS) {
      process.off(signal, this.#endAtStart);
      process.on(signal, () => {
        this.#signals++;
        // First, for a drain that throws must not keep the process.
        if (this.#signals > 1) setTimeout(() => this.#endAtOnce(0), SECOND_SIGNAL_MS).unref();
        guarded.drain("signal", drainMs);
      });
    }
  }

  /** There is nothing to drain yet, but what was told so far says what the start waited for. */
  readonly #endAtStart = (signal: NodeJS.Signals): void => {
    this.#stopped(128 + constants.signals[signal]);
    process.off(signal, this.#endAtStart);
    process.kill(process.pid, signal);
  };

  /** What was told is written by it, whatever still runs. */
  #stopped(exitCode: number): void {
    if (!this.#hasStopped) this.#telemetry?.serverStopped({ exitCode });
    this.#hasStopped = true;
  }

  #endAtOnce(exitCode: number): never {
    this.#stopped(exitCode);
    process.exit(exitCode);
  }

  #stray(where: string, cause: unknown): void {
    if (cause instanceof HostAssertion || this.#guarded === undefined) {
      process.stderr.write(`${messageOf(cause)}\n`);
      this.#endAtOnce(1);
    }
    this.#guarded.fault(where, cause);
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error
    ? `${String(error.code)}: ${error.message}`
    : (error.stack ?? error.message);
}
