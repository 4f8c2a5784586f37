/**
 * The rules of the arena: who may do what, when ships come and go, and who wins.
 * @module
 */
import { createRandom } from "../kernel/random.ts";
import type { IssuedCommand, Seat, SimulationSetup, Step } from "../simulation.ts";
import type { ArenaCommand } from "./commands.ts";
import { ArenaButton } from "./commands.ts";
import {
  createGround,
  drawObstacles,
  drawSpawnPoints,
  pickSpawnPoint,
  worldSideMetres,
} from "./ground.ts";
import { fire, stepProjectiles } from "./projectiles.ts";
import { createTrail, leaveTrail, rewindEighthsOf } from "./rewind.ts";
import { hasSideReached, settle } from "./score.ts";
import { stepShip } from "./ship.ts";
import type { ArenaState, Projectile, Ship } from "./state.ts";
import * as tuning from "./tuning.ts";

/** Value at which `Ship.controlsAgeTicks` stops; older than any controls still held. */
const CONTROLS_AGE_TICKS_MAX = 65535;
const SCORE_MAX = 32767;

export function createArena(setup: SimulationSetup): ArenaState {
  const random = createRandom(setup.seed);
  const side = worldSideMetres(setup.seatsMax);
  const ground = createGround(side, side, drawObstacles(random, side));
  const matchSeconds = readWhole(
    setup.gameProperties["matchSeconds"],
    tuning.MATCH_SECONDS_MIN,
    tuning.MATCH_SECONDS_MAX,
  );
  const scoreLimit = readWhole(
    setup.gameProperties["scoreLimit"],
    tuning.SCORE_LIMIT_MIN,
    tuning.SCORE_LIMIT_MAX,
  );
  return {
    tick: 0,
    tickRateHz: setup.tickRateHz,
    phase: "playing",
    matchTicks: (matchSeconds ?? tuning.MATCH_SECONDS) * setup.tickRateHz,
    endsAtTick: 0,
    scoreLimit: scoreLimit ?? tuning.SCORE_LIMIT,
    ground,
    spawnPoints: drawSpawnPoints(random, ground),
    teams: [...setup.teams],
    teamScores: setup.teams.map(() => 0),
    ships: new Array<Ship | undefined>(setup.seatsMax).fill(undefined),
    departedScores: new Array<number | undefined>(setup.seatsMax).fill(undefined),
    projectiles: [],
    nextProjectileId: 0,
    random,
    result: undefined,
  };
}

/** @returns The number if the text is one in decimal, without sign or leading zeros, and within bounds. */
function readWhole(text: string | undefined, low: number, high: number): number | undefined {
  if (text === undefined || !/^[1-9][0-9]{0,5}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= low && value <= high ? value : undefined;
}

/** Adds a ship with a clean sheet, whoever sat there before; the first one starts the match clock. */
export function joinArena(state: ArenaState, seat: Seat, team: string): void {
  if (state.endsAtTick === 0) state.endsAtTick = state.tick + state.matchTicks;
  const teamIndex = state.teams.indexOf(team);
  state.departedScores[seat] = undefined;
  const ship: Ship = {
    ...pickSpawnPoint(state, seat, teamIndex),
    vxMetresPerSecond: 0,
    vyMetresPerSecond: 0,
    angleRadians: 0,
    seat,
    teamIndex,
    health: tuning.HEALTH_MAX,
    isAlive: true,
    aliveSinceTick: state.tick,
    trail: createTrail(state.tickRateHz),
    score: 0,
    respawnAtTick: 0,
    fireReadyAtTick: 0,
    controls: { buttons: 0, aimRadians: 0 },
    controlsAgeTicks: CONTROLS_AGE_TICKS_MAX,
    hasCommanded: false,
    lastCommandTick: 0,
    rewindEighths: 0,
  };
  leaveTrail(ship, state.tick);
  state.ships[seat] = ship;
}

/** Takes the ship and its shots away and remembers its score. The team keeps its kills. */
export function leaveArena(state: ArenaState, seat: Seat): void {
  const ship = state.ships[seat];
  if (ship === undefined) return;
  state.departedScores[seat] = ship.score;
  state.ships[seat] = undefined;
  // Whoever is given the seat next must not score with shots fired before.
  const others = state.projectiles.filter((projectile) => projectile.ownerSeat !== seat);
  state.projectiles.splice(0, state.projectiles.length, ...others);
}

export function advanceArena(
  state: ArenaState,
  commands: readonly IssuedCommand<ArenaCommand>[],
  step: Step,
): void {
  state.tick = step.tick + 1;
  if (state.phase === "over") return;
  ageControls(state);
  for (const issued of commands) {
    const ship = state.ships[issued.seat];
    if (ship !== undefined && mayUse(ship, issued.command)) useCommand(state, ship, issued);
  }
  for (const ship of state.ships) {
    if (ship?.isAlive !== true) continue;
    stepShip(ship, ship.controls, state.ground, step.dtSeconds);
    leaveTrail(ship, state.tick);
  }
  stepProjectiles(state, step.dtSeconds, (projectile, ship) => hit(state, projectile, ship));
  for (const ship of state.ships) {
    if (ship === undefined) continue;
    if (!ship.isAlive && state.tick >= ship.respawnAtTick) respawn(state, ship);
    if (wantsToFire(ship) && state.tick >= ship.fireReadyAtTick) fire(state, ship);
  }
  const isTimeUp = state.endsAtTick !== 0 && state.tick >= state.endsAtTick;
  if (isTimeUp || hasSideReached(state, state.scoreLimit)) settle(state);
}

/** Counts a step for everybody's controls and lets go of those that nobody confirmed for too long. */
function ageControls(state: ArenaState): void {
  const heldTicks = tuning.ticksLasting(tuning.CONTROLS_HELD_SECONDS, state.tickRateHz);
  for (const ship of state.ships) {
    if (ship === undefined) continue;
    ship.controlsAgeTicks = Math.min(ship.controlsAgeTicks + 1, CONTROLS_AGE_TICKS_MAX);
    if (ship.controlsAgeTicks > heldTicks && ship.controls.buttons !== 0) {
      ship.controls = { buttons: 0, aimRadians: ship.controls.aimRadians };
    }
  }
}

/** One command per step; its number must be new, and not so far ahead that all honest ones would seem old. */
function mayUse(ship: Ship, command: ArenaCommand): boolean {
  if (ship.controlsAgeTicks === 0) return false;
  if (!ship.hasCommanded) return true;
  const ahead = command.tick - ship.lastCommandTick;
  return ahead > 0 && ahead <= tuning.COMMAND_TICKS_AHEAD_MAX;
}

function useCommand(state: ArenaState, ship: Ship, issued: IssuedCommand<ArenaCommand>): void {
  const { command } = issued;
  ship.controls = { buttons: command.buttons, aimRadians: command.aimRadians };
  ship.controlsAgeTicks = 0;
  ship.hasCommanded = true;
  ship.lastCommandTick = command.tick;
  ship.rewindEighths = rewindEighthsOf(state, issued);
}

function wantsToFire(ship: Ship): boolean {
  return ship.isAlive && (ship.controls.buttons & ArenaButton.FIRE) !== 0;
}

function hit(state: ArenaState, projectile: Projectile, ship: Ship): void {
  ship.health = Math.max(0, ship.health - tuning.PROJECTILE_DAMAGE);
  if (ship.health > 0) return;
  ship.isAlive = false;
  ship.respawnAtTick = state.tick + tuning.ticksLasting(tuning.RESPAWN_SECONDS, state.tickRateHz);
  ship.vxMetresPerSecond = 0;
  ship.vyMetresPerSecond = 0;
  const shooter = state.ships[projectile.ownerSeat];
  if (shooter === undefined) return;
  shooter.score = Math.min(shooter.score + 1, SCORE_MAX);
  const teamScore = state.teamScores[shooter.teamIndex];
  if (teamScore !== undefined) state.teamScores[shooter.teamIndex] = teamScore + 1;
}

function respawn(state: ArenaState, ship: Ship): void {
  const { xMetres, yMetres } = pickSpawnPoint(state, ship.seat, ship.teamIndex);
  ship.xMetres = xMetres;
  ship.yMetres = yMetres;
  ship.health = tuning.HEALTH_MAX;
  ship.isAlive = true;
  ship.aliveSinceTick = state.tick;
  leaveTrail(ship, state.tick);
}
