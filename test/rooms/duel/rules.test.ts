import { describe, expect, test } from "vitest";
import { standingOfDuel } from "../../../rooms/duel/rules.ts";
import { DuelMatch } from "./duel-match.ts";

const begun = (seed = 1) => new DuelMatch({ seed }).join(0, 1);

/** 42 columns that fill the board without four in a row. */
const DRAWN_GAME = [
  2, 1, 1, 4, 6, 6, 4, 6, 6, 2, 6, 4, 5, 6, 5, 5, 2, 3, 5, 4, 0, 3, 5, 4, 3, 0, 4, 3, 3, 0, 3, 5, 0,
  1, 1, 1, 0, 1, 0, 2, 2, 2,
];

describe("beginning", () => {
  test("[SM20] waits for its second player, however long", () => {
    const match = new DuelMatch().join(0);
    match.steps(2000);
    match.drop(3);
    expect(match.state).toMatchObject({ phase: "waiting", moveNumber: 0, turnEndsAtTick: 0 });
    expect(match.result).toBeUndefined();
    match.leave(0);
    expect(match.result).toBeUndefined();
    match.join(1, 0);
    expect(match.state).toMatchObject({ phase: "playing", turnEndsAtTick: 2001 + 300 });
  });

  test("[SM20] lets the seed decide who starts", () => {
    const starters = Array.from({ length: 40 }, (_, seed) => begun(seed).state.turnSeat);
    expect(new Set(starters)).toEqual(new Set([0, 1]));
  });
});

describe("moves", () => {
  test("[SM21] takes turns and lets discs fall onto each other", () => {
    const match = begun();
    const first = match.state.turnSeat;
    match.drop(3, 3, 6);
    expect([match.state.board[3], match.state.board[10], match.state.board[6]]).toEqual([
      first + 1,
      2 - first,
      first + 1,
    ]);
    expect(match.state).toMatchObject({ moveNumber: 3, turnSeat: 1 - first });
  });

  test("[SM21] ignores commands out of turn, with another move number, or of other seats", () => {
    const match = begun().drop(3);
    const { turnSeat } = match.state;
    const before = { ...structuredClone(match.state), tick: 0 };
    match.dropAs(1 - turnSeat, 2);
    for (const moveNumber of [0, 2, 41]) match.dropAs(turnSeat, 2, moveNumber);
    for (const seat of [2, 3, -1]) match.dropAs(seat, 2);
    match.dropAs(turnSeat, 7);
    expect({ ...match.state, tick: 0 }).toEqual(before);
  });

  test("[SM21] ignores a disc for a full column; the turn and its clock go on", () => {
    const match = begun().drop(0, 0, 0, 0, 0, 0);
    const { turnSeat, turnEndsAtTick } = match.state;
    match.drop(0);
    expect(match.state).toMatchObject({ turnSeat, turnEndsAtTick, moveNumber: 6 });
  });

  test("[SM21] counts one move however often its command is sent", () => {
    const match = begun();
    const seat = match.state.turnSeat;
    const command = { moveNumber: 0, column: 3 };
    match.step(Array.from({ length: 20 }, () => ({ seat, command })));
    for (let step = 0; step < 20; step++) match.step([{ seat, command }]);
    expect(match.state.moveNumber).toBe(1);
  });
});

describe("winning", () => {
  const games = [
    { direction: "along a row", columns: [0, 6, 1, 6, 2, 6, 3], cells: [0, 1, 2, 3] },
    { direction: "up a column", columns: [3, 0, 3, 0, 3, 0, 3], cells: [3, 10, 17, 24] },
    {
      direction: "rising to the right",
      columns: [0, 1, 1, 2, 2, 3, 2, 3, 3, 6, 3],
      cells: [0, 8, 16, 24],
    },
    {
      direction: "falling to the right",
      columns: [6, 5, 5, 4, 4, 3, 4, 3, 3, 0, 3],
      cells: [6, 12, 18, 24],
    },
    { direction: "by filling a gap", columns: [0, 0, 1, 1, 3, 3, 2], cells: [0, 1, 2, 3] },
    {
      direction: "with a line of seven",
      columns: [0, 0, 1, 1, 2, 2, 4, 4, 5, 5, 6, 6, 3],
      cells: [0, 1, 2, 3, 4, 5, 6],
    },
  ];
  for (const { direction, columns, cells } of games) {
    test(`[SM22] wins ${direction}, whoever starts`, () => {
      for (const seed of [0, 1, 2, 3, 4, 5]) {
        const match = begun(seed);
        const starter = match.state.turnSeat;
        match.drop(...columns.slice(0, -1));
        expect(match.result).toBeUndefined();
        match.drop(...columns.slice(-1));
        expect(match.state).toMatchObject({ phase: "over", winningCells: cells });
        expect(match.result?.winners).toEqual([starter]);
      }
    });
  }

  test("[SM22] does not join lines round the edge of the board", () => {
    // Cells 4, 5, 6 and 7: the last three of the bottom row and the first of the next.
    expect(begun().drop(4, 4, 5, 5, 6, 0, 0).result).toBeUndefined();
  });

  test("[SM22] is a draw when the board is full", () => {
    const match = begun().drop(...DRAWN_GAME);
    expect(match.state).toMatchObject({ phase: "over", moveNumber: 42, winningCells: [] });
    expect(match.result).toEqual({
      winners: [],
      scores: [
        { seat: 0, score: 0 },
        { seat: 1, score: 0 },
      ],
    });
  });

  test("[SM13] changes nothing once over", () => {
    const match = begun().drop(0, 6, 1, 6, 2, 6, 3);
    const before = { ...structuredClone(match.state), tick: 0, isSeated: [] };
    match.drop(4, 5);
    match.leave(0).leave(1).join(0, 1);
    match.steps(700);
    expect({ ...match.state, tick: 0, isSeated: [] }).toEqual(before);
  });
});

describe("the clock", () => {
  test("[SM23] gives 30 seconds for every move, at any tick rate", () => {
    for (const tickRateHz of [10, 30, 128]) {
      const match = new DuelMatch({ tickRateHz }).join(0, 1);
      match.steps(29 * tickRateHz);
      match.drop(3);
      expect(match.state.turnEndsAtTick).toBe(match.state.tick + 30 * tickRateHz);
      match.steps(30 * tickRateHz - 1);
      expect(match.result).toBeUndefined();
      const late = match.state.turnSeat;
      match.step();
      expect(match.result?.winners).toEqual([1 - late]);
    }
  });

  test("[SM23] still takes a move in the last step", () => {
    const match = begun();
    match.steps(299);
    match.drop(3);
    expect(match.state).toMatchObject({ phase: "playing", moveNumber: 1 });
  });
});

describe("leaving", () => {
  test("[SM24] gives the win to the other once the match has begun", () => {
    for (const seat of [0, 1]) {
      const match = begun().drop(3).leave(seat);
      expect(match.result).toEqual({
        winners: [1 - seat],
        scores: [0, 1].map((each) => ({ seat: each, score: each === seat ? 0 : 1 })),
      });
    }
  });

  test("[SM24] keeps the first one's loss when both leave", () => {
    expect(begun().leave(1).leave(0).result?.winners).toEqual([0]);
  });

  test("[SM18] reports who is seated, and no winner, until over", () => {
    const match = new DuelMatch().join(1);
    expect(standingOfDuel(match.state)).toEqual({ winners: [], scores: [{ seat: 1, score: 0 }] });
    match.join(0).leave(1);
    expect(standingOfDuel(match.state)).toBe(match.result);
  });
});
