import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { SUPERVISOR_LIMITS } from "../limits.ts";
import type { Child, ChildCommand, ChildEnd, Children } from "./child.ts";
import { Watchdog } from "./watchdog.ts";

/**
 * Waits on descriptor 3 until the watchdog knows of this process, then becomes the program. If whoever started it dies
 * before that, the descriptor ends and nothing is started. Variables that a shell makes up do not go on.
 */
const GATE =
  'read -r go <&3 || exit 0; exec 3<&-; exec /usr/bin/env -u PWD -u OLDPWD -u SHLVL -u _ "$@"';

/**
 * Child processes on Linux and macOS, each the leader of a session and a process group of its own: a terminal's Ctrl-C
 * does not reach them, and a SIGKILL takes what they started with it. A process that makes itself a session of its own
 * escapes that, as it does on an instance.
 */
export class ChildProcesses implements Children {
  readonly watchdog = new Watchdog();
  readonly #running = new Set<ChildProcess>();

  start(command: ChildCommand): Child {
    let child: ChildProcess;
    try {
      child = spawn("/bin/sh", ["-c", GATE, "sh", command.program, ...command.args], {
        cwd: command.folder,
        env: { ...command.environment },
        stdio: ["ignore", "pipe", "pipe", "pipe"],
        detached: true,
      });
    } catch (cause) {
      return neverStarted(cause);
    }
    const gate = child.stdio[3] as Writable;
    gate.on("error", () => {}); // It ended at the gate: its exit says so.
    if (child.pid !== undefined) {
      this.#running.add(child);
      this.watchdog.watch(child.pid);
      gate.end("go\n");
    }
    return this.#follow(child, command);
  }

  close(): void {
    for (const child of this.#running) killGroup(child.pid);
    this.watchdog.close();
  }

  #follow(child: ChildProcess, command: ChildCommand): Child {
    const { pid } = child;
    const { promise: ended, resolve: end } = Promise.withResolvers<ChildEnd>();
    const { promise: outputEnded, resolve: endOutput } = Promise.withResolvers<void>();
    child.once("error", (cause) => {
      if (pid !== undefined) return;
      end({ code: null, signal: null, cause });
      endOutput();
    });
    child.once("exit", (code, signal) => {
      // What it left behind would keep its ports and its pipes.
      killGroup(pid);
      this.#running.delete(child);
      if (pid !== undefined) this.watchdog.forget(pid);
      end({ code, signal });
      const late = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        endOutput();
      }, SUPERVISOR_LIMITS.lastOutputMs);
      child.once("close", () => {
        clearTimeout(late);
        endOutput();
      });
    });
    read(child.stdout, command.output);
    read(child.stderr, command.errorOutput);
    return {
      pid,
      ended,
      outputEnded,
      terminate: () => {
        if (this.#running.has(child)) child.kill("SIGTERM");
      },
      kill: () => {
        if (this.#running.has(child)) killGroup(pid);
      },
    };
  }
}

function neverStarted(cause: unknown): Child {
  const ended = Promise.resolve({ code: null, signal: null, cause });
  const nothing = () => {};
  return {
    pid: undefined,
    ended,
    outputEnded: Promise.resolve(),
    terminate: nothing,
    kill: nothing,
  };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left in it.
  }
}

function read(from: Readable | null, take: (bytes: Buffer) => void): void {
  from?.on("data", take);
  from?.on("error", () => {}); // The end of the process says all there is to say.
}
