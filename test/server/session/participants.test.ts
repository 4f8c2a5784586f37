import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MatchSummary } from "../../../server/session/match-room.ts";
import { Participants } from "../../../server/session/participants.ts";
import { type SeatHolder, Seats } from "../../../server/session/seats.ts";

const summaryOf = (scores: readonly number[], winners: readonly number[] = []): MatchSummary => ({
  ticks: 1,
  stateHash: "",
  scores: scores.map((score, seat) => ({ seat, score })),
  winners,
});

const holder = (playerId: string, seat: number): SeatHolder => ({
  sessionId: `session-${playerId}-${seat}`,
  playerId,
  playerSessionId: `psess-${playerId}`,
  playerSessionHash: "",
  seat,
});

/** What the result should say of one player, worked out from his own history alone. */
interface Expected {
  readonly seat: number;
  /** `undefined` while present. */
  readonly leftWith: number | undefined;
}

describe("the participants of a match", () => {
  it("[GS32] are those who played, in the order they came, each once with the last seat", () => {
    const participants = new Participants();
    expect(participants.isEmpty).toBe(true);
    participants.seated(holder("anna", 0));
    participants.seated(holder("ben", 1));
    participants.left(holder("anna", 0), summaryOf([3, 1]));
    participants.seated(holder("carl", 0));
    participants.seated(holder("anna", 2));
    expect(participants.isEmpty).toBe(false);
    expect(participants.result(summaryOf([7, 8, 9], [0, 2]))).toEqual([
      { playerId: "anna", seat: 2, score: 9, isWinner: true },
      { playerId: "ben", seat: 1, score: 8, isWinner: false },
      { playerId: "carl", seat: 0, score: 7, isWinner: true },
    ]);
  });

  it("[GS32] without a score have 0", () => {
    const participants = new Participants();
    participants.seated(holder("anna", 5));
    participants.seated(holder("ben", 6));
    participants.left(holder("ben", 6), summaryOf([]));
    expect(participants.result(summaryOf([4])).map(({ score }) => score)).toEqual([0, 0]);
  });

  it("[GS32] are none who were given back before they played, and keep what they had before", () => {
    const participants = new Participants();
    participants.seated(holder("anna", 0));
    participants.givenBack(holder("anna", 0), summaryOf([5]));
    expect(participants.isEmpty).toBe(true);

    participants.seated(holder("ben", 0));
    participants.left(holder("ben", 0), summaryOf([5]));
    participants.seated(holder("ben", 1));
    participants.givenBack(holder("ben", 1), summaryOf([6, 7]));
    expect(participants.result(summaryOf([8, 9], [0, 1]))).toEqual([
      { playerId: "ben", seat: 0, score: 5, isWinner: false },
    ]);

    // His earlier connection was closed for the new one, so he is gone.
    participants.seated(holder("carl", 1));
    participants.seated(holder("carl", 1));
    participants.givenBack(holder("carl", 1), summaryOf([0, 4]));
    expect(participants.result(summaryOf([0, 9], [1])).at(-1)).toEqual({
      playerId: "carl",
      seat: 1,
      score: 4,
      isWinner: false,
    });
  });

  it("[GS32] come out right under any order of joins, takeovers, leaves and claims given back", () => {
    const step = fc.record({
      player: fc.nat(4),
      does: fc.constantFrom("join", "leave", "refused" as const),
      scores: fc.array(fc.nat(99), { minLength: 5, maxLength: 5 }),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.subarray([0, 1, 2, 3, 4]),
        (steps, winners) => {
          const seats = new Seats();
          const participants = new Participants();
          const expected = new Map<string, Expected>();
          let sessions = 0;
          for (const { player, does, scores } of steps) {
            const playerId = `player-${player}`;
            const summary = summaryOf(scores);
            if (does === "leave") {
              const gone = seats.vacate(seats.ofPlayer(playerId)?.sessionId ?? "");
              if (gone === undefined) continue;
              participants.left(gone, summary);
              expected.set(playerId, { seat: gone.seat, leftWith: scores[gone.seat] });
              continue;
            }
            const sessionId = `session-${sessions++}`;
            const { holder: now, previous } = seats.occupy({
              sessionId,
              playerId,
              playerSessionId: sessionId,
            });
            participants.seated(now);
            if (does === "join") {
              expected.set(playerId, { seat: now.seat, leftWith: undefined });
            } else {
              seats.vacate(sessionId);
              participants.givenBack(now, summary);
              if (previous !== undefined) {
                expected.set(playerId, { seat: now.seat, leftWith: scores[now.seat] });
              }
            }
          }
          const last = [11, 22, 33, 44, 55];
          expect(byId(participants.result(summaryOf(last, winners)))).toEqual(
            byId(
              [...expected].map(([playerId, { seat, leftWith }]) => ({
                playerId,
                seat,
                score: leftWith ?? last[seat] ?? 0,
                isWinner: leftWith === undefined && winners.includes(seat),
              })),
            ),
          );
          expect(participants.isEmpty).toBe(expected.size === 0);
        },
      ),
      { numRuns: 500 },
    );
  });
});

function byId<T extends { playerId: string }>(players: readonly T[]): T[] {
  return [...players].sort((a, b) => (a.playerId < b.playerId ? -1 : 1));
}
