import { type Clock, sleep } from "../clock.ts";
import type { CreationPolicy } from "./creation-policy.ts";
import type { Entrance } from "./entrance.ts";
import { SESSION_LIMITS } from "./limits.ts";
import { untilAborted } from "./until-aborted.ts";

interface VacancyDeps {
  readonly policy: CreationPolicy;
  readonly entrance: Pick<Entrance, "expectsAnybody">;
  readonly clock: Clock;
  /** Aborts when the answer is of no more use. */
  readonly signal: AbortSignal;
}

/**
 * Tells whether anybody may still come into a match in which nobody sits. A game session that ended between the fleet's
 * promise of a seat and its player would turn him away, so it is closed to new players first, and stays so.
 */
export async function isAnybodyExpected(deps: VacancyDeps): Promise<boolean> {
  const { entrance, clock, signal } = deps;
  for (let tries = 1; ; tries++) {
    const isClosed = await closesInTime(deps);
    const isExpected = isClosed ? await entrance.expectsAnybody() : undefined;
    if (isExpected !== undefined) return isExpected;
    // Whoever is still to come could not be let in either while the fleet cannot be asked, and a process that nobody
    // plays in must not wait for its fleet without end.
    if (tries >= SESSION_LIMITS.vacancyTriesMax) return false;
    await sleep(clock, SESSION_LIMITS.vacancyRetryMs, signal);
    if (signal.aborted) return true;
  }
}

async function closesInTime({ policy, clock, signal }: VacancyDeps): Promise<boolean> {
  const overdue = new AbortController();
  const cancel = clock.after(SESSION_LIMITS.tellMsMax, () => overdue.abort());
  try {
    return await untilAborted(policy.hold(), AbortSignal.any([overdue.signal, signal]));
  } catch {
    return false; // Overdue, or no longer wanted. A call that fails is told by the policy itself.
  } finally {
    cancel();
  }
}
