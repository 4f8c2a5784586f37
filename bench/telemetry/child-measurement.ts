import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

const MINUTES_MAX = 5;

/**
 * Runs a program of this folder in a process of its own, with `--expose-gc`.
 * @returns What it printed, which is one line of JSON.
 * @throws Error with what it said on standard error, when it failed or took longer than five minutes.
 */
export async function measuredInChild<Value>(
  file: string,
  words: readonly string[],
): Promise<Value> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--expose-gc", path.join(import.meta.dirname, file), ...words],
    { timeout: MINUTES_MAX * 60_000, killSignal: "SIGKILL" },
  );
  return JSON.parse(stdout) as Value;
}
