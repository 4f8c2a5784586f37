import type { Reading } from "./reading.ts";
import type { LifeName } from "./trace.ts";

/** `warning` where the conduct of the real service is not known, or nothing is lost by it. */
export type Verdict = "kept" | "warning" | "broken" | "not-checked";

export interface Finding {
  readonly verdict: Verdict;
  /** What was seen, or why it could not be. */
  readonly seen: string;
}

/** One thing that the service demands of a server. Judges a life by its trace alone. */
export interface Rule {
  /** Stable, such as `V7`. */
  readonly id: string;
  /** Stable, such as `sends-first-heartbeat`. */
  readonly name: string;
  /** One sentence. */
  readonly demand: string;
  /** The lives that can show it. */
  readonly lives: readonly LifeName[];
  judge(reading: Reading): Finding;
}

export const kept = (seen: string): Finding => ({ verdict: "kept", seen });
export const broken = (seen: string): Finding => ({ verdict: "broken", seen });
export const warning = (seen: string): Finding => ({ verdict: "warning", seen });
export const notChecked = (seen: string): Finding => ({ verdict: "not-checked", seen });

/** The life did not get to where the rule looks. */
export function notReached(reading: Reading): Finding {
  const { exited } = reading;
  const isOwnEnd = exited !== undefined && reading.step("kill") === undefined;
  return notChecked(
    isOwnEnd ? `the server had ended (${exitText(exited)})` : "the life did not get so far",
  );
}

export function exitText({ code, signal }: { code: number | null; signal: string | null }): string {
  return signal === null ? `exit code ${code ?? "unknown"}` : `killed by ${signal}`;
}

/** `1234 ms` below ten seconds, `12.3 s` above. */
export function timeText(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
