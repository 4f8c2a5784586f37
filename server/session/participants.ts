import type { MatchResult } from "../results/results.ts";
import type { MatchSummary } from "./match-room.ts";
import type { SeatHolder } from "./seats.ts";

interface Participant {
  readonly seat: number;
  /** Noted when the player left for good; `undefined` while he holds the seat. */
  readonly leftWithScore: number | undefined;
  /** What stood here before he claimed the seat that he holds now. */
  readonly before: Participant | undefined;
}

/** Everybody who ever played in one match, for its result. */
export class Participants {
  readonly #byPlayer = new Map<string, Participant>();

  get isEmpty(): boolean {
    return this.#byPlayer.size === 0;
  }

  seated({ playerId, seat }: SeatHolder): void {
    const known = this.#byPlayer.get(playerId);
    const before = known && { ...known, before: undefined };
    this.#byPlayer.set(playerId, { seat, leftWithScore: undefined, before });
  }

  /** Somebody else may get this seat number; the score it stands for now is this player's. */
  left({ playerId, seat }: SeatHolder, summary: MatchSummary): void {
    const score = summary.scores.find((each) => each.seat === seat)?.score ?? 0;
    this.#byPlayer.set(playerId, { seat, leftWithScore: score, before: undefined });
  }

  /** Who was not joined to the room after all has not played, unless he had before. */
  givenBack(holder: SeatHolder, summary: MatchSummary): void {
    const before = this.#byPlayer.get(holder.playerId)?.before;
    if (before === undefined) this.#byPlayer.delete(holder.playerId);
    else if (before.leftWithScore === undefined) this.left(holder, summary);
    else this.#byPlayer.set(holder.playerId, before);
  }

  /** Players in the order they came; winners are only those present. */
  result(summary: MatchSummary): MatchResult["players"] {
    const scores = new Map(summary.scores.map(({ seat, score }) => [seat, score]));
    return [...this.#byPlayer].map(([playerId, { seat, leftWithScore }]) => ({
      playerId,
      seat,
      score: leftWithScore ?? scores.get(seat) ?? 0,
      isWinner: leftWithScore === undefined && summary.winners.includes(seat),
    }));
  }
}
