import type { HealthParts } from "../telemetry.ts";
import { LIVE_LIMITS } from "./limits.ts";
import type { LiveSeconds, TickVerdict } from "./live-snapshot.ts";

/** A step that takes so much of its period leaves little for anything else. */
const NEAR_SHARE = 0.8;
/** A rate below this share of what it should be has lost steps, whoever lost them. */
const RATE_SHARE = 0.98;

/**
 * Whether steps come as they should, by the last whole seconds.
 * @param p99Ms - How long steps take.
 * @returns With the rate over the seconds since steps began, at most ten.
 */
export function judge(
  targetHz: number,
  { ran, dropped, lateMs }: LiveSeconds,
  p99Ms: number,
  health: HealthParts["ticks"],
): { readonly verdict: TickVerdict; readonly rateHz: number } {
  const length = sinceBegin(ran);
  const rateHz = length === 0 ? 0 : Math.round((sum(ran.slice(-length)) / length) * 10) / 10;
  const recent = -LIVE_LIMITS.verdictSeconds;
  const isLate = Math.max(...lateMs.slice(recent)) > 1000 / targetHz;
  const verdict = (): TickVerdict => {
    if (health === "none") return "idle";
    if (health === "stalled") return "stalled";
    if (health === "behind" || sum(dropped.slice(recent)) > 0) return "behind";
    if (length === 0) return hasStopped(ran) ? "stalled" : "starting";
    // One step may fall on either side of a second's end.
    if (rateHz * length < targetHz * length * RATE_SHARE - 1) return "behind";
    return isLate || p99Ms > (1000 / targetHz) * NEAR_SHARE ? "near_limit" : "keeps_up";
  };
  return { verdict: verdict(), rateHz };
}

/** How many of the newest seconds had steps, without the one in which they began; at most ten. */
function sinceBegin(ran: readonly number[]): number {
  const most = LIVE_LIMITS.verdictSeconds;
  const newest = ran.slice(-most - 1).reverse();
  const quiet = newest.indexOf(0);
  return quiet < 0 ? most : Math.max(0, quiet - 1);
}

/** There were steps within the minute, and none in the last two seconds. */
function hasStopped(ran: readonly number[]): boolean {
  return sum(ran) > 0 && sum(ran.slice(-2)) === 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
