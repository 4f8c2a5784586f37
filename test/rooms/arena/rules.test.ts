import { describe, expect, test } from "vitest";
import { ArenaButton } from "../../../rooms/arena/commands.ts";
import { standingOf } from "../../../rooms/arena/score.ts";
import type { ArenaState, Ship, SpawnPoint } from "../../../rooms/arena/state.ts";
import { CONTROLS_HELD_SECONDS, HEALTH_MAX } from "../../../rooms/arena/tuning.ts";
import { distanceSquared } from "../../../rooms/kernel/vector.ts";
import { ArenaMatch } from "./arena-match.ts";

const { RIGHT, LEFT, FIRE } = ArenaButton;

/** Shoots seat `target` from close by until it is destroyed. */
function destroy(match: ArenaMatch, shooter: number, target: number): void {
  match.place(shooter, 20, 50);
  const ship = match.place(target, 24, 50);
  for (let step = 0; step < 500 && ship.isAlive; step++) match.command(shooter, FIRE);
  expect(ship.isAlive).toBe(false);
  match.command(shooter, 0);
  match.state.projectiles.length = 0;
}

describe("commands", () => {
  const match = () => new ArenaMatch().clearGround().join(0, 1);
  const good = { buttons: RIGHT, aimRadians: 0, seenTickEighths: 0 };

  test("[SM3] takes any number from the first command after a join", () => {
    for (const tick of [0, 1, 123456, 0xffffffff]) {
      const fresh = match();
      fresh.step([{ seat: 0, command: { tick, ...good } }]);
      expect(fresh.ship(0).lastCommandTick).toBe(tick);
      expect(fresh.ship(0).controls.buttons).toBe(RIGHT);
    }
  });

  test("[SM3] ignores old numbers, repeated ones, and those more than 1024 ahead", () => {
    const played = match();
    played.step([{ seat: 0, command: { tick: 5000, ...good } }]);
    for (const tick of [0, 4999, 5000, 6025, 0xffffffff]) {
      played.step([{ seat: 0, command: { tick, ...good, buttons: LEFT } }]);
      expect(played.ship(0).lastCommandTick).toBe(5000);
      expect(played.ship(0).controls.buttons).toBe(RIGHT);
    }
    played.step([{ seat: 0, command: { tick: 6024, ...good } }]);
    expect(played.ship(0).lastCommandTick).toBe(6024);
  });

  test("[SM3] uses one command of a seat per step, the first that is good", () => {
    const played = match();
    played.step([
      { seat: 0, command: { tick: 8, ...good } },
      { seat: 0, command: { tick: 9, ...good, buttons: LEFT } },
      { seat: 1, command: { tick: 3, ...good, buttons: LEFT } },
    ]);
    expect(played.ship(0).lastCommandTick).toBe(8);
    expect(played.ship(1).controls.buttons).toBe(LEFT);
  });

  test("[SM3] ignores commands of seats where nobody sits", () => {
    const played = match();
    for (const seat of [2, 7, 8, 999, -1]) played.step([{ seat, command: { tick: 1, ...good } }]);
    expect(played.state.ships.filter((ship) => ship !== undefined)).toHaveLength(2);
  });

  test("[SM7] holds the last controls for half a second, then lets go", () => {
    for (const tickRateHz of [10, 30, 128]) {
      const played = new ArenaMatch({ tickRateHz }).clearGround().join(0);
      played.command(0, RIGHT | FIRE);
      const heldTicks = Math.ceil(CONTROLS_HELD_SECONDS * tickRateHz);
      played.steps(heldTicks);
      expect(played.ship(0).controls.buttons).toBe(RIGHT | FIRE);
      played.step();
      expect(played.ship(0).controls.buttons).toBe(0);
    }
  });
});

describe("health and respawning", () => {
  test("[SM9] destroys a ship after five hits and scores one for the shooter", () => {
    const match = new ArenaMatch().clearGround().join(0, 1);
    destroy(match, 0, 1);
    expect(match.ship(1).health).toBe(0);
    expect([match.ship(0).score, match.ship(1).score]).toEqual([1, 0]);
  });

  test("[SM9] neither moves, shoots nor is hit while destroyed, and still counts commands", () => {
    const match = new ArenaMatch().clearGround().join(0, 1);
    destroy(match, 0, 1);
    const { xMetres, yMetres } = match.ship(1);
    for (let step = 0; step < 20; step++) match.command(1, RIGHT | FIRE);
    expect(match.ship(1)).toMatchObject({ xMetres, yMetres, health: 0, lastCommandTick: 20 });
    expect(match.state.projectiles).toHaveLength(0);
    match.command(0, FIRE);
    match.steps(10);
    expect(match.ship(0).score).toBe(1);
  });

  test("[SM9] comes back after two seconds, whole and still", () => {
    for (const tickRateHz of [10, 30, 128]) {
      const match = new ArenaMatch({ tickRateHz }).clearGround().join(0, 1);
      destroy(match, 0, 1);
      const ship = match.ship(1);
      while (match.state.tick < ship.respawnAtTick - 1) match.step();
      expect(ship.isAlive).toBe(false);
      match.step();
      expect(ship).toMatchObject({ isAlive: true, health: HEALTH_MAX });
      expect([ship.vxMetresPerSecond, ship.vyMetresPerSecond]).toEqual([0, 0]);
    }
  });

  test("[SM9] comes back at the spawn point farthest from living enemies", () => {
    const match = new ArenaMatch({ teams: ["red", "blue"] }).clearGround();
    match.joinTeam(0, "red").joinTeam(1, "blue").joinTeam(2, "blue").joinTeam(3, "red");
    destroy(match, 0, 1);
    match.steps(70);
    const nearestEnemy = (point: SpawnPoint) =>
      Math.min(
        ...[match.ship(0), match.ship(3)].map((enemy) =>
          distanceSquared(point.xMetres, point.yMetres, enemy.xMetres, enemy.yMetres),
        ),
      );
    const best = Math.max(...match.state.spawnPoints.map(nearestEnemy));
    expect(nearestEnemy(match.ship(1))).toBe(best);
  });
});

describe("clock and score", () => {
  const limits = (gameProperties: Record<string, string>): [number, number] => {
    const { matchTicks, scoreLimit } = new ArenaMatch({ gameProperties }).state;
    return [matchTicks / 30, scoreLimit];
  };

  test("[SM10] takes the length and the score limit from the game properties", () => {
    expect(limits({})).toEqual([180, 20]);
    expect(limits({ matchSeconds: "10", scoreLimit: "1" })).toEqual([10, 1]);
    expect(limits({ matchSeconds: "3600", scoreLimit: "1000" })).toEqual([3600, 1000]);
  });

  test("[SM10] ignores game properties that are no whole number within bounds", () => {
    for (const text of ["", "0", "9", "3601", "-5", "1e2", "10.5", " 20", "020", "NaN", "٣٠"]) {
      expect(limits({ matchSeconds: text })).toEqual([180, 20]);
    }
    for (const text of ["0", "1001", "five", "9999999999"]) {
      expect(limits({ scoreLimit: text })).toEqual([180, 20]);
    }
  });

  test("[SM10] starts the clock with the first player and ends when it runs out", () => {
    const match = new ArenaMatch({ gameProperties: { matchSeconds: "10" } });
    match.steps(100);
    expect(match.state.endsAtTick).toBe(0);
    match.join(0);
    expect(match.state.endsAtTick).toBe(100 + 10 * 30);
    match.steps(50);
    match.join(1);
    match.steps(249);
    expect(match.result).toBeUndefined();
    match.step();
    expect(match.state.phase).toBe("over");
    expect(match.result).toEqual({
      winners: [],
      scores: [
        { seat: 0, score: 0 },
        { seat: 1, score: 0 },
      ],
    });
  });

  test("[SM10] ends as soon as one side has the score limit", () => {
    const match = new ArenaMatch({ gameProperties: { scoreLimit: "2" } }).clearGround().join(0, 1);
    destroy(match, 0, 1);
    expect(match.result).toBeUndefined();
    match.steps(61);
    destroy(match, 0, 1);
    expect(match.result?.winners).toEqual([0]);
    expect(match.result?.scores).toEqual([
      { seat: 0, score: 2 },
      { seat: 1, score: 0 },
    ]);
  });

  test("[SM10] counts the kills of a team together", () => {
    const setup = { gameProperties: { scoreLimit: "2" }, teams: ["red", "blue"] };
    const match = new ArenaMatch(setup).clearGround();
    match.joinTeam(0, "red").joinTeam(1, "blue").joinTeam(2, "red");
    match.place(2, 80, 80);
    destroy(match, 0, 1);
    match.steps(61);
    match.place(0, 80, 20);
    destroy(match, 2, 1);
    expect(match.result?.winners).toEqual([0, 2]);
  });
});

describe("winners", () => {
  /** Ends a match with these scores; a ship without an entry in `teamOf` has no team. */
  function resultOf(scores: readonly number[], teamOf: readonly string[] = []): number[] {
    const gameProperties = { matchSeconds: "10" };
    const teams = [...new Set(teamOf)];
    const match = new ArenaMatch({ gameProperties, teams, tickRateHz: 10 });
    scores.forEach((score, seat) => {
      match.joinTeam(seat, teamOf[seat] ?? "");
      match.ship(seat).score = score;
      const { teamScores } = match.state;
      const index = match.ship(seat).teamIndex;
      if (index >= 0) teamScores[index] = (teamScores[index] ?? 0) + score;
    });
    match.steps(100);
    return [...(match.result?.winners ?? [-1])];
  }

  test("[SM11] gives the match to the best score, shared by equals", () => {
    expect(resultOf([1, 5, 3])).toEqual([1]);
    expect(resultOf([5, 5, 3])).toEqual([0, 1]);
    expect(resultOf([7])).toEqual([0]);
  });

  test("[SM11] gives it to every player of the best team", () => {
    expect(resultOf([1, 9, 9], ["red", "blue", "red"])).toEqual([0, 2]);
    expect(resultOf([4, 0, 0], ["red", "red", "blue"])).toEqual([0, 1]);
  });

  test("[SM11] calls it a draw if nobody scored or all sides are equal", () => {
    expect(resultOf([0, 0])).toEqual([]);
    expect(resultOf([3, 3])).toEqual([]);
    expect(resultOf([2, 1, 3], ["red", "red", "blue"])).toEqual([]);
  });

  test("[SM13] never changes the result, nor anything but the tick, once over", () => {
    const match = new ArenaMatch({ gameProperties: { matchSeconds: "10" }, tickRateHz: 10 });
    match.join(0, 1);
    match.steps(100);
    const result = structuredClone(match.result);
    const frozen = structuredClone({ ...match.state, tick: 0 });
    for (let step = 0; step < 30; step++) match.command(0, RIGHT | FIRE);
    expect({ ...match.state, tick: 0 }).toEqual(frozen);
    match.leave(0).join(2);
    match.steps(10);
    expect(match.result).toEqual(result);
  });
});

describe("leaving", () => {
  const shipsOf = (state: ArenaState) => state.ships.filter((ship): ship is Ship => !!ship);

  test("[SM12] takes ship and shots away and remembers the score", () => {
    const match = new ArenaMatch({ gameProperties: { matchSeconds: "20" } }).clearGround();
    match.join(0, 1);
    destroy(match, 0, 1);
    match.place(0, 20, 50);
    match.steps(10);
    match.command(0, FIRE);
    expect(match.state.projectiles).toHaveLength(1);
    match.leave(0);
    expect(shipsOf(match.state).map((ship) => ship.seat)).toEqual([1]);
    expect(match.state.projectiles).toHaveLength(0);
    match.steps(600);
    expect(match.result).toEqual({
      winners: [],
      scores: [
        { seat: 0, score: 1 },
        { seat: 1, score: 0 },
      ],
    });
  });

  test("[SM12] gives a seat's next player a clean sheet, and a fresh command number", () => {
    const match = new ArenaMatch().clearGround().join(0, 1);
    destroy(match, 0, 1);
    match.leave(0).join(0);
    expect(match.ship(0)).toMatchObject({ score: 0, hasCommanded: false, health: HEALTH_MAX });
    const command = { tick: 0, buttons: RIGHT, aimRadians: 0, seenTickEighths: 0 };
    match.step([{ seat: 0, command }]);
    expect(match.ship(0).controls.buttons).toBe(RIGHT);
  });

  test("[SM12] leaves a team its kills, and lets only those present win", () => {
    const setup = { gameProperties: { matchSeconds: "20" }, teams: ["red", "blue"] };
    const match = new ArenaMatch(setup).clearGround();
    match.joinTeam(0, "red").joinTeam(1, "blue").joinTeam(2, "red");
    match.place(2, 80, 80);
    destroy(match, 0, 1);
    match.leave(0);
    match.steps(600);
    expect(match.result?.winners).toEqual([2]);
  });

  test("[SM12] ignores that a seat where nobody sits is left", () => {
    const match = new ArenaMatch().join(0);
    const before = match.hash;
    match.leave(3).leave(99);
    expect(match.hash).toBe(before);
  });

  test("[SM18] reports scores so far, and no winner, while the match runs", () => {
    const match = new ArenaMatch().clearGround().join(0, 1, 5);
    destroy(match, 0, 1);
    match.leave(0);
    expect(standingOf(match.state)).toEqual({
      winners: [],
      scores: [
        { seat: 0, score: 1 },
        { seat: 1, score: 0 },
        { seat: 5, score: 0 },
      ],
    });
  });
});
