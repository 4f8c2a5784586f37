import type { BackfillPlayer } from "../fleet/fleet.ts";

/**
 * Who is in a match as its matchmaker counts: players who hold a seat, and matched ones who may still come. Both take
 * the place of another, so a ticket names both.
 */
export class Attendance {
  readonly #seated = new Set<string>();
  /** Matched players on their way, and until when each is waited for, in monotonic milliseconds. */
  readonly #expected = new Map<string, number>();
  #matched: ReadonlyMap<string, BackfillPlayer> = new Map();

  get seatedCount(): number {
    return this.#seated.size;
  }

  /** Everybody the matchmaker ever told of, as far as that is remembered. */
  get matched(): ReadonlyMap<string, BackfillPlayer> {
    return this.#matched;
  }

  /** When the first of those on their way is waited for no more; Infinity if that has no time. */
  get nextExpiryMs(): number {
    return Math.min(...this.#expected.values());
  }

  /** Seated or on their way. */
  ids(): ReadonlySet<string> {
    return new Set([...this.#seated, ...this.#expected.keys()]);
  }

  /** Those of {@link ids} whom the matchmaker knows: it cannot match by what it never heard of. */
  players(): BackfillPlayer[] {
    return [...this.ids()].flatMap((playerId) => this.#matched.get(playerId) ?? []);
  }

  seated(playerId: string): void {
    this.#expected.delete(playerId);
    this.#seated.add(playerId);
  }

  /** @returns Whether the player had a seat. */
  left(playerId: string): boolean {
    return this.#seated.delete(playerId);
  }

  /**
   * The matchmaker told of players.
   * @param newcomers - Those of them who are on their way, until `untilMs`, unless they are here already.
   */
  learn(
    matched: ReadonlyMap<string, BackfillPlayer>,
    newcomers: readonly string[],
    untilMs: number,
  ): void {
    this.#matched = matched;
    for (const playerId of newcomers) {
      if (!this.#seated.has(playerId)) this.#expected.set(playerId, untilMs);
    }
  }

  /** All who are on their way are waited for until then. */
  expectUntil(untilMs: number): void {
    for (const playerId of this.#expected.keys()) this.#expected.set(playerId, untilMs);
  }

  /** Gives up those who have not come in time. @returns Whether there were any. */
  expire(nowMs: number): boolean {
    const late = [...this.#expected].filter(([, untilMs]) => untilMs <= nowMs);
    for (const [playerId] of late) this.#expected.delete(playerId);
    return late.length > 0;
  }
}
