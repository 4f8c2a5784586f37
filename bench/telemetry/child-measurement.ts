import { fork } from "node:child_process";
import path from "node:path";

const MINUTES_MAX = 5;

/**
 * Runs a program of this folder in a process of its own, with `--expose-gc`. What it prints is read and thrown away, as a
 * fleet's agent might.
 * @returns The one message that it sends.
 * @throws Error when it failed, or took longer than five minutes.
 */
export async function measuredInChild<Value>(
  file: string,
  words: readonly string[],
): Promise<Value> {
  const child = fork(path.join(import.meta.dirname, file), [...words], {
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  child.stdout?.resume();
  const timer = setTimeout(() => child.kill("SIGKILL"), MINUTES_MAX * 60_000);
  try {
    return await new Promise<Value>((resolve, reject) => {
      child.once("message", (value) => resolve(value as Value));
      child.once("error", reject);
      child.once("close", (code) => reject(new Error(`${file} ended with ${code}`)));
    });
  } finally {
    clearTimeout(timer);
  }
}

/** For such a program: sends what it measured, and ends. */
export function sendMeasured(value: object): void {
  process.send?.(value, () => process.exit(0));
}
