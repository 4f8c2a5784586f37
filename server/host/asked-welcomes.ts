import { HOST_LIMITS } from "./limits.ts";

/**
 * Clients that ask to be welcomed once more, because what came with their join was lost on them: a handler that was not
 * there yet, a snapshot that could not be read. Each ask has its answer, but not more often than a limit says.
 */
export class AskedWelcomes<Client extends object> {
  readonly #stepsApart: number;
  readonly #asking = new Set<Client>();
  readonly #answeredAt = new WeakMap<Client, number>();

  constructor(tickRateHz: number) {
    this.#stepsApart = Math.ceil((HOST_LIMITS.welcomesApartMs * tickRateHz) / 1000);
  }

  /** However often before it is answered, it counts as once. */
  ask(client: Client): void {
    this.#asking.add(client);
  }

  /** The client is gone. */
  forget(client: Client): void {
    this.#asking.delete(client);
  }

  /**
   * @param step - How many steps there were, those of a match that is over included.
   * @returns Who is welcomed now, and taken for it.
   */
  take(step: number): Client[] {
    if (this.#asking.size === 0) return [];
    const due = [...this.#asking].filter((client) => {
      const answeredAt = this.#answeredAt.get(client) ?? Number.NEGATIVE_INFINITY;
      return step - answeredAt >= this.#stepsApart;
    });
    for (const client of due) {
      this.#asking.delete(client);
      this.#answeredAt.set(client, step);
    }
    return due;
  }
}
