import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { until } from "./in-process-server.ts";

/** A program that runs on, in a group of its own as a terminal makes one. */
export class RunningProgram {
  readonly child: ChildProcess;
  output = "";

  constructor(
    folder: string,
    command: string,
    words: readonly string[],
    env: Record<string, string> = {},
  ) {
    this.child = spawn(command, words, {
      cwd: folder,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    }
  }

  async says(pattern: RegExp, withinMs = 30_000): Promise<string> {
    await until(() => pattern.test(this.output) || this.child.exitCode !== null, withinMs);
    const [, found] = pattern.exec(this.output) ?? [];
    if (found === undefined) throw new Error(`no ${pattern} in:\n${this.output}`);
    return found;
  }

  /** Ctrl-C. @returns The exit code. */
  async interrupt(): Promise<number | null> {
    const closed = once(this.child, "close");
    process.kill(-(this.child.pid ?? 0), "SIGINT");
    const [code] = (await closed) as [number | null];
    return code;
  }

  kill(): void {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    process.kill(-(this.child.pid ?? 0), "SIGKILL");
  }
}
