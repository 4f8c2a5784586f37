import { expect, test } from "vitest";
import { ArenaButton } from "../../../rooms/arena/commands.ts";
import { createGround } from "../../../rooms/arena/ground.ts";
import type { ArenaState } from "../../../rooms/arena/state.ts";
import {
  HEALTH_MAX,
  PROJECTILE_DAMAGE,
  PROJECTILE_LIFE_SECONDS,
} from "../../../rooms/arena/tuning.ts";
import { hypot } from "../../../rooms/kernel/maths.ts";
import { ArenaMatch } from "./arena-match.ts";

const { FIRE } = ArenaButton;

function openMatch(tickRateHz = 30, teams: readonly string[] = []): ArenaMatch {
  return new ArenaMatch({ tickRateHz, teams }).clearGround();
}

function putObstacle(state: ArenaState, xMetres: number, yMetres: number): void {
  const ground = createGround(100, 100, [{ xMetres, yMetres, radiusMetres: 2 }]);
  Object.assign(state.ground, ground);
}

test("[SM8] takes 20 health from the first enemy on the way, at any tick rate", () => {
  for (const rateHz of [10, 30, 128]) {
    const match = openMatch(rateHz).join(0, 1, 2);
    match.place(0, 20, 50);
    const near = match.place(1, 30, 50);
    const far = match.place(2, 33, 50);
    match.command(0, FIRE);
    expect(match.state.projectiles).toHaveLength(1);
    match.command(0, 0);
    match.steps(rateHz);
    expect([near.health, far.health]).toEqual([HEALTH_MAX - PROJECTILE_DAMAGE, HEALTH_MAX]);
    expect(match.state.projectiles).toHaveLength(0);
  }
});

test("[SM8] hits the enemy a shot grazes, and misses one beside its way", () => {
  const match = openMatch().join(0, 1, 2);
  match.place(0, 20, 50);
  const grazed = match.place(1, 30, 50.9);
  const missed = match.place(2, 25, 51);
  match.command(0, FIRE);
  match.command(0, 0);
  match.steps(30);
  expect([grazed.health, missed.health]).toEqual([HEALTH_MAX - PROJECTILE_DAMAGE, HEALTH_MAX]);
});

test("[SM8] never hits its owner, even one that overtakes its own shot's place", () => {
  const match = openMatch().join(0);
  const ship = match.place(0, 20, 50);
  match.command(0, FIRE);
  const projectile = match.state.projectiles[0];
  Object.assign(ship, { xMetres: projectile?.xMetres, yMetres: projectile?.yMetres });
  match.steps(5);
  expect(ship.health).toBe(HEALTH_MAX);
});

test("[SM8] lets shots pass through team mates, on to enemies", () => {
  const match = openMatch(30, ["red", "blue"]);
  match.joinTeam(0, "red").joinTeam(1, "red").joinTeam(2, "blue");
  match.place(0, 20, 50);
  const mate = match.place(1, 25, 50);
  const enemy = match.place(2, 30, 50);
  match.command(0, FIRE);
  match.command(0, 0);
  match.steps(30);
  expect([mate.health, enemy.health]).toEqual([HEALTH_MAX, HEALTH_MAX - PROJECTILE_DAMAGE]);
});

test("[SM8] treats a player of no team as everyone's enemy", () => {
  const match = openMatch(30, ["red", "blue"]).join(0, 1);
  match.place(0, 20, 50);
  const other = match.place(1, 25, 50);
  match.command(0, FIRE);
  match.steps(10);
  expect(other.health).toBeLessThan(HEALTH_MAX);
});

test("[SM6] stops shots at obstacles", () => {
  const match = openMatch().join(0, 1);
  putObstacle(match.state, 30, 50);
  match.place(0, 20, 50);
  const hidden = match.place(1, 40, 50);
  for (let step = 0; step < 60; step++) match.command(0, FIRE);
  expect(hidden.health).toBe(HEALTH_MAX);
});

test("[SM6] spends a shot that would appear inside an obstacle or a wall", () => {
  const match = openMatch().join(0);
  putObstacle(match.state, 30, 50);
  match.place(0, 30 - 2.8, 50);
  match.command(0, FIRE);
  expect(match.state.projectiles).toHaveLength(0);
  match.steps(30);
  match.place(0, 0.8, 20, Math.PI);
  match.command(0, FIRE, Math.fround(Math.PI));
  expect(match.state.projectiles).toHaveLength(0);
});

test("[SM6] keeps every shot inside the walls, for its lifetime at most", () => {
  for (const rateHz of [10, 30, 128]) {
    const match = openMatch(rateHz).join(0);
    match.place(0, 97, 50);
    match.command(0, FIRE);
    expect(match.state.projectiles).toHaveLength(1);
    match.command(0, 0);
    match.steps(rateHz);
    expect(match.state.projectiles).toHaveLength(0);

    match.place(0, 20, 50);
    match.command(0, FIRE);
    match.command(0, 0);
    const start = match.state.projectiles[0]?.xMetres ?? 0;
    let reached = start;
    for (let step = 0; step < PROJECTILE_LIFE_SECONDS * rateHz; step++) {
      reached = match.state.projectiles[0]?.xMetres ?? reached;
      match.step();
    }
    expect(match.state.projectiles).toHaveLength(0);
    expect(reached - start).toBeGreaterThan(30);
    expect(reached - start).toBeLessThanOrEqual(48);
  }
});

test("[SM4] appears at the muzzle, in the direction the ship faces", () => {
  const match = openMatch().join(0);
  match.place(0, 50, 50, 2);
  match.command(0, FIRE, 2);
  const shot = match.state.projectiles[0];
  expect(shot?.bornTick).toBe(match.state.tick);
  expect(hypot((shot?.xMetres ?? 0) - 50, (shot?.yMetres ?? 0) - 50)).toBeCloseTo(0.95, 9);
  expect(Math.atan2(shot?.vyMetresPerSecond ?? 0, shot?.vxMetresPerSecond ?? 0)).toBeCloseTo(2, 9);
});
