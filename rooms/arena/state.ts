/**
 * The arena's whole state: plain data, changed only by the rules, never sent as it is (see `replica.ts`).
 * World axes: x to the right, y down, origin in the top left corner, so that it draws as it is on a screen.
 * @module
 */
import type { Random } from "../kernel/random.ts";
import type { SpatialGrid } from "../kernel/spatial-grid.ts";
import type { Seat, SimulationResult } from "../simulation.ts";

/**
 * ```
 * playing --(clock runs out, or a side reaches scoreLimit)--> over
 * ```
 */
type ArenaPhase = "playing" | "over";

/** A solid circle that stops ships and projectiles. Coordinates are exact in 32-bit floats. */
export interface Obstacle {
  /** Centre, 0 to `Ground.widthMetres`. */
  readonly xMetres: number;
  /** Centre, 0 to `Ground.heightMetres`. */
  readonly yMetres: number;
  /** 1.5 to 4. */
  readonly radiusMetres: number;
}

/** What does not move: the walled rectangle and what stands in it. */
export interface Ground {
  /** From the left wall to the right one, 100 to 283, whole. */
  readonly widthMetres: number;
  /** From the top wall to the bottom one, 100 to 283, whole. */
  readonly heightMetres: number;
  readonly obstacles: readonly Obstacle[];
  /** Index over `obstacles`, derived from them alone. */
  readonly obstacleGrid: SpatialGrid;
}

/** A place where ships appear, clear of obstacles and walls. */
export interface SpawnPoint {
  readonly xMetres: number;
  readonly yMetres: number;
}

/** What a player holds down, and where it points. Bounded by `decodeArenaCommand`. */
export interface ArenaControls {
  /** Sum of `ArenaButton` values, 0 to 31. */
  readonly buttons: number;
  /** Direction the ship should turn to, -pi to pi; 0 is right, pi/2 is down. */
  readonly aimRadians: number;
}

/** The part of a ship that moves; a client predicts its own with `stepShip`. */
export interface ShipBody {
  /** Centre; never nearer to a wall than the ship's radius. */
  xMetres: number;
  yMetres: number;
  /** Velocity, right positive; its length never exceeds the top speed. */
  vxMetresPerSecond: number;
  /** Velocity, down positive. */
  vyMetresPerSecond: number;
  /** Facing, -pi to pi; shots leave in this direction. */
  angleRadians: number;
}

export interface Ship extends ShipBody {
  readonly seat: Seat;
  /** Index into `ArenaState.teamScores`; -1 for a ship without a team, which is everyone's enemy. */
  readonly teamIndex: number;
  /** 0 to 100; 0 exactly while `isAlive` is false. */
  health: number;
  isAlive: boolean;
  /** Tick as of which it is where its present life has brought it; meaningless while it is destroyed. */
  aliveSinceTick: number;
  /**
   * Where it was, x and y by turns, as of the latest ticks: tick `t` is pair `t` modulo their number. Those before
   * `aliveSinceTick` are of another life.
   */
  readonly trail: Float64Array;
  /** Kills of this ship, 0 to 32767. */
  score: number;
  /** Tick at which a destroyed ship appears again; meaningless while it is alive. */
  respawnAtTick: number;
  /** First tick at which it may shoot again. */
  fireReadyAtTick: number;
  controls: ArenaControls;
  /** Steps since `controls` came in a command; 0 in the step that used it. Stops at 65535. */
  controlsAgeTicks: number;
  /** False until the first command after the join, which may carry any tick. */
  hasCommanded: boolean;
  /** Client's number of the last command used, unsigned 32-bit; 0 before the first. */
  lastCommandTick: number;
  /** How far in the past its player saw the others with that command, eighths of a tick, up to a quarter of a second. */
  rewindEighths: number;
}

export interface Projectile {
  /** Unsigned 32-bit, rising in order of firing. */
  readonly id: number;
  readonly ownerSeat: Seat;
  /** Team of the owner, -1 for none. */
  readonly ownerTeamIndex: number;
  /** Where it is now, inside the walls. */
  xMetres: number;
  yMetres: number;
  /** Constant for its life. */
  readonly vxMetresPerSecond: number;
  readonly vyMetresPerSecond: number;
  /** Value of `ArenaState.tick` when it appeared. */
  readonly bornTick: number;
  /** It meets ships where they were so long ago, eighths of a tick; the shooter's when it was fired. */
  readonly rewindEighths: number;
}

export interface ArenaState {
  /** Steps taken so far, unsigned 32-bit. */
  tick: number;
  /** Steps per second, 10 to 128. */
  readonly tickRateHz: number;
  phase: ArenaPhase;
  /** Length of the match once somebody has joined. */
  readonly matchTicks: number;
  /** The match is over when `tick` reaches this; 0 until the first player joins, which starts the clock. */
  endsAtTick: number;
  /** Kills of one side, a team or a lone ship, that end the match, 1 to 1000. */
  readonly scoreLimit: number;
  readonly ground: Ground;
  readonly spawnPoints: readonly SpawnPoint[];
  readonly teams: readonly string[];
  /** Kills of each team, those of players who left included; as long as `teams`. */
  readonly teamScores: number[];
  /** Indexed by seat; `undefined` for a seat nobody sits in. */
  readonly ships: (Ship | undefined)[];
  /** Indexed by seat; final score of a player who left, `undefined` if none did. */
  readonly departedScores: (number | undefined)[];
  /** In order of id. */
  readonly projectiles: Projectile[];
  /** Id of the next shot, unsigned 32-bit. */
  nextProjectileId: number;
  readonly random: Random;
  /** Set once, when the phase becomes `over`. */
  result: SimulationResult | undefined;
}
