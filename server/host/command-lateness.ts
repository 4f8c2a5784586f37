import { HOST_LIMITS } from "./limits.ts";

const { commandsQueuedMax, commandJitterStepsMax, commandLateWindowSteps } = HOST_LIMITS;

/**
 * Knows of one seat how many of its waiting commands are stale: those whose steps were made without them while the
 * network held them back. Their time is over; to use them nevertheless would delay all that follows.
 *
 * It knows by counting. Who sends one command per step falls behind by one with each step in which none comes, and has
 * caught up when what was held back arrives. Who sends a command now and then never catches up, and loses none.
 */
export class CommandLateness {
  /** Commands since the last step. */
  #came = 0;
  /** By how many commands the seat is behind one per step. At first as if by some: it has to show that it sends so many. */
  #behind: number = commandsQueuedMax;
  /** The most of it since it was 0. */
  #peak: number = commandsQueuedMax;
  /** Steps in a row before which none came, and the most of them since then. */
  #silentSteps = 0;
  #silentStepsMost = 0;
  /** Steps that were made without a command since then. */
  #missed = 0;
  /** The least of {@link CommandLateness.#behind} in this window. */
  #least = Number.POSITIVE_INFINITY;
  #windowSteps = 0;

  came(): void {
    this.#came++;
  }

  /** A stale command is gone. */
  dropped(): void {
    if (this.#missed > 0) this.#missed--;
  }

  /** A step is due. @returns How many of the oldest commands are stale, those on the way included. */
  stale(): number {
    this.#silentSteps = this.#came === 0 ? this.#silentSteps + 1 : 0;
    this.#silentStepsMost = Math.max(this.#silentStepsMost, this.#silentSteps);
    this.#behind = Math.max(0, this.#behind + 1 - this.#came);
    this.#came = 0;
    this.#peak = Math.max(this.#peak, this.#behind);
    const isHeldBack = this.#silentStepsMost > commandJitterStepsMax;
    const isCatchingUp = this.#behind <= this.#peak / 2;
    return isHeldBack && isCatchingUp ? this.#missed : 0;
  }

  /** The step was made. @param left - Commands that wait. */
  stepped(isWithout: boolean, left: number): void {
    if (this.#behind === 0) {
      // All are here. What was no more than jitter has made the queue longer, and so bridges the next.
      this.#peak = 0;
      this.#silentStepsMost = 0;
      this.#missed = 0;
    }
    if (isWithout) this.#missed++;
    this.#missed = Math.min(this.#missed, left + this.#behind);
    this.#least = Math.min(this.#least, this.#behind);
    if (++this.#windowSteps === commandLateWindowSteps) this.#forgive();
  }

  /** What a whole window did not bring will not come: the client slept, or its clock is slow. */
  #forgive(): void {
    this.#behind -= this.#least;
    this.#peak -= this.#least;
    this.#least = Number.POSITIVE_INFINITY;
    this.#windowSteps = 0;
  }
}
