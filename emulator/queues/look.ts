import { type Candidate, candidatesOf, type Destinations } from "./candidates.ts";
import type { Queue } from "./queue.ts";

/** One look at all placements: within it nothing becomes free, and no queue changes. */
export class Look {
  readonly #plane: Destinations;
  readonly #full = new Set<string>();
  readonly #candidates = new Map<Queue, readonly Candidate[]>();

  constructor(plane: Destinations) {
    this.#plane = plane;
  }

  /** Those of a queue that may have a free process, in no order of preference. */
  candidatesOf(queue: Queue): readonly Candidate[] {
    const known = this.#candidates.get(queue) ?? candidatesOf(queue, this.#plane);
    const left = known.filter(({ key }) => !this.#full.has(key));
    this.#candidates.set(queue, left);
    return left;
  }

  /** It has no free process. */
  exclude({ key }: Candidate): void {
    this.#full.add(key);
  }
}
