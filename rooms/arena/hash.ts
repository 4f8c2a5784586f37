import { StateHash } from "../kernel/state-hash.ts";
import type { ArenaState, Ground, Projectile, Ship } from "./state.ts";

/** Stands for an empty seat; no score or flag has this value. */
const ABSENT = 0xffffffff;

/** @returns 16 hex digits over every field of the state except what is derived from others. */
export function hashArena(state: ArenaState): string {
  const hash = new StateHash();
  hash.addUint32(state.tick);
  hash.addUint32(state.tickRateHz);
  hash.addText(state.phase);
  hash.addUint32(state.matchTicks);
  hash.addUint32(state.endsAtTick);
  hash.addUint32(state.scoreLimit);
  addGround(hash, state.ground);
  hash.addUint32(state.spawnPoints.length);
  for (const { xMetres, yMetres } of state.spawnPoints) {
    hash.addFloat64(xMetres);
    hash.addFloat64(yMetres);
  }
  for (const team of state.teams) hash.addText(team);
  for (const score of state.teamScores) hash.addUint32(score);
  for (const ship of state.ships) addShip(hash, ship);
  for (const score of state.departedScores) hash.addUint32(score ?? ABSENT);
  hash.addUint32(state.projectiles.length);
  for (const projectile of state.projectiles) addProjectile(hash, projectile);
  hash.addUint32(state.nextProjectileId);
  hash.addUint32(state.random.a);
  hash.addUint32(state.random.b);
  hash.addUint32(state.random.c);
  hash.addUint32(state.random.counter);
  addResult(hash, state);
  return hash.digest();
}

function addGround(hash: StateHash, ground: Ground): void {
  hash.addFloat64(ground.widthMetres);
  hash.addFloat64(ground.heightMetres);
  hash.addUint32(ground.obstacles.length);
  for (const obstacle of ground.obstacles) {
    hash.addFloat64(obstacle.xMetres);
    hash.addFloat64(obstacle.yMetres);
    hash.addFloat64(obstacle.radiusMetres);
  }
}

function addShip(hash: StateHash, ship: Ship | undefined): void {
  if (ship === undefined) {
    hash.addUint32(ABSENT);
    return;
  }
  hash.addUint32(ship.seat);
  hash.addUint32(ship.teamIndex);
  hash.addFloat64(ship.xMetres);
  hash.addFloat64(ship.yMetres);
  hash.addFloat64(ship.vxMetresPerSecond);
  hash.addFloat64(ship.vyMetresPerSecond);
  hash.addFloat64(ship.angleRadians);
  hash.addFloat64(ship.health);
  hash.addBoolean(ship.isAlive);
  hash.addUint32(ship.aliveSinceTick);
  for (const coordinate of ship.trail) hash.addFloat64(coordinate);
  hash.addUint32(ship.score);
  hash.addUint32(ship.respawnAtTick);
  hash.addUint32(ship.fireReadyAtTick);
  hash.addUint32(ship.controls.buttons);
  hash.addFloat64(ship.controls.aimRadians);
  hash.addUint32(ship.controlsAgeTicks);
  hash.addBoolean(ship.hasCommanded);
  hash.addUint32(ship.lastCommandTick);
  hash.addUint32(ship.rewindEighths);
}

function addProjectile(hash: StateHash, projectile: Projectile): void {
  hash.addUint32(projectile.id);
  hash.addUint32(projectile.ownerSeat);
  hash.addUint32(projectile.ownerTeamIndex);
  hash.addFloat64(projectile.xMetres);
  hash.addFloat64(projectile.yMetres);
  hash.addFloat64(projectile.vxMetresPerSecond);
  hash.addFloat64(projectile.vyMetresPerSecond);
  hash.addUint32(projectile.bornTick);
  hash.addUint32(projectile.rewindEighths);
}

function addResult(hash: StateHash, state: ArenaState): void {
  if (state.result === undefined) {
    hash.addUint32(ABSENT);
    return;
  }
  hash.addUint32(state.result.winners.length);
  for (const seat of state.result.winners) hash.addUint32(seat);
  for (const { seat, score } of state.result.scores) {
    hash.addUint32(seat);
    hash.addUint32(score);
  }
}
